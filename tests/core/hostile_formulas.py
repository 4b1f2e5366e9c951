"""Texts that somebody may put where a formula is asked for, by what they try: `REFUSED` and `LEGAL`.

What fits on a line stands in a table of its own; what is computed, or cannot be seen, stands here.
"""

from pathlib import Path

_TABLES = Path(__file__).parents[1] / "fixtures" / "hostile_formulas"


def _lines(name: str) -> list[str]:
    return (_TABLES / f"{name}.txt").read_text(encoding="utf-8").splitlines()


EXECUTING = _lines("executing")
"""What runs code, or asks for a value by another way, in Python and elsewhere."""

HANGING = _lines("hanging")
"""What takes for ever, or numbers that nothing can hold."""

HUGE = [
    "9" * 200, "9" * 300, "9" * 301, "9" * 100_000, "x" * 299, "x" * 100_000, "+".join("x" * 101),
    "*".join("x" * 120), "x" + "+1" * 149, "-" * 250 + "x", "~" * 250 + "x", "-" * 100_000 + "x",
    "x" + " " * 300, " " * 100_000, "\t" * 400, "\n" * 1_000_000, "x" + "*x" * 100_000, "a" * 10,
    "+".join("abcdfghkm"), "1" + "0" * 13, "0." + "0" * 400 + "1", "." * 300, "," * 300, "(" * 300,
    ")" * 300, "()" * 150, "\x00" * 300, "💥" * 300, "x" * 10_000_000,
]  # fmt: skip
"""Too long, or too many."""

DEEP = [
    "(" * 21 + "x" + ")" * 21, "(" * 100 + "x" + ")" * 100, "(" * 149 + "x" + ")" * 149,
    "(" * 200 + "x" + ")" * 100, "sin(" * 21 + "x" + ")" * 21, "sin(" * 59 + "x" + ")" * 59,
    "-(" * 60 + "x" + ")" * 60, "x" + "**x" * 50, "x" + "**2" * 50, "2**" * 30 + "x", "x**" * 30 + "2",
    "(x+" * 40 + "y" + ")" * 40, "max(x," * 30 + "y" + ")" * 30, "1/(x+" * 40 + "y" + ")" * 40,
    "exp(" * 30 + "x" + ")" * 30, "(" * 50, "x" + ")" * 50, "sqrt(" * 25 + "x" + ")" * 25, "((x)" * 60,
    "abs(-" * 40 + "x" + ")" * 40, "[" * 150 + "]" * 150, "{" * 150 + "}" * 150, "sin(" * 70,
    "x**(" * 40 + "2" + ")" * 40,
]  # fmt: skip
"""Nested too deeply."""

LOOK_ALIKES = [
    "х**2", "у + x", "χ*2", "е**x", "а*x", "ｘ**2", "ｙ", "x + ｙ", "𝑥 + 1", "𝐱*y", "𝓍", "ⅹ + 1", "x + Ⅻ",
    "ⓧ", "x₁ + y₁", "x + ٣", "x + ३", "x + １", "１２", "x + ①", "x**⁴", "x⁴", "x⁻¹", "xⁿ", "½*x", "x + ¼",
    "x – y", "x — y", "x ‐ y", "x ‑ y", "x ﹣ y", "x － y", "x ➖ y", "x ＋ y", "x ➕ y", "x∗y", "x⋅y",
    "x∙y", "x•y", "x✕y", "x╳y", "x＊y", "x⁎y", "x÷y", "x∕y", "x⁄y", "x／y", "（x）", "⟨x⟩", "❨x❩", "﹙x﹚",
    "⁽x⁾", "√x", "√(x)", "∛x", "∞", "x + ∞", "|x|", "‖x‖", "x ≤ y", "x ≠ y", "∑x", "∏x", "∫x", "∂x", "∇x",
    "ｓｉｎ(x)", "ſin(x)", "sın(x)", "siɴ(x)", "𝗌𝗂𝗇(x)", "coѕ(x)", "ехр(x)", "lоg(x)", "ℯ**x", "ℓn(x)",
    "ϖ*x", "ℼ*x", "П*x", "Π*x", "x\u00a0+ y", "x\u2003+ y", "x\u3000+ y", "x\u200b", "x\u200b+y",
    "x\u200d*y", "\ufeffx", "x\u00ady", "x\u2060y", "\u202ex + y", "x\u202d", "x\u0302", "x\u0301 + y",
    "x\ufe0f", "\U000e0078", "x\u0335y", "x\u034f", "\x00", "x\x00y", "x\x07", "x\x1b[31m", "x\x7f",
    "x\x80", "x\ud800", "\udfffx", "x\ufffe", "x\uffff", "\U0010ffff", "💥", "x + 😀", "x**🙂", "αx", "ℝ",
    "ℂ", "ℵ", "é*x", "ñ", "ß*x", "ı", "İ*x", "日本", "х" * 300, "К*x", "x２", "x′", "x’", "x″", "“x”",
    "‘x’", "«x»", "x…", "x،y", "x；y", "x，y", "x。", "﹢x", "x\u2028+ y", "x\x85+ y", "x\x0b+ y",
    "x\x0c+ y", "x**2\n+ y**2", "x\r+ y", "x \\\n + y", "(x\n+ y)", "x\n# y", "x\n\n\ny",
]  # fmt: skip
"""What looks like something else: other alphabets, digits, signs, blanks and line breaks."""

NAMES = _lines("names")
"""Names that nobody knows here, or that mean something else elsewhere."""

MISSING = _lines("missing")
"""A sign left out, or a number written as elsewhere: never a guess."""

NO_VALUE = _lines("no_value")
"""No real value here, or nowhere."""

CANCELLING = _lines("cancelling")
"""Parts that would cancel and take their holes with them."""

ARGUMENTS = _lines("arguments")
"""Functions with other arguments than theirs."""

SYNTAX = [
    "", " ", "   ", "\t", "\n", "\r\n", "+", "-", "*", "/", "**", "^", "()", "( )", "(", ")", ")(", "x +",
    "x -", "x *", "x /", "x **", "x ^", "* x", "/ x", "** x", "^2", "x*/y", "x/*y", "x */ y", "x***y",
    "x****y", "x^^2", "x**^2", "x // 2", "x ///y", "(x", "x)", "((x)", "(x))", ")x", ")*x*(", "sin(x",
    "sin x)", "sin)x(", "x,y", ",x", "x,,y", "(,)", "x + + * y", "x * * y", "x * / y", "+-*/", "x + (",
    "x + )", "x ( + y", "²", "x**²", "³x", "=", "x=", "x:", ":", ";", "?", "!", "\\", "x\\", "\\x", "'",
    '"', "x + y)", "(x + y", "x]", "[x", "x}", "{x",
]  # fmt: skip
"""Something missing or too much."""

LEGAL = _lines("legal")
"""Formulas that are legal and often misread: powers, signs, division, roots, huge and small numbers."""

REFUSED = {
    "executing": EXECUTING, "hanging": HANGING, "huge": HUGE, "deep": DEEP, "look-alike": LOOK_ALIKES,
    "name": NAMES, "missing sign": MISSING, "no value": NO_VALUE, "cancelling": CANCELLING,
    "arguments": ARGUMENTS, "syntax": SYNTAX,
}  # fmt: skip
"""What must be refused, by kind."""
