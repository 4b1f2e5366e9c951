"""Newton's method, damped."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from core.hyperparameter import Hyperparameter, Scale
from core.notation import Group, Node, Script, row, sign, variable
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


def explain(inputs: Mapping[str, Any]) -> tuple[tuple[Node, ...], dict[str, Any]]:
    """The rule with matrices: `p = (H + delta I)^-1 g; x <- x - eta p`."""
    xx, xy, yy = hessian = Hessian(*inputs["hessian"])
    absolute = inputs["curvature"] == "absolute"
    used = _absolute(hessian) if absolute else hessian
    numbers = dict(inputs) | {"hessian": np.array([[xx, xy], [xy, yy]])}
    numbers["curvature"] = np.array([used[:2], used[1:]])
    arguments = {name: inputs[name] for name in ("learning_rate", "t", "damping", "curvature")}
    point, _ = rule(Pair(*inputs["before.x"]), Pair(*inputs["gradient"]), hessian, State(), **arguments)
    numbers["x"] = np.array(point)
    damped = numbers["curvature"] + inputs["damping"] * np.eye(2)
    numbers["direction"] = _solved(damped, inputs["gradient"])

    matrix, direction = variable("H", "hessian"), variable("p", "direction")
    bent = Group("curvature", matrix, "|", "|") if absolute else matrix
    damped_sum = row(bent, "+", row(variable("δ", "damping"), variable("I")))
    inverse = Script("", Group("", damped_sum), power=sign("−1"))
    x, before, rate = variable("x", "x"), variable("x", "before.x"), variable("η", "learning_rate")
    return (
        row(direction, "=", inverse, variable("g", "gradient")),
        row(x, "←", before, "−", rate, direction),
    ), numbers


def _solved(matrix: Any, right: Any) -> Any:
    """Solution of two equations, infinite or NaN where there is none."""
    (a, b), (c, d) = matrix
    with np.errstate(all="ignore"):
        return np.array([d * right[0] - b * right[1], a * right[1] - c * right[0]]) / (a * d - b * c)


ENTRY = Optimizer(
    id="newton", name="Newton", order=15, rule=rule, state=State,
    surfaces_only=True, needs_hessian=True, explain=explain,
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
