"""What the help menu opens."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from app import __version__
from core.resource import resource_path


def show_help(window: QWidget) -> None:
    """Keys and mouse, in a window of their own."""
    text = resource_path("help.html").read_text(encoding="utf-8")
    _box(window, "Keys and mouse", text)


def show_about(window: QWidget) -> None:
    """What this is."""
    _box(
        window,
        "About Optiscope",
        f"<h3>Optiscope {__version__}</h3><p>A laboratory that shows how optimizers behave, on loss"
        " surfaces and on a small network in training.</p><p>MIT licence. It never uses the network.</p>",
    )


def _box(window: QWidget, title: str, text: str) -> None:
    box = QMessageBox(window)
    box.setWindowTitle(title)
    box.setTextFormat(Qt.TextFormat.RichText)
    box.setText(text)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.open()
