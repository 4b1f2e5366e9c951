"""L-BFGS with steps of fixed length."""

from collections import namedtuple
from collections.abc import Mapping
from typing import Any

import numpy as np

from core.hyperparameter import Hyperparameter, Scale
from core.notation import Fraction, Group, Node, Script, row, sign, variable
from core.optimizer import Optimizer, Pair, learning_rate

MOST = 20
"""Steps that can be remembered."""
GRADIENT_TOLERANCE, DECREASE_TOLERANCE = 1e-7, 1e-9
"""torch's defaults."""
CURVED = 1e-10
"""What the product of a step and its change of the gradient must exceed to be remembered."""

_names = [f"{word}_{place + 1}" for word in ("step", "change") for place in range(MOST)]
_make: Any = namedtuple  # mypy wants names that are written out
State = _make("State", ["last_gradient", "last_step", *_names])
State.__doc__ = "last_gradient, last_step; step_1 the newest that is remembered, change_1 what it did to g."


def rule(
    point: Pair, gradient: Pair, state: Any, learning_rate: float, t: int,
    history: int, tolerances: bool,
) -> tuple[Pair, Any]:  # fmt: skip
    """`x <- x - eta H g`, with `H` the inverse Hessian that the last steps suggest (Nocedal 1980).

    Each step `s`, and the change `y` of the gradient that it brought, is remembered where
    `y.s > 1e-10`, the last `history` of them. `H g` comes from the two loops of Nocedal and Wright 2006,
    algorithm 7.4, which begin with `H = (y.s / y.y) I` of the newest, or `I`. The first step is
    `min(1, 1 / |g|_1)` times as long.

    With `tolerances` it rests as torch does unless told otherwise: while `max |g|` is not above 1e-7,
    and where the product of gradient and direction is above -1e-9. There the step that it does not
    make counts as the last one all the same, which only noise can make felt.
    """
    begun = np.abs(state.last_gradient.x) + np.abs(state.last_gradient.y) > 0.0  # at first it is 0
    last_gradient, last_step = state[:2]
    change = Pair(gradient.x - last_gradient.x, gradient.y - last_gradient.y)
    curved = _dot(change, last_step) > CURVED
    older_steps, older_changes = state[2 : 2 + history], state[2 + MOST : 2 + MOST + history]
    steps = _pushed(curved, last_step, older_steps)
    changes = _pushed(curved, change, older_changes)

    direction = _direction(gradient, steps, changes)
    length = np.maximum(np.abs(gradient.x) + np.abs(gradient.y), 1.0)
    rate = np.where(begun, learning_rate, 1.0 / length * learning_rate)
    step = Pair(rate * direction.x, rate * direction.y)
    unused = state[2 + history : 2 + MOST], state[2 + MOST + history :]
    after = State(gradient, step, *steps, *unused[0], *changes, *unused[1])
    new_point = Pair(point.x + step.x, point.y + step.y)
    if not tolerances:
        return new_point, after
    active = np.maximum(np.abs(gradient.x), np.abs(gradient.y)) > GRADIENT_TOLERANCE
    rests = _dot(gradient, direction) > -DECREASE_TOLERANCE
    kept = (new if new is old else _select(active, new, old) for new, old in zip(after, state, strict=True))
    return _select(active, _select(rests, point, new_point), point), State(*kept)


def _dot(one: Pair, other: Pair) -> Any:
    return one.x * other.x + one.y * other.y


def _plus(one: Pair, times: Any, other: Pair) -> Pair:
    return Pair(one.x + times * other.x, one.y + times * other.y)


def _select(condition: Any, one: Pair, other: Pair) -> Pair:
    return Pair(np.where(condition, one.x, other.x), np.where(condition, one.y, other.y))


def _pushed(condition: Any, newest: Pair, older: tuple[Pair, ...]) -> list[Pair]:
    """The newest first and the oldest dropped, where the condition holds."""
    return [_select(condition, *pair) for pair in zip((newest, *older), older, strict=False)]


def _direction(gradient: Pair, steps: list[Pair], changes: list[Pair]) -> Pair:
    """`-H g`; places in which nothing is remembered are 0 and add nothing."""
    products = [_dot(change, step) for change, step in zip(changes, steps, strict=True)]
    filled = [product > 0.0 for product in products]
    divisors = [np.where(each, product, 1.0) for each, product in zip(filled, products, strict=True)]
    q = Pair(-gradient.x, -gradient.y)
    shares = []
    for step, change, divisor in zip(steps, changes, divisors, strict=True):
        shares.append(_dot(step, q) * (1.0 / divisor))
        q = _plus(q, -shares[-1], change)
    scale = divisors[0] / np.where(filled[0], _dot(changes[0], changes[0]), 1.0)
    r = Pair(q.x * scale, q.y * scale)
    for step, change, divisor, share in reversed(list(zip(steps, changes, divisors, shares, strict=True))):
        r = _plus(r, share - _dot(change, r) * (1.0 / divisor), step)
    return r


def explain(inputs: Mapping[str, Any]) -> tuple[tuple[Node, ...], dict[str, Any]]:
    """The rule with matrices: `p = H g; x <- x - eta p`, with `H` the inverse Hessian that it has learned."""
    before = State(*(Pair(*inputs.get(f"before.{name}", (0.0, 0.0))) for name in State._fields))
    gradient, rate = Pair(*inputs["gradient"]), inputs["learning_rate"]
    settings = {name: inputs[name] for name in ("history", "tolerances")}
    point, after = rule(Pair(*inputs["before.x"]), gradient, before, rate, inputs["t"], **settings)
    numbers = dict(inputs) | {"x": np.array(point), "change": gradient - np.array(before.last_gradient)}
    numbers["last_step"] = np.array(before.last_step)
    numbers["earlier.x"] = inputs["before.x"] - numbers["last_step"]
    history = settings["history"]
    pairs = list(after[2 : 2 + history]), list(after[2 + MOST : 2 + MOST + history])
    columns = [_direction(Pair(*unit), *pairs) for unit in np.eye(2)]
    numbers["inverse"] = -np.array(columns).T
    numbers["direction"] = numbers["inverse"] @ inputs["gradient"]

    x, old, eta, g = (
        variable(letter, key)
        for letter, key in (("x", "x"), ("x", "before.x"), ("η", "learning_rate"), ("g", "gradient"))
    )
    if np.array_equal(numbers["x"], inputs["before.x"]):
        return (row(x, "←", old),), numbers
    if not any(before.last_gradient):
        norm = Script("", Group("", g, "|", "|"), index=sign("1"))
        shorter = row(sign("min"), Group("", row("1", ",", Fraction("", sign("1"), norm))))
        return (row(x, "←", old, "−", eta, shorter, g),), numbers
    direction, inverse = variable("p", "direction"), variable("H", "inverse")
    last = Script("before.last_gradient", variable("g"), index=sign("old"))
    return (
        row(variable("y", "change"), "=", g, "−", last),
        row(variable("s", "last_step"), "=", old, "−", Script("earlier.x", variable("x"), index=sign("old"))),
        row(direction, "=", inverse, g),
        row(x, "←", old, "−", eta, direction),
    ), numbers


ENTRY = Optimizer(
    id="lbfgs", name="L-BFGS", order=16, rule=rule, state=State, surfaces_only=True,
    summary="Learns the curvature from its own last steps, and so comes close to Newton's steps"
    " without a Hessian.",
    formula="s = last step,  y = g − last g;  H ← BFGS(H, s, y) of the last m with yᵀs > 10⁻¹⁰;"
    "  x ← x − η H g;  first:  x ← x − η min(1, 1/|g|₁) g",
    convention="Same as torch.optim.LBFGS(max_iter=1, history_size=m), one call a step, no line search:"
    " at torch's own tolerances with tolerances=true, else with tolerance_grad=0 and tolerance_change=0.",
    explain=explain,
    source="Nocedal 1980; Liu and Nocedal 1989",
    hyperparameters=(
        learning_rate(1.0),
        Hyperparameter(
            name="history", default=5, low=1, high=10, minimum=1, maximum=MOST, scale=Scale.INTEGER,
            unit="steps", help="Steps that are remembered; on a quadratic in x and y two are all it takes.",
        ),
        Hyperparameter(
            name="tolerances", default=False, scale=Scale.SWITCH,
            help="Rest early, as torch does unless told otherwise: where no component of the gradient is"
            " above 1e-7, or a step would lower the loss by less than about 1e-9.",
        ),
    ),
)  # fmt: skip
