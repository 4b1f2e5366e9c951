"""Sets mathematical notation in type: a tree of `core.notation` -> glyphs, rules and shapes in place.

A formula is laid out once and drawn often, into any painter and at any scale: all of it is outlines.
Under a piece with a value there can be room for the number that it has at the moment; only these numbers
change from frame to frame.

Measures are those of the font's own table of mathematical constants, in parts of its size.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QGlyphRun,
    QPainter,
    QPainterPath,
    QPainterPathStroker,
    QPen,
    QRawFont,
)

from core.notation import Fraction, Group, Node, Root, Row, Script, Word
from core.resource import resource_path

_AXIS, _RULE = 0.258, 0.068
_POWER_UP, _INDEX_DOWN, _SCRIPT = 0.36, 0.21, 0.7
_FRACTION_GAP, _ROOT_GAP = 0.12, 0.1
_RELATION, _BINARY, _PRODUCT, _COMMA = 5 / 18, 4 / 18, 2.5 / 18, 4 / 18
_ASCENT, _DESCENT = 0.72, 0.21
"""Of a line of letters."""
VALUE_SIZE = 0.7
"""Of a number under its symbol, against the formula."""
_VALUE_LINE, _VALUE_GAP, _VALUE_APART = 1.08, 0.12, 0.7
"""In parts of a number's size: its line's height, its distance from the symbol and from its neighbour."""

_RELATIONS = frozenset(["=", "←", "≠", "≤", "≥", "<", ">", "≈", "→", "∈", "∝", ":"])
_BINARIES = frozenset(["+", "−", "·", "×", "±", "÷", "∘", "⋅", "*"])
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
class Slot:
    """Where the numbers of a key stand: the middle of the first line's base, and the lines' distance."""

    key: str
    x: float
    y: float
    line: float
    lines: int


@dataclass
class _Box:
    """A piece in place, relative to the left end of its base line; y points down.

    Letters stand as close as they do without numbers; only where the numbers below them would touch are
    they moved apart. So a box has two widths.

    Attributes
    ----------
    width, ascent, descent
        Of letters and signs.
    low_left, low_right, depth
        How far things reach that are lower than a line of letters: numbers, and denominators.
    """

    width: float = 0.0
    ascent: float = 0.0
    descent: float = 0.0
    depth: float = 0.0
    low_left: float = math.inf
    low_right: float = -math.inf
    glyphs: list[tuple[float, int, float, float]] = field(default_factory=list)
    shapes: list[QPainterPath] = field(default_factory=list)
    slots: list[Slot] = field(default_factory=list)

    @property
    def left(self) -> float:
        """Where its leftmost number or letter begins: 0 or less."""
        return min(0.0, self.low_left)

    @property
    def right(self) -> float:
        """Where its rightmost number or letter ends."""
        return max(self.width, self.low_right)

    def put(self, other: "_Box", x: float, y: float = 0.0) -> None:
        """Place another box in this one, which grows where it must."""
        self.glyphs += [(size, glyph, left + x, base + y) for size, glyph, left, base in other.glyphs]
        self.shapes += [shape.translated(x, y) for shape in other.shapes]
        self.slots += [replace(slot, x=slot.x + x, y=slot.y + y) for slot in other.slots]
        self.width = max(self.width, x + other.width)
        self.ascent = max(self.ascent, other.ascent - y)
        self.descent = max(self.descent, other.descent + y)
        self.depth = max(self.depth, other.depth + y)
        self.low_left = min(self.low_left, x + other.low_left)
        self.low_right = max(self.low_right, x + other.low_right)


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
        painter.setPen(colour)
        for run in self.runs:
            painter.drawGlyphRun(place, run)
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
        painter.setPen(colour)
        painter.drawGlyphRun(place, line.run())


class _Line:
    """Collects texts that are drawn at once."""

    def __init__(self, font: QRawFont) -> None:
        self._font = font
        self._glyphs: list[int] = []
        self._places: list[QPointF] = []

    def add(self, text: str, centre: float, base: float) -> None:
        known = [_glyph(self._font, character) for character in text]
        x = centre - sum(advance for _, advance in known) / 2
        for glyph, advance in known:
            self._glyphs.append(glyph)
            self._places.append(QPointF(x, base))
            x += advance

    def run(self) -> QGlyphRun:
        return _run(self._font, self._glyphs, self._places)


def _run(font: QRawFont, glyphs: Sequence[int], places: Sequence[QPointF]) -> QGlyphRun:
    run = QGlyphRun()
    run.setRawFont(font)
    run.setGlyphIndexes(glyphs)
    run.setPositions(places)
    return run


@lru_cache(maxsize=64)
def raw_font(size: float) -> QRawFont:
    """The bundled mathematical font, so that formulas look alike on every machine."""
    path = str(resource_path("fonts/math.ttf"))
    return QRawFont(path, size, QFont.HintingPreference.PreferNoHinting)


_known: dict[tuple[float, str], tuple[int, float]] = {}


def _glyph(font: QRawFont, character: str) -> tuple[int, float]:
    """Index and advance of a character."""
    key = font.pixelSize(), character
    if key not in _known:
        index = font.glyphIndexesForString(character)[0]
        _known[key] = index, font.advancesForGlyphIndexes([index])[0].x()
    return _known[key]


def text_width(text: str, size: float) -> float:
    """Pixels that a text of upright characters takes."""
    font = raw_font(size)
    return sum(_glyph(font, character)[1] for character in text)


def set_in_type(node: Node, size: float, rooms: Mapping[str, Room] | None = None) -> Layout:
    """Lay a formula out at a size in pixels, with room for the numbers of some keys."""
    return layout(_Setter(rooms or {}, VALUE_SIZE * size).box(node, size), VALUE_SIZE * size)


def set_lines(
    lines: Sequence[Node], size: float, rooms: Mapping[str, Room] | None = None, gap: float = 0.5
) -> Layout:
    """Lay formulas out below each other, their relations ("←", "=") in line."""
    setter = _Setter(rooms or {}, VALUE_SIZE * size)
    boxes = [setter.line(line, size) for line in lines]
    relation = max((at for _, at in boxes), default=0.0)
    whole, y = _Box(), 0.0
    for index, (box, at) in enumerate(boxes):
        if index:
            y += box.ascent + gap * size
        whole.put(box, relation - at, y)
        y += box.depth
    return layout(whole, VALUE_SIZE * size)


def layout(inside: _Box, value_size: float) -> Layout:
    """What is drawn of a box, by size of type."""
    box = _Box()
    box.put(inside, -inside.left)
    runs = []
    for size in dict.fromkeys(glyph[0] for glyph in box.glyphs):
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

    def box(self, node: Node, size: float) -> _Box:
        """A piece with room for its number."""
        return self._with_room(self._bare(node, size), node.value, size)

    def _bare(self, node: Node, size: float) -> _Box:
        match node:
            case Word():
                return _word(node, size)
            case Row(parts=parts):
                return self._row(parts, size)[0]
            case Fraction():
                return self._fraction(node, size)
            case Root(inside=inside):
                return _rooted(self.box(inside, size), size)
            case Script():
                return self._script(node, size)
            case Group():
                return _fenced(self.box(node.inside, size), node.left, node.right, size)
        return _Box()

    def line(self, node: Node, size: float) -> tuple[_Box, float]:
        """A line, and where its relation is; 0 where it has none."""
        if not isinstance(node, Row) or node.value:
            return self.box(node, size), 0.0
        return self._row(node.parts, size)

    def _with_room(self, bare: _Box, key: str, size: float) -> _Box:
        room = self._rooms.get(key)
        if room is None:
            return bare
        line = _VALUE_LINE * self._value_size
        half = text_width(room.sample, self._value_size) / 2
        centre = bare.width / 2
        top = max(bare.depth, _DESCENT * size) + _VALUE_GAP * self._value_size
        bare.slots.append(Slot(key, centre, top + 0.78 * line, line, room.lines))
        bare.depth = top + room.lines * line
        bare.low_left = min(bare.low_left, centre - half)
        bare.low_right = max(bare.low_right, centre + half)
        return bare

    def _row(self, parts: Iterable[Node], size: float) -> tuple[_Box, float]:
        """Pieces side by side, and where the first relation among them is."""
        row = _RowBuilder(size, _VALUE_APART * self._value_size)
        for part in parts:
            row.add(self.box(part, size), _kind(part))
        return row.finish()

    def _fraction(self, node: Fraction, size: float) -> _Box:
        above, below = self.box(node.above, size), self.box(node.below, size)
        thick, gap = _RULE * size, _FRACTION_GAP * size
        width = max(above.right - above.left, below.right - below.left) + 0.24 * size
        whole = _Box()
        bar = -_AXIS * size
        for box, y in (
            (above, bar - thick / 2 - gap - above.depth),
            (below, bar + thick / 2 + gap + below.ascent),
        ):
            whole.put(box, (width - box.right - box.left) / 2, y)
        whole.shapes.append(_bar(0.04 * size, bar, width - 0.08 * size, thick))
        whole.width = width
        whole.low_left, whole.low_right = 0.0, width
        return whole

    def _script(self, node: Script, size: float) -> _Box:
        base = self._bare(node.base, size)
        if node.hat:
            base = _hatted(base, size)
        whole = _Box()
        whole.put(base, 0.0)
        small, end = _SCRIPT * size, base.width
        tall = max(base.ascent - _ASCENT * size, 0.0)
        for part, y in ((node.power, -_POWER_UP * size - tall), (node.index, _INDEX_DOWN * size)):
            if part is not None:
                whole.put(self.box(part, small), end + 0.03 * size, y)
        return self._with_room(whole, node.base.value, size)


class _RowBuilder:
    """Places pieces side by side; an operator stands half-way between what numbers push apart."""

    def __init__(self, size: float, apart: float) -> None:
        self._size, self._apart = size, apart
        self._whole = _Box()
        self._x = self._relation = 0.0
        self._last = ""
        self._waiting: tuple[_Box, float, bool] | None = None

    def add(self, box: _Box, kind: str) -> None:
        """Place one more."""
        if kind == "binary" and self._last in ("", "relation", "binary", "comma"):
            kind = "sign"
        natural = self._x + _space(self._last, kind) * self._size
        x = max(natural, self._whole.low_right + self._apart - box.low_left)
        self._place_waiting((x - natural) / 2)
        if kind in ("binary", "relation"):
            self._waiting = box, x, kind == "relation"
        else:
            self._whole.put(box, x)
        self._x, self._last = x + box.width, kind

    def finish(self) -> tuple[_Box, float]:
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


def _word(node: Word, size: float) -> _Box:
    font = raw_font(size)
    text = "".join(map(_italic, node.text)) if node.italic else node.text.strip()
    box = _Box(ascent=_ASCENT * size, descent=_DESCENT * size, depth=_DESCENT * size)
    for character in text:
        index, advance = _glyph(font, character)
        box.glyphs.append((size, index, box.width, 0.0))
        box.width += advance
    return box


def _italic(letter: str) -> str:
    """The mathematical italic of a letter, where Unicode has it."""
    if letter == "h":
        return "\u210e"
    for first, last, there in (
        ("a", "z", 0x1D44E),
        ("A", "Z", 0x1D434),
        ("α", "ω", 0x1D6FC),
        ("Α", "Ω", 0x1D6E2),
    ):
        if first <= letter <= last:
            return chr(there + ord(letter) - ord(first))
    return "\U0001d716" if letter == "ϵ" else letter


def _bar(x: float, y: float, width: float, thick: float) -> QPainterPath:
    path = QPainterPath()
    path.addRect(QRectF(x, y - thick / 2, width, thick))
    return path


def _rooted(inside: _Box, size: float) -> _Box:
    """A root over a piece: only over its letters, numbers hang below."""
    thick, hook = _RULE * size, 0.62 * size
    top = -inside.ascent - _ROOT_GAP * size + thick / 2
    bottom = max(inside.descent - 0.06 * size, 0.1 * size)
    sign = QPainterPath(QPointF(0.06 * size, (top + bottom) / 2 + 0.06 * size))
    sign.lineTo(0.17 * size, (top + bottom) / 2 - 0.01 * size)
    sign.lineTo(0.36 * size, bottom)
    sign.lineTo(hook, top)
    sign.lineTo(hook + inside.width + 0.06 * size, top)
    whole = _Box()
    whole.put(inside, hook)
    whole.shapes.append(_stroked(sign, thick))
    whole.ascent = -top + thick
    whole.width += 0.1 * size
    return whole


def _stroked(path: QPainterPath, thick: float) -> QPainterPath:
    pen = QPen(Qt.GlobalColor.black, thick)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    return QPainterPathStroker(pen).createStroke(path)


def _hatted(base: _Box, size: float) -> _Box:
    centre, top = base.width / 2 + 0.05 * size, -0.56 * size
    hat = QPainterPath(QPointF(centre - 0.16 * size, top))
    hat.lineTo(centre, top - 0.15 * size)
    hat.lineTo(centre + 0.16 * size, top)
    whole = _Box()
    whole.put(base, 0.0)
    whole.shapes.append(_stroked(hat, 0.06 * size))
    whole.ascent = max(whole.ascent, 0.78 * size)
    return whole


def _fenced(inside: _Box, left: str, right: str, size: float) -> _Box:
    """A piece between fences as high as its letters; the numbers below them hang lower."""
    above, below = inside.ascent, inside.descent
    high = above + below > 1.25 * size
    whole = _Box()
    x = 0.0
    for fence, mirrored in ((left, False), (right, True)):
        part = _fence(fence, mirrored, above, below, size) if high else _word(Word("", fence), size)
        whole.put(part, x)
        x += part.width
        if not mirrored:
            whole.put(inside, x)
            x += inside.width
    return whole


def _fence(text: str, mirrored: bool, above: float, below: float, size: float) -> _Box:
    """A fence stretched from `above` the base line to `below` it."""
    shape = _STRETCHED.get(text)
    if shape is None:
        return _word(Word("", text), size)
    box = _Box(ascent=above, descent=below, depth=below)
    box.shapes.append(shape(above, below, size))
    box.width = (0.44 if text in "()[]" else 0.3) * size
    return box


def _parenthesis(above: float, below: float, size: float, side: float = 1.0) -> QPainterPath:
    """A crescent, thicker in the middle; `side` -1 turns it round."""
    outer, tip, middle, thick = (0.08, 0.36, -(above - below) / 2, 0.085)
    if side < 0:
        outer, tip, thick = 0.36, 0.08, -thick
    path = QPainterPath(QPointF(tip * size, -above))
    path.quadTo(outer * size - side * 0.04 * size, middle + (-above - middle) * 0.45, outer * size, middle)
    path.quadTo(outer * size - side * 0.04 * size, middle + (below - middle) * 0.45, tip * size, below)
    inner = (outer + thick) * size
    path.quadTo(inner - side * 0.03 * size, middle + (below - middle) * 0.42, inner, middle)
    path.quadTo(inner - side * 0.03 * size, middle + (-above - middle) * 0.42, tip * size, -above)
    return path


def _upright(above: float, below: float, size: float) -> QPainterPath:
    path = QPainterPath()
    path.addRect(QRectF(0.12 * size, -above, _RULE * size, above + below))
    return path


def _bracket(above: float, below: float, size: float, side: float = 1.0) -> QPainterPath:
    stem, tip = (0.12, 0.34) if side > 0 else (0.32, 0.1)
    path = QPainterPath(QPointF(tip * size, -above))
    for x, y in ((stem, -above), (stem, below), (tip, below)):
        path.lineTo(x * size, y)
    return _stroked(path, _RULE * size)


_STRETCHED: dict[str, Callable[[float, float, float], QPainterPath]] = {
    "(": _parenthesis,
    ")": lambda above, below, size: _parenthesis(above, below, size, -1.0),
    "[": _bracket,
    "]": lambda above, below, size: _bracket(above, below, size, -1.0),
    "|": _upright,
    "‖": _upright,
}
