"""The loss of a trained network over a plane through its final parameters, with the paths that led there."""

from core.landscape.curvature import Curvature, curvature, curvatures
from core.landscape.grid import (
    STRIDES,
    FirstLook,
    Landscape,
    LandscapeTile,
    assemble,
    compute_landscape,
    compute_tile,
    evaluated,
    first_look,
    level,
    tiles,
)
from core.landscape.paths import TrainedPath, TrainedPaths, trained_paths
from core.landscape.plane import LandscapePlane, ProjectedPath, landscape_plane
from core.landscape.spec import DIRECTIONS, LANDSCAPE_HYPERPARAMETERS, LandscapeSpec

__all__ = [
    "DIRECTIONS",
    "LANDSCAPE_HYPERPARAMETERS",
    "STRIDES",
    "Curvature",
    "FirstLook",
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
    "first_look",
    "landscape_plane",
    "level",
    "tiles",
    "trained_paths",
]
