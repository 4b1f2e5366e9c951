"""Takes the text of a formula apart: characters -> words -> syntax tree; nothing is evaluated.

Only numbers, the variables, constants and functions named here, parameters, + - * / ** and parentheses
pass, within caps on length, size and nesting. Every refusal says in a sentence what is wrong, and where.
"""

import ast
import re
from dataclasses import dataclass
from itertools import pairwise

from core.errors import InputError, short, unknown_name

MAX_LENGTH = 300
MAX_NODES = 200
MAX_DEPTH = 20
"""Parentheses, or functions and powers, inside each other: derivatives grow with its square."""
VARIABLES = ("x", "y")
CONSTANTS = ("pi", "e")
GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "eta": "η", "theta": "θ",
    "kappa": "κ", "mu": "μ", "nu": "ν", "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ", "omega": "ω",
}  # fmt: skip
"""Names of parameters that are Greek letters, and the letters."""
MAX_PARAMETERS = 8
FUNCTIONS = {
    "sin": 1, "cos": 1, "tan": 1, "asin": 1, "acos": 1, "atan": 1, "atan2": 2,
    "sinh": 1, "cosh": 1, "tanh": 1, "exp": 1, "log": 1, "ln": 1, "log10": 1, "log2": 1,
    "sqrt": 1, "abs": 1, "sign": 1, "min": 2, "max": 2, "sigmoid": 1, "softplus": 1,
}  # fmt: skip
"""Functions of a formula, and how many arguments each takes."""

_TAKEN = "xyeXYE"
"""Letters that no parameter begins with: a capital X is meant as x, and E is often the constant e."""
_MARKS = {"^": "**", "−": "-", "·": "*", "×": "*", "²": "**2", "³": "**3", "π": "pi"}
_PARAMETER = re.compile(r"[A-Za-z]\d{0,2}|" + "|".join(GREEK))
_WORD = re.compile(
    r"(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<open>\()|(?P<close>\))|(?P<operator>\*\*|[-+*/,])|(?P<space> +)"
)


class FormulaError(InputError):
    """A formula that cannot be read.

    Attributes
    ----------
    position
        Index into the text of the character where the trouble begins; -1 when it is all of it.
    """

    def __init__(self, sentence: str, position: int = 0) -> None:
        super().__init__(sentence, "formula")
        self.position = position


@dataclass(frozen=True)
class Word:
    """A number, name, operator or parenthesis, and where in the text it begins."""

    kind: str
    text: str
    position: int


def read(text: str, columns: tuple[str, ...] = ()) -> tuple[ast.expr, list[int]]:
    """The syntax tree of a formula, and for each of its columns the index into `text`.

    Parameters
    ----------
    columns
        Names that a formula may have beside x and y: the columns of a table.

    Raises
    ------
    FormulaError
        For anything that is not a formula.
    """
    source, positions = _plain(text)
    words = _words(source, positions)
    known = (*VARIABLES, *columns)
    _check_names(words, known)
    _check_factors(words, known)
    _check_parentheses(words)
    try:
        tree = ast.parse(source, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        offset = min(max((getattr(error, "offset", 1) or 1) - 1, 0), len(positions) - 1)
        raise FormulaError("The formula cannot be read here; something is missing or too much.",
                           positions[offset]) from None  # fmt: skip
    nodes = sum(1 for node in ast.walk(tree) if isinstance(node, ast.expr))
    if nodes > MAX_NODES:
        raise FormulaError(f"The formula has {nodes} terms and operations; at most {MAX_NODES} are taken.")
    if _depth(tree) > MAX_DEPTH:
        raise FormulaError(f"Functions and powers are nested too deeply; take at most {MAX_DEPTH} levels.")
    return tree, positions


def is_parameter(name: str) -> bool:
    """Whether a name stands for a free number: one letter, as `a` or `k1`, or a Greek one, as `alpha`."""
    return (bool(_PARAMETER.fullmatch(name)) and name[0] not in _TAKEN) or name in GREEK


def parameter_names(tree: ast.expr) -> tuple[str, ...]:
    """The parameters of a formula that has been read, in the order of reading."""
    names = [(node.lineno, node.col_offset, node.id) for node in ast.walk(tree) if isinstance(node, ast.Name)]
    return tuple(dict.fromkeys(name for _, _, name in sorted(names) if is_parameter(name)))


def _plain(text: str) -> tuple[str, list[int]]:
    """The text with mathematical marks written as Python has them, and where each character came from."""
    if len(text) > MAX_LENGTH:
        raise FormulaError(
            f"The formula has {len(text)} characters; at most {MAX_LENGTH} are taken.", MAX_LENGTH
        )
    begin, end = len(text) - len(text.lstrip()), len(text.rstrip())
    if begin >= end:
        raise FormulaError("The formula is empty; write for example x**2 + y**2.")
    source, positions = "", []
    for index in range(begin, end):
        character = " " if text[index] == "\t" else text[index]
        written = _MARKS.get(character, character)
        source += written
        positions += [index] * len(written)
    return source, [*positions, end]


def _words(source: str, positions: list[int]) -> list[Word]:
    words: list[Word] = []
    column = 0
    while column < len(source):
        found = _WORD.match(source, column)
        character = source[column]
        if found is None or not found.group().isascii():
            raise FormulaError(_stranger(character), positions[column])
        if found.lastgroup != "space":
            words.append(Word(str(found.lastgroup), found.group(), positions[column]))
        column = found.end()
    return words


def _stranger(character: str) -> str:
    if character in "\r\n\v\f\x85\u2028\u2029":
        return "A formula is one line; take out the line break."
    if not character.isprintable() or character.isspace():
        return f"The character U+{ord(character):04X} is not part of a formula."
    if character.isalnum():
        return f"The character '{character}' is not a letter of formulas; use x, y and plain letters."
    return f"The character '{character}' is not part of a formula."


def _check_names(words: list[Word], known: tuple[str, ...]) -> None:
    for word, after in zip(words, [*words[1:], Word("end", "", 0)], strict=True):
        if word.kind != "name" or word.text in (*known, *CONSTANTS) or is_parameter(word.text):
            continue
        if word.text in FUNCTIONS:
            if after.kind != "open":
                raise FormulaError(
                    f"Write the argument of {word.text} in parentheses: {word.text}(x).", word.position
                )
        elif after.kind == "open":
            raise FormulaError(str(unknown_name("function", word.text, FUNCTIONS)), word.position)
        elif set(word.text) <= set(VARIABLES):
            factors = short("*".join(word.text))
            raise FormulaError(f"Write a * between the factors: {factors}.", word.position)
        else:
            raise FormulaError(_unknown(word.text), word.position)
    parameters = dict.fromkeys(word.text for word in words if word.kind == "name" and is_parameter(word.text))
    if len(parameters) > MAX_PARAMETERS:
        extra = list(parameters)[MAX_PARAMETERS]
        position = next(word.position for word in words if word.text == extra)
        sentence = f"The formula has {len(parameters)} parameters; at most {MAX_PARAMETERS} are taken."
        raise FormulaError(sentence, position)


def _unknown(name: str) -> str:
    name = short(name)
    if name in _TAKEN:
        return f"'{name}' is not known: the variables x and y and the constant e are small letters."
    if name[0] in VARIABLES and name[1:].isdigit():
        return f"'{name}' is not known: the two variables are called x and y."
    if len(name) <= 3 and set(name) & set(VARIABLES) and all(is_parameter(c) or c in VARIABLES for c in name):
        return f"'{name}' is not known; for a product write {'*'.join(name)}."
    return (
        f"'{name}' is not known: a formula is written in x and y, with the constants pi and e, functions"
        " such as sin, exp, sqrt, and parameters of one letter, as a or k1."
    )


def _check_factors(words: list[Word], known: tuple[str, ...]) -> None:
    """Refuse `2x`, `x(y + 1)`, `(x)(y)`: a left-out * is an error, never a guess."""
    for word, after in pairwise(words):
        named = word.text in (*known, *CONSTANTS) or (word.kind == "name" and is_parameter(word.text))
        value = named or word.kind in ("number", "close")
        if value and after.kind in ("number", "name", "open"):
            raise FormulaError(
                f"Write a * between '{short(word.text)}' and '{short(after.text)}'.", after.position
            )
        if word.text == after.text == "/":
            raise FormulaError("Write one / for a division.", after.position)


def _check_parentheses(words: list[Word]) -> None:
    opened: list[int] = []
    for word in words:
        if word.kind == "open":
            opened.append(word.position)
        elif word.kind == "close":
            if not opened:
                raise FormulaError("An opening parenthesis is missing for this one.", word.position)
            opened.pop()
        if len(opened) > MAX_DEPTH:
            raise FormulaError(
                f"Parentheses are nested too deeply; at most {MAX_DEPTH} levels are taken.", word.position
            )
    if opened:
        raise FormulaError("A closing parenthesis is missing for this one.", opened[-1])


def _depth(node: ast.AST) -> int:
    """How many functions and powers stand inside each other."""
    deepest, waiting = 0, [(node, 0)]
    while waiting:
        current, above = waiting.pop()
        level = above + (isinstance(current, ast.Call | ast.BinOp) and not _is_sum(current))
        deepest = max(deepest, level)
        waiting += [(child, level) for child in ast.iter_child_nodes(current)]
    return deepest


def _is_sum(node: ast.AST) -> bool:
    """Sums and products are flat however long they are."""
    return isinstance(node, ast.BinOp) and not isinstance(node.op, ast.Pow)
