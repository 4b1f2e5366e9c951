"""The inside of a dock whose content is made when it is first seen."""

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.forms.controls import role


class PanelHost(QWidget):
    """Empty until it is seen.

    Signals
    -------
    made(object)
        The content, when it has just been made.
    seen(bool)
        The panel came to the front, or no longer is there. Qt calls a tab behind others visible; what is
        computed for this panel alone rests unless it is seen.
    """

    made = Signal(object)
    seen = Signal(bool)

    def __init__(self, make: Callable[[], QWidget]) -> None:
        super().__init__()
        role(self, "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._make: Callable[[], QWidget] | None = make
        self.content: QWidget | None = None
        self.is_seen = self._told = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)

    def ensure(self) -> QWidget:
        """The content, made now if it was not yet."""
        if self.content is None:
            assert self._make is not None
            make, self._make = self._make, None
            self.content = make()
            layout = self.layout()
            assert layout is not None
            layout.addWidget(self.content)
            self.made.emit(self.content)
        return self.content

    def set_seen(self, seen: bool) -> None:
        """Say whether the panel is in front; its content is made when it stays there."""
        if seen != self.is_seen:
            self.is_seen = seen
            QTimer.singleShot(0, self, self._tell)

    def _tell(self) -> None:
        if self.is_seen:
            self.ensure()
        if self.is_seen != self._told:
            self._told = self.is_seen
            self.seen.emit(self.is_seen)
