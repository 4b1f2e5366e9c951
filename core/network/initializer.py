"""What an initializer is: one scheme, of which the famous names are one-line specializations.

Weights of a dense layer are drawn about 0, independently, with a variance that depends on the
layer's fan-in and fan-out. Biases always start at 0.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.catalogue import Catalogue, Entry
from core.hyperparameter import Hyperparameter, Scale, Value, Values
from core.network.arrays import Array

Variance = Callable[[int, int, Values], float]
Draw = Callable[[np.random.Generator, tuple[int, int], float], Array]
Label = Callable[[Values], str]


def normal(rng: np.random.Generator, shape: tuple[int, int], std: float) -> Array:
    """Gaussian weights with standard deviation `std`."""
    return rng.standard_normal(shape) * std


def uniform(rng: np.random.Generator, shape: tuple[int, int], std: float) -> Array:
    """Uniform weights in `[-sqrt(3) std, sqrt(3) std]`, whose standard deviation is `std`."""
    weights: Array = rng.uniform(-1.0, 1.0, shape) * (3.0**0.5 * std)
    return weights


@dataclass(frozen=True, kw_only=True)
class Initializer(Entry):
    """An initializer of the catalogue.

    Attributes
    ----------
    variance
        `variance(fan_in, fan_out, values)`: mean square of the weights.
    draw
        `draw(rng, (fan_in, fan_out), std)`: float64 weights whose root mean square is `std`.
    label
        Name for narrow rows, "He" or "Normal 0.01", from the hyperparameters' values.
    source
        Paper and year, or "".
    """

    variance: Variance
    draw: Draw = normal
    label: Label
    source: str = ""

    def weights(self, rng: np.random.Generator, fan_in: int, fan_out: int, given: Values) -> Array:
        """Draw a (fan_in, fan_out) float64 matrix of weights.

        Raises
        ------
        InputError
            For hyperparameters that are unknown or out of bounds.
        """
        values = self.values(given)
        with np.errstate(over="ignore"):  # a huge standard deviation is the person's experiment
            return self.draw(rng, (fan_in, fan_out), self.variance(fan_in, fan_out, values) ** 0.5)

    def short_label(self, given: Values) -> str:
        """Name for narrow rows."""
        return self.label(self.values(given))


def standard_deviation(default: float) -> Hyperparameter:
    """The standard deviation of weights that does not depend on the layer's size."""
    return Hyperparameter(
        name="std", default=default, low=1e-3, high=10.0, scale=Scale.LOG, minimum=0, maximum=1e30,
        label="standard deviation", help="Spread of the weights, the same in every layer whatever its size.",
    )  # fmt: skip


def gain(help_text: str, default: float = 1.0) -> Hyperparameter:
    """A factor of all weights."""
    return Hyperparameter(
        name="gain", default=default, low=0.5, high=2.0, minimum=0, maximum=1e15, help=help_text
    )


GAIN = gain("Multiplies all weights: 1 is the scheme as published.")


def with_gain(name: str) -> Label:
    """The name for narrow rows, with the gain where that is not 1: "He", "He ×1.5"."""

    def label(values: Values) -> str:
        factor = number(values["gain"])
        return name if factor == 1.0 else f"{name} ×{factor:g}"

    return label


def number(value: Value) -> float:
    """A checked numeric hyperparameter as a float."""
    return float(value)


INITIALIZERS: Catalogue[Initializer] = Catalogue("core.network.initializers", Initializer, "initializer")
