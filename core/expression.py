"""Arithmetic as a tree: what a rule computes, put the way one writes it by hand.

The same tree is printed as notation and evaluated, so that what is read is what is computed. The
constructors (`add`, `multiply`, ...) tidy up on the way: products gather over one fraction line, roots of
numerator and denominator become one, a factor that stands twice becomes a square.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.notation import Fraction, Group, Node, Root, Row, Script, plain, row, sign, with_value


@dataclass(frozen=True)
class Expression:
    """A piece of arithmetic; one of the classes below."""


@dataclass(frozen=True)
class Number(Expression):
    """A number that is written as such."""

    value: float


@dataclass(frozen=True)
class Leaf(Expression):
    """A letter.

    Attributes
    ----------
    key
        Of its number; the letter is looked up by the key too.
    uniform
        Whether it is the same number for every parameter.
    """

    key: str
    uniform: bool = False


@dataclass(frozen=True)
class Sum(Expression):
    """Terms with their signs, +1 or -1."""

    terms: tuple[tuple[int, Expression], ...]


@dataclass(frozen=True)
class Product(Expression):
    """Factors above and below a fraction line."""

    above: tuple[Expression, ...]
    below: tuple[Expression, ...] = ()


@dataclass(frozen=True)
class Power(Expression):
    """A base and its exponent."""

    base: Expression
    exponent: Expression


@dataclass(frozen=True)
class SquareRoot(Expression):
    """A square root."""

    inside: Expression


@dataclass(frozen=True)
class Call(Expression):
    """A named function: "max" or "sign"."""

    name: str
    arguments: tuple[Expression, ...]


_ONE = Number(1.0)
POWER = "^"
"""Stands in the key of a power of a letter, between the letter's key and the exponent."""


def add(left: Expression, right: Expression) -> Expression:
    """`left + right`."""
    return Sum((*_terms(left), *_terms(right)))


def subtract(left: Expression, right: Expression) -> Expression:
    """`left - right`; a sum that is taken away stays together."""
    return Sum((*_terms(left), (-1, right)))


def multiply(left: Expression, right: Expression) -> Expression:
    """`left * right`."""
    (above, below), (more_above, more_below) = _factors(left), _factors(right)
    return _product((*above, *more_above), (*below, *more_below))


def divide(left: Expression, right: Expression) -> Expression:
    """`left / right`."""
    (above, below), (more_below, more_above) = _factors(left), _factors(right)
    return _product((*above, *more_above), (*below, *more_below))


def _terms(expression: Expression) -> tuple[tuple[int, Expression], ...]:
    return expression.terms if isinstance(expression, Sum) else ((1, expression),)


def _factors(expression: Expression) -> tuple[tuple[Expression, ...], tuple[Expression, ...]]:
    if isinstance(expression, Product):
        return expression.above, expression.below
    return (() if expression == _ONE else (expression,)), ()


def _product(above: tuple[Expression, ...], below: tuple[Expression, ...]) -> Expression:
    roots_above, above = _split_roots(above)
    roots_below, below = _split_roots(below)
    if roots_above and roots_below:
        above = (*above, SquareRoot(_product(roots_above, roots_below)))
    else:
        above += tuple(map(SquareRoot, roots_above))
        below += tuple(map(SquareRoot, roots_below))
    above, below = _squares(above), _squares(below)
    if not below and len(above) == 1:
        return above[0]
    return Product(tuple(sorted(above, key=_place)), below) if above or below else _ONE


def _place(factor: Expression) -> tuple[bool, bool]:
    """Where a factor is written: rates first, then roots, then what differs between parameters."""
    return not is_uniform(factor), not isinstance(factor, SquareRoot)


def _split_roots(factors: tuple[Expression, ...]) -> tuple[tuple[Expression, ...], tuple[Expression, ...]]:
    roots = tuple(f.inside for f in factors if isinstance(f, SquareRoot))
    return roots, tuple(f for f in factors if not isinstance(f, SquareRoot))


def _squares(factors: tuple[Expression, ...]) -> tuple[Expression, ...]:
    once = dict.fromkeys(factors)
    counts = {factor: factors.count(factor) for factor in once}
    return tuple(f if counts[f] == 1 else Power(f, Number(float(counts[f]))) for f in once)


def children(expression: Expression) -> tuple[Expression, ...]:
    """What an expression is made of."""
    match expression:
        case Sum(terms=terms):
            return tuple(term for _, term in terms)
        case Product(above=above, below=below):
            return (*above, *below)
        case Power(base=base, exponent=exponent):
            return (base, exponent)
        case SquareRoot(inside=inside):
            return (inside,)
        case Call(arguments=arguments):
            return arguments
    return ()


def rebuilt(expression: Expression, change: Callable[[Expression], Expression]) -> Expression:
    """The same expression of changed parts."""
    match expression:
        case Sum(terms=terms):
            return Sum(tuple((way, change(term)) for way, term in terms))
        case Product(above=above, below=below):
            return Product(tuple(map(change, above)), tuple(map(change, below)))
        case Power(base=base, exponent=exponent):
            return Power(change(base), change(exponent))
        case SquareRoot(inside=inside):
            return SquareRoot(change(inside))
        case Call(name=name, arguments=arguments):
            return Call(name, tuple(map(change, arguments)))
    return expression


def leaves(expression: Expression) -> Iterator[Leaf]:
    """Every letter of an expression, in the order of reading."""
    if isinstance(expression, Leaf):
        yield expression
    for child in children(expression):
        yield from leaves(child)


def is_uniform(expression: Expression) -> bool:
    """Whether the value is the same for every parameter."""
    return all(leaf.uniform for leaf in leaves(expression))


_CALLS: dict[str, Callable[..., Any]] = {"max": np.maximum, "sign": np.sign}


def evaluate(expression: Expression, numbers: Mapping[str, Any]) -> Any:
    """The value, from the numbers of its letters: floats, or arrays of one shape."""
    match expression:
        case Number(value=value):
            return value
        case Leaf(key=key):
            return numbers[key]
        case Sum(terms=terms):
            return sum(way * evaluate(term, numbers) for way, term in terms)
        case Product(above=above, below=below):
            return _times(above, numbers) / _times(below, numbers)
        case Power(base=base, exponent=exponent):
            return evaluate(base, numbers) ** evaluate(exponent, numbers)
        case SquareRoot(inside=inside):
            return evaluate(inside, numbers) ** 0.5
        case Call(name=name, arguments=arguments):
            return _CALLS[name](*(evaluate(argument, numbers) for argument in arguments))
    raise TypeError(f"{expression!r} cannot be evaluated")


def _times(factors: tuple[Expression, ...], numbers: Mapping[str, Any]) -> Any:
    result: Any = np.float64(1.0)
    for factor in factors:
        result = result * evaluate(factor, numbers)
    return result


def notation(expression: Expression, letter: Callable[[Leaf], Node]) -> Node:
    """How an expression is written; `letter` gives the sign of each leaf."""
    match expression:
        case Number(value=value):
            return sign(f"{value:g}".replace("-", "−"))
        case Leaf():
            return letter(expression)
        case Sum(terms=terms):
            return _sum_notation(terms, letter)
        case Product(above=above, below=below):
            return _product_notation(above, below, letter)
        case Power(base=base, exponent=exponent):
            return _power_notation(base, notation(exponent, letter), letter)
        case SquareRoot(inside=inside):
            return Root("", notation(inside, letter))
        case Call(name=name, arguments=arguments):
            written = [notation(argument, letter) for argument in arguments]
            listed = [part for one in written for part in (sign(","), one)][1:]
            return row(sign(name), Group("", Row("", tuple(listed))))
    raise TypeError(f"{expression!r} has no notation")


def _sum_notation(terms: tuple[tuple[int, Expression], ...], letter: Callable[[Leaf], Node]) -> Node:
    parts: list[Node] = []
    for way, term in terms:
        if parts or way < 0:
            parts.append(sign("+" if way > 0 else "−"))
        written = notation(term, letter)
        parts.append(Group("", written) if isinstance(term, Sum) else written)
    return Row("", tuple(parts))


def _power_notation(base: Expression, power: Node, letter: Callable[[Leaf], Node]) -> Node:
    """An index of the base stands below the power."""
    written = notation(base, letter)
    if not isinstance(base, Leaf):
        return Script("", written if isinstance(base, Number) else Group("", written), power)
    key = f"{base.key}{POWER}{plain(power)}"
    if isinstance(written, Script) and written.power is None:
        return Script(key, written.base, power, written.index, written.hat)
    bare = with_value(Group("", written) if isinstance(written, Script) else written, "")
    return Script(key, bare, power)


def powers(expression: Expression, letter: Callable[[Leaf], Node]) -> dict[str, Power]:
    """The powers of letters in an expression, by the keys that their notation carries."""
    found = {}
    if isinstance(expression, Power) and isinstance(expression.base, Leaf):
        found[notation(expression, letter).value] = expression
    for child in children(expression):
        found |= powers(child, letter)
    return found


def _product_notation(
    above: tuple[Expression, ...], below: tuple[Expression, ...], letter: Callable[[Leaf], Node]
) -> Node:
    """Rates stand beside a long fraction, not above it."""
    if not below:
        return _factors_notation(above, letter)
    count = 0
    if not is_uniform(Product((), below)) and any(not isinstance(factor, Leaf) for factor in below):
        uniform = [is_uniform(factor) for factor in above]
        count = uniform.index(False) if False in uniform else max(len(above) - 1, 0)
    over = _factors_notation(above[count:] or (_ONE,), letter)
    fraction = Fraction("", over, _factors_notation(below, letter))
    return _factors_notation(above[:count], letter, fraction) if count else fraction


def _factors_notation(
    factors: tuple[Expression, ...], letter: Callable[[Leaf], Node], last: Node | None = None
) -> Node:
    alone = len(factors) == 1 and last is None
    parts: list[Node] = []
    for factor in factors:
        written = notation(factor, letter)
        if parts and isinstance(factor, Number | Power) and _begins_with_digit(factor):
            parts.append(sign("·"))
        parts.append(Group("", written) if isinstance(factor, Sum) and not alone else written)
    parts += [last] if last is not None else []
    return parts[0] if len(parts) == 1 else Row("", tuple(parts))


def _begins_with_digit(factor: Expression) -> bool:
    return isinstance(factor, Number) or (isinstance(factor, Power) and isinstance(factor.base, Number))
