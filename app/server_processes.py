"""Begins the window's processes; what they run is imported there, or when a part first needs it."""

from typing import Any

from app.channels import Channel, ProcessChannel


def serve_training(connection: Any) -> None:
    """The body of the training process, which alone imports what trains."""
    from app.training_server import serve

    serve(connection)


def map_process() -> Channel:
    """A process that draws maps; it ends with the window."""
    from app.map_server import serve

    return ProcessChannel(serve, "optiscope-maps")


def tuning_process() -> Channel:
    """A process that tunes optimizers; it ends with the window."""
    from app.tune_server import serve

    return ProcessChannel(serve, "optiscope-tuning")
