"""Why a run moved as it did, in words: what held it up, what blew it up, and a rate that would hold.

Made on demand from a trajectory and its surface; apart from the search for a rate that holds, which
runs the descent a few times more, it reads only what the run has recorded.
"""

from core.diagnosis.figures import curvatures
from core.diagnosis.judge import diagnose, diagnose_first
from core.diagnosis.lost import left_view_at
from core.diagnosis.stability import largest_stable_rate, stability
from core.diagnosis.verdict import WORDS, Diagnosis

__all__ = [
    "WORDS",
    "Diagnosis",
    "curvatures",
    "diagnose",
    "diagnose_first",
    "largest_stable_rate",
    "left_view_at",
    "stability",
]
