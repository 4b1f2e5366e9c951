"""What is said of a run: a word in the legend, a line at its optimizer's row, all of it when asked."""

from typing import TYPE_CHECKING

from app.language import tr
from app.plots.marks_layer import CONVERGED
from app.views.numbers import true_minus
from app.views.optimizer_row import Verdict
from core.descent import Trajectory

if TYPE_CHECKING:
    from core.diagnosis import Diagnosis

_GRAVE = {"diverged", "edge", "unbounded"}
_PLAIN = {"converged", "moving"}
"""Needs no line of its own: the legend has it."""


def note(run: Trajectory, found: "Diagnosis | None", step: int) -> str:
    """The word in the legend at a step: what a run came to once it is played to there, or a burst."""
    ended = run.step if found is None else found.step
    word = _word(run, found) if step >= min(run.steps if ended is None else ended, run.steps) else ""
    if not word and found is not None and found.burst is not None and step >= found.burst:
        return f"{tr('burst')} {found.burst:,}"
    return word


def _word(run: Trajectory, found: "Diagnosis | None") -> str:
    """At first only what the run itself knows."""
    name, step = (run.outcome, run.step) if found is None else (found.word, found.step)
    if name == "completed":
        return ""
    mark = CONVERGED if name == "converged" else tr(name)
    return mark if step is None else f"{mark} {step:,}"


def verdict(run: Trajectory, found: "Diagnosis | None") -> Verdict:
    """What a row says of its run."""
    if found is None:
        return Verdict()
    short = found.burst_sentence if found.id in _PLAIN else found.sentence
    return Verdict(true_minus(found.sentence), true_minus(short), found.id in _GRAVE, found.learning_rate)
