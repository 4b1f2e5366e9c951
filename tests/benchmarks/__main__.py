"""Runs every benchmark beside this file, each in a fresh process, and prints one table.

A missed target is said and is no error; a benchmark that crashes is one.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.harness import Figure, from_json

HERE = Path(__file__).parent
TIME_LIMIT = 900
"""Seconds that one benchmark may take."""

COLUMNS = ("figure", "median", "95th p.", "unit", "target", "compared to", "ratio", "verdict")


class CrashError(Exception):
    """A benchmark that ended without figures; the message is what it last said."""


def found() -> list[str]:
    """Names of all benchmarks, by their files."""
    return sorted(path.stem for path in HERE.glob("bench_*.py"))


def run(benchmark: str) -> list[Figure]:
    """Figures of one benchmark, from a fresh offscreen process with one thread for linear algebra."""
    with tempfile.TemporaryDirectory() as home:
        file = Path(home) / "figures.json"
        threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        own = {"HOME": home, "XDG_CONFIG_HOME": home, "QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": "1"}
        try:
            done = subprocess.run(
                [sys.executable, "-m", "tests.benchmarks.harness", benchmark, str(file)],
                cwd=HERE.parent.parent,
                env=os.environ | threads | own,
                capture_output=True,
                text=True,
                timeout=TIME_LIMIT,
            )
        except subprocess.TimeoutExpired:
            raise CrashError(f"{benchmark} took more than {TIME_LIMIT} s.") from None
        if done.returncode != 0 or not file.exists():
            last = "\n".join(done.stderr.strip().splitlines()[-15:])
            raise CrashError(f"{benchmark} ended with status {done.returncode}:\n{last}")
        return [from_json(data) for data in json.loads(file.read_text(encoding="utf-8"))]


def number(value: float | None) -> str:
    """Three significant digits, as people write them."""
    if value is None or value != value:
        return "-"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def row(figure: Figure) -> tuple[str, ...]:
    """A figure's line of the table."""
    return (
        figure.name,
        number(figure.median),
        number(figure.percentile),
        figure.unit,
        figure.goal,
        figure.compared_to or "-",
        number(figure.ratio),
        figure.verdict,
    )


def table(figures: Sequence[Figure]) -> str:
    """All figures as aligned columns, with their notes below."""
    rows = [COLUMNS, *(row(figure) for figure in figures)]
    widths = [max(len(cells[column]) for cells in rows) for column in range(len(COLUMNS))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
        for cells in rows
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    notes = [f"{figure.name}: {figure.note}" for figure in figures if figure.note]
    return "\n".join([*lines, *([""] if notes else []), *notes])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for; the status is 1 when a benchmark crashed."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("benchmark", nargs="*", help=f"which of: {', '.join(found())}; all when left out")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write all samples there too")
    options = parser.parse_args(arguments)
    if unknown := set(options.benchmark) - set(found()):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}; choose from {', '.join(found())}")
    figures: list[Figure] = []
    crashes: list[str] = []
    for benchmark in options.benchmark or found():
        print(f"{benchmark} ...", file=sys.stderr, flush=True)
        try:
            figures += run(benchmark)
        except CrashError as crash:
            crashes.append(str(crash))
    system = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    machine = f"Python {platform.python_version()}, {system}"
    print(f"{machine}; one thread a process; ratios are of times taken in one run\n\n{table(figures)}")
    if options.json:
        content = {"machine": machine, "figures": [figure.to_json() for figure in figures]}
        options.json.write_text(json.dumps(content, indent=2), encoding="utf-8")
    missed = sum(figure.is_met is False for figure in figures)
    unknown_count = sum(bool(figure.missing) for figure in figures)
    print(f"\n{len(figures)} figures, {missed} not met, {unknown_count} not measured.")
    for crash_text in crashes:
        print(f"\n{crash_text}", file=sys.stderr)
    return 1 if crashes else 0


if __name__ == "__main__":
    sys.exit(main())
