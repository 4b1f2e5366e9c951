"""Lets a slow call wait in a thread, so that the window is not frozen while it is waited for."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TypeVar

from PySide6.QtCore import QEventLoop, QTimer

T = TypeVar("T")
_AT_ONCE = 0.05
"""Seconds in which most calls are done: nothing else happens in them."""
_LOOK = 10
"""Milliseconds between two looks at a call that takes longer."""


def beside(function: Callable[[], T]) -> T:
    """Call a function in a thread and wait for it.

    If that takes long, the window is drawn and paths go on meanwhile; keys and the mouse come after it.
    Whatever else may happen in between, such as a result from a worker, happens: the caller cannot rely on
    anything being as it was before, except what it gave to the function.
    """
    with ThreadPoolExecutor(1, "optiscope-beside") as threads:
        call = threads.submit(function)
        if not wait([call], timeout=_AT_ONCE).done:
            _go_on_until(call)
        return call.result()


def _go_on_until(call: Future[T]) -> None:
    loop, look = QEventLoop(), QTimer()
    look.timeout.connect(lambda: loop.quit() if call.done() else None)
    look.start(_LOOK)
    loop.exec(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
    look.stop()
