"""An optimizer's rule over both axes of a surface, as operations.

Single paths and maps are printed from this one trace. A rule of one parameter is traced once for each
axis, and what is the same on both is shared; a plane rule is traced once as it stands.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from core.hyperparameter import Values
from core.optimizer import OPTIMIZERS, Hessian, Optimizer, Pair
from core.rule import Operation, Settings, Symbol, Tracer, settings_of

HESSIAN = ("h_xx", "h_xy", "h_yy")
"""What code calls the second derivatives."""


@dataclass(frozen=True)
class Update:
    """A part of a step that needs nothing of the others: one axis, or both where the rule couples them.

    Attributes
    ----------
    operations
        Those done for every point, in order.
    targets, results
        The variables that the step sets ("x", "velocity_x"), and the symbols of their new values.
    """

    operations: tuple[Operation, ...]
    targets: tuple[str, ...]
    results: tuple[Symbol, ...]


@dataclass(frozen=True)
class PlaneTrace:
    """A rule over the plane.

    Its inputs are called x, y, g_x, g_y, those of `HESSIAN`, and the state's fields with their axis.

    Attributes
    ----------
    operations
        In order. Those with a `constant` result need doing once a run, those with a `uniform` one
        once a step, the others once for every point.
    updates
        What is done for every point.
    numbers
        Names of the hyperparameters that are arguments of the traced code and stay as they are.
    state_names
        The state's fields, without those that the settings leave unused (they stay 0).
    needs_hessian
        Whether the Hessian is among the inputs.
    """

    operations: tuple[Operation, ...]
    updates: tuple[Update, ...]
    numbers: tuple[str, ...]
    state_names: tuple[str, ...]
    needs_hessian: bool

    @property
    def size(self) -> int:
        """Operations for every point of a step."""
        return sum(len(update.operations) for update in self.updates)

    @property
    def states(self) -> tuple[str, ...]:
        """The variables that hold the state, each field's x and y together."""
        return tuple(f"{name}_{axis}" for name in self.state_names for axis in "xy")


def plane_trace(optimizer: Optimizer, values: Values, scheduled: str = "") -> PlaneTrace:
    """Trace `optimizer`'s rule; its settings are taken from `values`, other numbers stay open.

    The number named `scheduled` changes from step to step, as the learning rate does.
    """
    return traced_with(optimizer.id, settings_of(values), scheduled)


@lru_cache(maxsize=256)
def traced_with(optimizer_id: str, settings: Settings, scheduled: str = "") -> PlaneTrace:
    """The same for an optimizer's id and its settings; those not given are the defaults."""
    optimizer = OPTIMIZERS[optimizer_id]
    values = {**optimizer.values({}), **dict(settings)}
    tracer = Tracer(selects=optimizer.surfaces_only)
    numbers, arguments = tracer.numbers(tuple(values), settings_of(values), scheduled)
    shared = (tracer.input("learning_rate", uniform=True), tracer.input("t", uniform=True))
    trace_rule = _coupled if optimizer.surfaces_only else _axis_by_axis
    updates = trace_rule(tracer, optimizer, shared, arguments)
    names = tuple(name for name in optimizer.state_names if any(f"{name}_x" in u.targets for u in updates))
    return PlaneTrace(tuple(tracer.operations), updates, numbers, names, optimizer.needs_hessian)


def _axis_by_axis(
    tracer: Tracer, optimizer: Optimizer, shared: tuple[Symbol, Symbol], arguments: dict[str, Any]
) -> tuple[Update, ...]:
    updates = []
    for axis in "xy":
        first = len(tracer.operations)
        targets = [axis, *(f"{name}_{axis}" for name in optimizer.state_names)]
        x, gradient, *state = (
            tracer.input(name, uniform=False) for name in (axis, f"g_{axis}", *targets[1:])
        )
        new_x, new_state = optimizer.rule(x, gradient, optimizer.state(*state), *shared, **arguments)
        updates.append(_update(tracer, first, targets, [new_x, *new_state]))
    return tuple(updates)


def _coupled(
    tracer: Tracer, optimizer: Optimizer, shared: tuple[Symbol, Symbol], arguments: dict[str, Any]
) -> tuple[Update, ...]:
    def pair(x: str, y: str) -> Pair:
        return Pair(tracer.input(x, uniform=False), tracer.input(y, uniform=False))

    state = optimizer.state(*(pair(f"{name}_x", f"{name}_y") for name in optimizer.state_names))
    given: list[Pair | Hessian] = [pair("x", "y"), pair("g_x", "g_y")]
    if optimizer.needs_hessian:
        given.append(Hessian(*(tracer.input(name, uniform=False) for name in HESSIAN)))
    point, new_state = optimizer.rule(*given, state, *shared, **arguments)
    targets, results = ["x", "y"], [*point]
    for name, before, after in zip(optimizer.state_names, state, new_state, strict=True):
        if after is not before:  # what is only handed on stays 0 and needs no place
            targets += [f"{name}_x", f"{name}_y"]
            results += after
    return (_update(tracer, 0, targets, results),)


def _update(tracer: Tracer, first: int, targets: list[str], results: list[Any]) -> Update:
    own = tuple(op for op in tracer.operations[first:] if not op.result.uniform)
    return Update(own, tuple(targets), tuple(results))
