"""A search as picture."""

from pathlib import Path

from app.exporters.canvas import SCALE, save_picture
from app.plots.tuning_curves import tuning_plot
from app.theme import LIGHT, Theme
from core.search import TuneResult
from core.surface import surface

SIZE = (1000, 640)


def save_sensitivity_picture(
    result: TuneResult,
    path: Path,
    theme: Theme = LIGHT,
    size: tuple[int, int] = SIZE,
    scale: float = SCALE,
) -> None:
    """Save the sensitivity curves as PNG of `size` times `scale` pixels.

    Raises
    ------
    OSError
        When the file cannot be written.
    """
    save_picture(lambda: tuning_plot(result, theme), path, _title(result), theme, size, scale)


def _title(result: TuneResult) -> str:
    name, spec = surface(result.spec.surface).entry.title, result.spec
    starts = f"{len(spec.starts)} start{'s' * (len(spec.starts) != 1)}"
    return f"{name}: final loss after {spec.steps:,} steps from {starts}, {spec.budget} trials each"
