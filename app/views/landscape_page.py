"""A network's loss in place of the catalogue's surface: what it is, the picture, and its playback."""

import html

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.forms.controls import ElidedLabel, plain_tip, role
from app.language import tr
from app.plots.path_ends_layer import PathEndsLayer
from app.plots.surface_plot import SurfacePlot
from app.theme import Theme
from app.views.playback_bar import PlaybackBar


class LandscapePage(QWidget):
    """Everything below the surface's header while a landscape is shown, and what stands in the header.

    Attributes
    ----------
    head, title, back
        For the header: what is shown, and the button that leads back.
    plot, ends
        The landscape, and the marks of where paths begin and end.
    caption
        What the axes are, and what the plane leaves out.
    playback
        Moves along the training.

    Signals
    -------
    back_asked()
        The catalogue's surface is to be shown again.
    """

    back_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        role(self, "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._make_head()
        QShortcut(QKeySequence(Qt.Key.Key_Escape), self).activated.connect(self.back_asked)
        self.plot = SurfacePlot()
        self.plot.setAccessibleName(tr("Landscape of the training loss"))
        self.plot.hide_marks()
        self.plot.set_margins(0, 8, 8, 0)  # a tick at the end has half its text beyond
        self.ends = PathEndsLayer(self.plot.view)
        self.plot.add_layer(self.ends)
        self.caption = role(QLabel(), "muted")
        self.caption.setTextFormat(Qt.TextFormat.PlainText)
        self.caption.setWordWrap(True)
        self.caption.setContentsMargins(12, 0, 8, 0)
        self.playback = PlaybackBar()
        self.playback.bar.setAccessibleName(tr("Training step"))
        self.playback.bar.setToolTip(
            tr("The step of the training at which the networks are shown on their paths: drag to scrub.")
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.plot, 1)
        column.addWidget(self.caption)
        column.addWidget(self.playback)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def _make_head(self) -> None:
        self.head = QWidget()
        self.title = ElidedLabel()
        self.title.setAccessibleName(tr("What is shown"))
        self.back = QPushButton()
        self.back.clicked.connect(self.back_asked)
        head = QHBoxLayout(self.head)
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(8)
        head.addWidget(self.title, 1)
        head.addWidget(self.back)

    def set_words(self, title: str, caption: str) -> None:
        """What is shown, and what there is to know about its plane."""
        title, caption = tr(title), tr(caption)
        self.title.setText(title)
        self.title.setToolTip(f"<p>{html.escape(f'{title}. {caption}')}</p>")
        self.caption.setText(caption)

    def set_back(self, surface: str) -> None:
        """Where the button leads: the surface that is set in the catalogue."""
        self.back.setText(tr(f"Back to {surface}"))
        self.back.setToolTip(
            plain_tip(f"Show {surface} again, with the optimizers' runs as they were (Escape).")
        )

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self.plot.set_theme(theme)
