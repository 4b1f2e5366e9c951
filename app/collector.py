"""Python's garbage collector beside a window: its rounds cost a tenth of the start, and frames later."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_waits() -> Iterator[None]:
    """Collect nothing, until `spare_collector` or the end: what a start makes is there to stay."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def spare_collector() -> None:
    """Collect from now on, but leave alone what is there, and lives as long as the window."""
    gc.collect()
    gc.freeze()
    gc.enable()
