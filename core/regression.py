"""Linear regression on a table of one's own: a surface in two parameters, with a view that shows its valley.

With one feature u the model is `x u + y`, slope and intercept. With two features u and v it is `x u + y v`,
and everything is measured from its mean, so that the intercept drops out.
"""

from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from core.data.table import read_table, write_table
from core.errors import InputError
from core.samples import DataSource, Scaling, samples

Array = NDArray[np.float64]
_MARGIN = 1.25
"""How far the view reaches beyond the ellipse of the loss at the origin."""
_PARALLEL = 1e-10
"""Share that two features must differ by: else no pair of numbers is the best."""
_SMALLEST = 1e-12
"""Some number of a column must be larger, so that floats hold the squares."""

_RATES = {"sgd": 1.0, "momentum": 0.2, "nesterov": 0.2, "qhm": 1.0, "radam": 0.5}
"""Rates of methods that are linear in the gradient, as RAdam is at first, times the largest eigenvalue."""
_STEPS = {"adagrad": 0.1, "rmsprop": 0.005, "adam": 0.02, "adamw": 0.02, "nadam": 0.02,
          "amsgrad": 0.03, "adadelta": 0.1, "lion": 0.005, "qhadam": 0.03}  # fmt: skip
"""Rates of methods that scale the gradient, in units of the view's size."""
_WHOLE = {"newton": 1.0, "lbfgs": 1.0}
"""Rates of methods that know the curvature: on a quadratic their whole step is the way to its minimum."""
_UNEVEN = 3.0
"""How many times the shorter side of an uneven view its size is at most: on both axes a step is as long."""


class OwnData(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The samples themselves, so that a saved experiment or another process needs no file.

    Attributes
    ----------
    name
        What it is called: the file's name.
    text
        CSV text with a header: one or two features, then the target.
    standardized
        Whether features are shifted and stretched to mean 0 and standard deviation 1.
    """

    name: str
    text: str
    standardized: bool = False


@dataclass(frozen=True)
class Regression:
    """What `core.surface.SurfaceEntry` has beside an id; see there."""

    name: str
    summary: str
    formula: str
    domain: tuple[float, float, float, float]
    starts: tuple[tuple[float, float], ...]
    minima: tuple[tuple[float, float], ...]
    learning_rates: dict[str, float]
    steps: int
    source: str
    data: DataSource


def own_data(
    name: str, text: str, features: tuple[str, ...] = (), target: str = "", standardized: bool = False
) -> OwnData:
    """Take the columns of a regression out of CSV text.

    Parameters
    ----------
    features, target
        Names of columns, or their numbers from 1. Left out, the target is the last column of
        numbers and the feature the first other one.

    Raises
    ------
    InputError
        For a table that cannot be read or fitted, in a sentence with line and column.
    """
    table = read_table(text)
    numeric = table.numeric()
    if len(table.names) < 2:
        raise InputError(
            "A regression needs two columns, a feature and a target; the table has one. Columns are told"
            " apart by commas, semicolons or tabs.", "csv",
        )  # fmt: skip
    if not numeric:
        raise InputError(f"No column begins with a number on line {table.lines[0]:,}.", "csv")
    chosen = [table.index(each) for each in features]
    free = [index for index in numeric if index not in chosen] or list(numeric)
    goal = table.index(target) if target else free[-1]
    chosen = chosen or [index for index in (*numeric, 0, 1) if index != goal][:1]
    _check_choice(table.names, chosen, goal)
    columns = tuple(table.numbers(index) for index in (*chosen, goal))
    names = tuple(table.names[index] for index in (*chosen, goal))
    _check_columns(names, columns)
    return OwnData(name, write_table(names, columns), standardized)


def regression(data: OwnData) -> Regression:
    """The surface of a table: its formula, a view with its minimum and valley, and rates that hold.

    Raises
    ------
    InputError
        For a table that cannot be read or fitted.
    """
    table = read_table(data.text)
    _check_choice(table.names, list(range(len(table.names) - 1)), len(table.names) - 1)
    columns = tuple(table.numbers(index) for index in range(len(table.names)))
    _check_columns(table.names, columns)
    plane = len(columns) == 3
    if plane:
        centre = float(np.mean(columns[-1]))
        columns = (*columns[:-1], tuple(value - centre for value in columns[-1]))
    letters = ("u", "v", "t") if plane else ("u", "t")
    scaling: Scaling = "standardized" if data.standardized else "centred" if plane else "raw"
    source = DataSource(text=write_table(letters, columns), scaling=scaling, scaled=letters[:-1])
    values = samples(source).values
    inputs = np.stack([values[0], values[1] if plane else np.ones_like(values[0])])
    bends, minimum, height = _bowl(inputs, values[-1])
    reach = _MARGIN * np.sqrt(2.0 * height * np.diag(np.linalg.inv(bends)))
    low, high = (minimum - reach).tolist(), (minimum + reach).tolist()
    domain = (_rounded(low[0]), _rounded(high[0]), _rounded(low[1]), _rounded(high[1]))
    return Regression(
        name=f"{data.name}, {scaling}",
        summary=_summary(table.names, len(columns[0]), scaling),
        formula="(x*u + y*v - t)**2/2" if plane else "(x*u + y - t)**2/2",
        domain=domain,
        starts=((0.0, 0.0),),
        minima=((float(minimum[0]), float(minimum[1])),),
        learning_rates=_rates(bends, reach),
        steps=300,
        source=data.name,
        data=source,
    )


def _bowl(inputs: Array, target: Array) -> tuple[Array, Array, float]:
    """Second derivatives, the least-squares solution, and how high above it the origin is."""
    count = len(target)
    bends = inputs @ inputs.T / count
    minimum = np.linalg.lstsq(inputs.T, target, rcond=None)[0].astype(np.float64)
    height = 0.5 * float(minimum @ bends @ minimum)
    return bends, minimum, max(height, 0.02 * float(target @ target) / count)


def _rates(bends: Array, reach: Array) -> dict[str, float]:
    steepest = float(np.linalg.eigvalsh(bends)[1])
    size = min(float(np.sqrt(reach[0] * reach[1])), _UNEVEN * float(reach.min()))
    rates = {key: factor / steepest for key, factor in _RATES.items()}
    rates |= {key: factor * size for key, factor in _STEPS.items()}
    return {key: float(f"{rate:.1g}") for key, rate in rates.items()} | _WHOLE


def _rounded(value: float) -> float:
    return float(f"{value:.3g}")


def _summary(names: tuple[str, ...], count: int, scaling: str) -> str:
    *features, target = names
    model = f"x·{features[0]} + y" + (f"·{features[1]}" if len(features) == 2 else "")
    scaled = {
        "raw": "on the numbers as they are",
        "centred": "with every column measured from its mean",
        "standardized": "on features shifted and stretched to mean 0 and standard deviation 1",
    }[scaling]
    return f"Fits {target} by {model} to {count:,} samples of your own, {scaled}."


def _check_choice(names: tuple[str, ...], features: list[int], target: int) -> None:
    if not 1 <= len(features) <= 2:
        raise InputError(
            f"A surface has two parameters: take one or two features, not {len(features)}.", "csv"
        )
    if target in features:
        raise InputError(f"Column '{names[target]}' cannot be both feature and target.", "csv")
    if len(set(features)) < len(features):
        raise InputError(f"Column '{names[features[0]]}' is there twice as a feature; once is enough.", "csv")


def _check_columns(names: tuple[str, ...], columns: tuple[tuple[float, ...], ...]) -> None:
    count = len(columns[0])
    if count < 2:
        raise InputError("The table has one row; a line needs at least two.", "csv")
    for name, column in zip(names, columns, strict=True):
        if max(map(abs, column)) < _SMALLEST:
            raise InputError(
                f"Column '{name}' has no number larger than {_SMALLEST:g}; take larger units.", "csv"
            )
        spread = max(column) - min(column)
        if not spread > 1e-9 * max(map(abs, column)):
            raise InputError(
                f"Column '{name}' is {column[0]:g} in every row; there is nothing to fit in it.", "csv"
            )
    if len(columns) == 3:
        u, v = (np.array(column) - np.mean(column) for column in columns[:2])
        if abs(u @ v) >= (1.0 - _PARALLEL) * np.sqrt((u @ u) * (v @ v)):
            raise InputError(
                f"Columns '{names[0]}' and '{names[1]}' rise and fall as one, so that no pair of numbers is"
                " the best; take another feature.", "csv",
            )  # fmt: skip
