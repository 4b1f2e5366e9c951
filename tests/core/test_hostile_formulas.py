"""Hostile and misleading formulas by the hundred: refused at once in a sentence, or read as mathematics."""

import contextlib
import math
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest

from core.formula import parse
from core.formula_code import FLOAT_SPACE, derive
from core.formula_text import FUNCTIONS, FormulaError
from core.surface import SurfaceSpec, surface
from core.written_code import compile_function
from tests.core.formula_values import value
from tests.core.hostile_formulas import LEGAL, REFUSED
from tests.trials import Trial

SLOWEST = 0.05
"""Seconds that a refusal may take."""
POINTS = [
    (x, y) for x in (-2.5, -1.0, -0.3, 0.0, 0.7, 1.0, 3.0) for y in (-3.0, -0.5, 0.0, 0.5, 1.0, 2.0)
]  # fmt: skip


def test_the_corpus_has_hundreds_of_different_texts() -> None:
    texts = [*(text for group in REFUSED.values() for text in group), *LEGAL]
    assert len(set(texts)) == len(texts) >= 900
    assert min(len(group) for group in REFUSED.values()) >= 20


# ---------------------------------------------------------------- refused


def refusal(text: str) -> tuple[float, FormulaError]:
    """What is said to a text, and the seconds it takes: the best of three, as a collector may come."""
    seconds, said = math.inf, None
    for _ in range(3):
        begin = time.process_time()
        try:
            surface(SurfaceSpec(formula=text))
        except FormulaError as error:
            seconds, said = min(seconds, time.process_time() - begin), error
        else:
            pytest.fail(f"{text[:80]!r} was taken")
    assert said is not None
    return seconds, said


@pytest.mark.trial
@pytest.mark.parametrize("kind", REFUSED)
def test_hostile_formulas_are_refused_at_once_in_a_sentence(kind: str, trial: Trial) -> None:
    parse("x + y")  # SymPy is imported by now
    slowest = 0.0
    for text in REFUSED[kind]:
        seconds, error = refusal(text)
        slowest = max(slowest, seconds)
        sentence = str(error)
        assert seconds < SLOWEST, text[:80]
        assert sentence.endswith((".", "?")), sentence
        assert sentence.isprintable(), text[:80]
        assert 10 < len(sentence) < 300, sentence
        assert error.field == "formula"
        assert -1 <= error.position <= len(text)
    trial.tell(f"{kind}: {len(REFUSED[kind])} texts, the slowest refused in {1e3 * slowest:.1f} ms")


WATCHED = """
import sys
import sympy
from core.formula import parse
from core.formula_text import FormulaError
from tests.core.hostile_formulas import REFUSED

seen = []
def watch(event, arguments):
    if event == "compile" or event.startswith(("object.__", "gc.")):
        return  # a text is compiled to a tree alone, see `exec`
    seen.append((event, str(arguments)[:80]))

parse("sqrt(x**2) + max(x, 1/y)")
sys.addaudithook(watch)
for kind, texts in REFUSED.items():
    for text in texts:
        try:
            parse(text)
        except FormulaError:
            pass
        if seen:
            sys.exit(f"{text[:60]!r} ({kind}): {seen}")
print("quiet", flush=True)
"""


def test_no_text_runs_code_opens_a_file_or_imports_anything() -> None:
    """Python tells its audit hooks of code that is run, imports, files, processes and sockets."""
    done = subprocess.run([sys.executable, "-c", WATCHED], capture_output=True, text=True, check=False,
                          cwd=Path(__file__).parents[2])  # fmt: skip
    assert done.stderr == ""
    assert done.stdout == "quiet\n"


# ---------------------------------------------------------------- misleading


def judged(text: str, x: float, y: float) -> float | None:
    """The value of Python's own operators on numbers of 60 digits; None where there is no real one."""
    source = text.strip().replace("^", "**")
    for mark, written in (("²", "**2"), ("³", "**3"), ("·", "*"), ("×", "*"), ("−", "-"), ("π", "pi")):
        source = source.replace(mark, written)
    names: dict[str, Any] = {name: getattr(mpmath, name, None) for name in FUNCTIONS}
    names |= {"ln": mpmath.log, "log2": lambda z: mpmath.log(z, 2), "abs": abs, "min": min, "max": max}
    with mpmath.workdps(60):
        names |= {"x": mpmath.mpf(x), "y": mpmath.mpf(y), "pi": mpmath.mpf(math.pi), "e": mpmath.mpf(math.e)}
        try:
            found = mpmath.mpmathify(eval(source, {"__builtins__": {}}, names))  # only texts of our own
        except (ZeroDivisionError, TypeError):
            return None
        return float(found) if isinstance(found, mpmath.mpf) and mpmath.isfinite(found) else None


@pytest.mark.parametrize("text", LEGAL)
def test_a_misleading_formula_has_the_value_of_mathematics_or_none(text: str) -> None:
    lines, words = derive(text).float_lines
    floats = compile_function("at", ["x", "y"], [*lines, f"return {words[0]}"], FLOAT_SPACE)
    arrays = np.asarray(value(text, *np.array(POINTS).T))
    assert arrays.dtype in (np.float64, np.int64), "real"
    for place, (x, y) in enumerate(POINTS):
        expected = judged(text, x, y)
        found = [float(np.broadcast_to(arrays, len(POINTS))[place])]
        with contextlib.suppress(ValueError, ArithmeticError):  # a path goes on with arrays there
            found.append(floats(x, y))
        for each in found:
            assert isinstance(each, float | int)
            if expected is None:
                assert not math.isfinite(each), (x, y, each)
            elif abs(expected) < 1e300:
                assert each == pytest.approx(expected, rel=1e-12, abs=1e-11), (x, y)


def test_infinity_on_the_way_has_its_limit_as_in_every_floating_point_arithmetic() -> None:
    """The one place where a text without a value at a point (a division by 0) has one on the screen."""
    assert value("exp(-1/x**2)", 0.0) == 0.0
    assert value("atan(1/x**2)", 0.0) == pytest.approx(math.pi / 2)
    assert value("1/(1 + 1/x**2)", 0.0) == 0.0


def test_a_capital_is_no_parameter_that_looks_like_a_variable() -> None:
    for text in ("X**2 + y", "Y", "X1", "E*x", "E2"):
        with pytest.raises(FormulaError, match="not known"):
            parse(text)
    assert derive("i*x + A*y").parameters == ("A", "i")
