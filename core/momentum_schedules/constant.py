"""The momentum stays as it is."""

from core.momentum_schedule import MomentumSchedule


def momentum(step: int, steps: int, base: float) -> float:
    """`base` at every step."""
    return base


ENTRY = MomentumSchedule(
    id="constant", name="Constant", order=1, momentum=momentum,
    summary="The momentum stays as it is.",
)  # fmt: skip
