"""Keys and mouse on a page: the menus' keys as they are, and what the mouse does."""

import html
from collections.abc import Sequence

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTextBrowser, QVBoxLayout, QWidget

from app.language import tr


class HelpPage(QDialog):
    """A page to read, beside the window.

    Attributes
    ----------
    page
        The text.
    """

    def __init__(self, title: str, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr(title))
        self.page = QTextBrowser()
        self.page.setOpenLinks(False)
        self.page.setAccessibleName(tr(title))
        self.page.setHtml(text)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.addWidget(self.page)
        column.addWidget(buttons)
        self.resize(620, 640)


def keys_table(rows: Sequence[tuple[str, str]]) -> str:
    """What the menus' keys do: the way to each entry, and its keys."""
    lines = "".join(
        f"<tr><td><b>{html.escape(keys)}</b></td><td>{html.escape(text)}</td></tr>" for text, keys in rows
    )
    return f"<h3>{tr('Keys of the menus')}</h3><table cellspacing='4'>{lines}</table>"
