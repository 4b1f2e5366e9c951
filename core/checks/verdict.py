"""What every check comes to."""

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["good", "doubtful", "bad"]


@dataclass(frozen=True)
class Verdict:
    """What a check comes to.

    Attributes
    ----------
    outcome
        "good", "doubtful" (look at it) or "bad" (repair it before training on).
    sentence
        What was found, what it means, and what to try.
    """

    outcome: Outcome
    sentence: str
