"""Says what was read from a file of the person's own, what was left out, or what is wrong with it."""

import html

from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.forms.controls import flat_button, message_label
from app.language import tr
from core.data.own_samples import OwnSamples

_NOTES = 2
"""Sentences that are shown before the others are asked for."""


class SamplesReport(QWidget):
    """Below the list of data sets: hidden where there is nothing to say."""

    def __init__(self) -> None:
        super().__init__()
        self.read = message_label("muted")
        self.notes = message_label("warning")
        self.error = message_label("error")
        self.more = flat_button("expand", "All that was left out of the file, and why.")
        self.more.setCheckable(True)
        self.more.toggled.connect(lambda _: self._show_notes())
        self._own: OwnSamples | None = None
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self.notes, 1)
        row.addWidget(self.more)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.read)
        column.addLayout(row)
        column.addWidget(self.error)
        self.set_samples(None)

    def set_samples(self, own: OwnSamples | None) -> None:
        """Show a report, or none; what was wrong with another file is over."""
        self._say(self.error, "")
        if own is not None and own is self._own:
            self._say(self.read, _read(own))
            self.show()
            return
        self._own = own
        self._say(self.read, "" if own is None else _read(own))
        self.more.setChecked(False)
        self._show_notes()
        self.setVisible(own is not None)

    def set_busy(self, name: str) -> None:
        """Say that a file is being read."""
        self._say(self.error, "")
        self._say(self.read, f"Reading {name} …")
        self.show()

    def set_error(self, sentence: str) -> None:
        """Say what is wrong with a file; the data stays as it was."""
        self._say(self.read, "" if self._own is None else _read(self._own))
        self._say(self.error, sentence)
        self.show()

    def _show_notes(self) -> None:
        notes = () if self._own is None else self._own.notes
        shown = notes if self.more.isChecked() else notes[:_NOTES]
        self._say(self.notes, *shown)
        tip = html.escape(" ".join(map(tr, notes)))
        self.notes.setToolTip(f"<p>{tip}</p>" if tip else "")
        self.more.setVisible(len(notes) > _NOTES)

    def _say(self, label: QLabel, *sentences: str) -> None:
        text = "\n".join(map(tr, sentences))
        label.setText(text)
        label.setVisible(bool(text))


def _read(own: OwnSamples) -> str:
    features = len(own.features)
    return f"{own.rows:,} rows, {features:,} feature{'s' * (features != 1)}: {own.class_counts()}"
