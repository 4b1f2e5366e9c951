"""What an experiment is about, above the surface: its title, and what there is to see and to try."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from app.forms.controls import flat_button, role
from app.language import tr


class StoryBar(QWidget):
    """Title and text of the experiment, until a person closes them.

    Attributes
    ----------
    text
        What is read.

    Signals
    -------
    edit_asked()
        Other words are wanted.
    """

    edit_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        role(self, "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.text = QLabel()
        self.text.setTextFormat(Qt.TextFormat.RichText)  # made of escaped words
        self.text.setWordWrap(True)
        self.text.setAccessibleName(tr("About this experiment"))
        self.edit = flat_button("edit", "Edit the title and the text of this experiment")
        self.edit.clicked.connect(self.edit_asked)
        self.hide_it = flat_button("close", "Hide these words; File > Describe shows them again")
        self.hide_it.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 6, 6)
        row.addWidget(self.text, 1)
        for button in (self.edit, self.hide_it):
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        self.hide()

    def set_words(self, title: str, text: str) -> None:
        """Show other words, or nothing where there are none."""
        parts = [f"<b>{_escaped(title)}</b>"] * bool(title) + [_escaped(text)] * bool(text)
        self.text.setText(" &nbsp; ".join(parts))
        self.setVisible(bool(parts))


def _escaped(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;").replace("\n", "<br>")
