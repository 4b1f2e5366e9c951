"""The learning-rate range test as picture."""

from collections.abc import Sequence
from pathlib import Path

from app.exporters.canvas import SCALE, save_picture
from app.plots.rate_curves import rate_plot
from app.theme import LIGHT, Theme
from core.checks import CheckReport
from core.data.dataset import DATASETS
from core.training import TrainingSpec

SIZE = (1000, 640)


def save_rate_picture(
    spec: TrainingSpec,
    found: Sequence[CheckReport],
    path: Path,
    theme: Theme = LIGHT,
    size: tuple[int, int] = SIZE,
    scale: float = SCALE,
) -> None:
    """Save the curves of the range test as PNG of `size` times `scale` pixels.

    Raises
    ------
    OSError
        When the file cannot be written.
    """
    ranges = [each.rate_range for each in found]
    title = f"Learning-rate range test: {DATASETS[spec.dataset.id].name}"
    save_picture(lambda: rate_plot(spec.variants, ranges, theme), path, title, theme, size, scale)
