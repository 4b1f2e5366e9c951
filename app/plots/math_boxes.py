"""Pieces of a formula in place, and the shapes that grow with what they hold: roots, fences, hats.

Measures are those of the font's own table of mathematical constants, in parts of its size.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainterPath, QPainterPathStroker, QPen

from app.plots.math_font import glyph, italic, raw_font
from core.notation import Word

RULE = 0.068
"""Thickness of a line."""
ASCENT, DESCENT = 0.72, 0.21
"""Of a line of letters."""
_ROOT_GAP = 0.1


@dataclass(frozen=True)
class Slot:
    """Where the numbers of a key stand: the middle of the first line's base, and the lines' distance."""

    key: str
    x: float
    y: float
    line: float
    lines: int


@dataclass
class Box:
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

    def put(self, other: "Box", x: float, y: float = 0.0) -> None:
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


def word(node: Word, size: float) -> Box:
    font = raw_font(size)
    text = "".join(map(italic, node.text)) if node.italic else node.text.strip()
    box = Box(ascent=ASCENT * size, descent=DESCENT * size, depth=DESCENT * size)
    for character in text:
        index, advance = glyph(font, character)
        box.glyphs.append((size, index, box.width, 0.0))
        box.width += advance
    return box


def bar(x: float, y: float, width: float, thick: float) -> QPainterPath:
    path = QPainterPath()
    path.addRect(QRectF(x, y - thick / 2, width, thick))
    return path


def rooted(inside: Box, size: float) -> Box:
    """A root over a piece: only over its letters, numbers hang below."""
    thick, hook = RULE * size, 0.62 * size
    top = -inside.ascent - _ROOT_GAP * size + thick / 2
    bottom = max(inside.descent - 0.06 * size, 0.1 * size)
    sign = QPainterPath(QPointF(0.06 * size, (top + bottom) / 2 + 0.06 * size))
    sign.lineTo(0.17 * size, (top + bottom) / 2 - 0.01 * size)
    sign.lineTo(0.36 * size, bottom)
    sign.lineTo(hook, top)
    sign.lineTo(hook + inside.width + 0.06 * size, top)
    whole = Box()
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


def hatted(base: Box, size: float) -> Box:
    centre, top = base.width / 2 + 0.05 * size, -0.56 * size
    hat = QPainterPath(QPointF(centre - 0.16 * size, top))
    hat.lineTo(centre, top - 0.15 * size)
    hat.lineTo(centre + 0.16 * size, top)
    whole = Box()
    whole.put(base, 0.0)
    whole.shapes.append(_stroked(hat, 0.06 * size))
    whole.ascent = max(whole.ascent, 0.78 * size)
    return whole


def fenced(inside: Box, left: str, right: str, size: float) -> Box:
    """A piece between fences as high as its letters; the numbers below them hang lower."""
    above, below = inside.ascent, inside.descent
    high = above + below > 1.25 * size
    whole = Box()
    x = 0.0
    for fence, mirrored in ((left, False), (right, True)):
        part = _fence(fence, mirrored, above, below, size) if high else word(Word("", fence), size)
        whole.put(part, x)
        x += part.width
        if not mirrored:
            whole.put(inside, x)
            x += inside.width
    return whole


def _fence(text: str, mirrored: bool, above: float, below: float, size: float) -> Box:
    """A fence stretched from `above` the base line to `below` it."""
    shape = _STRETCHED.get(text)
    if shape is None:
        return word(Word("", text), size)
    box = Box(ascent=above, descent=below, depth=below)
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
    path.addRect(QRectF(0.12 * size, -above, RULE * size, above + below))
    return path


def _bracket(above: float, below: float, size: float, side: float = 1.0) -> QPainterPath:
    stem, tip = (0.12, 0.34) if side > 0 else (0.32, 0.1)
    path = QPainterPath(QPointF(tip * size, -above))
    for x, y in ((stem, -above), (stem, below), (tip, below)):
        path.lineTo(x * size, y)
    return _stroked(path, RULE * size)


_STRETCHED: dict[str, Callable[[float, float, float], QPainterPath]] = {
    "(": _parenthesis,
    ")": lambda above, below, size: _parenthesis(above, below, size, -1.0),
    "[": _bracket,
    "]": lambda above, below, size: _bracket(above, below, size, -1.0),
    "|": _upright,
    "‖": _upright,
}
