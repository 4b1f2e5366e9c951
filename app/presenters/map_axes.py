"""The numbers of an optimizer that the axes of a map can be, and the values that are picked from one."""

from core.errors import InputError
from core.experiment import Experiment
from core.hyperparameter import Hyperparameter, Scale
from core.map_spec import MapAxis, axis_numbers, two_axes
from core.optimizer import OPTIMIZERS


def map_axes(experiment: Experiment) -> tuple[MapAxis, MapAxis] | None:
    """The axes of the map of numbers; None where the optimizer has but one number."""
    try:
        return two_axes(experiment.method(experiment.maps.optimizer), experiment.maps.x, experiment.maps.y)
    except InputError:
        return None


def map_numbers(experiment: Experiment) -> tuple[Hyperparameter, ...]:
    """What the axes of the map of numbers can be."""
    return axis_numbers(experiment.method(experiment.maps.optimizer))


def map_parameter(experiment: Experiment, name: str) -> Hyperparameter:
    """A number of the optimizer of the map, by its name."""
    entry = OPTIMIZERS[experiment.maps.optimizer]
    return next(each for each in entry.hyperparameters if each.name == name)


def rounded(parameter: Hyperparameter, value: float) -> float:
    """A value as a box writes it, within what makes sense."""
    if parameter.scale is Scale.ONE_MINUS_LOG:
        value = 1.0 - float(f"{1.0 - value:.3g}")
    short = float(f"{value:.6g}" if parameter.scale is Scale.ONE_MINUS_LOG else f"{value:.3g}")
    try:
        return float(parameter.check(short))
    except InputError:
        return float(parameter.check(min(max(short, parameter.low), parameter.high)))
