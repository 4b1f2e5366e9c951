"""A number (or switch, or choice) that a person may set, described once.

Forms, command line, files and tests are all built from these descriptions.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.errors import InputError, quoted, short, unknown_name

Value = float | int | bool | str
Values = Mapping[str, Value]


class Scale(StrEnum):
    """How a slider spaces the values between `low` and `high`."""

    LINEAR = "linear"
    LOG = "log"
    ONE_MINUS_LOG = "one_minus_log"
    """`1 - value` is spaced logarithmically: for averages' factors such as 0.9, 0.99, 0.999."""
    INTEGER = "integer"
    LOG_INTEGER = "log_integer"
    SWITCH = "switch"
    CHOICE = "choice"


def written(number: float) -> str:
    """A number for a sentence: whole ones in full, others short."""
    return f"{int(number):,}" if abs(number) < 1e15 and number == int(number) else f"{number:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hyperparameter:
    """Name, default, bounds and one line of help of a number, a switch or a choice.

    Attributes
    ----------
    name
        The word of code, command line and files ("learning_rate").
    default
        A float, an int (`INTEGER`, `LOG_INTEGER`), a bool (`SWITCH`) or one of `choices` (`CHOICE`).
    low, high
        What a slider spans; a box takes everything from `minimum` to `maximum`.
    minimum, maximum
        The values that make sense at all; `open_minimum` and `open_maximum` leave the bound itself out.
    """

    name: str
    default: Value
    low: float = 0.0
    high: float = 1.0
    scale: Scale = Scale.LINEAR
    help: str = ""
    unit: str = ""
    choices: tuple[str, ...] = ()
    minimum: float = -math.inf
    maximum: float = math.inf
    open_minimum: bool = False
    open_maximum: bool = False
    label: str = ""

    @property
    def title(self) -> str:
        """What a form writes before the control."""
        return self.label or self.name.replace("_", " ")

    @property
    def continuous(self) -> bool:
        """Whether a slider moves through its values, rather than a switch or a choice picking one."""
        return self.scale not in (Scale.SWITCH, Scale.CHOICE)

    def check(self, value: object) -> Value:
        """Return `value` as this hyperparameter's type, or raise `InputError`."""
        if self.scale is Scale.CHOICE:
            return self._choice(value)
        if self.scale is Scale.SWITCH:
            return self._switch(value)
        return self._number(value)

    def _choice(self, value: object) -> str:
        if not isinstance(value, str) or value not in self.choices:
            error = unknown_name(f"{self.title} value", str(value), self.choices)
            raise InputError(str(error), self.name)
        return value

    def _switch(self, value: object) -> bool:
        words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.lower() in words:
            return words[value.lower()]
        raise InputError(f"{self.title} is 'true' or 'false', not {quoted(value)}.", self.name)

    def _number(self, value: object) -> float | int:
        try:
            if isinstance(value, bool):  # Python counts True as 1
                raise TypeError
            number = float(value)  # type: ignore[arg-type]  # the error below is the check
        except (TypeError, ValueError, OverflowError):
            raise InputError(
                f"{self.title} must be a number, {self._range()}; {quoted(value)} is not one.", self.name
            ) from None
        below = number <= self.minimum if self.open_minimum else number < self.minimum
        above = number >= self.maximum if self.open_maximum else number > self.maximum
        if not math.isfinite(number) or below or above:
            raise InputError(f"{self.title} must be a number {self._range()}, not {short(value)}.", self.name)
        if self.scale not in (Scale.INTEGER, Scale.LOG_INTEGER):
            return number
        if number != int(number):
            raise InputError(f"{self.title} must be a whole number, not {short(value)}.", self.name)
        return int(number)

    def _range(self) -> str:
        low = f"{'above' if self.open_minimum else 'from'} {written(self.minimum)}"
        to_below = "below" if self.open_minimum or not math.isfinite(self.minimum) else "to below"
        high = f"{to_below if self.open_maximum else 'up to'} {written(self.maximum)}"
        parts = [low] * math.isfinite(self.minimum) + [high] * math.isfinite(self.maximum)
        return " and ".join(parts) if self.open_minimum else " ".join(parts) or "finite"

    def to_slider(self, value: float) -> float:
        """Map a value between `low` and `high` to 0..1 as `scale` spaces it (clipped)."""
        low, high = self._warp(self.low), self._warp(self.high)
        clipped = min(max(value, min(self.low, self.high)), max(self.low, self.high))
        return (self._warp(clipped) - low) / (high - low)

    def from_slider(self, position: float) -> float:
        """Inverse of `to_slider`, rounded to three significant digits so that boxes read well.

        Whole numbers on a log scale have two; the ends of the span are the ends.
        """
        low, high = self._warp(self.low), self._warp(self.high)
        warped = low + (high - low) * min(max(position, 0.0), 1.0)
        if self.scale is Scale.INTEGER:
            return round(warped)
        if self.scale is Scale.LOG_INTEGER:
            return round(self.high if position >= 1.0 else float(f"{10.0**warped:.2g}"))
        if self.scale is Scale.ONE_MINUS_LOG:
            return 1.0 - float(f"{10.0**-warped:.3g}")
        return float(f"{10.0**warped if self.scale is Scale.LOG else warped:.3g}")

    def _warp(self, value: float) -> float:
        if self.scale in (Scale.LOG, Scale.LOG_INTEGER):
            return math.log10(value)
        if self.scale is Scale.ONE_MINUS_LOG:
            return -math.log10(1.0 - value)
        return value


def average_factor(name: str, default: float, help_text: str, low: float = 0.0) -> Hyperparameter:
    """A factor of an exponential average: 1 - factor is what matters, so the slider spaces that."""
    return Hyperparameter(
        name=name, default=default, low=low, high=0.9999, scale=Scale.ONE_MINUS_LOG,
        minimum=0, maximum=1, open_maximum=True, help=help_text,
    )  # fmt: skip


def complete(hyperparameters: tuple[Hyperparameter, ...], given: Values, owner: str) -> dict[str, Value]:
    """All hyperparameters with the given values checked and the rest at their defaults.

    Raises
    ------
    InputError
        For a name that `owner` does not have, or a value outside its bounds.
    """
    known = {parameter.name: parameter for parameter in hyperparameters}
    for name in given:
        if name not in known:
            if not known:
                raise InputError(f"{owner} takes no hyperparameters.", name)
            raise InputError(str(unknown_name(f"hyperparameter of {owner}", name, known)), name)
    return {name: known[name].check(given.get(name, known[name].default)) for name in known}


def values_of(spec: object, hyperparameters: tuple[Hyperparameter, ...]) -> dict[str, Value]:
    """What the fields of a spec that are hyperparameters hold, by their names."""
    return {each.name: getattr(spec, each.name) for each in hyperparameters}


def checked_fields(spec: object, hyperparameters: tuple[Hyperparameter, ...], owner: str) -> dict[str, Value]:
    """The same, checked.

    Raises
    ------
    InputError
        For a value outside its bounds, naming its field.
    """
    return complete(hyperparameters, values_of(spec, hyperparameters), owner)
