"""A formula as mathematical notation, as it was typed: fractions, roots and powers, nothing rearranged."""

import ast
from typing import TypeGuard

from core.formula_text import GREEK, is_parameter, read
from core.notation import Fraction, Group, Node, Root, Row, Script, row, sign, variable

_SUM, _PRODUCT, _SIGN, _POWER, _ATOM = range(5)
"""How tightly a piece holds together; a looser one stands in parentheses inside a tighter one."""
_SIGNS: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "−"}
_INDEXED = {"log10": "10", "log2": "2"}
_GREEK = {**GREEK, "pi": "π"}


def notation(text: str) -> Node:
    """What a formula looks like.

    Parameters
    ----------
    text
        A formula as `core.formula_text` takes it; raises `FormulaError`.

    Returns
    -------
    Node
        The pieces in the order of the text. A product has a dot where its factors would run together
        or look like a function of something.
    """
    return _flat(read(text)[0])


def equation(text: str) -> Node:
    """The same after `f(x, y) =`."""
    head = (variable("f"), Group("", row(variable("x"), ",", variable("y"))), sign("="))
    body = notation(text)
    return Row("", (*head, *(body.parts if isinstance(body, Row) else (body,))))


def mean_equation(text: str, columns: tuple[str, ...], count: int) -> Node:
    """What the mean of a formula over samples looks like; `columns` are names that it may have."""
    body = _within(read(text, columns)[0], _PRODUCT)
    return _joined(sign("mean of"), body, sign(f"over {count:,} samples"))


def _flat(node: ast.expr) -> Node:
    """A piece that nothing stands around."""
    match node:
        case ast.Constant():
            return _number(node.value)
        case ast.Name(id=name):
            return _name(name)
        case ast.UnaryOp(op=op, operand=operand):
            return _joined(sign("−" if isinstance(op, ast.USub) else "+"), _within(operand, _SIGN))
        case ast.BinOp(op=ast.Pow(), left=base, right=exponent):
            return Script("", _within(base, _ATOM), power=_flat(exponent))
        case ast.BinOp(op=ast.Div(), left=above, right=below):
            return Fraction("", _flat(above), _flat(below))
        case ast.BinOp(op=ast.Mult(), left=left, right=right):
            dot = () if _needs_no_dot(left, right) else (sign("·"),)
            first = _flat(left) if isinstance(left, ast.UnaryOp) else _within(left, _PRODUCT)
            return _joined(first, *dot, _within(right, _SIGN))
        case ast.BinOp(op=op, left=left, right=right):
            return _joined(_within(left, _SUM), sign(_SIGNS[type(op)]), _within(right, _PRODUCT))
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return _call(name, arguments)
    raise AssertionError(ast.dump(node))


def _within(node: ast.expr, tightness: int) -> Node:
    """A piece beside others, in parentheses where it would come apart."""
    return Group("", _flat(node)) if _tightness(node) < tightness else _flat(node)


def _tightness(node: ast.expr) -> int:
    match node:
        case ast.BinOp(op=ast.Add() | ast.Sub()):
            return _SUM
        case ast.BinOp(op=ast.Mult()):
            return _PRODUCT
        case ast.UnaryOp():
            return _SUM
        case ast.BinOp(op=ast.Pow() | ast.Div()):
            return _POWER
    return _ATOM


def _call(name: str, arguments: list[ast.expr]) -> Node:
    inside = [_flat(argument) for argument in arguments]
    if name == "sqrt":
        return Root("", inside[0])
    if name == "abs":
        return Group("", inside[0], "|", "|")
    parts = [part for each in inside for part in (sign(","), each)][1:]
    word = Script("", sign("log"), index=sign(_INDEXED[name])) if name in _INDEXED else sign(name)
    return row(word, Group("", _joined(*parts)))


def _joined(*pieces: Node) -> Row:
    """Pieces in one row; rows among them are taken apart, so that a long one can end anywhere."""
    parts = (piece.parts if isinstance(piece, Row) else (piece,) for piece in pieces)
    return Row("", tuple(part for some in parts for part in some))


def _number(value: object) -> Node:
    text = repr(value).removesuffix(".0")
    mantissa, e, exponent = text.partition("e")
    if not e:
        return sign(text)
    return row(mantissa, "·", Script("", sign("10"), power=sign(str(int(exponent)).replace("-", "−"))))


def _name(name: str) -> Node:
    if name in _GREEK:
        return variable(_GREEK[name])
    if is_parameter(name) and len(name) > 1:
        return Script("", variable(name[0]), index=sign(name[1:]))
    return variable(name)


def _needs_no_dot(left: ast.expr, right: ast.expr) -> bool:
    """Whether two factors can stand side by side: `2x`, `2(x + 1)`, `2 sin(x)`, `ab`, `a²b`."""
    last = left
    while isinstance(last, ast.BinOp) and isinstance(last.op, ast.Mult):
        last = last.right
    if isinstance(last, ast.UnaryOp):
        last = last.operand
    first = right.left if _is_power(right) else right
    in_parentheses = _tightness(right) < _SIGN or (_is_power(right) and _tightness(first) < _ATOM)
    if isinstance(last, ast.Constant):
        return isinstance(first, ast.Name | ast.Call) or in_parentheses
    base = last.left if _is_power(last) else last
    return isinstance(base, ast.Name) and isinstance(first, ast.Name) and not in_parentheses


def _is_power(node: ast.expr) -> TypeGuard[ast.BinOp]:
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow)
