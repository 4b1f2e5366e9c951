"""Networks trained through to a step in this process, with helpers and machine code where they pay."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from threading import Event

from app.background import Background
from app.training_code import begin_code, tell_of_code
from app.training_helpers import TrainingHelpers
from core.training import TrainingFrame, TrainingRun

_WORTH_COMPILING = 5.0
"""Seconds that a run must go on for machine code to pay: it takes one or two to make."""

Tell = Callable[[TrainingRun, int], None]
"""Told a run after each of its steps, and the last step that it goes to; what it raises ends the training."""


def epoch_ends(run: TrainingRun) -> Callable[[int], bool]:
    """Whether a run completes an epoch with a step."""
    return lambda step: step % run.steps_per_epoch == 0


def train_through(
    run: TrainingRun, last: int, wanted: Callable[[int], bool], tell: Tell
) -> Iterator[TrainingFrame]:
    """Train from the beginning to a step, or to where nothing is left to do, frame by frame.

    Parameters
    ----------
    wanted
        Of which steps a frame is wanted; the first and the last one have theirs in any case.

    Yields
    ------
    TrainingFrame
        The frames, in the order of their steps; the run stands at that step then.
    """
    yield run.frame()
    background, begin, over = Background(), time.monotonic(), Event()
    with closing(background), closing(TrainingHelpers()) as helpers, _setting(over):
        while not run.finished and run.step_index < last:
            run.step()
            passed = time.monotonic() - begin
            helpers.attend(run, passed * (last / run.step_index - 1))
            tell(run, last)
            if run.finished or run.step_index == last or wanted(run.step_index):
                yield run.frame()
            if run.step_index == run.steps_per_epoch:
                left = passed * (last / run.step_index - 1)
                if left > _WORTH_COMPILING:
                    begin_code(background, run, lambda: not over.is_set())
    tell_of_code(background)


@contextmanager
def _setting(over: Event) -> Iterator[None]:
    """However it ends, the code that is still missing is not worth waiting for."""
    try:
        yield
    finally:
        over.set()
