"""Sets mathematical notation in type: a tree of `core.notation` -> glyphs, rules and shapes in place.

A formula is laid out once and drawn often, into any painter and at any scale: all of it is outlines.
Under a piece with a value there can be room for the number that it has at the moment; only these numbers
change from frame to frame.

Measures are those of the font's own table of mathematical constants, in parts of its size.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QGlyphRun, QPainter, QPainterPath, QRawFont

from app.plots.math_boxes import ASCENT, DESCENT, RULE, Box, Slot, bar, fenced, hatted, rooted, word
from app.plots.math_font import glyph, raw_font, text_width
from core.notation import Fraction, Group, Node, Root, Row, Script, Word

_AXIS = 0.258
"""Height of a fraction's line above the base line."""
_POWER_UP, _INDEX_DOWN, _SCRIPT = 0.36, 0.21, 0.7
_FRACTION_GAP = 0.12
_RELATION, _BINARY, _PRODUCT, _COMMA = 5 / 18, 4 / 18, 2.5 / 18, 4 / 18
VALUE_SIZE = 0.72
"""Of a number under its symbol, against the formula."""
_VALUE_LINE, _VALUE_GAP, _VALUE_APART = 1.08, 0.12, 0.6
"""In parts of a number's size: its line's height, its distance from the symbol and from its neighbour."""

_LARGEST = 60.0
"""Device pixels of the largest type that is drawn as glyphs."""
_LINES_APART, _COLUMNS_APART = 0.5, 1.2

_RELATIONS = frozenset(["=", "←", "≠", "≤", "≥", "<", ">", "≈", "→", "∈", "∝", ":"])
_BINARIES = frozenset(["+", "−", "·", "×", "±", "÷", "∘", "⋅", "*", "/"])
_COMMAS = frozenset([",", ";"])


@dataclass(frozen=True)
class Room:
    """Place under a symbol for its number.

    Attributes
    ----------
    sample
        The widest text that will stand there.
    lines
        How many numbers stand there, one below the other.
    """

    sample: str
    lines: int = 1


@dataclass(frozen=True)
class Layout:
    """A formula in place, relative to the left end of its base line; y points down.

    Attributes
    ----------
    width, ascent, descent
        Its size in pixels; numbers below symbols are part of the descent.
    slots
        Where numbers stand.
    value_size
        Pixels of their type.
    """

    width: float
    ascent: float
    descent: float
    slots: tuple[Slot, ...]
    value_size: float
    runs: tuple[QGlyphRun, ...]
    shapes: QPainterPath

    @property
    def height(self) -> float:
        """Ascent and descent together."""
        return self.ascent + self.descent

    def draw(self, painter: QPainter, place: QPointF, colour: QColor) -> None:
        """Draw letters and signs, with the left end of the base line at `place`."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for run in self.runs:
            _draw_run(painter, place, run, colour)
        if not self.shapes.isEmpty():
            painter.fillPath(self.shapes.translated(place), colour)

    def draw_values(
        self, painter: QPainter, place: QPointF, values: Mapping[str, Sequence[str]], colour: QColor
    ) -> None:
        """Draw the numbers under their symbols; fewer numbers than lines stand in the middle."""
        line = _Line(raw_font(self.value_size))
        for slot in self.slots:
            texts = values.get(slot.key, ())
            top = slot.y + (slot.lines - len(texts)) * slot.line / 2
            for row, text in enumerate(texts):
                line.add(text, slot.x, top + row * slot.line)
        _draw_run(painter, place, line.run(), colour)


class _Line:
    """Collects texts that are drawn at once."""

    def __init__(self, font: QRawFont) -> None:
        self._font = font
        self._glyphs: list[int] = []
        self._places: list[QPointF] = []

    def add(self, text: str, centre: float, base: float) -> None:
        known = [glyph(self._font, character) for character in text]
        x = centre - sum(advance for _, advance in known) / 2
        for index, advance in known:
            self._glyphs.append(index)
            self._places.append(QPointF(x, base))
            x += advance

    def run(self) -> QGlyphRun:
        return _run(self._font, self._glyphs, self._places)


def _draw_run(painter: QPainter, place: QPointF, run: QGlyphRun, colour: QColor) -> None:
    """Draw glyphs; large ones as outlines, since Qt leaves out those above 64 device pixels."""
    font = run.rawFont()
    if font.pixelSize() * painter.deviceTransform().m11() <= _LARGEST:
        painter.setPen(colour)
        painter.drawGlyphRun(place, run)
        return
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.WindingFill)
    for index, position in zip(run.glyphIndexes(), run.positions(), strict=True):
        path.addPath(font.pathForGlyph(index).translated(place + position))
    painter.fillPath(path, colour)


def _run(font: QRawFont, glyphs: Sequence[int], places: Sequence[QPointF]) -> QGlyphRun:
    run = QGlyphRun()
    run.setRawFont(font)
    run.setGlyphIndexes(glyphs)
    run.setPositions(places)
    return run


def set_in_type(node: Node, size: float, rooms: Mapping[str, Room] | None = None) -> Layout:
    """Lay a formula out at a size in pixels, with room for the numbers of some keys."""
    return layout(_Setter(rooms or {}, VALUE_SIZE * size).box(node, size), VALUE_SIZE * size)


def set_lines(
    lines: Sequence[Node], size: float, rooms: Mapping[str, Room] | None = None, width: float = 0.0
) -> Layout:
    """Lay formulas out below each other, their "←" and "=" in line.

    Where two that follow each other have room in `width`, they stand side by side.
    """
    setter = _Setter(rooms or {}, VALUE_SIZE * size)
    boxes = [setter.line(line, size) for line in lines]
    rows = _side_by_side(boxes, width, _COLUMNS_APART * size)
    relation = [max((row[n][1] for row in rows if len(row) > n), default=0.0) for n in (0, 1)]
    second = max((relation[0] - row[0][1] + row[0][0].right for row in rows if len(row) > 1), default=0.0)
    second += _COLUMNS_APART * size + max((-row[1][0].left for row in rows if len(row) > 1), default=0.0)
    whole, y = Box(), 0.0
    for index, row in enumerate(rows):
        if index:
            y += max(box.ascent for box, _ in row) + _LINES_APART * size
        for place, (box, at) in enumerate(row):
            whole.put(box, place * second + (relation[place] - at if at else -box.left), y)
        y += max(box.depth for box, _ in row)
    return layout(whole, VALUE_SIZE * size)


def _side_by_side(
    boxes: list[tuple[Box, float]], width: float, apart: float
) -> list[list[tuple[Box, float]]]:
    """Rows of one or two lines; all pairs have room in `width` when they stand in two columns."""
    rows: list[list[tuple[Box, float]]] = []
    for box in boxes:
        if rows and len(rows[-1]) == 1 and _reach([*rows[:-1], [rows[-1][0], box]], apart) <= width:
            rows[-1].append(box)
        else:
            rows.append([box])
    return rows


def _reach(rows: list[list[tuple[Box, float]]], apart: float) -> float:
    """An upper bound of the width of rows in two columns."""
    pairs = [row for row in rows if len(row) > 1]
    sides = [
        max(at - box.left for box, at in column) + max(box.right - at for box, at in column)
        for column in ([row[0] for row in rows], [row[1] for row in pairs])
    ]
    return sum(sides) + apart


def layout(inside: Box, value_size: float) -> Layout:
    """What is drawn of a box, by size of type."""
    box = Box()
    box.put(inside, -inside.left)
    runs = []
    for size in dict.fromkeys(size for size, *_ in box.glyphs):
        mine = [(index, QPointF(x, y)) for own, index, x, y in box.glyphs if own == size]
        runs.append(_run(raw_font(size), [index for index, _ in mine], [place for _, place in mine]))
    shapes = QPainterPath()
    shapes.setFillRule(Qt.FillRule.WindingFill)
    for shape in box.shapes:
        shapes.addPath(shape)
    return Layout(box.right, box.ascent, box.depth, tuple(box.slots), value_size, tuple(runs), shapes)


class _Setter:
    """Lays out one formula."""

    def __init__(self, rooms: Mapping[str, Room], value_size: float) -> None:
        self._rooms, self._value_size = rooms, value_size

    def box(self, node: Node, size: float) -> Box:
        """A piece with room for its number."""
        return self._with_room(self._bare(node, size), node.value, size)

    def _bare(self, node: Node, size: float) -> Box:
        match node:
            case Word():
                return word(node, size)
            case Row(parts=parts):
                return self._row(parts, size)[0]
            case Fraction():
                return self._fraction(node, size)
            case Root(inside=inside):
                return rooted(self.box(inside, size), size)
            case Script():
                return self._script(node, size)
            case Group():
                return fenced(self.box(node.inside, size), node.left, node.right, size)
        return Box()

    def line(self, node: Node, size: float) -> tuple[Box, float]:
        """A line, and where its "=" or "←" is; 0 where it has none."""
        if not isinstance(node, Row) or node.value:
            return self.box(node, size), 0.0
        return self._row(node.parts, size)

    def _with_room(self, bare: Box, key: str, size: float) -> Box:
        room = self._rooms.get(key)
        if room is None:
            return bare
        line = _VALUE_LINE * self._value_size
        half = text_width(room.sample, self._value_size) / 2
        centre = bare.width / 2
        top = max(bare.depth, DESCENT * size) + _VALUE_GAP * self._value_size
        bare.slots.append(Slot(key, centre, top + 0.78 * line, line, room.lines))
        bare.depth = top + room.lines * line
        bare.low_left = min(bare.low_left, centre - half)
        bare.low_right = max(bare.low_right, centre + half)
        return bare

    def _row(self, parts: Iterable[Node], size: float) -> tuple[Box, float]:
        """Pieces side by side, and where the first "=" or "←" among them is."""
        row = _RowBuilder(size, _VALUE_APART * self._value_size)
        for part in parts:
            aligned = isinstance(part, Word) and part.text in ("=", "←")
            row.add(self.box(part, size), _kind(part), aligned)
        return row.finish()

    def _fraction(self, node: Fraction, size: float) -> Box:
        above, below = self.box(node.above, size), self.box(node.below, size)
        thick, gap = RULE * size, _FRACTION_GAP * size
        width = max(above.right - above.left, below.right - below.left) + 0.24 * size
        whole = Box()
        axis = -_AXIS * size
        for box, y in (
            (above, axis - thick / 2 - gap - above.depth),
            (below, axis + thick / 2 + gap + below.ascent),
        ):
            whole.put(box, (width - box.right - box.left) / 2, y)
        whole.shapes.append(bar(0.04 * size, axis, width - 0.08 * size, thick))
        whole.width = width
        whole.low_left, whole.low_right = 0.0, width
        return whole

    def _script(self, node: Script, size: float) -> Box:
        base = self._bare(node.base, size)
        if node.hat:
            base = hatted(base, size)
        whole = Box()
        whole.put(base, 0.0)
        small, end = _SCRIPT * size, base.width
        numberless = _Setter({}, self._value_size)  # below a power there are letters, and no room
        tall = max(base.ascent - ASCENT * size, 0.0)
        for part, y in ((node.power, -_POWER_UP * size - tall), (node.index, _INDEX_DOWN * size)):
            if part is not None:
                whole.put(numberless.box(part, small), end + 0.03 * size, y)
        return self._with_room(whole, node.base.value, size)


class _RowBuilder:
    """Places pieces side by side; an operator stands half-way between what numbers push apart."""

    def __init__(self, size: float, apart: float) -> None:
        self._size, self._apart = size, apart
        self._whole = Box()
        self._x = self._relation = 0.0
        self._last = ""
        self._waiting: tuple[Box, float, bool] | None = None

    def add(self, box: Box, kind: str, aligned: bool) -> None:
        """Place one more; `aligned` are relations that stand below each other in several lines."""
        if kind == "binary" and self._last in ("", "relation", "binary", "comma"):
            kind = "sign"
        natural = self._x + _space(self._last, kind) * self._size
        x = max(natural, self._whole.low_right + self._apart - box.low_left)
        self._place_waiting((x - natural) / 2)
        if kind in ("binary", "relation"):
            self._waiting = box, x, kind == "relation" and aligned
        else:
            self._whole.put(box, x)
        self._x, self._last = x + box.width, kind

    def finish(self) -> tuple[Box, float]:
        """The row, and where its first relation is."""
        self._place_waiting(0.0)
        return self._whole, self._relation

    def _place_waiting(self, shift: float) -> None:
        if self._waiting is None:
            return
        box, x, relation = self._waiting
        self._waiting = None
        self._whole.put(box, x + shift)
        if relation and not self._relation:
            self._relation = x + shift


def _kind(node: Node) -> str:
    """What a piece is in a row: "relation", "binary", "comma", "name" of a function, or "operand"."""
    if not isinstance(node, Word):
        return "group" if isinstance(node, Group) else "operand"
    text = node.text.strip()
    for kind, words in (("relation", _RELATIONS), ("binary", _BINARIES), ("comma", _COMMAS)):
        if text in words:
            return kind
    return "name" if not node.italic and len(text) > 1 and text.isalpha() else "operand"


def _space(last: str, kind: str) -> float:
    """The space between two kinds of pieces in a row, in parts of the size."""
    if last in ("", "sign"):
        return 0.0
    for spaced, space in (("relation", _RELATION), ("binary", _BINARY)):
        if spaced in (last, kind):
            return space
    if last == "comma":
        return _COMMA
    return 0.0 if kind == "comma" or (last == "name" and kind == "group") else _PRODUCT
