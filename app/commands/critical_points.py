"""`optiscope critical-points`: minima, maxima and saddles of a surface, as table, files and picture."""

from argparse import Namespace
from functools import partial
from pathlib import Path

from app import drawing
from app.exporters import tables
from app.exporters.files import check_files, write_files
from app.options import Parser
from app.surface_options import add_domain_option, add_surface_options, read_surface
from app.text_table import text_table
from core.critical_points import CriticalPoint, CriticalPoints, critical_points
from core.surface import Surface

ENDINGS = (".csv", ".json", ".npz", ".png")
HEADER = ("kind", "x", "y", "loss", "eigenvalues", "")

EXAMPLES = """\
A point is degenerate where an eigenvalue of the Hessian is 0, or where a minimum has no gradient; of a line
of critical points one is listed. In JSON, eigenvalues that do not exist are null.

examples:
  optiscope critical-points --surface himmelblau
  optiscope critical-points --formula "x**3 - 3*x + y**2" --domain -2 2 -1 1 --json
  optiscope critical-points --surface six_hump_camel --out points.csv --out points.png
"""


def parser() -> Parser:
    """The options of `optiscope critical-points`."""
    result = Parser(
        "optiscope critical-points",
        usage="optiscope critical-points (--surface NAME | --formula TEXT | --csv FILE) [options]",
        summary="Find where a surface's gradient is 0, and say from the Hessian what is there.",
        epilog=EXAMPLES,
    )
    add_surface_options(result)
    add_domain_option(result)
    result.option("--json", action="store_true", help="print JSON instead of a table")
    result.files(ENDINGS, "points.csv")
    return result


def run(options: Namespace) -> None:
    """Carry out `optiscope critical-points`."""
    paths = check_files(options.out, ENDINGS)
    surface = read_surface(options)
    drawing.prepare(paths)
    found = critical_points(surface)
    write_files(
        paths,
        {
            ".csv": partial(tables.write_critical_csv, found),
            ".json": partial(tables.write_critical_json, found),
            ".npz": partial(tables.write_critical_npz, found),
            ".png": partial(_write_picture, surface, found),
        },
    )
    print(tables.critical_json(found).decode() if options.json else summary(found))


def _write_picture(surface: Surface, found: CriticalPoints, path: Path) -> None:
    from app.exporters.pictures import critical_picture  # brings Qt with it

    critical_picture(surface, found).save(path)


def summary(found: CriticalPoints) -> str:
    """A table of the points, and what else is to be said."""
    table = text_table(HEADER, [_row(point) for point in found.points], "lrrrll") if found.points else ""
    return "\n\n".join(part for part in (table, found.message) if part)


def _row(point: CriticalPoint) -> tuple[str, ...]:
    values = "none" if point.eigenvalues is None else "{:.6g}, {:.6g}".format(*point.eigenvalues)
    note = point.note
    if point.way_out is not None:
        note = "way out along ({:.4g}, {:.4g})".format(*point.way_out)
    return point.kind, f"{point.x:.6g}", f"{point.y:.6g}", f"{point.loss:.6g}", values, note
