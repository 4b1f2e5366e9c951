"""The learning rate stays as it is."""

from core.schedule import Schedule


def factor(step: int, steps: int) -> float:
    """1 at every step."""
    return 1.0


ENTRY = Schedule(
    id="constant", name="Constant", order=1, factor=factor,
    summary="The learning rate stays as it is.",
)  # fmt: skip
