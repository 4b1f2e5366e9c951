"""A plot that says what is under the pointer, and otherwise what it is."""

from PySide6.QtCore import QEvent, QPointF
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.forms.controls import plain_tip
from app.language import tr
from app.theme import Theme


class PointedPlot(QWidget):
    """Takes the room that there is; subclasses paint, and say what there is to say at a position."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._theme: Theme | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(tr(name))

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self._theme = theme
        self.update()

    def text_at(self, position: QPointF) -> str:
        """What is said at a position; "" where the plot's own tooltip is to be seen."""
        raise NotImplementedError

    def event(self, event: QEvent) -> bool:
        """Show what is said under the pointer as a tooltip."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            text = self.text_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), plain_tip(text) or self.toolTip(), self)
            return True
        return bool(super().event(event))
