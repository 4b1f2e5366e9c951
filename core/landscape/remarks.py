"""What a picture of the plane does not show, in words."""

from collections.abc import Sequence

from core.landscape.plane import LandscapePlane

_REASONS = {
    "shape": "of another shape or data",
    "start": "since they begin at other weights",
    "diverges": "since they diverge",
}
_MOST_LETTERS = 120
"""Of names that are listed; more of them are counted."""


def remarks(plane: LandscapePlane, called: Sequence[str]) -> list[str]:
    """A sentence for the share of the paths that the plane holds, and one for each reason to be left out.

    `called` are names of all networks of the run.
    """
    sentences = [f"The plane holds {1.0 - plane.residual:.1%} of the paths' variance; the rest lies off it."]
    for reason, words in _REASONS.items():
        names = [called[place] for place, why in plane.left_out if why == reason]
        if names:
            listed = ", ".join(names)
            listed = listed if len(listed) <= _MOST_LETTERS else f"{len(names)} of {len(called)} networks"
            sentences.append(f"Not on the plane, {words}: {listed}.")
    return sentences
