"""What an optimizer is: one rule, a state, and the numbers it takes.

A rule is a pure function of one parameter (and of any number of them at once):

    rule(x, gradient, state, learning_rate, t, **hyperparameters) -> (new x, new state)

with `t` the step counted from 1 and `state` a NamedTuple whose fields all start at 0. It is
written once, in the order and letters of its equation, with `** 0.5` for the root. The same
function runs on Python floats, on NumPy arrays, and on what `core.rule` traces it with.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from core.catalogue import Catalogue, Entry
from core.choice import Choice
from core.hyperparameter import Hyperparameter, Scale, Value
from core.schedule import SCHEDULES

Rule = Callable[..., tuple[Any, Any]]


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
    """

    rule: Rule
    state: type
    formula: str
    convention: str
    source: str

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


OPTIMIZERS: Catalogue[Optimizer] = Catalogue("core.optimizers", Optimizer, "optimizer")


class MethodSpec(msgspec.Struct, frozen=True):
    """How parameters are updated: an optimizer with its numbers, and a schedule for its rate."""

    optimizer: Choice
    schedule: Choice = Choice("constant")

    def values(self) -> dict[str, Value]:
        """All hyperparameters of the optimizer; raises `InputError` for any that is wrong."""
        SCHEDULES[self.schedule.id].values(self.schedule.values)
        return OPTIMIZERS[self.optimizer.id].values(self.optimizer.values)


def learning_rate(default: float) -> Hyperparameter:
    """The learning rate, with an optimizer's own default."""
    return Hyperparameter(
        name="learning_rate", default=default, low=1e-5, high=10.0, scale=Scale.LOG,
        minimum=0, open_minimum=True,
        help="Length of a step for a given gradient. Too small crawls, too large diverges.",
    )  # fmt: skip


def average_factor(name: str, default: float, help_text: str, low: float = 0.0) -> Hyperparameter:
    """A factor of an exponential average: 1 - factor is what matters, so the slider spaces that."""
    return Hyperparameter(
        name=name, default=default, low=low, high=0.9999, scale=Scale.ONE_MINUS_LOG,
        minimum=0, maximum=1, open_maximum=True, help=help_text,
    )  # fmt: skip


def epsilon(default: float) -> Hyperparameter:
    """The small number beside a root, against division by zero."""
    return Hyperparameter(
        name="epsilon", default=default, low=1e-12, high=1.0, scale=Scale.LOG, minimum=0,
        help="Added to the root below the fraction; keeps the step finite where gradients are tiny.",
    )  # fmt: skip
