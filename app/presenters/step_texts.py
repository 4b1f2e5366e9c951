"""A step in words and numbers, as the panel shows them."""

import numpy as np

from app.numbers import FACTOR, WIDEST, pair, plain, short
from app.plots.typeset import Room
from app.presenters.step_common import Memories
from core.descent import Trajectory
from core.descent_step import DescentStep


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
    noisy = [("Gradient with noise", pair(step.used_gradient))] if len(step.run.noise) else []
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
    rates = step.rates if Memories.has(step.run) else None
    if rates is None:
        return "Learning rate", plain(step.learning_rate)
    if rates[0] == rates[1]:
        return "Effective rate", plain(rates[0])
    return "Effective rate, x and y", pair(rates)


def rooms(step: DescentStep) -> dict[str, Room]:
    """Room for the number of every letter but the step's own; settings take what they need."""
    fixed = _settings(step)
    samples = {key: FACTOR if uniform else WIDEST for key, uniform in step.notation.keys.items()}
    samples |= {key: plain(value) for key, value in fixed.items()}
    return {key: Room(sample, 2) for key, sample in samples.items() if key != "t"}


def _settings(step: DescentStep) -> dict[str, float]:
    """The numbers that stay as they are over the run."""
    values, method = step.run.values, step.run.method
    changing = {method.scheduled_momentum} | (
        {"learning_rate"} if method.schedule.id != "constant" else set()
    )
    return {k: v for k, v in values.items() if not isinstance(v, bool | str) and k not in changing}


def texts(step: DescentStep) -> dict[str, tuple[str, ...]]:
    fixed, numbers = _settings(step), step.numbers
    texts: dict[str, tuple[str, ...]] = {}
    for key in step.notation.keys:
        value = numbers[key]
        if key in fixed:
            texts[key] = (plain(fixed[key]),)
        elif isinstance(value, np.ndarray):
            texts[key] = tuple(map(short, value.tolist()))
        else:
            texts[key] = (short(float(value)),)
    return texts
