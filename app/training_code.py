"""Machine code for networks in training, made beside the training: no number depends on when it is there."""

from collections.abc import Callable

from app.background import Background
from core.loops import can_compile, compile_loops
from core.training import TrainingRun


def begin_code(background: Background, run: TrainingRun, go_on: Callable[[], bool]) -> None:
    """Make the code of a run's networks, as long as `go_on`; nothing without Numba."""
    if can_compile():
        background.begin(("code", None), compile_loops, tuple(run.loops), go_on)


def tell_of_code(background: Background) -> None:
    """Training goes on without code that could not be made, but not in silence."""
    background.log_failures("the code of training could not be compiled")
