"""Begins the processes that only some parts of the window need; what they run is imported there."""

from app.channels import Channel, ProcessChannel


def map_process() -> Channel:
    """A process that draws maps; it ends with the window."""
    from app.map_server import serve

    return ProcessChannel(serve, "optiscope-maps")


def tuning_process() -> Channel:
    """A process that tunes optimizers; it ends with the window."""
    from app.tune_server import serve

    return ProcessChannel(serve, "optiscope-tuning")
