"""Views and rates that suit a formula, judged by what must be seen in them."""

import pickle

import numpy as np
import pytest

from core import formula_code
from core.choice import Choice
from core.descent import DescentSpec, descend
from core.errors import InputError
from core.formula_code import code_of, derive, keep_code
from core.optimizer import OPTIMIZERS, MethodSpec, basic_optimizers
from core.suited import View, description, suited_rates, suited_view, with_suited_rates
from core.surface import DEFAULT_DOMAIN, SurfaceSpec, surface

SEEN = {
    "x**2 + y**2": [(0, 0)],
    "(x - 100)**2 + (y + 30)**2": [(100, -30)],
    "(x**2 + y - 11)**2 + (x + y**2 - 7)**2": [(3, 2), (-2.805, 3.131), (-3.779, -3.283), (3.584, -1.848)],
    "abs(x - 30) + abs(y - 40)": [(30, 40)],
    "-exp(-100*((x - 1)**2 + (y - 2)**2))": [(1, 2)],
    "(x**2 - 0.1)**2 + y**2": [(0.316, 0), (-0.316, 0)],
    "(x - 7)**2 + y**2": [(7, 0)],
    "x**3 - 3*x + y**2": [(1, 0), (-1, 0)],
    "(x - 200)*(y + 300)": [(200, -300)],
}


@pytest.mark.parametrize("formula", SEEN)
def test_what_is_interesting_is_well_inside_the_view(formula):
    x_low, x_high, y_low, y_high = suited_view(formula, {}).domain
    for x, y in SEEN[formula]:
        assert x_low + 0.05 * (x_high - x_low) < x < x_high - 0.05 * (x_high - x_low)
        assert y_low + 0.05 * (y_high - y_low) < y < y_high - 0.05 * (y_high - y_low)


@pytest.mark.parametrize(
    ("formula", "width"),
    [("-exp(-100*((x - 1)**2 + (y - 2)**2))", 2.0), ("(x**2 - 0.1)**2 + y**2", 2.0),
     ("sin(100*x)*sin(100*y)", 0.6), ("sqrt(1 - x**2 - y**2)", 3.0)],
)  # fmt: skip
def test_what_is_small_is_looked_at_from_near(formula, width):
    x_low, x_high, y_low, y_high = suited_view(formula, {}).domain
    assert x_high - x_low <= width
    assert y_high - y_low <= width


@pytest.mark.parametrize(
    "formula",
    ["x + y", "5", "x**2", "y", "1/(x**2 + y**2)", "1/x + y", "x*y", "exp(exp(x)) + y**2", "max(x, y)",
     "sign(x) + y**2", "abs(x) + abs(y)", "x**20 + y**20", "1e12*exp(20*x)*exp(20*y)", "x**2 + sin(3*y)"],
)  # fmt: skip
def test_without_anything_better_the_view_is_the_usual_one(formula):
    assert suited_view(formula, {}).domain == DEFAULT_DOMAIN


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("5", "the same everywhere"),
        ("x**2", "does not depend on y"),
        ("exp(y)", "does not depend on x"),
        ("x + y", "lowest at the edge"),
        ("sqrt(x*y)", "no finite real value in 48"),
        ("x**2 + y**2", "^$"),
    ],
)
def test_what_is_special_is_said(formula, words):
    import re

    assert re.search(words, suited_view(formula, {}).message)


def test_the_view_follows_the_parameters():
    view = suited_view("(x - a)**2 + y**2", {"a": 40.0})
    assert view.domain[0] < 40.0 < view.domain[1]
    assert suited_view("(x - a)**2 + y**2", {"a": 40.0}, (0.0, 1.0, 0.0, 1.0)).domain == (0.0, 1.0, 0.0, 1.0)


def test_a_view_without_any_value_says_so():
    place = surface(SurfaceSpec(formula="log(x)", domain=(-1.0, 5.0, 0.0, 1.0)))
    assert "no finite real value in" in description(place)
    with pytest.raises(InputError, match="no finite real value"):
        suited_view("sqrt(-1 - x**2)", {})
    with pytest.raises(InputError, match="something is missing"):
        suited_view("x +", {})


def test_the_rates_do_better_than_the_defaults_and_none_diverges():
    spec = with_suited_rates(SurfaceSpec(formula="x**2 + 30*y**2"))
    start = surface(spec).entry.starts[:1]
    for key in basic_optimizers():
        ours, default = (
            descend(DescentSpec(spec, (MethodSpec(Choice(key, values)),), start)).runs[0]
            for values in ({"learning_rate": spec.learning_rates[key]}, {})
        )
        assert ours.outcome != "diverged"
        assert ours.losses[-1] <= default.losses[-1] or ours.losses[-1] < 1e-6


def test_rates_stay_on_the_slider_where_the_loss_falls_without_end():
    rates = suited_rates(SurfaceSpec(formula="1/x + y"))
    for key, rate in rates.items():
        assert rate <= next(h.high for h in OPTIMIZERS[key].hyperparameters if h.name == "learning_rate")


def test_a_views_code_saves_the_other_process_the_derivation(monkeypatch):
    formula = "a*x**2 + tanh(x*y)"
    view = pickle.loads(pickle.dumps(suited_view(formula, {"a": 2.0})))
    assert isinstance(view, View)
    expected = surface(SurfaceSpec(formula=formula, parameters={"a": 2.0})).at(1.0, 2.0)
    monkeypatch.setattr(formula_code, "_kept", {})

    def refuse(*_):
        raise AssertionError("derived again")

    with monkeypatch.context() as patch:
        patch.setattr(formula_code, "parse", refuse)
        patch.setattr(formula_code, "print_code", refuse)
        keep_code(view.code)
        place = surface(SurfaceSpec(formula=formula, domain=(-4.0, 4.0, -4.0, 4.0), parameters={"a": 2.0}))
        assert place.at(1.0, 2.0) == expected
    assert np.isfinite(place.hessian(1.0, 2.0)).all(), "what was not sent is derived when it is asked for"


def test_code_of_many_formulas_does_not_pile_up(monkeypatch):
    monkeypatch.setattr(formula_code, "_kept", {})
    for number in range(70):
        derive(f"x + {number}")
    keep_code(code_of("x*y"))
    assert len(formula_code._kept) <= 64
