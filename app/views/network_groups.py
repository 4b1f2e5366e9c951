"""In which groups the numbers of a network stand, so that each is found at a glance."""

from core.data.augmentation import AUGMENTATION_HYPERPARAMETERS
from core.hyperparameter import Hyperparameter
from core.training import NETWORK_HYPERPARAMETERS, TRAINING_HYPERPARAMETERS, VARIANT_HYPERPARAMETERS

_SHOWN_ABOVE = ("layers", "units", "batch_norm")
_RUN, _DATA, _ARCHITECTURE, _REGULARIZATION, _OPTIMIZER = (
    "Run", "Data", "Architecture", "Regularization", "Optimizer"
)  # fmt: skip
_ELSEWHERE = {
    "dropout": _REGULARIZATION, "drop_connect": _REGULARIZATION, "preprocessing": _DATA,
    "clip": _OPTIMIZER,
}  # fmt: skip
"""Groups of numbers that are not in the group of their table."""


def _tables() -> list[tuple[str, tuple[Hyperparameter, ...]]]:
    data = {each.name for each in AUGMENTATION_HYPERPARAMETERS}
    variant = [each for each in VARIANT_HYPERPARAMETERS if each.name not in data]
    return [
        (_RUN, TRAINING_HYPERPARAMETERS), (_ARCHITECTURE, NETWORK_HYPERPARAMETERS),
        (_REGULARIZATION, tuple(variant)), (_DATA, AUGMENTATION_HYPERPARAMETERS),
    ]  # fmt: skip


def network_groups() -> dict[str, list[Hyperparameter]]:
    """The groups in the order in which they are shown, most used first."""
    groups: dict[str, list[Hyperparameter]] = {
        name: [] for name in (_RUN, _REGULARIZATION, _ARCHITECTURE, _OPTIMIZER, _DATA)
    }
    for name, table in _tables():
        for each in table:
            if each.name not in _SHOWN_ABOVE:
                groups[_ELSEWHERE.get(each.name, name)].append(each)
    return groups
