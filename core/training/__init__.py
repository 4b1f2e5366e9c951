"""Networks that differ in what was chosen about them, trained side by side: spec in, frames out."""

import importlib
from typing import TYPE_CHECKING, Any

from core.network.spec import NETWORK_HYPERPARAMETERS, NetworkSpec
from core.training.frame import EpochRecord, NetworkFrame, TrainingFrame
from core.training.spec import TRAINING_HYPERPARAMETERS, TrainingSpec
from core.training.variant import MOST_VARIANTS, VARIANT_HYPERPARAMETERS, Variant, alike

if TYPE_CHECKING:
    from core.training.learned import Learned
    from core.training.looks import PROBE_SAMPLES
    from core.training.norms import NormMoment, Norms
    from core.training.recorder import Recorder
    from core.training.run import TrainingRun, train

__all__ = [
    "MOST_VARIANTS",
    "NETWORK_HYPERPARAMETERS",
    "PROBE_SAMPLES",
    "TRAINING_HYPERPARAMETERS",
    "VARIANT_HYPERPARAMETERS",
    "EpochRecord",
    "Learned",
    "NetworkFrame",
    "NetworkSpec",
    "NormMoment",
    "Norms",
    "Recorder",
    "TrainingFrame",
    "TrainingRun",
    "TrainingSpec",
    "Variant",
    "alike",
    "train",
]

_LATER = {
    "Learned": "learned",
    "NormMoment": "norms",
    "Norms": "norms",
    "PROBE_SAMPLES": "looks",
    "Recorder": "recorder",
    "TrainingRun": "run",
    "train": "run",
}
"""What trains, by its module: imported when asked for, since a window that shows a run does not train it."""


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_LATER[name]}"), name)
