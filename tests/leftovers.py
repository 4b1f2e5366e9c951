"""What a test has left behind: threads, processes, timers and windows."""

import gc
import multiprocessing
import os
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing import resource_tracker
from pathlib import Path

PATIENCE = float(os.environ.get("OPTISCOPE_TEST_PATIENCE", "2"))
"""Seconds that threads and processes have to end."""

TASKS = Path("/proc/self/task")


@dataclass(frozen=True)
class Leftover:
    """One thing that was not there before the test, as the report names it."""

    kind: str
    name: str
    key: object

    def __str__(self) -> str:
        return f"left a {self.kind} behind: {self.name}"


_SLOW = float(os.environ.get("OPTISCOPE_TEST_SLOW", "0.004"))
"""Seconds that the search among all objects may take before old ones are set aside."""


_alive: frozenset[Leftover] | None = None
"""What of Qt was alive when the last test ended: the search takes a millisecond or two, once a test."""
_slow = False
"""Whether that took long."""


def start() -> frozenset[Leftover]:
    """What is alive before a test.

    What modules and their caches hold is set aside for good when there is much of it, so that the
    search for timers among all objects takes a millisecond and not twenty. Not during a search: what
    a test has left is found no more once it is set aside.
    """
    global _slow
    if _alive is None:
        snapshot()
    if _slow:
        gc.collect()
        gc.freeze()
        _slow = False
    assert _alive is not None
    return _alive.union(_threads(), _processes())


def snapshot() -> frozenset[Leftover]:
    """Everything that is alive now."""
    global _alive, _slow
    began = time.perf_counter()
    _alive = frozenset(_qt())
    _slow |= time.perf_counter() - began > _SLOW
    return _alive.union(_threads(), _processes())


def since(before: frozenset[Leftover]) -> list[Leftover]:
    """What is alive now and was not `before`, given a moment to end."""
    deadline = time.monotonic() + PATIENCE
    _let_qt_delete()
    if found := snapshot() - before:
        gc.collect()
    while found and time.monotonic() < deadline:
        time.sleep(0.01)
        _let_qt_delete()
        found = snapshot() - before
    return sorted(found, key=str)


def _threads() -> Iterator[Leftover]:
    for thread in threading.enumerate():
        foreign = isinstance(thread, threading._DummyThread)  # started by Qt; never forgotten by Python 3.11
        if not foreign or (TASKS / str(thread.native_id)).exists():
            yield Leftover("thread", thread.name, thread.ident)


def _processes() -> Iterator[Leftover]:
    children = {child.pid: child.name for child in multiprocessing.active_children()}
    for task in TASKS.iterdir() if TASKS.is_dir() else ():
        try:
            pids = [int(pid) for pid in (task / "children").read_text().split()]
            children |= {pid: children.get(pid) or _command(pid) for pid in pids if not _is_zombie(pid)}
        except OSError:
            continue
    children.pop(resource_tracker._resource_tracker._pid, None)  # type: ignore[attr-defined]
    for pid, name in children.items():
        yield Leftover("process", f"{name} ({pid})", pid)


def _command(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()


def _is_zombie(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


def _qt() -> Iterator[Leftover]:
    widgets = sys.modules.get("PySide6.QtWidgets")
    application = widgets.QApplication.instance() if widgets else None
    if application is None:
        return
    from PySide6.QtCore import Qt, QThread, QThreadPool, QTimer
    from shiboken6 import isValid

    for widget in application.topLevelWidgets():
        if widget.isVisible() and widget.windowType() != Qt.WindowType.ToolTip:
            yield Leftover("visible window", f"{type(widget).__name__} '{widget.windowTitle()}'", id(widget))
    kinds = {QTimer, QThread}
    while further := {kind for known in kinds for kind in known.__subclasses__()} - kinds:
        kinds |= further
    # Among a hundred thousand objects: several times faster than `isinstance`.
    for thing in [thing for thing in gc.get_objects() if type(thing) in kinds and isValid(thing)]:
        if isinstance(thing, QTimer) and thing.isActive():
            name = thing.objectName() or f"of {type(thing.parent()).__name__}"
            yield Leftover("running timer", f"{name}, every {thing.interval()} ms", id(thing))
        if isinstance(thing, QThread) and thing.isRunning() and thing is not application.thread():
            yield Leftover("thread", thing.objectName() or type(thing).__name__, id(thing))
    if busy := QThreadPool.globalInstance().activeThreadCount():
        yield Leftover("task in Qt's thread pool", f"{busy} running", busy)


def _let_qt_delete() -> None:
    """Carry out what was asked by `deleteLater`."""
    core = sys.modules.get("PySide6.QtCore")
    application = core.QCoreApplication.instance() if core else None
    if application is not None:
        application.sendPostedEvents(None, core.QEvent.Type.DeferredDelete)
        application.processEvents()
