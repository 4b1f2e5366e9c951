"""Formulas as notation: what was typed, in type, with no sum or product taken apart or put together."""

import re

import pytest

from core.formula_notation import equation, notation
from core.formula_text import FormulaError
from core.notation import Fraction, Group, Root, Row, Script, Word, plain
from core.surface import SurfaceSpec, surface, surfaces

TYPED = {
    "x**2 + sin(3*y)": "x² + sin (3 y)",
    "x^2": "x²",
    "(1 - x)**2 + 100*(y - x^2)^2": "(1 − x)² + 100 (y − x²)²",
    "a*x**2 + b*y**2 + c": "a x² + b y² + c",
    "x*y*x": "x y x",
    "x*(y*x)": "x · (y x)",
    "x*2": "x · 2",
    "2*3**x": "2 · 3^x",
    "a*sin(x)": "a · sin (x)",
    "a*(x + y)": "a · (x + y)",
    "-x*y": "− x y",
    "2*-x": "2 (− x)",
    "x - (y - x)": "x − (y − x)",
    "x - (-y)": "x − (− y)",
    "-(x + y)": "− (x + y)",
    "x/(1 + y**2)/2": "(x / (1 + y²)) / 2",
    "(x + y)/2*x": "(x + y) / 2 · x",
    "(x/y)**2": "(x / y)²",
    "(x**2)**3": "(x²)³",
    "x**-2": "x⁻²",
    "sqrt(x**2 + 1)*abs(x - y)": "√(x² + 1) · |x − y|",
    "log10(x) + log2(y)": "log₁₀ (x) + log₂ (y)",
    "atan2(y, x)": "atan2 (y, x)",
    "k1*x + alpha*y*pi": "k₁ x + α y π",
    "1e-7*x": "1 · 10⁻⁷ x",
    "2.50*x + 1.": "2.5 x + 1",
}


@pytest.mark.parametrize("text", TYPED)
def test_it_reads_as_it_was_typed(text: str) -> None:
    assert plain(notation(text)) == TYPED[text]


def test_fractions_roots_powers_and_bars_are_shapes() -> None:
    assert isinstance(notation("x/y"), Fraction)
    assert isinstance(notation("sqrt(x)"), Root)
    assert notation("abs(x)") == Group("", Word("", "x", italic=True), "|", "|")
    power = notation("(x + 1)**(y/2)")
    assert isinstance(power, Script)
    assert isinstance(power.base, Group)
    assert isinstance(power.power, Fraction)
    assert isinstance(notation("k1"), Script)


def test_variables_and_parameters_are_italic_and_functions_upright() -> None:
    found = notation("a*sin(x)")
    assert isinstance(found, Row)
    words = {part.text: part.italic for part in found.parts if isinstance(part, Word)}
    assert words == {"a": True, "·": False, "sin": False}


@pytest.mark.parametrize("entry", surfaces().values(), ids=lambda entry: entry.id)
def test_every_surface_of_the_catalogue_keeps_all_its_letters_and_numbers(entry) -> None:
    shown = plain(equation(entry.formula))
    assert shown.startswith("f (x, y) = ")
    for word in re.findall(r"\bx\b|\by\b|sin|cos|exp", entry.formula):
        assert shown.count(word) >= 1
    assert sum(c in "xy" for c in shown) - 2 - shown.count("exp") == sum(
        c in "xy" for c in entry.formula
    ) - entry.formula.count("exp")


@pytest.mark.parametrize("text", ["", "x +", "2x", "foo(x)"])
def test_what_is_no_formula_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(FormulaError):
        notation(text)


def test_a_long_sum_is_one_row_that_can_end_anywhere() -> None:
    found = equation("x + y + x*y - 3")
    assert isinstance(found, Row)
    assert len(found.parts) >= 10
    assert surface(SurfaceSpec(formula="x + y + x*y - 3")).at(1.0, 2.0)[0] == 2.0
