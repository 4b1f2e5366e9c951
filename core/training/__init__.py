"""Networks that differ in what was chosen about them, trained side by side: spec in, frames out."""

from core.network.spec import NETWORK_HYPERPARAMETERS, NetworkSpec
from core.training.frame import EpochRecord, NetworkFrame, TrainingFrame
from core.training.learned import Learned
from core.training.norms import NormMoment, Norms
from core.training.recorder import Recorder
from core.training.run import PROBE_SAMPLES, TrainingRun, train
from core.training.spec import TRAINING_HYPERPARAMETERS, TrainingSpec
from core.training.variant import MOST_VARIANTS, VARIANT_HYPERPARAMETERS, Variant, alike

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
