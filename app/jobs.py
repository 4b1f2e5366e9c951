"""Long computations outside the window's process.

A call that is superseded while it runs is left to finish if it is quick, so that a drag shows one
result after the other; a slow one is ended with its process.
"""

import multiprocessing
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.playback import Clock
from app.priority import step_back

_PATIENCE = 0.5
"""Seconds after which a call that nobody wants any more is ended with its process."""


@dataclass(frozen=True)
class _Request:
    """A call, and what its result belongs to."""

    subject: object
    function: Callable[..., Any]
    arguments: tuple[Any, ...]


class CallJob(QObject):
    """The newest call of a pure function, in a worker process.

    Signals
    -------
    finished(object)
        A result: of the newest call, or of an older one with the same subject.
    failed(str)
        A sentence: the newest call raised, or its process died.
    """

    finished = Signal(object)
    failed = Signal(str)

    def __init__(
        self,
        clock: Clock,
        name: str,
        executor: Callable[[], Executor] | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._clock, self._name = clock, name
        self._make = executor or one_process
        self._executor: Executor | None = None
        self._call: Future[Any] | None = None
        self._request: _Request | None = None
        self._next: _Request | None = None
        self._wanted: object = None
        self._begun = 0.0
        clock.beat.connect(self._look)

    @property
    def busy(self) -> bool:
        """Whether a call is under way."""
        return self._call is not None

    def submit(self, subject: object, function: Callable[..., Any], *arguments: Any) -> None:
        """Call a module-level function.

        Parameters
        ----------
        subject
            What the result is about. A result that comes late is still told if the newest call is
            about the same, and dropped if not.
        """
        self._wanted = subject
        request = _Request(subject, function, arguments)
        if self._call is None:
            self._begin(request)
        else:
            self._next = request
            self._end_if_slow()

    def drop(self) -> None:
        """Want no result any more."""
        self._wanted, self._next = None, None
        if self._call is not None:
            self._end_if_slow()

    def close(self) -> None:
        """End the worker."""
        self._clock.need(self._name, False)
        self._call = self._next = None
        self._end_worker()

    def _begin(self, request: _Request) -> None:
        try:
            self._call = self._worker().submit(request.function, *request.arguments)
        except BrokenProcessPool:  # it died while it had nothing to do
            self._end_worker()
            self._call = self._worker().submit(request.function, *request.arguments)
        self._request, self._begun = request, time.monotonic()
        self._clock.need(self._name, True)

    def _worker(self) -> Executor:
        if self._executor is None:
            self._executor = self._make()
        return self._executor

    def _end_if_slow(self) -> None:
        if time.monotonic() - self._begun > _PATIENCE:
            self._call = None
            self._end_worker()
            self._go_on()

    def _end_worker(self) -> None:
        if self._executor is None:
            return
        processes = list((getattr(self._executor, "_processes", None) or {}).values())
        for process in processes:  # a call under way may last; nobody waits for it
            process.kill()
        # In one go: after a shutdown that does not wait there is nothing left that a second could wait for,
        # and the thread behind the process would close its pipes while the interpreter ends.
        self._executor.shutdown(wait=True, cancel_futures=True)
        self._executor = None

    def _go_on(self) -> None:
        following, self._next = self._next, None
        if following is not None:
            self._begin(following)
        else:
            self._clock.need(self._name, False)

    def _look(self) -> None:
        if self._call is None or not self._call.done():
            return
        call, self._call = self._call, None
        assert self._request is not None
        subject, newest = self._request.subject, self._next is None
        self._take(call, newest, subject)
        if self._call is None:  # whoever heard of the result may have asked for another
            self._go_on()

    def _take(self, call: Future[Any], newest: bool, subject: object) -> None:
        wanted = self._wanted is not None and subject == self._wanted
        try:
            result = call.result()
        except BrokenProcessPool:
            self._end_worker()
            if newest and wanted:
                self.failed.emit("A worker process ended unexpectedly; change anything to compute again.")
        except (ValueError, ArithmeticError, MemoryError) as error:
            if newest and wanted:
                self.failed.emit(str(error) or f"The computation failed ({type(error).__name__}).")
        else:
            if wanted:
                self.finished.emit(result)


def one_process() -> Executor:
    """A worker process; it ends with this one."""
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(1, mp_context=context, initializer=_begin)


def _begin() -> None:
    step_back()
    _end_with_parent()


def _end_with_parent() -> None:
    """In a worker: end when the window's process has ended, however it did."""
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(0)

    threading.Thread(target=watch, daemon=True).start()
