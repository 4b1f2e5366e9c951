"""Runs optimizers over a surface: a frozen spec in, frozen trajectories out.

Divergence is a result: the run ends at the last finite point and says in a sentence why.
"""

from core.descent.paths import remember
from core.descent.run import descend, descend_again, keep_derived
from core.descent.spec import (
    DESCENT_HYPERPARAMETERS,
    NOISE,
    SEED,
    STEPS,
    TOLERANCE,
    DescentSpec,
    Point,
    over_batches,
    without_underived,
    work,
)
from core.descent.trajectory import Trajectories, Trajectory

__all__ = [
    "DESCENT_HYPERPARAMETERS",
    "NOISE",
    "SEED",
    "STEPS",
    "TOLERANCE",
    "DescentSpec",
    "Point",
    "Trajectories",
    "Trajectory",
    "descend",
    "descend_again",
    "keep_derived",
    "over_batches",
    "remember",
    "without_underived",
    "work",
]
