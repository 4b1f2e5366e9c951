"""Formulas in type: nothing lies on anything else, every glyph is there, sharp at any scale."""

import numpy as np
import pytest
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtSvg import QSvgGenerator, QSvgRenderer

from app.numbers import WIDEST, pair, plain, short
from app.plots.math_font import raw_font, text_width
from app.plots.typeset import Layout, Room, set_in_type, set_lines
from app.theme import DARK, LIGHT
from app.views.formula_label import FormulaLabel
from core.choice import Choice
from core.descent import DescentSpec, descend
from core.descent_step import step_at
from core.notation import Fraction, Group, Root, Script, row, sign, values, variable
from core.optimizer import OPTIMIZERS, MethodSpec
from core.rule_notation import LETTERS
from core.surface import SurfaceSpec
from tests.app.laboratory_driver import as_array, count_near

SIZE = 20.0
X = variable("x")
BAR = row("x", "=", Fraction("", variable("a"), row(variable("b"), "+", "1")))


def drawn(layout: Layout, scale: float = 1.0, colour: str = "black") -> np.ndarray:
    """Ink from 0 to 255, of a formula drawn with a margin of 4 pixels."""
    image = QImage(
        round((layout.width + 8) * scale), round((layout.height + 8) * scale), QImage.Format.Format_RGB32
    )
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    painter.scale(scale, scale)
    layout.draw(painter, QPointF(4, 4 + layout.ascent), QColor(colour))
    painter.end()
    return 255 - as_array(image).astype(float).mean(axis=2)


def rule_of(key: str):
    spec = DescentSpec(SurfaceSpec("himmelblau"), (MethodSpec(Choice(key)),), ((1.0, 1.0),), steps=40)
    return step_at(descend(spec).runs[0], 30)


def rooms_of(step) -> dict[str, Room]:
    return {name: Room(WIDEST, 2) for name in step.explanation.letters if name != "t"}


@pytest.mark.parametrize("key", list(OPTIMIZERS))
@pytest.mark.parametrize("width", [0.0, 480.0, 2000.0])
def test_no_number_lies_on_another_or_outside(qapp, key, width):
    step = rule_of(key)
    rooms = rooms_of(step)
    layout = set_lines(step.explanation.nodes, SIZE, rooms, width)
    half, line = text_width(WIDEST, layout.value_size) / 2, layout.slots[0].line
    boxes = [QRectF(s.x - half, s.y - 0.65 * line, 2 * half, 1.75 * line) for s in layout.slots]
    whole = QRectF(-0.01, -layout.ascent - 0.01, layout.width + 0.02, layout.height + 0.02)
    assert all(whole.contains(box) for box in boxes)
    lying = [(a, b) for i, a in enumerate(boxes) for b in boxes[:i] if a.intersects(b)]
    assert lying == []
    assert width == 0.0 or layout.width <= max(width, set_lines(step.explanation.nodes, SIZE, rooms).width)


@pytest.mark.parametrize("key", list(OPTIMIZERS))
def test_no_number_lies_on_letters_or_lines(qapp, key):
    """The ink below each number's place is that of no letter."""
    step = rule_of(key)
    layout = set_lines(step.explanation.nodes, SIZE, rooms_of(step))
    ink = drawn(layout)
    half = text_width(WIDEST, layout.value_size) / 2
    for slot in layout.slots:
        top = 4 + layout.ascent + slot.y - 0.6 * slot.line
        rows = slice(round(top), round(top + 1.5 * slot.line))
        columns = slice(max(round(4 + slot.x - half), 0), round(4 + slot.x + half))
        assert ink[rows, columns].max() < 40, slot.key


def test_lines_stand_side_by_side_only_where_there_is_room(qapp):
    lines = [row(X, "=", "1"), row(variable("y"), "=", "2")]
    below, beside = set_lines(lines, SIZE), set_lines(lines, SIZE, width=400.0)
    assert beside.height < 0.6 * below.height
    assert below.width < beside.width <= 400.0
    assert set_lines(lines, SIZE, width=below.width + 5).height == below.height


def test_relations_of_lines_stand_below_each_other(qapp):
    layout = set_lines([row(X, "=", "1"), row(variable("m"), variable("m"), "=", "1")], SIZE)
    ink = drawn(layout, 4.0)
    blank = np.flatnonzero(ink.max(axis=1) < 1)
    middle = blank[np.argmin(np.abs(blank - len(ink) / 2))]
    upper, lower = ink[:middle], ink[middle:]

    def right_end(part):
        return np.flatnonzero(part.max(axis=0) > 100).max()

    assert abs(right_end(upper) - right_end(lower)) <= 1  # both end in "= 1"


def test_pieces_have_the_heights_of_mathematics(qapp):
    letter = set_in_type(X, SIZE)
    fraction, power = set_in_type(BAR, SIZE), set_in_type(Script("", X, power=sign("2")), SIZE)
    assert fraction.height > 1.8 * letter.height
    assert power.ascent > letter.ascent
    index = set_in_type(Script("", X, index=sign("1")), SIZE)
    assert index.descent > letter.descent
    tall = set_in_type(Group("", BAR), SIZE)
    assert tall.width > fraction.width
    assert set_in_type(Root("", BAR), SIZE).ascent > fraction.ascent
    assert set_in_type(Script("", X, hat=True), SIZE).ascent >= letter.ascent


def test_every_letter_of_the_rules_is_in_the_font(qapp):
    font = raw_font(SIZE)
    texts = [text for letter in LETTERS.values() for text in (letter.text, letter.index, letter.power)]
    signs = "0123456789.+−·=←()/,<>≤≥√′∞e–"
    assert all(font.supportsCharacter(ord(c)) for c in "".join(texts) + signs)


def test_it_is_sharp_at_any_scale(qapp):
    """Four times as large it is the formula at four times the size, not a larger picture."""
    step = rule_of("adam")
    small, large = set_lines(step.explanation.nodes, 16.0), set_lines(step.explanation.nodes, 64.0)
    scaled = drawn(small, 4.0)
    image = QImage(scaled.shape[1], scaled.shape[0], QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    large.draw(painter, QPointF(16, 16 + large.ascent), QColor("black"))
    painter.end()
    wanted = 255 - as_array(image).astype(float).mean(axis=2)
    assert np.abs(scaled - wanted).mean() < 0.05 * wanted.mean()


def test_it_draws_into_vector_graphics(qapp):
    layout = set_lines(rule_of("adam").explanation.nodes, 16.0)
    size = QSize(round(layout.width) + 8, round(layout.height) + 8)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.ReadWrite)
    svg = QSvgGenerator()
    svg.setOutputDevice(buffer)
    svg.setSize(size)
    svg.setViewBox(QRect(0, 0, size.width(), size.height()))
    painter = QPainter(svg)
    layout.draw(painter, QPointF(4, 4 + layout.ascent), QColor("black"))
    painter.end()
    image = QImage(3 * size, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    QSvgRenderer(QByteArray(buffer.data())).render(painter)
    painter.end()
    wanted = drawn(layout, 3.0)
    ink = (255 - as_array(image).astype(float).mean(axis=2))[: wanted.shape[0], : wanted.shape[1]]
    wanted = wanted[: ink.shape[0], : ink.shape[1]]
    assert np.abs(ink - wanted).mean() < 0.25 * wanted.mean()


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_a_label_draws_in_the_colours_of_the_look(qtbot, theme):
    label = FormulaLabel(30)
    qtbot.addWidget(label)
    label.set_formula(BAR)
    label.resize(400, label.sizeHint().height())
    label.set_theme(theme)
    assert count_near(label.grab().toImage(), QColor(theme.text), 24) > 100


def test_a_label_shrinks_and_then_leaves_out_the_end(qtbot):
    label = FormulaLabel()
    qtbot.addWidget(label)
    label.show()
    label.set_formula(row(*"abcdefgh", "+", X))
    whole = label.sizeHint().width()
    label.resize(whole, 40)
    assert label.toolTip() == ""
    label.resize(round(0.8 * whole), 40)
    assert label.toolTip() == ""
    label.resize(round(0.4 * whole), 40)
    assert label.toolTip() == "a b c d e f g h + x"
    assert label._shown.width <= 0.4 * whole / 0.72
    assert label.accessibleName() == "a b c d e f g h + x"


def test_changing_numbers_draw_without_another_layout(qtbot):
    label = FormulaLabel()
    qtbot.addWidget(label)
    label.set_theme(LIGHT)
    node = row(variable("m", "m"), "=", "1")
    assert values(node) == ("m",)
    label.set_formula(node, rooms={"m": Room(WIDEST, 2)})
    label.show()
    label.resize(label.sizeHint())
    layout = label._shown
    label.set_values({"m": ("1.000", "2.000")})
    first = as_array(label.grab().toImage())
    label.set_values({"m": ("3.000", "2.000")})
    second = as_array(label.grab().toImage())
    assert label._shown is layout
    assert not np.array_equal(first, second)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"), (1.0, "1.000"), (-2.5, "−2.500"), (0.001234, "0.001234"), (1e-5, "1.00e−5"),
        (-1.5e-12, "−1.5e−12"), (2e-123, "2e−123"), (123456.0, "1.23e5"), (99999.4, "99999"),
        (float("nan"), "–"),        (float("inf"), "∞"), (float("-inf"), "−∞"),
    ],
)  # fmt: skip
def test_numbers_are_short(value, text):
    assert short(value) == text


def test_no_number_is_wider_than_its_room(qapp):
    generator = np.random.default_rng(0)
    numbers = generator.normal(size=4000) * 10.0 ** generator.integers(-99, 99, 4000)
    widest = max(text_width(short(number), 12.0) for number in numbers)
    assert widest <= text_width(WIDEST, 12.0) + 0.5


def test_settings_are_written_as_they_were_set():
    assert [plain(v) for v in (0.9, 0.999, 1e-8, 3, -0.5)] == ["0.9", "0.999", "1e−8", "3", "−0.5"]
    assert pair((0.001, -20.0)) == "0.00100, −20.0"
