"""Which network of the run: the one list of them that all panels have."""

from collections.abc import Sequence
from functools import lru_cache

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap

from app.forms.controls import KeyCombo
from app.language import tr

_ALL = "all"
_COLOUR = Qt.ItemDataRole.UserRole + 1
DOT_SIZE = QSize(12, 12)


class NetworkCombo(KeyCombo):
    """The networks of the run, each with a dot in its colour.

    Signals
    -------
    place_chosen(object)
        Place of the network that a person chose, or None for all of them.
    """

    place_chosen = Signal(object)

    def __init__(self, name: str, tip: str = "") -> None:
        super().__init__(name, tip)
        self.setIconSize(DOT_SIZE)
        self.chosen.connect(lambda key: self.place_chosen.emit(None if key == _ALL else int(key)))

    def set_networks(
        self, labels: Sequence[str], colours: Sequence[QColor], chosen: int | None, every: str = ""
    ) -> None:
        """Show the networks; `every`, if any, stands before them for all of them.

        Entries that stay the same are left alone: the list may be open.
        """
        texts = [tr(text) for text in ([every, *labels] if every else labels)]
        if [self.itemText(index) for index in range(self.count())] != texts:
            self.clear()
            if every:
                self.add(_ALL, every)
            for place, label in enumerate(labels):
                self.add(str(place), label, label)
        for place, colour in enumerate(colours, start=bool(every)):
            if self.itemData(place, _COLOUR) != colour.name():
                self.setItemData(place, colour.name(), _COLOUR)
                self.setItemIcon(place, dot_icon(colour.name()))
        self.set_value(_ALL if chosen is None else str(chosen))


@lru_cache(maxsize=64)
def dot_icon(colour: str) -> QIcon:
    """A dot, sharp at every scale, the same in a row that is selected."""
    icon = QIcon()
    for scale in (1, 2, 3):
        picture = QPixmap(DOT_SIZE * scale)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour))
        painter.drawEllipse(QRectF(2 * scale, 2 * scale, 8 * scale, 8 * scale))
        painter.end()
        for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):
            icon.addPixmap(picture, mode)
    return icon
