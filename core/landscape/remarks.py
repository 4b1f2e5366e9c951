"""What a picture of the plane does not show, in words."""

from core.landscape.plane import LandscapePlane


def remarks(plane: LandscapePlane) -> list[str]:
    """A sentence for the share of the paths that the plane holds, and one for each reason to be left out."""
    sentences = [f"The plane holds {1.0 - plane.residual:.1%} of the paths' variance: the rest lies off it."]
    if plane.left_out:
        sentences.append(f"Not on it, of another shape or data: {', '.join(plane.left_out)}.")
    if plane.diverged:
        sentences.append(f"Not on it, since they diverge: {', '.join(plane.diverged)}.")
    return sentences
