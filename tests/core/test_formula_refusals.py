"""What is no formula is refused at once, in a sentence at its place."""

import time

import pytest

from core.errors import InputError
from core.formula import parse
from core.formula_code import derive
from core.formula_text import MAX_DEPTH, MAX_LENGTH, MAX_NODES, FormulaError
from tests.core.formula_values import value

REFUSED = [
    # text, a word of the sentence, position
    ("", "empty", 0),
    ("   ", "empty", 0),
    ("\n", "empty", 0),
    # attacks
    ("__import__('os').system('true')", "not part of a formula", 11),
    ("__import__(x)", "no function '__import__'", 0),
    ("x.__class__", "'.' is not part", 1),
    ("(x).real", "'.' is not part", 3),
    ("().__class__.__bases__", "not part", 2),
    ("lambda: x", "not part", 6),
    ("lambda", "not known", 0),
    ("[x for x in y]", "'[' is not part", 0),
    ("(x for x in y)", "'for' is not known", 3),
    ("{x}", "not part", 0),
    ("'x'", "not part", 0),
    ('"x"', "not part", 0),
    ('f"{x}"', "not part", 1),
    ("(x := 2)", "not part", 3),
    ("x = 2", "not part", 2),
    ("x == y", "not part", 2),
    ("x if y else 1", "'if' is not known", 2),
    ("x and y", "'and' is not known", 2),
    ("not x", "not known", 0),
    ("await x", "not known", 0),
    ("yield", "not known", 0),
    ("True", "not known", 0),
    ("None + x", "not known", 0),
    ("exec(x)", "no function 'exec'", 0),
    ("eval(x)", "no function 'eval'", 0),
    ("sin(x)(y)", "Write a *", 6),
    ("sin(sin)(x)", "parentheses: sin(x)", 4),
    ("sin(x=1)", "'=' is not part", 5),
    ("sin(*x)", "numbers, x, y", 4),
    ("sin(**x)", "Only functions such as", 0),
    ("x;y", "not part", 1),
    ("x#y", "not part", 1),
    ("x[0]", "not part", 1),
    ("x@y", "not part", 1),
    ("x % 2", "not part", 2),
    ("~x", "not part", 0),
    ("x << 2", "not part", 2),
    ("(x, y)", "numbers, x, y", 0),
    ("x,", "numbers, x, y", 0),
    ("...", "not part", 0),
    # size
    ("9**9**9**9", "Exponents up to 20", 6),
    ("((((9**20)**20)**20)**20)", "too large", 3),
    ("(((1/9)**20)**20)**20", "too small", 1),
    ("((((2*x)**20)**20)**20)**20", "too large", 1),
    ("1e400", "up to 1e+12", 0),
    ("x + 1e13", "up to 1e+12", 4),
    ("9" * 200, "up to 1e+12", 0),
    ("exp(1000)", "too large", 0),
    ("x*exp(exp(exp(9)))", "too large", 6),
    ("1e12**20*1e12**20", "too large", 0),
    ("x**21", "Exponents up to 20", 3),
    ("x**-20.5", "Exponents up to 20", 3),
    ("x**(10 + 11)", "Exponents up to 20", 4),
    ("(" * 200 + "x" + ")" * 100, "characters", 300),
    ("(" * 100 + "x" + ")" * 100, "nested too deeply", MAX_DEPTH),
    ("-" * 250 + "x", "terms and operations", 0),
    ("+".join("x" * 101), "terms and operations", 0),
    ("x" + "**x" * 50, "nested too deeply", 0),
    ("x" + " " * 300, "301 characters", 300),
    # names
    ("zz", "'zz' is not known", 0),
    ("x + w100*y", "'w100' is not known", 4),
    ("x1 + y", "variables are called x and y", 0),
    ("3*ax + y", "for a product write a*x", 2),
    ("e2", "'e2' is not known", 0),
    ("x + lambda*y", "'lambda' is not known", 4),
    ("2a", "Write a * between '2' and 'a'", 1),
    ("a(x)", "Write a * between 'a' and '('", 1),
    ("a*b*c*d*f*g*h*k*m", "9 parameters; at most 8", 16),
    ("x*Pi", "'Pi' is not known", 2),
    ("tg(x)", "no function 'tg'", 0),
    ("sine(x)", "did you mean 'sin'", 0),
    ("inf", "not known", 0),
    ("nan*x", "not known", 0),
    ("1j", "Write a * between '1' and 'j'", 1),
    ("sin", "parentheses: sin(x)", 0),
    ("sin x", "parentheses: sin(x)", 0),
    ("sin + 1", "parentheses: sin(x)", 0),
    # a left-out *
    ("2x", "Write a * between '2' and 'x'", 1),
    ("2 x", "Write a *", 2),
    ("2(x + 1)", "Write a *", 1),
    ("x(y + 1)", "Write a * between 'x' and '('", 1),
    ("x (y)", "Write a *", 2),
    ("(x)(y)", "Write a *", 3),
    ("(x)y", "Write a *", 3),
    ("(x)2", "Write a *", 3),
    ("pi(x)", "Write a *", 2),
    ("xy", "x*y", 0),
    ("1 + xyx", "x*y*x", 4),
    ("x 2", "Write a *", 2),
    ("x²y", "cannot be read|Write a *", 2),
    ("1e5x", "Write a *", 3),
    ("2e", "Write a * between '2' and 'e'", 1),
    ("0x10", "Write a *|not known", 1),
    ("1_000", "not known|Write a *", 1),
    ("1 000", "Write a *", 2),
    # line breaks
    ("x**2\n+ y**2", "one line", 4),
    ("(x\n+ y)", "one line", 2),
    ("x +\r\n y", "one line", 3),
    ("x\u2028+ y", "one line", 1),
    ("x \\\n + y", "not part", 2),
    # no value
    ("(-8)**(1/3)", "no real value", 0),
    ("x + (-8)**(1/3)", "no real value", 4),
    ("sqrt(-1)", "no real value", 0),
    ("sqrt(-1)**2", "no real value", 0),
    ("x**sqrt(-1)", "no real value", 3),
    ("log(-1)", "no real value", 0),
    ("log(0)*x", "no real value", 0),
    ("asin(2)", "no real value", 0),
    ("acos(x - x - 2)", "no real value", 0),
    ("(-2)**x", "above 0", 1),
    ("0**x", "above 0", 0),
    ("1/0", "divides by zero", 2),
    ("x/(y - y)", "divides by zero", 3),
    ("0**-1", "divides by zero", 0),
    ("1/(sin(1)**2 + cos(1)**2 - 1)", "divides by zero", 3),
    # holes that would vanish
    ("x/x", "cancels out", 2),
    ("x**2/x", "cancels out", 5),
    ("(x*y)/y", "cancels out", 6),
    ("abs(x)/abs(x)", "cancels out", 7),
    ("(x**2 + y**2)/(x**2 + y**2)", "cancels out", 15),
    ("sqrt(x)**2", "cancels out", 0),
    ("y + exp(log(x))", "cancels out", 4),
    ("0*log(x)", "cancels out", 2),
    ("log(x) - log(x)", "cancels out", 0),
    ("1/x - 1/x + y", "cancels out", 2),
    ("sqrt(x)**0", "cancels out", 0),
    # arguments
    ("max(x)", "max takes 2 arguments", 0),
    ("min(x, y, 1)", "min takes 2 arguments", 0),
    ("sin(x, y)", "sin takes 1 argument.", 0),
    ("sin()", "sin takes 1 argument.", 0),
    ("log(x, 2)", "log takes 1 argument.", 0),
    ("atan2(x)", "atan2 takes 2 arguments", 0),
    # syntax
    ("x +", "cannot be read", None),
    ("* x", "cannot be read", 0),
    ("x // 2", "one / for a division", None),
    ("()", "numbers, x, y|cannot be read", 0),
    ("(x", "closing parenthesis", 0),
    ("sin(x", "closing parenthesis", 3),
    ("x)", "opening parenthesis", 1),
    (")x", "Write a *", 1),
    (")*x*(", "opening parenthesis", 0),
    ("x*/y", "cannot be read", 2),
    # look-alikes
    ("х**2", "'х'", 0),  # Cyrillic
    ("ｘ**2", "'ｘ'", 0),  # full width
    ("𝑥 + 1", "'𝑥'", 0),
    ("x + ٣", "'٣'", 4),  # an Arabic three
    ("x**²", "cannot be read", None),
    ("x∗y", "not part", 1),
    ("x\u00a0+ y", "U+00A0", 1),
    ("x\u200b", "U+200B", 1),
    ("\x00", "U+0000", 0),
    ("x\ud800", "not part", 1),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "words", "position"), REFUSED, ids=lambda v: repr(v)[:40])
def test_it_is_refused_at_once_in_a_sentence_at_its_place(
    formula: str, words: str, position: int | None
) -> None:
    parse("x")  # SymPy is imported by now
    seconds = []
    for _ in range(3):  # the collector of garbage may come in between once
        begin = time.process_time()
        with pytest.raises(FormulaError) as caught:
            parse(formula)
        seconds.append(time.process_time() - begin)
    assert min(seconds) < 0.05
    sentence = str(caught.value)
    assert any(word in sentence for word in words.split("|")), sentence
    assert sentence.endswith((".", "?"))
    assert sentence.isprintable()
    assert caught.value.field == "formula"
    assert isinstance(caught.value, InputError)
    if position is not None:
        assert caught.value.position == position


def test_the_caps_themselves_are_taken() -> None:
    parse("x" + " " * (MAX_LENGTH - 2) + "\t")
    parse("-" * (MAX_NODES - 1) + "x")
    parse("(" * MAX_DEPTH + "x" + ")" * MAX_DEPTH)
    parse("x" + "**x" * (MAX_DEPTH - 1))
    assert float(value("x**20 + x**-20", 2.0)) == 2.0**20 + 2.0**-20
    assert float(value("1e12")) == 1e12


@pytest.mark.parametrize(
    "formula",
    [
        "x**" * 19 + "y",
        "sin(" * 19 + "x*y" + ")" * 19,
        "x/(" * 19 + "x*y" + "+y)" * 19,
        "max(" * 12 + "x" + ",y*x)" * 12,
        "*".join(f"sin(x+{i}*y)" for i in range(22)),
        "((((x**20)**20)**20)**20)**20",
    ],
    ids=lambda f: f[:24],
)
def test_the_worst_formula_is_ready_to_run_in_well_under_a_second(formula: str) -> None:
    parse("x")
    begin = time.process_time()
    derive(formula).float_lines  # noqa: B018
    assert time.process_time() - begin < 0.7
