"""Python's garbage collector while a window starts: its rounds would cost a tenth of that time."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_waits() -> Iterator[None]:
    """Leave the collector to `app.event_collector` until the end."""
    worked = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if worked:
            gc.enable()
