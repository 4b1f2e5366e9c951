"""Python's garbage collector while a window is open: it works between events only.

Left to itself it works wherever an object is made, also inside a call of Qt's and in a thread that writes a
file; there it could free Qt's objects while they are in use, or in a thread that is not theirs.
"""

import gc

from PySide6.QtCore import QObject, QTimer

_ROUND = 500
"""Milliseconds between two looks at whether a round is due."""


class EventCollector(QTimer):
    """Collects what the interpreter would, when the event loop is at it."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.setInterval(_ROUND)
        self.timeout.connect(collect_what_is_due)

    def begin(self) -> None:
        """Collect from now on, but leave alone what is there, and lives as long as the window."""
        gc.disable()
        gc.collect()
        gc.freeze()
        self.start()


def collect_what_is_due() -> None:
    """One round, of the oldest generation whose turn it is by the interpreter's own thresholds."""
    for generation in (2, 1, 0):
        if gc.get_count()[generation] > gc.get_threshold()[generation]:
            gc.collect(generation)
            return
