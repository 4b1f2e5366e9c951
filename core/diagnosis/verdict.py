"""What is said of a run: an id with a word, a sentence, and the figures that belong to it."""

from dataclasses import dataclass

WORDS = {
    "converged": "converged", "saddle": "saddle", "maximum": "maximum", "flat": "flat", "resting": "at rest",
    "bouncing": "bouncing", "cycle": "circling", "swinging": "swinging", "noise": "noisy",
    "crawling": "crawling", "moving": "", "left_view": "left view", "unbounded": "unbounded",
    "edge": "no value", "diverged": "diverged",
}  # fmt: skip
"""A short word for what each diagnosis is, for legends; nothing for a run that is simply on its way."""


@dataclass(frozen=True)
class Diagnosis:
    """What a run did and why.

    Attributes
    ----------
    id
        One of `WORDS`.
    sentence
        The same for a person, with the figures.
    step
        Where it converged, diverged or left the view for good; None for the rest.
    learning_rate
        For a run that the rate drove away: one that was tried and holds from this start; None where
        none was tried or found.
    burst, burst_sentence
        The longest step that suddenly burst along an axis, or None; what `sentence` says of it, or "".
    """

    id: str
    sentence: str
    step: int | None = None
    learning_rate: float | None = None
    burst: int | None = None
    burst_sentence: str = ""

    @property
    def word(self) -> str:
        """The diagnosis in a word or two."""
        return WORDS[self.id]
