"""The learning rate falls on a straight line to a last fraction."""

from core.hyperparameter import Hyperparameter
from core.schedule import Schedule


def factor(step: int, steps: int, final: float) -> float:
    """`1 + (final - 1) step / steps`; as torch's `LinearLR` from 1 to `final` over the run."""
    return 1.0 + (final - 1.0) * step / steps


ENTRY = Schedule(
    id="linear", name="Linear", order=5, factor=factor,
    summary="The learning rate falls on a straight line over the whole run.",
    hyperparameters=(
        Hyperparameter(
            name="final", default=0.0, low=0, high=1, minimum=0, maximum=1,
            help="Share of the rate that is left at the end of the run.",
        ),
    ),
)  # fmt: skip
