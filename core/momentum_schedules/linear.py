"""The momentum changes on a straight line over the run."""

from core.hyperparameter import average_factor
from core.momentum_schedule import MomentumSchedule


def momentum(step: int, steps: int, base: float, start: float, end: float) -> float:
    """`start + (end - start) step / (steps - 1)`: the first step has `start`, the last one `end`."""
    return start + (end - start) * step / max(steps - 1, 1)


ENTRY = MomentumSchedule(
    id="linear", name="Linear ramp", order=2, momentum=momentum,
    summary="The momentum goes on a straight line from one value to another: low while gradients are wild.",
    hyperparameters=(
        average_factor("start", 0.5, "Momentum of the first step."),
        average_factor("end", 0.99, "Momentum of the last step."),
    ),
)  # fmt: skip
