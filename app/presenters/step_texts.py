"""A step in words and numbers, as the panel shows them."""

from typing import Any

import numpy as np

from app.numbers import FACTOR, WIDEST, pair, plain, short
from app.plots.typeset import Room
from app.presenters.step_common import Memories
from core.descent import Trajectory
from core.descent_step import DescentStep

WAITING = "This long run is made once more, to see what the optimizer remembered at each step …"


def title(step: int, longest: int) -> str:
    if longest == 0:
        return "No step has been made"
    if step >= longest:
        return f"Last step, {longest:,}: from point {longest - 1:,} to {longest:,}"
    return f"Step {step + 1:,}: from point {step:,} to {step + 1:,}"


def brief(step: DescentStep | None) -> str:
    if step is None:
        return "no step"
    angle = step.angle
    return f"step {short(step.length)}" + (f"   {angle:.0f}°" if angle is not None else "")


def note(run: Trajectory, step: int) -> str:
    """How the run ended, once it has."""
    if run.outcome == "converged" and run.step is not None and step >= run.step:
        return run.message
    if step < run.steps:
        return ""
    return run.message if run.steps == 0 else f"{run.message} Its last step is shown."


def figures(step: DescentStep) -> list[tuple[str, str]]:
    losses = step.run.losses[step.index : step.index + 2]
    angle = step.angle
    noisy = [("Gradient that is used", pair(step.used_gradient))] if step.is_noisy else []
    return [
        ("Step length", short(step.length)),
        ("Angle to −∇f", f"{angle:.1f}°" if angle is not None else "–"),
        _rate(step),
        ("Loss", f"{short(losses[0])} → {short(losses[1])}"),
        ("Gradient ∇f", pair(step.gradient)),
        *noisy,
        ("Step", pair(step.moved)),
    ]


def _rate(step: DescentStep) -> tuple[str, str]:
    rates = step.explanation.rates if Memories.has(step.run) else None
    if rates is None:
        return "Learning rate", plain(step.learning_rate)
    if rates[0] == rates[1]:
        return "Effective rate", plain(rates[0])
    return "Effective rate, x and y", pair(rates)


def rooms(step: DescentStep) -> dict[str, Room]:
    """Room for the number of every letter but the step's own; settings take what they need."""
    fixed, numbers = _settings(step), step.explanation.numbers
    found = {}
    for key in step.explanation.letters:
        if key in fixed:
            found[key] = Room(plain(fixed[key]), 2)
        elif key != "t":
            found[key] = Room(_SAMPLES[np.ndim(numbers[key])], 2)
    return found


_SAMPLES = (FACTOR, WIDEST, f"{WIDEST}  {WIDEST}")
"""As wide as any number, as those of x and y, as a row of a matrix."""


def _settings(step: DescentStep) -> dict[str, float]:
    """The numbers that stay as they are over the run."""
    values, method = step.run.values, step.run.method
    changing = {method.scheduled_momentum, "learning_rate" if method.schedule.id != "constant" else ""}
    return {k: v for k, v in values.items() if not isinstance(v, bool | str) and k not in changing}


def texts(step: DescentStep) -> dict[str, tuple[str, ...]]:
    """The numbers of the letters, as `FormulaLabel` takes them."""
    fixed, numbers = _settings(step), step.explanation.numbers
    return {
        key: (plain(fixed[key]),) if key in fixed else _lines(numbers[key])
        for key in step.explanation.letters
    }


def _lines(number: Any) -> tuple[str, ...]:
    """One number, those of x and y, or the rows of a matrix."""
    match np.ndim(number):
        case 0:
            return (short(float(number)),)
        case 1:
            return tuple(map(short, number.tolist()))
    return tuple("  ".join(map(short, row)) for row in number.tolist())
