"""Newton's method, damped."""

from typing import NamedTuple

import numpy as np

from core.hyperparameter import Hyperparameter, Scale
from core.optimizer import Hessian, Optimizer, Pair, learning_rate


class State(NamedTuple):
    """Newton's method remembers nothing."""


def rule(
    point: Pair, gradient: Pair, hessian: Hessian, state: State, learning_rate: float, t: int,
    damping: float, curvature: str,
) -> tuple[Pair, State]:  # fmt: skip
    """`x <- x - eta (H + delta I)^-1 g`; with `curvature` absolute `|H|` stands in place of `H`.

    Signed, as Newton has it, the step leads to the critical point of the quadratic that fits here,
    be it a minimum, a saddle or a maximum, and where `H + delta I` is singular it divides by zero.
    `|H|` has the eigenvalues without their signs (Dauphin et al. 2014, saddle-free Newton): the step
    then leads down along every eigenvector. It is the root of `H^2`, which for two rows has a closed form:
    `|H| = (H^2 + |det H| I) / (|lambda_1| + |lambda_2|)`, the divisor being `sqrt(tr H^2 + 2 |det H|)`.
    """
    xx, xy, yy = _absolute(hessian) if curvature == "absolute" else hessian
    xx, yy = xx + damping, yy + damping
    determinant = xx * yy - xy * xy
    x = point.x - learning_rate * ((yy * gradient.x - xy * gradient.y) / determinant)
    y = point.y - learning_rate * ((xx * gradient.y - xy * gradient.x) / determinant)
    return Pair(x, y), state


def _absolute(hessian: Hessian) -> Hessian:
    xx, xy, yy = hessian
    determinant = np.abs(xx * yy - xy * xy)
    lengths = (xx * xx + 2.0 * (xy * xy) + yy * yy + 2.0 * determinant) ** 0.5
    divisor = np.where(lengths > 0.0, lengths, 1.0)
    return Hessian(
        (xx * xx + xy * xy + determinant) / divisor,
        xy * (xx + yy) / divisor,
        (xy * xy + yy * yy + determinant) / divisor,
    )


ENTRY = Optimizer(
    id="newton", name="Newton", order=15, rule=rule, state=State,
    surfaces_only=True, needs_hessian=True,
    summary="Damped Newton steps: to where the quadratic that fits here is flat, be it a minimum,"
    " a saddle or a maximum.",
    formula="x ← x − η (H + δ I)⁻¹ g;  curvature absolute:  |H| for H",
    convention="Same as x − η · numpy.linalg.solve(H + δ I, g) with the exact Hessian; torch has none."
    " With absolute curvature it is saddle-free Newton.",
    source="Levenberg 1944 (damping); Dauphin et al. 2014 (absolute curvature)",
    hyperparameters=(
        learning_rate(1.0),
        Hyperparameter(
            name="damping", default=1e-3, low=1e-6, high=100.0, scale=Scale.LOG, minimum=0,
            help="Added to both eigenvalues of the Hessian: the larger, the shorter the step and the nearer"
            " to the gradient's direction. 0 is Newton's own step, which divides by zero where the surface"
            " is flat in a direction.",
        ),
        Hyperparameter(
            name="curvature", default="signed", scale=Scale.CHOICE, choices=("signed", "absolute"),
            help="signed: the Hessian as it is, drawn to saddles and maxima too;"
            " absolute: eigenvalues without their signs, so that every step leads down.",
        ),
    ),
)  # fmt: skip
