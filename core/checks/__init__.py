"""The checks that one makes by hand before and while training a network: spec in, verdicts out.

Each check is a pure function from a run's spec and the place of one of its variants to a frozen result
with an `outcome` and a `sentence` (after Karpathy, "A recipe for training neural networks", 2019, and the
notes of Stanford's CS231n).
"""

from core.checks.curves import CurveReading, read_curves
from core.checks.gradient import GradientCheck, check_gradient
from core.checks.initial_loss import InitialLoss, check_initial_loss
from core.checks.memorize import Memorizing, check_memorizing
from core.checks.rate_range import RateRange, find_rate
from core.checks.report import CHECKS, Check, CheckReport, check_variant, run_check

__all__ = [
    "CHECKS",
    "Check",
    "CheckReport",
    "CurveReading",
    "GradientCheck",
    "InitialLoss",
    "Memorizing",
    "RateRange",
    "check_gradient",
    "check_initial_loss",
    "check_memorizing",
    "check_variant",
    "find_rate",
    "read_curves",
    "run_check",
]
