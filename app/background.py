"""One thing at a time in a thread beside the other work of a process."""

import logging
import queue
import threading
from collections.abc import Callable
from typing import Any

_log = logging.getLogger("optiscope")

Key = tuple[str, Any]
_Task = tuple[Key, Callable[..., Any], tuple[Any, ...]]


class Background:
    """A thread that begins with a task and ends with its process, or when it is closed."""

    def __init__(self) -> None:
        self._tasks: queue.SimpleQueue[_Task | None] = queue.SimpleQueue()
        self._outcomes: queue.SimpleQueue[tuple[Key, Any]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def begin(self, key: Key, function: Callable[..., Any], *arguments: Any) -> None:
        """Call a function when those before it are done."""
        self._tasks.put((key, function, arguments))
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, daemon=True, name="optiscope-background")
            self._thread.start()

    def done(self) -> list[tuple[Key, Any]]:
        """Results (or the exceptions) of what has been called since the last look."""
        outcomes = []
        while not self._outcomes.empty():
            outcomes.append(self._outcomes.get())
        return outcomes

    def log_failures(self, sentence: str) -> None:
        """Log what could not be done since the last look: for work that is only a help to other work."""
        for _, outcome in self.done():
            if isinstance(outcome, Exception):
                _log.warning("%s: %s", sentence, outcome)

    def close(self) -> None:
        """End the thread when it has done what it was given; the next task begins another one."""
        if self._thread is not None:
            self._tasks.put(None)
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        while (task := self._tasks.get()) is not None:
            key, function, arguments = task
            try:
                outcome = function(*arguments)
            except Exception as error:  # whatever it is: the work goes on without
                outcome = error
            self._outcomes.put((key, outcome))
