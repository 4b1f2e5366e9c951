"""The column of buttons beside the surface: what is drawn on it, and how near one is."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QToolButton, QVBoxLayout, QWidget

from app.forms.controls import flat_button, role


class ToolStrip(QWidget):
    """Switches of overlays above, zoom below.

    Signals
    -------
    overlay_toggled(str, bool)
        A person switched an overlay on or off.
    zoomed(float), fit_asked()
        Zoom by a factor, below 1 comes nearer; show the whole surface.
    """

    overlay_toggled = Signal(str, bool)
    zoomed = Signal(float)
    fit_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        role(self, "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.switches: dict[str, QToolButton] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 0, 0, 6)
        column.setSpacing(2)
        self._overlays = QWidget()
        self._above = QVBoxLayout(self._overlays)
        self._above.setContentsMargins(0, 0, 0, 0)
        self._above.setSpacing(2)
        column.addWidget(self._overlays)
        self._line = role(QFrame(), "line")
        self._line.setFixedHeight(1)
        self._line.hide()
        column.addWidget(self._line)
        zoom_in, zoom_out = flat_button("zoom_in", "Zoom in (+)"), flat_button("zoom_out", "Zoom out (-)")
        fit = flat_button("fit", "Show the whole surface (F)")
        zoom_in.clicked.connect(lambda: self.zoomed.emit(0.7))
        zoom_out.clicked.connect(lambda: self.zoomed.emit(1 / 0.7))
        fit.clicked.connect(self.fit_asked)
        for button in (zoom_in, zoom_out, fit):
            column.addWidget(button)
        column.addStretch(1)

    def add_overlay(self, name: str, icon: str, tip: str) -> QToolButton:
        """A switch more."""
        button = flat_button(icon, tip)
        button.setCheckable(True)
        button.clicked.connect(lambda on: self.overlay_toggled.emit(name, on))
        self.switches[name] = button
        self._above.addWidget(button)
        self._line.show()
        return button

    def set_overlays_usable(self, usable: bool) -> None:
        """Whether there is something that overlays can be drawn on; what is on stays on."""
        self._overlays.setEnabled(usable)

    def set_overlays(self, names: tuple[str, ...]) -> None:
        """Show which overlays are on."""
        for name, button in self.switches.items():
            button.setChecked(name in names)
