"""A view of a plane with an axis on its left and one below: what all plots have in common."""

import pyqtgraph as pg
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QApplication, QGraphicsGridLayout, QSizePolicy

from app.theme import Theme


class Plot(pg.GraphicsView):
    """The frame of a plot; its subclasses draw in `view`.

    pyqtgraph's own `PlotWidget` brings menus that no person of this program sees: forty widgets for each
    plot, some of which it never deletes.

    Parameters
    ----------
    movable
        Whether drags and the wheel move and zoom what is in view.

    Attributes
    ----------
    view
        The plane. What is in view stays until somebody asks for another part.
    left, bottom
        The axes, linked to it.
    """

    def __init__(self, movable: bool = False) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        frame = pg.GraphicsWidget()
        self._grid = QGraphicsGridLayout(frame)
        self._grid.setSpacing(0)
        self.set_margins(1, 1, 1, 1)
        self.view = pg.ViewBox(parent=frame, enableMenu=False, enableMouse=movable, defaultPadding=0.0)
        self.view.disableAutoRange()
        self.left, self.bottom = (
            pg.AxisItem(side, parent=frame, linkView=self.view) for side in ("left", "bottom")
        )
        for item, row, column in ((self.view, 0, 1), (self.left, 0, 0), (self.bottom, 1, 1)):
            self._grid.addItem(item, row, column)
        self._grid.setRowStretchFactor(0, 1)
        self._grid.setColumnStretchFactor(1, 1)
        self.setCentralItem(frame)

    def set_margins(self, left: float, top: float, right: float, bottom: float) -> None:
        """Room around view and axes, in pixels."""
        self._grid.setContentsMargins(left, top, right, bottom)

    def dress(self, theme: Theme, text_size: int) -> None:
        """Background and axes in a look: plots do not follow the palette."""
        self.setBackground(theme.panel)
        font = QFont(QApplication.font())
        font.setPixelSize(round(text_size * theme.scale))
        for axis in (self.left, self.bottom):
            axis.setPen(QColor(theme.border))
            axis.setTextPen(QColor(theme.muted))
            axis.setTickFont(font)
