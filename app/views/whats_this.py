"""The mode "What's this?": the pointer becomes a question mark, and a click explains what is there."""

from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtWidgets import QWidget


class TipsAsHelp(QObject):
    """Every tooltip is an answer: what has one of these has the other.

    Installed in the application for one question: it costs a little at every event there is.
    """

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Before a widget is asked, give it the nearest tooltip as its answer."""
        if event.type() == QEvent.Type.QueryWhatsThis and isinstance(watched, QWidget):
            widget: QWidget | None = watched
            while widget is not None and not (widget.whatsThis() or widget.toolTip()):
                widget = widget.parentWidget()
            if widget is not None and not watched.whatsThis():
                watched.setWhatsThis(widget.whatsThis() or widget.toolTip())
        if event.type() == QEvent.Type.LeaveWhatsThisMode and (application := QCoreApplication.instance()):
            application.removeEventFilter(self)
        return super().eventFilter(watched, event)
