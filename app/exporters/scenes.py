"""The views of an experiment on an easel; each brings the plots that it needs."""

from collections.abc import Callable

from app.exporters.canvas import SteppedEasel
from app.exporters.experiment_files import Results
from app.exporters.sheet import Sheet


def scene(results: Results, sheet: Sheet, attend: Callable[[], object] = lambda: None) -> SteppedEasel:
    """What is wanted of an experiment; Qt must have been started.

    Parameters
    ----------
    attend
        Called while a window is computed, which may take long; what it raises ends that.
    """
    saved = results.saved
    match results.view:
        case "window":
            from app.exporters.window_easel import window_easel

            return window_easel(saved, sheet, attend)
        case "network":
            from app.exporters.network_scenes import DistributionEasel

            return DistributionEasel(saved, results.moments, sheet)
        case "training":
            from app.exporters.network_scenes import TrainingEasel

            return TrainingEasel(saved, results.training[0], sheet)
        case "3d":
            from app.exporters.space_easel import SpaceEasel

            return SpaceEasel(saved, results.trajectories, sheet)
    from app.exporters.descent_scenes import CurvesEasel, SurfaceEasel

    paths = CurvesEasel if results.view == "curves" else SurfaceEasel
    return paths(saved, results.trajectories, sheet)
