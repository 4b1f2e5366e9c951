"""The learning rate shrinks by the same factor at every step."""

from core.hyperparameter import Hyperparameter, Scale
from core.schedule import Schedule


def factor(step: int, steps: int, decay: float) -> float:
    """`decay ** step`; as torch's `ExponentialLR` with one epoch a step."""
    return decay**step


ENTRY = Schedule(
    id="exponential", name="Exponential", order=3, factor=factor,
    summary="The learning rate shrinks by the same factor at every step.",
    hyperparameters=(
        Hyperparameter(
            name="decay", default=0.995, low=0.9, high=0.9999, minimum=0, open_minimum=True, maximum=1,
            scale=Scale.ONE_MINUS_LOG, help="The rate is multiplied by this at every step.",
        ),
    ),
)  # fmt: skip
