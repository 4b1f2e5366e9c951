"""A step of a run -> the arrows and the ellipse that explain it."""

from collections.abc import Iterable, Set

import numpy as np
from PySide6.QtGui import QColor

from app.plots.arrows import Kind
from app.plots.vector_layer import Vector
from app.plots.view_layer import Array
from core.descent import Trajectory
from core.descent_step import DescentStep, step_at
from core.rule_notation import HAT

MEMORIES = frozenset({"velocity", "second_moment"})
"""What shows what an optimizer remembers."""
ARROWS = MEMORIES | {"step", "gradient"}
"""What of `Experiment.overlays` is drawn as arrows and ellipses."""
FIRST = ("adam",)
"""Whose arrows are drawn before anybody has chosen."""
_FEW = 2
"""Optimizers whose arrows are drawn together when none is chosen."""
_SPREADS = ("largest_second_moment", "second_moment", "sum_of_squares")


def looked_at(runs: Iterable[Trajectory], keys: tuple[str, ...] = FIRST) -> list[Trajectory]:
    """Those of the runs that are looked at; where that is none, all of a few, or the first."""
    runs = list(runs)
    chosen = [run for run in runs if run.method.optimizer.id in keys]
    return chosen or (runs if len(runs) <= _FEW else runs[:1])


def arrows_of(run: Trajectory, step: int, wanted: Set[str], colour: QColor, remembers: bool) -> list[Vector]:
    """What is drawn of the step that follows a step of a run.

    Parameters
    ----------
    wanted
        Some of `ARROWS`.
    remembers
        Whether what the optimizer remembered is known, or may be found out now.
    """
    shown = step_at(run, min(step, run.steps - 1))
    if shown is None:
        return []
    return [Vector(kind, colour, shown.before, reach) for kind, reach in _reaches(shown, wanted, remembers)]


def _reaches(step: DescentStep, wanted: Set[str], remembers: bool) -> Iterable[tuple[Kind, Array]]:
    """What is drawn of a step: kind, and how far it goes along x and y."""
    if "step" in wanted:
        yield Kind.STEP, step.moved
    if "gradient" in wanted:
        yield Kind.GRADIENT, -step.gradient
        if step.is_noisy:
            yield Kind.NOISY_GRADIENT, -step.used_gradient
    if not remembers or not wanted & MEMORIES:
        return
    names = step.state_names
    if "velocity" in wanted and "velocity" in names:
        yield Kind.VELOCITY, step.remembered("velocity")
    if "velocity" in wanted and "first_moment" in names:
        yield Kind.MOMENT, -_unbiased(step, "first_moment")
    spread = next((name for name in _SPREADS if name in names), "")
    if "second_moment" in wanted and spread:
        yield Kind.SPREAD, np.sqrt(_unbiased(step, spread))


def _unbiased(step: DescentStep, name: str) -> Array:
    """What is remembered as the rule uses it: with the bias undone where the rule does that."""
    numbers = step.explanation.numbers
    remembered: Array = numbers.get(name + HAT, numbers[name])
    return remembered
