"""A loss surface: a formula, and the loss, gradient and Hessian that derive from it.

The derivatives are SymPy's; they are printed twice, as straight-line code over Python floats
(one path) and over NumPy arrays (pictures, many paths). A surface made of data is the mean of a formula
over samples, the loss of a model with two parameters; beside that it is a surface like any other.
"""

import math
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.errors import InputError, unknown_name
from core.formula_code import Derivatives, Printed, derive, parameter_space, printed_function
from core.formula_text import FormulaError
from core.hyperparameter import Hyperparameter
from core.mean_loss import MeanDerivatives, MeanLoss
from core.regression import OwnData, Regression, regression
from core.resource import resource_path
from core.samples import DataSource, samples

Array = NDArray[np.float64]
Domain = tuple[float, float, float, float]
DEFAULT_DOMAIN = (-5.0, 5.0, -5.0, 5.0)
OWN_NAME = "Own formula"
PARAMETER = Hyperparameter(
    name="parameter", default=1.0, low=-5.0, high=5.0, minimum=-1e12, maximum=1e12,
    help="A free number of the formula.",
)  # fmt: skip


class SurfaceSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which surface: one of the catalogue by id, or a formula or a regression of the person's own.

    Attributes
    ----------
    id
        Id in `resources/surfaces.toml`, or "" for `formula` or `data`.
    formula
        Text in x and y; used when `id` is "".
    domain
        x low, x high, y low, y high of a formula's first view.
    data
        Table of a linear regression of one's own, which is the surface when it is there.
    parameters
        Values of the formula's parameters; 1 where one is left out.
    name
        What a person calls the formula, or "".
    learning_rates
        A rate that suits the formula, for each optimizer's id.
    """

    id: str = ""
    formula: str = ""
    domain: Domain = DEFAULT_DOMAIN
    data: OwnData | None = None
    parameters: dict[str, float] = {}  # msgspec copies it
    name: str = ""
    learning_rates: dict[str, float] = {}

    def __hash__(self) -> int:
        return hash((self.id, self.formula, self.domain, self.data, *sorted(self.parameters.items())))


@dataclass(frozen=True, kw_only=True)
class SurfaceEntry:
    """A surface as the catalogue describes it.

    Attributes
    ----------
    id, name, summary
        As in every catalogue; `summary` is the line of what it teaches.
    formula
        Text in x and y; of a surface made of data the loss of one sample, in x, y and the columns' names.
    domain
        x low, x high, y low, y high of the view.
    starts, minima
        Points worth starting from (the first is the default), and the known minima in the domain.
    learning_rates
        A rate that suits the surface, for each optimizer's id.
    steps
        How many steps show what there is to see.
    source
        Where formula and minima are published.
    data
        The samples that the surface is the mean over, or None.
    parameters
        Values of the formula's parameters, all of them.
    """

    id: str
    name: str
    summary: str
    formula: str
    domain: tuple[float, float, float, float]
    starts: tuple[tuple[float, float], ...]
    minima: tuple[tuple[float, float], ...]
    learning_rates: dict[str, float]
    steps: int = 300
    source: str = ""
    data: DataSource | None = None
    parameters: dict[str, float] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """What it is called; a formula of one's own without a name is its own name."""
        return self.name if self.id or self.data or self.name != OWN_NAME else self.equation

    @property
    def equation(self) -> str:
        """What the surface is a picture of: `f(x, y) = a*x**2 + y**2, a = 2`."""
        if self.data is None:
            values = [f"{name} = {value:g}" for name, value in self.parameters.items()]
            return ", ".join([f"f(x, y) = {self.formula}", *values])
        return f"mean of {self.formula} over {samples(self.data).count:,} samples"


class Surface:
    """Loss, gradient and Hessian over the plane. Make it with `surface(spec)`.

    Attributes
    ----------
    entry
        Name, formula, domain and the rest.
    mean
        What a surface made of data is the mean of, with its mini-batches; None for a plain formula.
    derivatives
        Its code.
    constants
        What the code calls the formula's parameters -> their values.
    """

    def __init__(self, entry: SurfaceEntry) -> None:
        self.entry = entry
        self.mean = None if entry.data is None else MeanLoss(entry.formula, samples(entry.data))
        self.derivatives: Derivatives | MeanDerivatives = (
            derive(entry.formula) if self.mean is None else self.mean.derivatives
        )
        self.constants = parameter_space(entry.parameters)
        self._check_real()

    @property
    def terms(self) -> int:
        """How many times the formula is computed for one point: 1, or for every sample."""
        return self.derivatives.samples.count if isinstance(self.derivatives, MeanDerivatives) else 1

    def loss(self, x: ArrayLike, y: ArrayLike) -> Array:
        """Loss at points; NaN or infinite where the formula has no finite value. Shapes broadcast."""
        return self._evaluate(self._array_loss, x, y)[0]

    def gradient(self, x: ArrayLike, y: ArrayLike) -> tuple[Array, Array]:
        """Both components of the gradient at points."""
        return self.loss_and_gradient(x, y)[1:]

    def loss_and_gradient(self, x: ArrayLike, y: ArrayLike) -> tuple[Array, Array, Array]:
        """Loss and both components of the gradient at points, bit by bit as one path sees them."""
        loss, gradient_x, gradient_y = self._evaluate(self._array_gradient, x, y)
        return loss, gradient_x, gradient_y

    def hessian(self, x: ArrayLike, y: ArrayLike) -> tuple[Array, Array, Array]:
        """Second derivatives xx, xy and yy at points."""
        xx, xy, yy = self._evaluate(self._array_hessian, x, y)
        return xx, xy, yy

    def at(self, x: float, y: float) -> tuple[float, float, float]:
        """Loss and both components of the gradient at one point, as IEEE arithmetic has them."""
        loss, gradient_x, gradient_y = self.loss_and_gradient(x, y)
        return float(loss), float(gradient_x), float(gradient_y)

    def hessian_at(self, x: float, y: float) -> tuple[float, float, float]:
        """Second derivatives xx, xy and yy at one point, as IEEE arithmetic has them."""
        xx, xy, yy = self.hessian(x, y)
        return float(xx), float(xy), float(yy)

    @property
    def has_hessian(self) -> bool:
        """Whether the second derivatives are known already; deriving them can take a second.

        Those of one sample are: they tell whether a mean is a quadratic.
        """
        return "hessian_lines" in vars(self.derivatives) or self.mean is not None

    @property
    def hessian_lines(self) -> Printed:
        """Code of the second derivatives, see `Derivatives`; derived when it is first asked for."""
        return self.derivatives.hessian_lines

    def keep_hessian(self, lines: Printed) -> None:
        """Take the code that another process derived, so that this one need not.

        It belongs to the formula: the same with other values of its parameters has it too.
        """
        vars(self.derivatives).setdefault("hessian_lines", lines)  # where the cached property keeps it

    def grid(
        self, domain: tuple[float, float, float, float], columns: int, rows: int
    ) -> tuple[Array, Array, Array]:
        """Loss on a grid: x of the columns, y of the rows, loss (rows, columns)."""
        x = np.linspace(domain[0], domain[1], columns)
        y = np.linspace(domain[2], domain[3], rows)
        return x, y, self.loss(x[None, :], y[:, None])

    def check_start(self, x: float, y: float) -> None:
        """Raise `InputError` unless a run can start here: inside the domain, with a finite loss."""
        low_x, high_x, low_y, high_y = self.entry.domain
        for name, value, low, high in (("x", x, low_x, high_x), ("y", y, low_y, high_y)):
            if not low <= value <= high:
                raise InputError(
                    f"The start's {name} = {value:g} is outside the surface's domain;"
                    f" choose it from {low:g} to {high:g}.", "start",
                )  # fmt: skip
        loss, *gradient = self.at(x, y)
        if not (math.isfinite(loss) and math.isfinite(math.hypot(*gradient))):
            raise InputError(
                f"At the start ({x:g}, {y:g}) the formula has no finite value or gradient;"
                " choose another point.",
                "start",
            )

    @cached_property
    def _array_loss(self) -> Callable[..., Any]:
        code = self.derivatives
        return code.array_loss if isinstance(code, MeanDerivatives) else self._bound(code.loss_lines)

    @cached_property
    def _array_gradient(self) -> Callable[..., Any]:
        code = self.derivatives
        return code.array_gradient if isinstance(code, MeanDerivatives) else self._bound(code.float_lines)

    @cached_property
    def _array_hessian(self) -> Callable[..., Any]:
        code = self.derivatives
        return code.array_hessian if isinstance(code, MeanDerivatives) else self._bound(code.hessian_lines)

    def _bound(self, printed: Printed) -> Callable[..., Any]:
        """Printed code with the parameters' values."""
        return printed_function(printed, constants=self.constants)

    def _evaluate(self, function: Callable[..., Any], x: ArrayLike, y: ArrayLike) -> list[Array]:
        x, y = np.asarray(x, float), np.asarray(y, float)
        shape = np.broadcast_shapes(x.shape, y.shape)
        with np.errstate(all="ignore"):  # NaN and infinity are answers here
            return [np.broadcast_to(np.asarray(v, float), shape) for v in function(x, y)]

    def _check_real(self) -> None:
        if not np.isfinite(self.grid(self.entry.domain, 33, 33)[2]).any():
            values = ", ".join(f"{name} = {value:g}" for name, value in self.entry.parameters.items())
            with_these = f" with {values}" if values else ""
            raise FormulaError(
                f"The formula has no finite real value anywhere in the domain{with_these}.", position=-1
            )


@lru_cache(maxsize=1)
def surfaces() -> dict[str, SurfaceEntry]:
    """The catalogue of surfaces by id, from `resources/surfaces.toml`, in the file's order."""
    path = resource_path("surfaces.toml")
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        return {key: msgspec.convert({"id": key, **table}, SurfaceEntry) for key, table in tables.items()}
    except (OSError, ValueError, TypeError) as error:
        raise InputError(f"The file {path.name} is missing or damaged ({error}); install again.") from None


def surface(spec: SurfaceSpec) -> Surface:
    """The surface of a spec, derived once and kept.

    Raises
    ------
    InputError
        For an unknown id, a formula that cannot be read, parameters that it does not have, or a
        formula without any finite real value.
    """
    if spec.data is not None:
        return _own_data(spec.data)
    if spec.id:
        return _catalogued(spec.id)
    parameters = _complete(spec.formula, spec.parameters)
    rates = tuple(spec.learning_rates.items())
    return _own(spec.formula, spec.domain, tuple(parameters.items()), spec.name, rates)


@lru_cache(maxsize=16)
def _own_data(data: OwnData) -> Surface:
    found: Regression = regression(data)
    return Surface(SurfaceEntry(id="", **vars(found)))


@lru_cache(maxsize=64)
def _catalogued(key: str) -> Surface:
    if key not in surfaces():
        raise unknown_name("surface", key, surfaces())
    return Surface(surfaces()[key])


def _complete(formula: str, given: Mapping[str, float]) -> dict[str, float]:
    """A value for each parameter of a formula, checked."""
    names = derive(formula).parameters
    for name in given:
        if name not in names:
            raise InputError(f"The formula has no parameter '{name}'; {_listed(names)}.", "parameter")
    return {name: check_parameter(name, given.get(name, PARAMETER.default)) for name in names}


def check_parameter(name: str, value: object) -> float:
    """The value of a formula's parameter as a float; raises `InputError`."""
    return float(replace(PARAMETER, name="parameter", label=f"The parameter {name}").check(value))


def _listed(names: tuple[str, ...]) -> str:
    return f"it has {' and '.join(names)}" if names else "it has none"


@lru_cache(maxsize=64)
def _own(
    formula: str,
    domain: Domain,
    parameters: tuple[tuple[str, float], ...],
    name: str,
    learning_rates: tuple[tuple[str, float], ...],
) -> Surface:
    check_domain(domain)
    centre = ((domain[0] + domain[1]) / 2, (domain[2] + domain[3]) / 2)
    start = (0.6 * domain[0] + 0.4 * centre[0], 0.7 * domain[3] + 0.3 * centre[1])
    entry = SurfaceEntry(
        id="", name=name or OWN_NAME, summary="A formula of your own.", formula=formula, domain=domain,
        starts=(start,), minima=(), learning_rates=dict(learning_rates), parameters=dict(parameters),
    )  # fmt: skip
    own = Surface(entry)
    own.entry = replace(entry, starts=(_finite_point(own, start),))
    return own


def _finite_point(place: Surface, wished: tuple[float, float]) -> tuple[float, float]:
    """The point nearest to the wished one at which a run can start."""
    x_low, x_high, y_low, y_high = place.entry.domain
    x = np.append(wished[0], np.linspace(x_low, x_high, 33))[None, :]
    y = np.append(wished[1], np.linspace(y_low, y_high, 33))[:, None]
    finite = np.isfinite(place.loss(x, y))
    for slope in place.gradient(x, y):
        finite &= np.isfinite(slope)
    distances = np.where(finite, np.hypot(x - wished[0], y - wished[1]), np.inf)
    row, column = np.unravel_index(np.argmin(distances), distances.shape)
    return (float(x[0, column]), float(y[row, 0])) if finite[row, column] else wished


def check_domain(domain: tuple[float, float, float, float]) -> None:
    """Raise `InputError` unless each low is below its high, and all are finite."""
    finite = bool(np.isfinite(domain).all())
    if not (finite and domain[0] < domain[1] and domain[2] < domain[3]):
        raise InputError("A domain is x low, x high, y low, y high, with each low below its high.", "domain")
