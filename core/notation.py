"""Mathematical notation as a tree: what a formula looks like, without saying how it is drawn.

A rule or a surface is turned into such a tree once; the window sets it in type, and any node may carry
the number that it has at the moment, to be shown with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Node:
    """A piece of notation.

    Attributes
    ----------
    value
        Key of the number that belongs to the piece, or "" for none. Numbers change with every step
        and are looked up by key when the formula is drawn, so that the tree stays.
    """

    value: str = ""


@dataclass(frozen=True)
class Word(Node):
    """Letters, digits or a sign: `text`, in italics for a variable."""

    text: str = ""
    italic: bool = False


@dataclass(frozen=True)
class Row(Node):
    """Pieces one after the other."""

    parts: tuple[Node, ...] = ()


@dataclass(frozen=True)
class Fraction(Node):
    """One piece above another."""

    above: Node = Node()
    below: Node = Node()


@dataclass(frozen=True)
class Root(Node):
    """A square root."""

    inside: Node = Node()


@dataclass(frozen=True)
class Script(Node):
    """A piece with a power, an index, a hat, or several of them."""

    base: Node = Node()
    power: Node | None = None
    index: Node | None = None
    hat: bool = False


@dataclass(frozen=True)
class Group(Node):
    """A piece between "(" and ")", "|" and "|" or others, as high as it is."""

    inside: Node = Node()
    left: str = "("
    right: str = ")"


def variable(text: str, value: str = "") -> Word:
    """A letter in italics."""
    return Word(value, text, italic=True)


def sign(text: str) -> Word:
    """An operator, a digit or an upright name."""
    return Word("", text)


def row(*parts: Node | str) -> Row:
    """Pieces one after the other; plain text stands for signs."""
    return Row("", tuple(sign(part) if isinstance(part, str) else part for part in parts))


def with_value(node: Node, value: str) -> Node:
    """The same piece, with the key of its number."""
    return replace(node, value=value)


def values(node: Node) -> tuple[str, ...]:
    """The keys of a tree's numbers, in the order of reading."""
    found = [node.value] if node.value else []
    for child in _children(node):
        found += values(child)
    return tuple(dict.fromkeys(found))


def _children(node: Node) -> Sequence[Node]:
    match node:
        case Row(parts=parts):
            return parts
        case Fraction(above=above, below=below):
            return (above, below)
        case Root(inside=inside) | Group(inside=inside):
            return (inside,)
        case Script(base=base, power=power, index=index):
            return [part for part in (base, power, index) if part is not None]
    return ()


def plain(node: Node) -> str:
    """The notation in one line of text, for screen readers and the clipboard."""
    match node:
        case Word(text=text):
            return text
        case Row(parts=parts):
            return " ".join(filter(None, map(plain, parts))).replace(" ,", ",").replace(" ;", ";")
        case Fraction(above=above, below=below):
            return f"{_fenced(above)} / {_fenced(below)}"
        case Root(inside=inside):
            return f"√{_fenced(inside)}"
        case Group(inside=inside, left=left, right=right):
            return f"{left}{plain(inside)}{right}"
        case Script(base=base, power=power, index=index, hat=hat):
            text = plain(base) + ("\u0302" if hat else "")
            text += _raised(index, _BELOW, "_") if index is not None else ""
            return text + (_raised(power, _ABOVE, "^") if power is not None else "")
    return ""


_ABOVE = str.maketrans("0123456789+−()nit", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿⁱᵗ")
_BELOW = str.maketrans("0123456789+−()nixtk", "₀₁₂₃₄₅₆₇₈₉₊₋₍₎ₙᵢₓₜₖ")


def _raised(node: Node, small: dict[int, int], mark: str) -> str:
    """A power or index in small characters where Unicode has them all."""
    text = plain(node)
    if all(ord(character) in small for character in text.replace(" ", "")):
        return text.replace(" ", "").translate(small)
    return f"{mark}({text})" if len(text) > 1 else mark + text


def _fenced(node: Node) -> str:
    """In parentheses, unless it is one piece."""
    whole = isinstance(node, Word | Script | Group | Root) or (isinstance(node, Row) and len(node.parts) == 1)
    return plain(node) if whole else f"({plain(node)})"
