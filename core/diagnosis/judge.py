"""From a trajectory to its diagnosis: the first judge that has something to say is heard."""

import math
from dataclasses import replace

from msgspec.structs import replace as replace_fields

from core.descent import DescentSpec, Trajectory, descend
from core.diagnosis.bursts import burst_sentence, burst_step
from core.diagnosis.figures import BENDS_DOWN, curvatures, eigenvalues_text
from core.diagnosis.held import held_by_saddle, moving, resting, restless, slow
from core.diagnosis.lost import why_diverged, why_left
from core.diagnosis.verdict import Diagnosis

_FLAT = 1e-6
"""Curvature that counts as none."""


def diagnose_first(spec: DescentSpec) -> tuple[Diagnosis, ...]:
    """What every method did from the spec's first start, rates tried; one call for another process."""
    return tuple(diagnose(run) for run in descend(replace_fields(spec, starts=spec.starts[:1])).runs)


def diagnose(run: Trajectory, try_rates: bool = True) -> Diagnosis:
    """Say in words what a run did and why.

    Parameters
    ----------
    try_rates
        Whether to look for a rate that holds when the run diverged, by running it again.

    Returns
    -------
    Diagnosis
        Never an error: what fits nothing else is "moving".
    """
    found = _why(run, try_rates)
    burst = burst_step(run)
    if burst is None:
        return found
    said = burst_sentence(run, burst)
    return replace(found, burst=burst, burst_sentence=said, sentence=f"{found.sentence} {said}")


def _why(run: Trajectory, try_rates: bool) -> Diagnosis:
    if run.outcome == "diverged":
        return why_diverged(run, try_rates)
    if run.outcome == "converged":
        return _settled(run)
    if run.left_view:
        return why_left(run, try_rates)
    for judge in (resting, held_by_saddle, restless, slow):
        found = judge(run)
        if found is not None:
            return found
    return moving(run)


def _settled(run: Trajectory) -> Diagnosis:
    """Converged, and to what: the Hessian tells a minimum from a saddle."""
    low, high = curvatures(run, len(run.points) - 1)
    begin, step = run.message.removesuffix("."), run.step
    outside = ", outside the view" if run.left_view else ""
    if not (math.isfinite(low) and math.isfinite(high)):
        return Diagnosis("converged", f"{begin}{outside}.", step)
    scale = max(abs(low), abs(high))
    if scale > _FLAT and low < -BENDS_DOWN * scale:
        kind, what = ("saddle", "a saddle") if high > 0.0 else ("maximum", "a maximum")
        way = "the way out is down along the eigenvector of the negative one"
        return Diagnosis(
            kind, f"{begin}, but at {what}{outside}: {eigenvalues_text(low, high)}; {way}.", step
        )
    if scale <= _FLAT:
        return Diagnosis(
            "flat", f"{begin}{outside}, but the surface is flat there: {eigenvalues_text(low, high)}.", step
        )
    return Diagnosis("converged", f"{begin}{outside}.", step)
