"""Writes an optimizer's rule as a `torch.optim.Optimizer`: derived from the rule itself.

So every rule that torch does not have, or has in another convention, can be exported, without one more copy
of its formula.
"""

from collections.abc import Mapping

from core.errors import InputError
from core.expression import (
    Call,
    Expression,
    Leaf,
    Number,
    Power,
    Product,
    SquareRoot,
    Sum,
    is_uniform,
    leaves,
)
from core.hyperparameter import Value
from core.optimizer import Optimizer
from core.rule_notation import BEFORE, HAT, Line, rule_notation

RULE = '''\
class Rule(torch.optim.Optimizer):
    """An optimizer of our own: a subclass says how x follows from its gradient g at step t."""

    def __init__(self, params, **numbers):
        super().__init__(params, numbers)

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            numbers = {name: group[name] for name in self.defaults}
            for x in group["params"]:
                state = self.state[x]
                t = state["t"] = state.get("t", 0) + 1
                x.copy_(self.rule(x, x.grad, state, t, **numbers))'''

NEWTON = '''\
class {name}(torch.optim.Optimizer):
    """Damped Newton steps: x <- x - lr (H + damping I)^-1 g, with the exact Hessian H."""

    def __init__(self, params, lr, damping):
        super().__init__(params, dict(lr=lr, damping=damping))

    @torch.no_grad()
    def step(self, objective):
        for group in self.param_groups:
            for x in group["params"]:
                H = torch.autograd.functional.hessian(objective, x.detach())
{absolute}\
                H += group["damping"] * torch.eye(2)
                # solve_ex makes no error of a singular matrix: the run diverges there.
                x -= group["lr"] * torch.linalg.solve_ex(H, x.grad)[0]'''

ABSOLUTE = """\
                # |H|: the same eigenvectors, eigenvalues without their signs (Dauphin et al. 2014)
                squared, size = H @ H, H.det().abs()
                length = (squared.trace() + 2 * size).sqrt().clamp(min=1e-300)
                H = (squared + size * torch.eye(2)) / length
"""

_NAMES = {"learning_rate": "lr", "gradient": "g"}
_SUM, _PRODUCT, _POWER, _ATOM = range(4)


def newton_class(values: Mapping[str, Value]) -> tuple[str, str]:
    """Name and text of the class of Newton's method, whose rule needs the Hessian."""
    absolute = values["curvature"] == "absolute"
    name = "SaddleFreeNewton" if absolute else "Newton"
    return name, NEWTON.format(name=name, absolute=ABSOLUTE if absolute else "")


def class_name(optimizer: Optimizer) -> str:
    """What its class is called."""
    return "".join(c for c in optimizer.name if c.isalnum())


def rule_class(optimizer: Optimizer, values: Mapping[str, Value], why: str) -> str:
    """A subclass of `RULE`'s class; `why` says why it is not torch's.

    Raises
    ------
    InputError
        For a rule that cannot be written so: one that couples the axes, or steps in two ways.
    """
    if optimizer.surfaces_only or rule_notation(optimizer, values, _Ones()).conditions:
        raise InputError(f"{optimizer.name} cannot be written as a PyTorch script.", "optimizer")
    lines = rule_notation(optimizer, values, {}).lines
    keys = {leaf.key for line in lines for leaf in leaves(line.value)}
    numbers = ["lr", *(each.name for each in optimizer.others if each.name in keys)]
    body = [f'{name} = state.get("{name}", torch.zeros_like(x))' for name in _kept(optimizer, keys)]
    body += _body(lines)
    return "\n".join(
        [
            f"class {class_name(optimizer)}(Rule):",
            f'    """{optimizer.source}.',
            "",
            f"    {why}.",
            '    """',
            "",
            f"    def rule(self, x, g, state, t, {', '.join(numbers)}):",
            *(f"        {line}" for line in body),
        ]
    )


def rule_numbers(optimizer: Optimizer, values: Mapping[str, Value]) -> list[str]:
    """The numbers that the class takes beside the rate."""
    keys = {leaf.key for line in rule_notation(optimizer, values, {}).lines for leaf in leaves(line.value)}
    return [each.name for each in optimizer.others if each.name in keys]


def _kept(optimizer: Optimizer, keys: set[str]) -> list[str]:
    """What the step reads of what was remembered."""
    return [name for name in optimizer.state_names if BEFORE + name in keys]


def _body(lines: tuple[Line, ...]) -> list[str]:
    """The lines in order; a value that is read after it was replaced is kept under another name."""
    written: list[str] = []
    replaced: set[str] = set()
    for index, line in enumerate(lines):
        text = _text(line.value, replaced, _SUM)
        if line.target == "x":
            written.append(f"return {text}")
            continue
        name = _name(line.target)
        later = {leaf.key for other in lines[index + 1 :] for leaf in leaves(other.value)}
        if line.remembered and BEFORE + line.target in later:
            written.append(f"old_{name} = {name}")
            replaced.add(line.target)
        written.append(f'{name} = state["{name}"] = {text}' if line.remembered else f"{name} = {text}")
    return written


def _name(key: str) -> str:
    name = key.removesuffix(HAT)
    return f"{_NAMES.get(name, name)}{'_hat' * key.endswith(HAT)}"


def _leaf(key: str, replaced: set[str]) -> str:
    name = key.removeprefix(BEFORE)
    return f"old_{name}" if key.startswith(BEFORE) and name in replaced else _name(name)


def _text(expression: Expression, replaced: set[str], outside: int) -> str:
    text, inside = _printed(expression, replaced)
    return f"({text})" if inside < outside else text


def _printed(expression: Expression, replaced: set[str]) -> tuple[str, int]:
    match expression:
        case Number(value=value):
            return f"{value:g}" if float(f"{value:g}") == value else repr(value), _ATOM
        case Leaf(key=key):
            return _leaf(key, replaced), _ATOM
        case Sum(terms=terms):
            return _sum(terms, replaced), _SUM
        case Product(above=above, below=below):
            return _product(above, below, replaced), _PRODUCT
        case Power(base=base, exponent=exponent):
            return f"{_text(base, replaced, _ATOM)}**{_text(exponent, replaced, _ATOM)}", _POWER
        case SquareRoot(inside=inside) if is_uniform(inside):
            return f"{_text(inside, replaced, _ATOM)}**0.5", _POWER
        case SquareRoot(inside=inside):
            return f"torch.sqrt({_text(inside, replaced, _SUM)})", _ATOM
        case Call(name=name, arguments=arguments):
            function = {"max": "torch.maximum", "sign": "torch.sign"}[name]
            return f"{function}({', '.join(_text(each, replaced, _SUM) for each in arguments)})", _ATOM
    raise TypeError(f"{expression!r} cannot be written")


def _sum(terms: tuple[tuple[int, Expression], ...], replaced: set[str]) -> str:
    text = ""
    for way, term in terms:
        sign = (" + " if way > 0 else " - ") if text else "-" * (way < 0)
        text += sign + _text(term, replaced, _PRODUCT)
    return text


def _product(above: tuple[Expression, ...], below: tuple[Expression, ...], replaced: set[str]) -> str:
    over = " * ".join(_text(factor, replaced, _POWER) for factor in above) or "1"
    return " / ".join([over, *(_text(factor, replaced, _POWER) for factor in below)])


class _Ones(dict[str, float]):
    """A 1 for every letter: enough to see whether a rule asks anything."""

    def __missing__(self, key: str) -> float:
        return 1.0
