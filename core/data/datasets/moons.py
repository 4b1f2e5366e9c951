"""Two half circles that interlock."""

import numpy as np

from core.data.dataset import Dataset, Inputs, Labels, jittered, noise, samples
from core.hyperparameter import Values


def make(values: Values, rng: np.random.Generator) -> tuple[Inputs, Labels]:
    """The upper half of a circle about (0, 0), and the lower half of one about (1, 0.5)."""
    labels = np.arange(int(values["samples"])) % 2
    angle = rng.uniform(0.0, np.pi, len(labels))
    side = 1.0 - 2.0 * labels
    points = np.column_stack([labels + side * np.cos(angle), 0.5 * labels + side * np.sin(angle)])
    return jittered(points, values, rng), labels


ENTRY = Dataset(
    id="moons", name="Moons", order=3, make=make,
    summary="Two interlocking half circles: a curve separates them, a line does not quite.",
    hyperparameters=(samples(), noise(0.1, 0.5, "Spread of the points about their half circle.")),
)  # fmt: skip
