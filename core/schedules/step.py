"""The learning rate drops by a factor every so many steps."""

from core.hyperparameter import Hyperparameter, Scale
from core.schedule import Schedule


def factor(step: int, steps: int, drop: float, every: int) -> float:
    """`drop ** floor(step / every)`; as torch's `StepLR` with one epoch a step."""
    return drop ** (step // every)


ENTRY = Schedule(
    id="step", name="Step", order=2, factor=factor,
    summary="The learning rate drops by a factor every so many steps.",
    hyperparameters=(
        Hyperparameter(
            name="drop", default=0.5, low=0.05, high=0.95, minimum=0, open_minimum=True, maximum=1,
            help="The rate is multiplied by this at every drop.",
        ),
        Hyperparameter(
            name="every", default=100, low=1, high=1000, minimum=1, maximum=1e9, scale=Scale.INTEGER,
            unit="steps", help="Steps between two drops.",
        ),
    ),
)  # fmt: skip
