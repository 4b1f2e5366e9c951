"""Where a formula of one's own is written: the text, how it looks in type, its name and its view."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.forms.controls import flat_button, message_label, role, tint_icons
from app.forms.formula_box import FormulaBox
from app.forms.number_box import NumberBox
from app.language import tr
from app.theme import Theme
from app.views.formula_label import FormulaLabel
from core.hyperparameter import Hyperparameter
from core.notation import Node
from core.surface import Domain

_MOST_LETTERS = 40
_FARTHEST = 1e9
_BOUNDS = (("x from", "x", "from"), ("to", "x", "to"), ("y from", "y", "from"), ("to", "y", "to"))


class FormulaEditor(QWidget):
    """A row for the text, one for what it looks like or what is wrong with it, one for the view.

    Signals
    -------
    typed(str)
        The formula's text after an edit.
    domain_typed(object)
        x low, x high, y low, y high from the boxes.
    view_asked()
        A person wants the view that suits the formula.
    kept(), removed(), cancelled()
        Return or the button; the bin; Escape or the cross.
    """

    typed = Signal(str)
    domain_typed = Signal(object)
    view_asked = Signal()
    kept = Signal()
    removed = Signal()
    cancelled = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.text = FormulaBox()
        self.name = QLineEdit()
        self.keep = role(QPushButton(tr("Keep")), "primary")
        self.remove = flat_button(
            "remove", "Remove from the list. The formula stays here; Keep puts it back."
        )
        self.close_button = flat_button("close", "Close and go back to the surface before (Escape)")
        self.formula = FormulaLabel(16)
        self.error = message_label("error")
        self.message = role(QLabel(), "muted")
        self.boxes: list[NumberBox] = []
        self._below = QStackedWidget()
        self._build()
        self._connect()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 0, 8, 6)
        column.setSpacing(6)
        above = QHBoxLayout()
        above.setSpacing(8)
        head = role(QLabel("f(x, y) ="), "muted")
        head.setBuddy(self.text)
        self.name.setPlaceholderText(tr("name"))
        self.name.setAccessibleName(tr("Name of the formula"))
        self.name.setToolTip(
            tr("What the formula is called in the list of surfaces; its text, without a name.")
        )
        self.name.setMaxLength(_MOST_LETTERS)
        self.name.setFixedWidth(110)
        self.keep.setToolTip(tr("Keep the formula in the list of surfaces (Return)"))
        for part, stretch in ((head, 0), (self.text, 1), (self.name, 0), (self.keep, 0), (self.remove, 0)):
            above.addWidget(part, stretch)
        above.addWidget(self.close_button)
        column.addLayout(above)
        self._below.addWidget(self.formula)
        self._below.addWidget(self.error)
        column.addWidget(self._below)
        column.addLayout(self._view_row())
        self.set_error("", -1)

    def _view_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        for label, axis, end in _BOUNDS:
            box = NumberBox(_bound(axis, end))
            box.edited.connect(self._type_domain)
            box.refused.connect(self._refuse_bound)
            row.addWidget(role(QLabel(tr(label)), "muted"))
            row.addWidget(box)
            self.boxes.append(box)
        self.automatic = flat_button("fit", "The view that suits the formula: around its critical points")
        self.automatic.clicked.connect(self.view_asked)
        row.addWidget(self.automatic)
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        self.message.setWordWrap(True)
        row.addWidget(self.message, 1)
        return row

    def _connect(self) -> None:
        self.text.typed.connect(self.typed)
        self.text.returnPressed.connect(self.kept)
        self.name.returnPressed.connect(self.kept)
        self.keep.clicked.connect(self.kept)
        self.remove.clicked.connect(self.removed)
        self.close_button.clicked.connect(self.cancelled)

    def set_formula(self, text: str, name: str, kept: bool) -> None:
        """Begin with a formula; `kept` says whether it is in the list already."""
        self.text.set_text(text)
        self.name.setText(name)
        self.set_kept(kept)
        self.set_error("", -1)

    def set_kept(self, kept: bool) -> None:
        """Say whether the formula is in the list: then it can be removed."""
        self.remove.setVisible(kept)

    def set_notation(self, node: Node) -> None:
        """Show what the formula looks like."""
        self.set_error("", -1)
        self.formula.set_formula(node)
        self._fit_below()

    def set_error(self, sentence: str, position: int) -> None:
        """Say what is wrong, and mark the character there; "" and -1 when nothing is."""
        self.error.setText(tr(sentence))
        self.error.setVisible(bool(sentence))
        self.text.set_mark(position)
        self.text.setAccessibleDescription(tr(sentence))
        self.keep.setEnabled(not sentence)
        self._below.setCurrentWidget(self.error if sentence else self.formula)
        self._fit_below()

    def _fit_below(self) -> None:
        height = max(self.formula.sizeHint().height(), 32)
        self._below.setFixedHeight(height)

    def set_domain(self, domain: Domain) -> None:
        """Show the view's bounds."""
        for box, value in zip(self.boxes, domain, strict=True):
            box.set_value(value)

    def set_message(self, sentence: str) -> None:
        """Say what is special about the surface."""
        self.message.setText(tr(sentence))

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self.formula.set_theme(theme)
        self.text.set_colour(theme.error)
        tint_icons(self, theme)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape goes back."""
        if event.key() == Qt.Key.Key_Escape:
            self.cancelled.emit()
        else:
            super().keyPressEvent(event)

    def _type_domain(self, _: object) -> None:
        self.domain_typed.emit(tuple(box.value() for box in self.boxes))

    def _refuse_bound(self, sentence: str) -> None:
        if sentence:
            self.set_message(sentence)


def _bound(axis: str, end: str) -> Hyperparameter:
    return Hyperparameter(
        name=f"{axis}_{end}", default=0.0, low=-10.0, high=10.0, minimum=-_FARTHEST, maximum=_FARTHEST,
        label=f"View {axis} {end}", help=f"The view's {'lowest' if end == 'from' else 'highest'} {axis}.",
    )  # fmt: skip
