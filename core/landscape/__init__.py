"""The loss of a trained network over a plane through its final parameters, with the paths that led there."""

from core.landscape.curvature import Curvature, curvature, curvatures
from core.landscape.grid import (
    STRIDES,
    Landscape,
    LandscapeTile,
    assemble,
    compute_landscape,
    compute_tile,
    evaluated,
    level,
    tiles,
)
from core.landscape.paths import TrainedPath, TrainedPaths, recorded_paths, trained_paths
from core.landscape.plane import LandscapePlane, ProjectedPath, landscape_plane
from core.landscape.remarks import remarks
from core.landscape.spec import DIRECTIONS, LANDSCAPE_HYPERPARAMETERS, LandscapeSpec

__all__ = [
    "DIRECTIONS",
    "LANDSCAPE_HYPERPARAMETERS",
    "STRIDES",
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
    "level",
    "recorded_paths",
    "remarks",
    "tiles",
    "trained_paths",
]
