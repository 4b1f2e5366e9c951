"""Prints a formula's expression as PyTorch: from the SymPy tree, never from the text it was read from."""

from typing import TYPE_CHECKING

from core.formula import PARAMETER_WORD

if TYPE_CHECKING:
    import sympy

_SUM, _PRODUCT, _SIGN, _POWER, _ATOM = range(5)
"""How tightly what was printed last holds together."""
_CALLS = {"abs": "torch.abs", "asin": "torch.asin", "acos": "torch.acos", "atan": "torch.atan",
          "min": "torch.minimum", "max": "torch.maximum", "softplus": "softplus"}  # fmt: skip
_OF_TENSORS = ("min", "max", "atan2")
"""Functions that torch gives tensors only; the others have one argument, which is no number."""

SOFTPLUS = '''\
def softplus(z):
    """log(1 + exp(z)); torch's own rounds it to a straight line from z = 20 on."""
    return -torch.nn.functional.logsigmoid(-z)'''


def torch_text(expression: "sympy.Expr") -> str:
    """The expression as Python writes it with torch's functions."""
    return _text(expression, _SUM)


def functions_of(text: str) -> str:
    """The functions that printed text calls and torch does not have as they are meant here."""
    return SOFTPLUS if "softplus(" in text else ""


def _text(expression: "sympy.Basic", outside: int) -> str:
    text, inside = _printed(expression)
    return f"({text})" if inside < outside else text


def _printed(expression: "sympy.Basic") -> tuple[str, int]:
    if expression.is_Symbol:
        return str(expression).removeprefix(PARAMETER_WORD), _ATOM
    if expression.is_Number:
        return _number(expression)
    if expression.is_Add:
        return _sum(expression), _SUM
    if expression.is_Mul:
        return _product(expression)
    if expression.is_Pow:
        return f"{_text(expression.base, _ATOM)}**{int(expression.exp)}", _POWER
    word = expression.word
    if word == "inverse":
        return f"1 / {_text(expression.args[0], _SIGN)}", _PRODUCT
    if word == "power":
        base, exponent = expression.args
        return f"{_text(base, _ATOM)}**{_text(exponent, _ATOM)}", _POWER
    return f"{_CALLS.get(word, f'torch.{word}')}({', '.join(_arguments(expression))})", _ATOM


def _arguments(expression: "sympy.Basic") -> list[str]:
    word, arguments = expression.word, expression.args
    words = [_text(each, _SUM) for each in arguments]
    if word in _OF_TENSORS:
        pairs = zip(words, arguments, strict=True)
        words = [f"torch.tensor({float(each)!r})" if each.is_Number else text for text, each in pairs]
    if word == "atan2":  # it alone minds the sign of a zero, and no formula has one
        words = [f"{each} + 0.0" for each in words]
    return words


def _number(number: "sympy.Number") -> tuple[str, int]:
    if number.is_Rational and not number.is_Integer:
        return f"{number.p} / {number.q}", _PRODUCT
    value = float(number)
    whole = number.is_Integer and abs(value) < 1e15
    return str(int(value)) if whole else repr(value), _ATOM if value >= 0 else _SIGN


def _sum(expression: "sympy.Basic") -> str:
    terms = sorted(expression.as_ordered_terms(), key=lambda term: term.could_extract_minus_sign())
    text = _text(terms[0], _SUM)
    for term in terms[1:]:
        negative = term.could_extract_minus_sign()
        text += f" - {_text(-term, _PRODUCT)}" if negative else f" + {_text(term, _PRODUCT)}"
    return text


def _product(expression: "sympy.Basic") -> tuple[str, int]:
    factor, rest = expression.as_coeff_Mul()
    if factor.is_negative:
        return f"-{_text(-expression, _PRODUCT)}", _SIGN
    parts = rest.as_ordered_factors()
    above = [_text(part, _SIGN) for part in parts if not _is_inverse(part)]
    below = [_text(part.args[0], _SIGN) for part in parts if _is_inverse(part)]
    if factor.is_Rational:
        above = [str(factor.p)] * (factor.p != 1) + above
        below += [str(factor.q)] * (factor.q != 1)
    elif factor != 1:
        above = [repr(float(factor)), *above]
    return " / ".join([" * ".join(above) or "1", *below]), _PRODUCT


def _is_inverse(expression: "sympy.Basic") -> bool:
    return getattr(expression, "word", "") == "inverse"
