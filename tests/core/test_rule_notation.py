"""Formulas of the optimizers' rules: read as they are written, they give the steps that were made."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.choice import Choice
from core.descent import DescentSpec, Trajectory, descend
from core.descent_step import step_at
from core.notation import Fraction, Group, Node, Root, Row, Script, Word, plain
from core.optimizer import OPTIMIZERS, MethodSpec
from core.rule_notation import LETTERS, rule_notation
from core.surface import SurfaceSpec, surfaces

STEPS = 40
DERIVED = [key for key, entry in OPTIMIZERS.items() if entry.explain is None]
RELATIONS = ("←", "=", ">", "≤", "<", "≥")


def read(node: Node, numbers: Mapping[str, Any]) -> Any:
    """What a formula says, as one reads it: juxtaposition multiplies, letters are looked up."""
    match node:
        case Word(text="I"):
            return np.eye(2)
        case Word(text=text):
            return numbers[node.value] if node.value else float(text)
        case Fraction(above=above, below=below):
            return read(above, numbers) / read(below, numbers)
        case Root(inside=inside):
            return np.sqrt(read(inside, numbers))
        case Group(inside=inside):
            return numbers[node.value] if node.value else read(inside, numbers)
        case Script():
            return read_script(node, numbers)
        case Row(parts=parts):
            return read_sum(parts, numbers)
    raise AssertionError(node)


def read_script(node: Script, numbers: Mapping[str, Any]) -> Any:
    power = plain(node.power) if node.power is not None else ""
    if isinstance(node.base, Group) and node.base.left == "|":
        return np.abs(read(node.base.inside, numbers)).sum()
    if power == "−1":
        return np.linalg.inv(read(node.base, numbers))
    if power in ("", "′", "max"):
        return numbers[node.value]
    if not node.value:
        return read(node.base, numbers) ** read(node.power, numbers)
    wanted = numbers[node.value.split("^")[0]] ** read(node.power, numbers)
    assert relative(numbers[node.value], wanted) < 1e-12, "the number under a power is the power"
    return wanted


def read_sum(parts: tuple[Node, ...], numbers: Mapping[str, Any]) -> Any:
    total, way, product = 0.0, 1.0, None
    waiting = list(parts)
    while waiting:
        part = waiting.pop(0)
        text = part.text if isinstance(part, Word) and not part.value else ""
        if text in ("+", "−"):
            total = total + (way * product if product is not None else 0.0)
            way, product = (1.0 if text == "+" else -1.0), None
            continue
        if text == "·":
            continue
        if text == "/":
            product = product / read(waiting.pop(0), numbers)
            continue
        if text in ("max", "min", "sign"):
            group = waiting.pop(0)
            assert isinstance(group, Group)
            value = call(text, group, numbers)
        else:
            value = read(part, numbers)
        product = value if product is None else times(product, value)
    return total + way * product


def call(name: str, group: Group, numbers: Mapping[str, Any]) -> Any:
    assert isinstance(group.inside, Row)
    arguments = [read(p, numbers) for p in group.inside.parts if not (isinstance(p, Word) and p.text == ",")]
    return {"sign": np.sign, "max": np.maximum, "min": np.minimum}[name](*arguments)


def times(left: Any, right: Any) -> Any:
    return left @ right if np.ndim(left) == 2 and np.ndim(right) > 0 else left * right


def split(node: Node) -> tuple[Node, str, Node]:
    """Both sides of a line, and its relation."""
    assert isinstance(node, Row)
    at = next(i for i, p in enumerate(node.parts) if isinstance(p, Word) and p.text in RELATIONS)
    relation = node.parts[at]
    assert isinstance(relation, Word)
    left, right = node.parts[:at], node.parts[at + 1 :]
    return (left[0] if len(left) == 1 else Row("", left)), relation.text, Row("", right)


def variants() -> list[tuple[str, dict[str, Any]]]:
    """Every optimizer with every combination of one switch or choice."""
    found = []
    for key in OPTIMIZERS:
        entry = OPTIMIZERS[key]
        found.append((key, {}))
        for parameter in entry.hyperparameters:
            options = parameter.choices or ((False, True) if isinstance(parameter.default, bool) else ())
            found += [(key, {parameter.name: option}) for option in options if option != parameter.default]
    return found


def run_of(key: str, values: dict[str, Any], noise: float = 0.0, **method: Any) -> Trajectory:
    rate = surfaces()["rosenbrock"].learning_rates[key]
    spec = MethodSpec(Choice(key, {"learning_rate": rate, **values}), **method)
    place = SurfaceSpec("rosenbrock")
    return descend(DescentSpec(place, (spec,), ((-1.2, 1.0),), steps=STEPS, noise=noise, seed=3)).runs[0]


def agree(key: str, found: Any, wanted: Any, point: Any) -> bool:
    """Equal to rounding: number by number, or, where a matrix is solved, as a whole."""
    if key in DERIVED:
        return relative(found, wanted) < 1e-12
    room = 1e-8 * np.abs(wanted).max() + 1e-14 * np.abs(point).max()
    return bool(np.abs(found - wanted).max() <= room)


def relative(found: Any, wanted: Any) -> float:
    return float(np.max(np.abs(np.asarray(found) - wanted) / np.maximum(np.abs(wanted), 1e-300)))


@pytest.mark.parametrize(("key", "values"), variants())
@pytest.mark.parametrize("noise", [0.0, 0.5])
def test_the_formulas_read_with_their_numbers_give_the_next_point_and_what_is_remembered(key, values, noise):
    run = run_of(key, values, noise)
    assert run.steps == STEPS
    for index in range(STEPS):
        step = step_at(run, index)
        numbers = {"t": index + 1, **step.explanation.numbers}
        for node in step.explanation.nodes:
            left, relation, right = split(node)
            said = read(right, numbers)
            if relation in ("←", "="):
                assert agree(key, said, numbers[left.value], run.points[index])
            else:
                holds = read(left, numbers) > said
                assert bool(holds) == (relation in (">", "≥"))
        scale = max(1.0, float(np.abs(run.points[index]).max()))
        assert np.abs(numbers["x"] - run.points[index + 1]).max() <= 1e-12 * scale
        for name, table in run.state.items() if key in DERIVED else ():
            assert relative(numbers[name], table[index + 1]) < 1e-12


@pytest.mark.parametrize("key", DERIVED)
def test_every_letter_of_every_rule_has_its_number_and_none_is_a_plain_word(key):
    step = step_at(run_of(key, {}), 30)
    for line in step.notation.lines:
        assert line.target in step.explanation.numbers
    own = {**LETTERS, **OPTIMIZERS[key].letters}
    for name in step.explanation.letters:
        assert name.removeprefix("before.").removesuffix(".hat").split("^")[0] in own


@pytest.mark.parametrize(
    ("key", "lines"),
    [
        ("sgd", ["x ← x − η g"]),
        ("momentum", ["v ← μ v − η g", "x ← x + v"]),
        ("rmsprop", ["s ← ρ s + (1 − ρ) g²", "x ← x − η g / (√s + ε)"]),
        (
            "adam",
            [
                "m ← β₁ m + (1 − β₁) g",
                "m̂ = m / (1 − β₁ᵗ)",
                "v ← β₂ v + (1 − β₂) g²",
                "v̂ = v / (1 − β₂ᵗ)",
                "x ← x − η m̂ / (√v̂ + ε)",
            ],
        ),
        ("lion", ["c = β₁ m + (1 − β₁) g", "m ← β₂ m + (1 − β₂) g", "x ← x − η (sign (c) + λ x)"]),
    ],
)
def test_rules_are_written_as_in_their_papers(key, lines):
    assert [plain(node) for node in step_at(run_of(key, {}), 20).explanation.nodes] == lines


def test_what_is_still_meant_after_it_was_replaced_is_marked_old():
    last = step_at(run_of("nesterov", {}), 5).explanation.nodes[-1]
    assert plain(last) == "x ← x − μ v_(old) + (1 + μ) v"


def test_a_rule_with_two_ways_of_stepping_is_written_as_it_steps():
    run = run_of("radam", {})
    early, late = (plain(step_at(run, index).explanation.nodes[-1]) for index in (0, 30))
    assert early == "x ← x − η m̂"
    assert late == "x ← x − η r m̂ / (√v + ε)"


def test_a_changing_rate_and_momentum_are_those_of_the_step():
    run = run_of(
        "momentum", {}, schedule=Choice("exponential"), momentum_schedule=Choice("linear", {"start": 0.5})
    )
    for index in (0, 17, STEPS - 1):
        step = step_at(run, index)
        assert step.explanation.numbers["learning_rate"] == run.learning_rates[index]
        assert step.explanation.numbers["momentum"] == run.momenta[index]
        assert np.allclose(step.explanation.numbers["x"], run.points[index + 1], rtol=1e-12)


def test_noise_is_told_apart_from_the_gradient_of_the_surface():
    run = run_of("sgd", {}, noise=2.0)
    for index in range(STEPS):
        step = step_at(run, index)
        assert np.hypot(*step.gradient) == pytest.approx(run.gradient_norms[index], rel=1e-14)
        assert np.allclose(step.moved, -step.learning_rate * step.used_gradient, rtol=1e-9, atol=1e-15)
        assert step.is_noisy
        assert np.abs(step.used_gradient - step.gradient).max() > 0.0


@pytest.mark.parametrize("key", ["sgd", "adagrad", "rmsprop", "adam", "amsgrad", "adadelta", "qhadam"])
def test_the_step_is_its_direction_times_the_rates(key):
    step = step_at(run_of(key, {}), 30)
    direction = {"adam": "first_moment.hat", "amsgrad": "first_moment.hat", "qhadam": "direction"}
    wanted = -step.explanation.rates * step.explanation.numbers[direction.get(key, "gradient")]
    assert np.allclose(step.moved, wanted, rtol=1e-9, atol=1e-15)


@given(st.floats(0.0, 359.0))
def test_the_angle_between_step_and_negative_gradient(turn):
    run = run_of("sgd", {})
    step = step_at(run, 3)
    assert step.angle == pytest.approx(0.0, abs=1e-4)
    angle = np.radians(turn)
    there = run.points[3] + 0.01 * np.array(
        [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    ) @ (-step.gradient / np.hypot(*step.gradient))
    points = run.points.copy()
    points[4] = there
    turned = step_at(replace(run, points=points), 3)
    assert turned.angle == pytest.approx(min(turn, 360.0 - turn), abs=1e-5)


def test_there_is_no_step_beyond_the_last_point():
    run = run_of("adam", {})
    assert step_at(run, STEPS) is None
    assert step_at(run, -1) is None


def test_a_rule_is_read_once():
    entry = OPTIMIZERS["adam"]
    step = step_at(run_of("adam", {}), 3)
    again = rule_notation(entry, step.run.values, step.inputs)
    assert again is step.notation


def test_matrices_of_newton_and_l_bfgs_are_those_of_linear_algebra():
    for values in ({}, {"curvature": "absolute", "damping": 0.5}):
        run = run_of("newton", values)
        for index in range(STEPS):
            numbers = step_at(run, index).explanation.numbers
            matrix = numbers["hessian"]
            if values:
                lengths, axes = np.linalg.eigh(matrix)
                matrix = axes @ np.diag(np.abs(lengths)) @ axes.T
                assert np.allclose(matrix, numbers["curvature"], rtol=1e-9, atol=1e-9)
            damped = matrix + run.values["damping"] * np.eye(2)
            wanted = np.linalg.solve(damped, numbers["gradient"])
            assert np.allclose(numbers["direction"], wanted, rtol=1e-8, atol=1e-12)


def test_the_inverse_that_l_bfgs_has_learned_maps_the_last_change_to_the_last_step():
    run = run_of("lbfgs", {})
    seen = 0
    for index in range(2, STEPS):
        numbers = step_at(run, index).explanation.numbers
        if numbers["change"] @ numbers["last_step"] > 1e-10:  # the secant equation
            assert np.allclose(
                numbers["inverse"] @ numbers["change"], numbers["last_step"], rtol=1e-6, atol=1e-12
            )
            seen += 1
    assert seen > 5


@pytest.mark.parametrize("size", [0, 1, 7])
@pytest.mark.parametrize("name", ["linear_regression_raw", "logistic_regression"])
@pytest.mark.parametrize("key", ["sgd", "adam", "newton"])
def test_over_data_the_gradient_used_is_that_of_the_steps_own_batch(name, size, key):
    spec = DescentSpec(
        SurfaceSpec(name),
        (MethodSpec(Choice(key, {"learning_rate": surfaces()[name].learning_rates[key]})),),
        surfaces()[name].starts[:1],
        steps=60,
        batch_size=size,
        seed=5,
    )
    run = descend(spec).runs[0]
    for index in (0, 1, 30, run.steps - 1):
        step = step_at(run, index)
        assert step.is_noisy == (size > 0)
        assert np.hypot(*step.gradient) == pytest.approx(run.gradient_norms[index], rel=1e-9)
        found = step.explanation.numbers["x"]
        assert np.allclose(found, run.points[index + 1], rtol=1e-9, atol=1e-12)
