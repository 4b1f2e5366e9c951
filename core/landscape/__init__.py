"""The loss of a trained network over a plane through its final parameters, with the paths that led there."""

from core.landscape.curvature import Curvature, curvature, curvatures
from core.landscape.grid import (
    Landscape,
    LandscapeTile,
    assemble,
    compute_landscape,
    compute_tile,
    evaluated,
    tiles,
)
from core.landscape.paths import TrainedPath, TrainedPaths, trained_paths
from core.landscape.plane import LandscapePlane, ProjectedPath, landscape_plane
from core.landscape.spec import DIRECTIONS, LANDSCAPE_HYPERPARAMETERS, LandscapeSpec

__all__ = [
    "DIRECTIONS",
    "LANDSCAPE_HYPERPARAMETERS",
    "Curvature",
    "Landscape",
    "LandscapePlane",
    "LandscapeSpec",
    "LandscapeTile",
    "ProjectedPath",
    "TrainedPath",
    "TrainedPaths",
    "assemble",
    "compute_landscape",
    "compute_tile",
    "curvature",
    "curvatures",
    "evaluated",
    "landscape_plane",
    "tiles",
    "trained_paths",
]
