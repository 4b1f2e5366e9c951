"""`optiscope landscape`: a trained network's loss over a plane, with the paths of its training."""

from argparse import Namespace
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from app import drawing
from app.commands.train import add_training_options, read_spec
from app.exporters import landscapes
from app.exporters.files import check_files, write_files
from app.options import Parser
from app.progress import progress
from app.text_table import text_table
from app.variant_options import given
from core.errors import unknown_name
from core.landscape import (
    LANDSCAPE_HYPERPARAMETERS,
    Curvature,
    Landscape,
    LandscapeSpec,
    curvatures,
    evaluated,
    landscape_plane,
    remarks,
    tiles,
    trained_paths,
)
from core.training import TrainingSpec
from core.training.variant import names

ENDINGS = (".csv", ".json", ".npz", ".png")
HEADER = ("network", "on the plane", "final loss", "λ max", "λ min", "mean |λ|", "condition")

EXAMPLES = """\
The run is trained, then the training loss is evaluated on a plane through the final parameters of the first
network (or of --centre). Networks of the same shape have their paths on the plane. Batch norm takes the
statistics of the samples at every point; dropout is off. λ are eigenvalues of each network's Hessian at its
end. The condition is λ max / mean |λ|: 1 where the loss is curved alike in all directions.

examples:
  optiscope landscape --initializer he_normal --variant optimizer=sgd --resolution 16 --out landscape.png
  optiscope landscape --dataset spirals --epochs 5 --directions random --resolution 16 --out plane.npz
"""


def parser() -> Parser:
    """The options of `optiscope landscape`."""
    result = Parser(
        "optiscope landscape",
        usage="optiscope landscape [the options of optiscope train] [--directions path|own|random] [options]",
        summary="Show a trained network's loss over a plane, with the paths of its training.",
        epilog=EXAMPLES,
    )
    add_training_options(result)
    result.numbers(LANDSCAPE_HYPERPARAMETERS)
    result.option(
        "--centre", metavar="NETWORK", example="he_normal",
        help="the network at the centre, by its name in the table. Default: the first",
    )  # fmt: skip
    result.files(ENDINGS, "landscape.png")
    return result


def run(options: Namespace) -> None:
    """Carry out `optiscope landscape`."""
    paths = check_files(options.out, ENDINGS)
    training = read_spec(options).checked()
    numbers = given(LANDSCAPE_HYPERPARAMETERS, options)
    spec = LandscapeSpec(training, _centre(training, options.centre), **numbers).checked()
    drawing.prepare(paths)
    found, figures = _computed(spec)
    write(found, figures, paths)
    print(summary(found, figures))


def _centre(training: TrainingSpec, name: str | None) -> int:
    called = names(training.variants)
    if name is None:
        return 0
    if name not in called:
        raise unknown_name("network", name, called)
    return called.index(name)


def _computed(spec: LandscapeSpec) -> tuple[Landscape, tuple[Curvature, ...]]:
    """Training, plane and curvature, each a third of the bar."""
    parts, count = len(tiles(spec.resolution)), len(spec.training.variants)
    with progress(3000) as bar:
        trained = trained_paths(spec, lambda step, steps: bar.show(1000 * step // steps, "training"))
        plane = landscape_plane(trained)
        found = evaluated(plane, watch=lambda done, _: bar.show(1000 + 1000 * done // parts, "landscape"))
        looked = iter(range(count))
        figures = curvatures(
            trained, plane.directions,
            lambda name: bar.show(2000 + 1000 * next(looked) // count, f"curvature of {name}"),
        )  # fmt: skip
        bar.show(3000, "done")
    return found, figures


def write(found: Landscape, figures: Sequence[Curvature], paths: Sequence[Path]) -> None:
    """Write the landscape to each path, as its ending says."""
    write_files(
        paths,
        {
            ".csv": partial(landscapes.write_landscape_csv, found),
            ".json": partial(landscapes.write_landscape_json, found, figures),
            ".npz": partial(landscapes.write_landscape_npz, found),
            ".png": partial(_write_picture, found),
        },
    )


def _write_picture(found: Landscape, path: Path) -> None:
    from app.exporters.pictures import landscape_picture  # brings Qt with it

    landscape_picture(found).save(path)


def summary(found: Landscape, figures: Sequence[Curvature]) -> str:
    """A table of the networks, and what the plane leaves out."""
    losses = {path.place: float(path.losses[-1]) for path in found.paths}
    rows = [_row(each, losses.get(each.place)) for each in figures]
    return "\n".join(
        [
            text_table(HEADER, rows, "llrrrrr"),
            *remarks(found.plane, names(found.plane.spec.training.variants)),
        ]
    )


def _row(each: Curvature, loss: float | None) -> tuple[str, ...]:
    shown = "" if loss is None else f"{loss:.4g}"
    numbers = (f"{value:.3g}" for value in (each.largest, each.smallest, each.mean, each.condition))
    return each.name, "no" if loss is None else "yes", shown, *numbers
