"""How far a long command is: a bar that redraws itself on a terminal, a few lines anywhere else."""

import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:  # what trains takes its time to import
    from app.whole_training import Tell
    from core.training import TrainingRun

WIDTH = 28
SECONDS_BETWEEN_DRAWINGS = 0.1
LINES = 5
"""How many lines report on a run where nothing can be redrawn."""


class Progress:
    """The progress of so many steps, on standard error."""

    def __init__(self, steps: int, stream: TextIO) -> None:
        self._steps, self._stream = max(steps, 1), stream
        self._redraws = stream.isatty()
        self._began = time.monotonic()
        self._drawn, self._reported = 0.0, 0

    def show(self, step: int, note: str) -> None:
        """Say that `step` steps are made; most calls only look at the clock."""
        if self._redraws:
            self._redraw(step, note)
        elif step * LINES // self._steps > self._reported:
            self._reported = step * LINES // self._steps
            self._stream.write(f"{note}, {100 * step // self._steps} %\n")

    def close(self) -> None:
        """Clear the bar away: the result says the rest."""
        if self._redraws:
            self._stream.write("\r\x1b[K")
            self._stream.flush()

    def _redraw(self, step: int, note: str) -> None:
        now = time.monotonic()
        if now - self._drawn < SECONDS_BETWEEN_DRAWINGS:
            return
        self._drawn = now
        full = WIDTH * step // self._steps
        bar = "#" * full + "." * (WIDTH - full)
        line = f"[{bar}] {note}, {self._pace(step, now - self._began)}"
        columns = shutil.get_terminal_size().columns  # a longer line would wrap and stay
        self._stream.write(f"\r{line[: columns - 1]}\x1b[K")
        self._stream.flush()

    def _pace(self, step: int, seconds: float) -> str:
        rate = step / seconds if seconds > 0 else 0.0
        left = f"{(self._steps - step) / rate:.0f} s left" if rate else "starting"
        return f"{rate:.0f} steps/s, {left}"


@contextmanager
def progress(steps: int) -> Iterator[Progress]:
    """A progress bar that is cleared away whatever happens."""
    bar = Progress(steps, sys.stderr)
    try:
        yield bar
    finally:
        bar.close()


@contextmanager
def training_progress() -> "Iterator[Tell]":
    """A progress bar for what trains networks, if anything does: it begins with the first step."""
    bars: list[Progress] = []

    def tell(run: "TrainingRun", last: int) -> None:
        if not bars:
            bars.append(Progress(last, sys.stderr))
        bars[0].show(run.step_index, f"epoch {min(run.epoch + 1, run.spec.epochs)} of {run.spec.epochs}")
        if run.finished or run.step_index == last:
            bars.pop().close()

    try:
        yield tell
    finally:
        for bar in bars:
            bar.close()
