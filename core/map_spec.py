"""What a map is asked for: a surface, an optimizer, and what varies along its two sides."""

import math
from typing import Any

import msgspec
import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from core.choice import Choice
from core.descent import STEPS, TOLERANCE, Point
from core.errors import InputError, unknown_name
from core.hyperparameter import Hyperparameter, Scale, Value
from core.optimizer import OPTIMIZERS, MethodSpec
from core.surface import Surface, SurfaceSpec, surface

Array = NDArray[np.float64]
Domain = tuple[float, float, float, float]

MAX_PIXELS = 4_000_000
KINDS = ("starts", "hyperparameters")
SHOWN = {"minimum": "minimum reached", "steps": "steps until converged", "loss": "final loss"}
"""What a map can be coloured by, and its words."""
QUANTITIES = tuple(SHOWN)
COLUMNS = Hyperparameter(
    name="columns", default=256, low=16, high=1024, minimum=1, maximum=MAX_PIXELS, scale=Scale.LOG_INTEGER,
    unit="pixels", help="Pixels of a map from left to right.",
)  # fmt: skip
ROWS = Hyperparameter(
    name="rows", default=256, low=16, high=1024, minimum=1, maximum=MAX_PIXELS, scale=Scale.LOG_INTEGER,
    unit="pixels", help="Pixels of a map from bottom to top.",
)  # fmt: skip
KIND = Hyperparameter(
    name="kind", default="starts", scale=Scale.CHOICE, choices=KINDS,
    help="A pixel for every start point, or for every pair of two hyperparameters.",
)  # fmt: skip
QUANTITY = Hyperparameter(
    name="quantity", default="minimum", scale=Scale.CHOICE, choices=QUANTITIES,
    help="Colour by the minimum that is reached, the steps until converged, or the final loss.",
)  # fmt: skip


_AXIS_SCALES = (Scale.LINEAR, Scale.LOG, Scale.ONE_MINUS_LOG)


class MapAxis(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What varies along one side of a map, from the lower edge of the first pixel to the last's upper.

    Attributes
    ----------
    name
        "x" or "y" of the start, or a hyperparameter's name.
    low, high
        The edges.
    scale
        "linear", "log" or "one_minus_log"; "" is what suits the hyperparameter.
    """

    name: str
    low: float
    high: float
    scale: str = ""

    def values(self, count: int) -> Array:
        """The centres of `count` pixels."""
        low, high = self.to_scale(self.low), self.to_scale(self.high)
        centres: Array = self.from_scale(low + (high - low) * (np.arange(count) + 0.5) / count)
        return centres

    def to_scale(self, value: Any) -> Any:
        """Value(s) to where they stand on an even scale."""
        if self.scale == Scale.LOG:
            return np.log10(value)
        return -np.log10(1.0 - value) if self.scale == Scale.ONE_MINUS_LOG else value

    def from_scale(self, place: Any) -> Any:
        """Inverse of `to_scale`."""
        if self.scale == Scale.LOG:
            return 10.0**place
        return 1.0 - 10.0 ** (-place) if self.scale == Scale.ONE_MINUS_LOG else place

    def checked(self, parameter: Hyperparameter) -> "MapAxis":
        """Return the axis with its scale, for the hyperparameter of its name.

        Raises
        ------
        InputError
            For edges out of order or out of bounds, and a scale that cannot hold them.
        """
        if parameter.scale not in _AXIS_SCALES:
            raise InputError(f"{parameter.title} cannot be an axis of a map: an axis needs a number"
                             " that may take any value between two.", "axis")  # fmt: skip
        low, high = float(parameter.check(self.low)), float(parameter.check(self.high))
        scale = self.scale or str(parameter.scale)
        _check_axis(parameter.title, low, high, scale)
        return MapAxis(self.name, low, high, scale)


def axis_numbers(method: MethodSpec) -> tuple[Hyperparameter, ...]:
    """The hyperparameters of a method that can be an axis: those that no schedule sets."""
    return tuple(
        each
        for each in OPTIMIZERS[method.optimizer.id].hyperparameters
        if each.scale in _AXIS_SCALES and each.name != method.scheduled_momentum
    )


def two_axes(
    method: MethodSpec, x: MapAxis | None = None, y: MapAxis | None = None
) -> tuple[MapAxis, MapAxis]:
    """The axes; those that are not given are the optimizer's first numbers, as far as sliders go.

    Raises
    ------
    InputError
        For an optimizer that has only one number.
    """
    given = [axis.name for axis in (x, y) if axis is not None]
    free = [each for each in axis_numbers(method) if each.name not in given]
    if len(given) + len(free) < 2:
        name = OPTIMIZERS[method.optimizer.id].name
        raise InputError(f"{name} has one number only; a map of hyperparameters needs two.", "optimizer")
    axes = [MapAxis(each.name, each.low, each.high) for each in free]
    first = x or axes.pop(0)
    return first, y or axes.pop(0)


class MapSpec(msgspec.Struct, frozen=True):
    """What to map.

    Attributes
    ----------
    surface, method
        Where, and with which optimizer.
    kind
        "starts": a pixel for each start; "hyperparameters": one for each pair of two numbers.
    domain
        Of the starts: x low, x high, y low, y high. None is the surface's own.
    x, y
        The hyperparameters from left to right and from bottom to top.
    start
        Where the runs of a map of hyperparameters begin. None is the surface's first.
    columns, rows
        Pixels. Each is computed at its centre.
    steps, tolerance
        As in `DescentSpec`; there is no noise, and over data every step takes all samples.
    quantity
        What is shown: "minimum", "steps" or "loss". All three are always computed.
    minima
        The minima that are known. None is those of the catalogue.
    """

    surface: SurfaceSpec
    method: MethodSpec
    kind: str = "starts"
    domain: Domain | None = None
    x: MapAxis | None = None
    y: MapAxis | None = None
    start: Point | None = None
    columns: int = 256
    rows: int = 256
    steps: int = 300
    tolerance: float = 1e-6
    quantity: str = "minimum"
    minima: tuple[Point, ...] | None = None

    def checked(self) -> "MapSpec":
        """Return the spec with everything checked and nothing left open.

        Raises
        ------
        InputError
            For anything in it that is wrong, and for more pixels than a map can have.
        """
        place = surface(self.surface)
        numbers: dict[str, Any] = {
            each.name: each.check(getattr(self, each.name))
            for each in (KIND, COLUMNS, ROWS, STEPS, TOLERANCE, QUANTITY)
        }
        check_size(numbers["columns"], numbers["rows"])
        self.method.values()
        minima = place.entry.minima if self.minima is None else self.minima
        spec = replace(self, **numbers, minima=tuple(minima))
        return _checked_starts(spec, place) if spec.kind == "starts" else _checked_numbers(spec, place)

    @property
    def axes(self) -> tuple[MapAxis, MapAxis]:
        """What varies from left to right and from bottom to top, for a checked spec."""
        if self.kind == "starts":
            assert self.domain is not None
            x_low, x_high, y_low, y_high = self.domain
            return MapAxis("x", x_low, x_high, "linear"), MapAxis("y", y_low, y_high, "linear")
        assert self.x is not None
        assert self.y is not None
        return self.x, self.y

    def at_pixel(self, row: int, column: int) -> tuple[MethodSpec, Point]:
        """The method and the start of one pixel of a checked spec: what `DescentSpec` takes."""
        x, y = self.axes
        values = (float(x.values(self.columns)[column]), float(y.values(self.rows)[row]))
        if self.kind == "starts":
            return self.method, values
        assert self.start is not None
        set_values: dict[str, Value] = {**self.method.optimizer.values, x.name: values[0], y.name: values[1]}
        return replace(self.method, optimizer=Choice(self.method.optimizer.id, set_values)), self.start


# ---------------------------------------------------------------- what is wrong with a spec


def check_size(columns: int, rows: int) -> None:
    """Raise `InputError` for more pixels than a map can have."""
    if columns * rows > MAX_PIXELS:
        raise InputError(
            f"A map has at most {MAX_PIXELS:,} pixels; {columns:,} x {rows:,} are {columns * rows:,}.", "size"
        )


def _checked_starts(spec: MapSpec, place: Surface) -> MapSpec:
    domain = spec.domain or place.entry.domain
    for name, low, high in (("x", *domain[:2]), ("y", *domain[2:])):
        _check_axis(name, low, high, "linear")
    return replace(spec, domain=domain, x=None, y=None, start=None)


def _checked_numbers(spec: MapSpec, place: Surface) -> MapSpec:
    optimizer = OPTIMIZERS[spec.method.optimizer.id]
    known = {each.name: each for each in optimizer.hyperparameters}
    if spec.x is None or spec.y is None:
        raise InputError("A map of hyperparameters needs two of them, one for each axis.", "axis")
    if spec.x.name == spec.y.name:
        raise InputError(f"Both axes are {spec.x.name}; choose another number for one of them.", "axis")
    for axis in (spec.x, spec.y):
        if axis.name not in known:
            error = unknown_name(f"hyperparameter of {optimizer.name}", axis.name, known)
            raise InputError(str(error), "axis")
        if axis.name == spec.method.scheduled_momentum:
            raise InputError(f"{axis.name} follows its schedule; choose another number for the axis.", "axis")
    start = spec.start or place.entry.starts[0]
    place.check_start(*start)
    x, y = (axis.checked(known[axis.name]) for axis in (spec.x, spec.y))
    return replace(spec, x=x, y=y, start=start, domain=None)


def _check_axis(title: str, low: float, high: float, scale: str) -> None:
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise InputError(
            f"An axis goes from a low to a higher number; {title} goes from {low:g} to {high:g}.", "axis"
        )
    if not math.isfinite(high - low):
        raise InputError(f"The axis {title} is longer than floats hold.", "axis")
    if scale not in _AXIS_SCALES:
        raise InputError(str(unknown_name("scale", scale, ("linear", "log", "one_minus_log"))), "axis")
    if scale == Scale.LOG and low <= 0:
        raise InputError(f"A logarithmic axis begins above 0; {title} begins at {low:g}.", "axis")
    if scale == Scale.ONE_MINUS_LOG and high >= 1:
        raise InputError(f"An axis that spaces 1 - {title} ends below 1; this one ends at {high:g}.", "axis")
