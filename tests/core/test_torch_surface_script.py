"""Scripts of descents: they run with torch, and print the numbers that the program has."""

import ast
from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec
import numpy as np
import pytest

from core.choice import Choice
from core.descent import DescentSpec, descend
from core.errors import InputError
from core.experiment import Contender, Experiment, default_experiment
from core.hyperparameter import Scale
from core.optimizer import OPTIMIZERS, MethodSpec
from core.regression import own_data
from core.schedule import SCHEDULES
from core.surface import SurfaceSpec, surface, surfaces
from core.torch_script import Script, surface_script
from tests.torch_scripts import run_scripts, unknown_names

pytestmark = pytest.mark.xdist_group("torch_scripts")

CARS = "speed,dist\n" + "\n".join(f"{u},{2 * u + (u * 7) % 5}" for u in range(4, 20))
PLANE = "a,b,t\n" + "\n".join(f"{u},{(u * u) % 7},{u - (u * 3) % 4}" for u in range(12))
MANY = "u,t\n" + "\n".join(f"{np.sin(u):.12f},{np.cos(u):.12f}" for u in range(300))
HOSTILE = '"""\nimport os; os.abort()  # \\" \u202e \x00 \u2028 {x} %s \' \\'


def experiment(place: SurfaceSpec | str, *methods: MethodSpec | str, **numbers: Any) -> Experiment:
    """These methods on a surface, at its rates unless they have one."""
    spec = SurfaceSpec(place) if isinstance(place, str) else place
    made = [MethodSpec(Choice(each)) if isinstance(each, str) else each for each in methods]
    blank = msgspec.structs.replace(default_experiment(), contenders=tuple(map(Contender, made)))
    rates = {m.optimizer.id: m.optimizer.values for m in made if "learning_rate" in m.optimizer.values}
    placed = blank.with_surface(spec)
    contenders = tuple(
        Contender(made[i] if made[i].optimizer.id in rates else c.method)
        for i, c in enumerate(placed.contenders)
    )
    return msgspec.structs.replace(placed, **{"steps": 10, "contenders": contenders, **numbers})


def choose(key: str, **values: Any) -> MethodSpec:
    return MethodSpec(Choice(key, values))


def scheduled(key: str, schedule: str, **values: Any) -> MethodSpec:
    return MethodSpec(Choice(key), Choice(schedule, values))


def ramped(key: str, start: float, end: float, schedule: str = "constant") -> MethodSpec:
    return MethodSpec(Choice(key), Choice(schedule), Choice("linear", {"start": start, "end": end}))


def formula(text: str, **more: Any) -> SurfaceSpec:
    return SurfaceSpec(formula=text, **{"domain": (-3.0, 3.0, -3.0, 3.0), **more})


ALL = tuple(OPTIMIZERS)
WITH_MOMENTUM = tuple(key for key in ALL if OPTIMIZERS[key].momentum_name)
STARTS = ((0.0, 4.5), (-0.3, -0.9))
FORMULAS = {
    "products": "3*(x+y)**2/2 - x*y/3 + x**4/12",
    "trigonometry": "sin(x)*cos(y) + tan(x/4) + asin(x/4)*acos(y/4) + atan(x*y) + atan2(y, x + 4)",
    "exponentials": "exp(x/3) + cosh(y)*sinh(x) + tanh(x*y)*log(x**2 + 1) + log10(y + 9)*log2(y + 9)",
    "corners": "abs(x - y) + max(x, y) + min(x, 2) + sign(x)*y**2 + sqrt(x**2 + 1)",
    "powers": "(x + 4)**2.5 + 2**x + (y + 5)**(x/3) + 1/(1 + x**2) - y/(x**2 + y**2 + 1)/(3 + y**2)",
    "logistic": "sigmoid(x + y)*3 + softplus(30*x) + softplus(-30*y)",
    "flat": "3",
    "one axis": "y**2 + 2.5",
}
GENTLE = (
    choose("sgd", learning_rate=0.01), choose("adam", learning_rate=0.05),
    choose("newton", learning_rate=0.1, damping=1.0),
)  # fmt: skip


def with_schedule(schedule: str) -> tuple[MethodSpec, ...]:
    """Every optimizer with a schedule, every second one after a warm-up."""
    warm = ({}, {"warmup_steps": 4})
    return tuple(
        MethodSpec(Choice(key, {"learning_rate": 0.01}), Choice(schedule, warm[place % 2]))
        for place, key in enumerate(ALL)
    )


def other_numbers(key: str) -> MethodSpec:
    """An optimizer of which no number is what it is unless told otherwise."""
    spaced = {Scale.ONE_MINUS_LOG: 0.8, Scale.INTEGER: 2}
    values = {h.name: spaced.get(h.scale, 0.04) for h in OPTIMIZERS[key].hyperparameters if h.continuous}
    return choose(key, **values)


def own(name: str, text: str, *columns: Any, standardized: bool = False) -> SurfaceSpec:
    return SurfaceSpec(data=own_data(name, text, *columns, standardized=standardized))


CASES: dict[str, Callable[[], Experiment]] = {
    "as it starts": default_experiment,
    "all optimizers": lambda: experiment("himmelblau", *ALL, starts=STARTS),
    **{f"surface {key}": lambda key=key: experiment(key, "sgd", "adam", "newton") for key in surfaces()},
    **{f"schedule {key}": lambda key=key: experiment("himmelblau", *with_schedule(key)) for key in SCHEDULES},
    "all warm-up": lambda: experiment(
        "booth", scheduled("adam", "cosine", warmup_steps=10), scheduled("sgd", "linear", warmup_steps=30)
    ),
    "other numbers": lambda: experiment("booth", *map(other_numbers, ALL)),
    "momentum ramps": lambda: experiment("himmelblau", *(ramped(key, 0.2, 0.9) for key in WITH_MOMENTUM)),
    "momentum from 0": lambda: experiment(
        "booth", ramped("momentum", 0.0, 0.9), ramped("nesterov", 0.0, 0.9)
    ),
    "ramp and schedule": lambda: experiment(
        "booth", ramped("momentum", 0.5, 0.9, "cosine"), ramped("adam", 0.5, 0.9, "step")
    ),
    "other settings": lambda: experiment(
        "booth", choose("nesterov", momentum=0.0), choose("adam", bias_correction=False),
        choose("amsgrad", bias_correction=False), choose("adagrad", accumulate="mean"),
        choose("newton", curvature="absolute", damping=0.5), choose("lbfgs", tolerances=True, history=2),
    ),
    "at a saddle": lambda: experiment(
        "saddle", choose("newton", curvature="absolute"), starts=((-3.5, 0.001),)
    ),
    "noise": lambda: experiment("himmelblau", *ALL, noise=1.5, seed=7, starts=STARTS),
    "batches": lambda: experiment("logistic_regression", *ALL, batch_size=4, seed=3),
    "batches of a quadratic": lambda: experiment(
        "linear_regression_raw", "sgd", "adam", "newton", batch_size=7
    ),
    "noisy batches": lambda: experiment(
        "positive_inputs", "sgd", "rmsprop", batch_size=10, noise=0.1, seed=1,
        starts=((-4.0, 4.0), (0.0, 0.0)),
    ),
    **{
        f"formula {name}": lambda text=text: experiment(formula(text), *GENTLE, starts=((0.7, -1.2),))
        for name, text in FORMULAS.items()
    },
    "parameters": lambda: experiment(
        formula("a*x**2 + F*sin(y) + max(p2, alpha*x)", parameters={"a": 2.0, "F": -0.5}),
        choose("adam", learning_rate=0.1),
    ),
    "hostile name": lambda: experiment(
        formula("x**2 + y**2", name=HOSTILE), choose("sgd", learning_rate=0.1)
    ),
    "own samples": lambda: experiment(own("cars.csv", CARS), "sgd", "adam"),
    "own plane": lambda: experiment(own(HOSTILE, PLANE, ("a", "b"), "t"), "sgd", "adam"),
    "own plane, scaled": lambda: experiment(
        own("p", PLANE, ("a", "b"), "t", standardized=True), "sgd", batch_size=5
    ),
    "many own samples": lambda: experiment(own("m", MANY, standardized=True), "sgd", "lbfgs"),
    "diverging": lambda: experiment(
        "rosenbrock", choose("sgd", learning_rate=0.1), choose("momentum", learning_rate=1.0),
        choose("adam", learning_rate=1e80), choose("rmsprop", learning_rate=1e60),
    ),
    "divided by zero": lambda: experiment(
        formula("x**2"), choose("newton", damping=0.0, learning_rate=1.0),
        choose("adagrad", epsilon=0.0, learning_rate=0.1), starts=((1.0, 1.0),),
    ),
    "off the formula": lambda: experiment(
        formula("log(x) + y**2", domain=(0.1, 3.0, -1.0, 1.0)), choose("sgd", learning_rate=0.4),
        starts=((0.5, 0.5),),
    ),
    "many starts": lambda: experiment(
        "sphere", "sgd", steps=3, starts=tuple((i / 50, 1 - i / 60) for i in range(150))
    ),
    "unsteady": lambda: experiment("rosenbrock", "sgd", "adam", "nadam", "adadelta", "lbfgs", steps=600),
    "settled": lambda: experiment(
        "sphere", choose("sgd", learning_rate=0.3), choose("newton", learning_rate=1.0), tolerance=1e-3
    ),
}  # fmt: skip


@cache
def case(name: str) -> Experiment:
    return CASES[name]()


@cache
def script(name: str) -> Script:
    return surface_script(case(name))


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    scripts = {name: script(name) for name in CASES}
    return run_scripts(scripts, tmp_path_factory.mktemp("scripts"))


def rows(text: str) -> list[tuple[str, int, int, np.ndarray, str]]:
    found = []
    for line in text.splitlines()[1:]:
        name, number, steps, loss, x, y, *outcome = line.split()
        found.append((name, int(number), int(steps), np.array([loss, x, y], float), " ".join(outcome)))
    return found


def expected_rows(spec: DescentSpec) -> list[tuple[str, int, int, np.ndarray, str]]:
    return [
        (
            OPTIMIZERS[run.method.optimizer.id].name, run.start_index, run.steps,
            np.array([run.losses[-1], *run.points[-1]]),
            run.outcome + (f" at step {run.step}" if run.step is not None else ""),
        )
        for run in descend(spec).runs
    ]  # fmt: skip


def announced(text: str) -> set[str]:
    """Optimizers of which a script says that their numbers agree to fewer digits, or none."""
    said = " ".join((ast.get_docstring(ast.parse(text)) or "").split())
    _, _, names = said.partition("agree to fewer digits, or none: ")
    return set(names.partition(".")[0].split(", ")) - {""}


@pytest.mark.parametrize("name", CASES)
def test_what_a_script_prints_is_what_the_program_has(name: str, printed: dict[str, str]) -> None:
    found, expected = rows(printed[name]), expected_rows(case(name).descent())
    assert [each[:3] for each in found] == [each[:3] for each in expected]
    unsteady = announced(script(name).text)
    for (optimizer, *_, ours, outcome), (*_, theirs, meant) in zip(found, expected, strict=True):
        if optimizer not in unsteady:
            assert outcome == meant, optimizer
            np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-9, err_msg=optimizer)


def test_only_runs_that_turn_rounding_into_more_are_announced() -> None:
    unsteady = {name: announced(script(name).text) for name in CASES}
    assert {name: names for name, names in unsteady.items() if names} == {
        "unsteady": {"NAdam", "Adadelta", "L-BFGS"},
        "divided by zero": {"Adagrad"},  # a gradient of exactly 0 over itself
    }


def test_a_long_run_is_not_made_again_to_see_how_steady_it_is() -> None:
    long = experiment("sphere", "sgd", steps=1_000_000)
    assert "of this length" in surface_script(long).text


def test_the_first_script_is_short() -> None:
    first = surface_script(default_experiment())
    assert first == script("as it starts")
    assert first.data is None
    assert len(first.text.splitlines()) <= 75
    assert max(map(len, first.text.splitlines())) <= 100
    assert "numpy" not in first.text


@pytest.mark.parametrize("name", CASES)
def test_every_script_is_tidy(name: str) -> None:
    text = script(name).text
    tree = ast.parse(text)
    assert unknown_names(tree) == set()
    assert "\t" not in text
    assert all(line == line.rstrip() for line in text.split("\n"))
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert "\n\n\n\n" not in text


def test_no_text_of_a_person_becomes_code() -> None:
    for name in ("hostile name", "own plane"):
        tree = ast.parse(script(name).text)
        words = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)} | {
            alias.name for n in ast.walk(tree) if isinstance(n, ast.Import) for alias in n.names
        }
        assert "os" not in words


def test_without_an_optimizer_there_is_nothing_to_write() -> None:
    nothing = msgspec.structs.replace(default_experiment(), contenders=())
    with pytest.raises(InputError, match="No optimizer is switched on"):
        surface_script(nothing)


def test_formulas_have_the_values_of_the_program(printed: dict[str, str]) -> None:
    for name in FORMULAS:
        spec = case(f"formula {name}").surface
        _, _, _, (loss, x, y), _ = rows(printed[f"formula {name}"])[0]
        np.testing.assert_allclose(loss, surface(spec).loss(x, y), rtol=1e-8)
