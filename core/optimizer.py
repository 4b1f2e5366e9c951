"""What an optimizer is: one rule, a state, and the numbers it takes.

A rule is a pure function of one parameter (and of any number of them at once):

    rule(x, gradient, state, learning_rate, t, **hyperparameters) -> (new x, new state)

with `t` the step counted from 1 and `state` a NamedTuple whose fields all start at 0. It is
written once, in the order and letters of its equation, with `** 0.5` for the root. The same
function runs on Python floats, on NumPy arrays, and on what `core.rule` traces it with.

A *plane rule* couples the two axes of a surface, and so runs on surfaces only:

    rule(point, gradient, [hessian,] state, learning_rate, t, **hyperparameters) -> (new point, new state)

with `point`, `gradient` and every field of the state a `Pair`, and a `Hessian` where the entry
says that it needs one. It is written once too, and runs on the same three.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec

from core.catalogue import Catalogue, Entry
from core.choice import Choice
from core.errors import InputError
from core.hyperparameter import Hyperparameter, Scale, Value, average_factor
from core.momentum_schedule import MOMENTUM_SCHEDULES, momenta
from core.notation import Node
from core.schedule import SCHEDULES

Rule = Callable[..., tuple[Any, Any]]


class Pair(NamedTuple):
    """A value on each axis of a surface."""

    x: Any
    y: Any


class Hessian(NamedTuple):
    """The second derivatives of a surface at a point."""

    xx: Any
    xy: Any
    yy: Any


@dataclass(frozen=True, kw_only=True)
class Optimizer(Entry):
    """An optimizer of the catalogue.

    Attributes
    ----------
    rule
        The update, see the module.
    state
        NamedTuple class of what the rule remembers; its fields are words of the screen.
    formula
        The rule in one line of plain text.
    convention
        What it equals elsewhere, and where it differs.
    source
        Paper and year.
    basic
        Whether it is one of the few that are shown and run unless others are asked for.
    surfaces_only
        Whether its rule is a plane rule, see the module; networks cannot use it.
    needs_hessian
        Whether its (plane) rule takes the Hessian.
    letters
        Words that its equations write with another letter than `core.rule_notation.LETTERS` has.
    explain
        Of a plane rule: from the numbers that a step begins with, by their keys, its formulas, and the
        numbers of their letters. The formulas of other rules are derived, see `core.rule_notation`.
    """

    rule: Rule
    state: type
    formula: str
    convention: str
    source: str
    basic: bool = False
    surfaces_only: bool = False
    needs_hessian: bool = False
    letters: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    explain: Callable[[Mapping[str, Any]], tuple[tuple[Node, ...], dict[str, Any]]] | None = None

    @property
    def rate(self) -> Hyperparameter:
        """The learning rate, which panels show first."""
        return next(h for h in self.hyperparameters if h.name == "learning_rate")

    @property
    def others(self) -> tuple[Hyperparameter, ...]:
        """All hyperparameters but the learning rate."""
        return tuple(h for h in self.hyperparameters if h.name != "learning_rate")

    @property
    def state_names(self) -> tuple[str, ...]:
        """The fields of the state, in order."""
        return tuple(self.state._fields)  # type: ignore[attr-defined]  # a NamedTuple

    @property
    def momentum_name(self) -> str:
        """The hyperparameter that a momentum schedule sets, or "" where the rule has no momentum."""
        names = [parameter.name for parameter in self.hyperparameters]
        return next((name for name in ("momentum", "beta1") if name in names), "")


OPTIMIZERS: Catalogue[Optimizer] = Catalogue("core.optimizers", Optimizer, "optimizer")


def basic_optimizers() -> tuple[str, ...]:
    """Ids of those that are shown and run unless others are asked for."""
    return tuple(key for key, entry in OPTIMIZERS.items() if entry.basic)


def network_optimizers() -> dict[str, Optimizer]:
    """Those that update any number of parameters, by id: all but the ones for surfaces only."""
    return {key: entry for key, entry in OPTIMIZERS.items() if not entry.surfaces_only}


class MethodSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How parameters are updated.

    Attributes
    ----------
    optimizer
        With its numbers.
    schedule
        Of the learning rate.
    momentum_schedule
        Of the optimizer's momentum (or beta1); "constant" leaves it as the optimizer has it.
    """

    optimizer: Choice
    schedule: Choice = Choice("constant")
    momentum_schedule: Choice = Choice("constant")

    @property
    def scheduled_momentum(self) -> str:
        """The hyperparameter that changes over the run, or "" where none does."""
        if self.momentum_schedule.id == "constant":
            return ""
        return OPTIMIZERS[self.optimizer.id].momentum_name

    def with_optimizer(self, optimizer: Choice) -> "MethodSpec":
        """Return the same schedules for another optimizer; without the momentum's where it has none."""
        ramp = self.momentum_schedule if OPTIMIZERS[optimizer.id].momentum_name else Choice("constant")
        return MethodSpec(optimizer, self.schedule, ramp)

    def momenta(self, steps: int) -> list[float] | None:
        """Momentum of each of `steps` steps, or None where it does not change; raises `InputError`."""
        values, name = self.values(), self.scheduled_momentum
        return momenta(self.momentum_schedule, float(values[name]), steps) if name else None

    def values(self) -> dict[str, Value]:
        """All hyperparameters of the optimizer; raises `InputError` for anything that is wrong."""
        SCHEDULES[self.schedule.id].values(self.schedule.values)
        MOMENTUM_SCHEDULES[self.momentum_schedule.id].values(self.momentum_schedule.values)
        entry = OPTIMIZERS[self.optimizer.id]
        if self.momentum_schedule.id != "constant" and not entry.momentum_name:
            raise InputError(
                f"{entry.name} has no momentum to schedule; its momentum schedule is 'constant'.",
                "momentum_schedule",
            )
        return entry.values(self.optimizer.values)


def learning_rate(default: float) -> Hyperparameter:
    """The learning rate, with an optimizer's own default."""
    return Hyperparameter(
        name="learning_rate", default=default, low=1e-5, high=10.0, scale=Scale.LOG,
        minimum=0, open_minimum=True,
        help="Length of a step for a given gradient. Too small crawls, too large diverges.",
    )  # fmt: skip


def epsilon(default: float) -> Hyperparameter:
    """The small number beside a root, against division by zero."""
    return Hyperparameter(
        name="epsilon", default=default, low=1e-12, high=1.0, scale=Scale.LOG, minimum=0,
        help="Added to the root below the fraction; keeps the step finite where gradients are tiny.",
    )  # fmt: skip


def weight_decay(default: float) -> Hyperparameter:
    """How strongly every step shrinks the parameters themselves."""
    return Hyperparameter(
        name="weight_decay", default=default, low=0.0, high=1.0, minimum=0,
        help="Every step also shrinks x by this times the learning rate, and so rests short of the minimum.",
    )  # fmt: skip


__all__ = [
    "OPTIMIZERS",
    "Hessian",
    "MethodSpec",
    "Optimizer",
    "Pair",
    "Rule",
    "average_factor",
    "basic_optimizers",
    "epsilon",
    "learning_rate",
    "network_optimizers",
    "weight_decay",
]
