"""Networks that differ only in their initial weights, trained side by side: spec in, frames out."""

from core.network.spec import NETWORK_HYPERPARAMETERS, NetworkSpec
from core.training.frame import EpochRecord, NetworkFrame, TrainingFrame
from core.training.run import PROBE_SAMPLES, TrainingRun, train
from core.training.spec import TRAINING_HYPERPARAMETERS, TrainingSpec, run_name

__all__ = [
    "NETWORK_HYPERPARAMETERS",
    "PROBE_SAMPLES",
    "TRAINING_HYPERPARAMETERS",
    "EpochRecord",
    "NetworkFrame",
    "NetworkSpec",
    "TrainingFrame",
    "TrainingRun",
    "TrainingSpec",
    "run_name",
    "train",
]
