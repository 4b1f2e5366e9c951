"""What an edit did, in words; and which edits go on from one another."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from core.choice import Choice
from core.experiment import Experiment, Words, default_experiment
from core.experiment_change import Change, change_between, change_of_words
from core.optimizer import MethodSpec
from core.surface import SurfaceSpec
from core.training import Variant

START = default_experiment()


def adam(**changes: Any) -> Experiment:
    return START.with_methods([replace(START.method("adam"), **changes)])


def rate(value: float) -> Experiment:
    return adam(optimizer=Choice("adam", {"learning_rate": value}))


def enabled(places: dict[int, bool]) -> Experiment:
    contenders = list(START.contenders)
    for place, on in places.items():
        contenders[place] = replace(contenders[place], enabled=on)
    return replace(START, contenders=tuple(contenders))


def variants(change: Callable[[Variant], Variant], place: int | None = None) -> Experiment:
    return replace(START, training=START.training.with_variants(change, place))


def number(name: str, value: Any) -> Callable[[Variant], Variant]:
    return lambda variant: variant.with_number(name, value)


def chosen(which: str, choice: Choice) -> Callable[[Variant], Variant]:
    return lambda variant: variant.with_choice(which, choice)


def at_half(method: MethodSpec) -> MethodSpec:
    return replace(method, optimizer=method.optimizer.with_value("learning_rate", 0.5))


def training(**changes: Any) -> Experiment:
    return replace(START, training=replace(START.training, **changes))


BOWL = START.with_surface(SurfaceSpec(formula="a*x**2 + y**2", parameters={"a": 2.0}))
STEP = Choice("step", {"every": 10})
EDITS: list[tuple[Experiment, Experiment, str, bool]] = [
    (START, START, "nothing", False),
    (START, START.with_surface(SurfaceSpec(formula="x**2 + y**2", name="loss")), "own surface loss", False),
    (START, START.with_surface(SurfaceSpec("rosenbrock")), "surface Rosenbrock", False),
    (BOWL, replace(BOWL, surface=replace(BOWL.surface, parameters={"a": 3.0})), "parameter a", True),
    (START, replace(START, starts=((1.0, 1.0),)), "start point", True),
    (START, replace(START, starts=(*START.starts, (1.0, 1.0))), "another start point", False),
    (replace(START, starts=((1.0, 1.0), (2.0, 2.0))), START, "removed start point", False),
    (START, replace(START, starts=((1.0, 1.0),) * 50), "start points", False),
    (START, rate(0.3), "Adam learning rate", True),
    (START, adam(optimizer=Choice("adam", {"learning_rate": 0.2, "beta1": 0.5})), "Adam beta1", True),
    (START, adam(schedule=Choice("cosine")), "Adam schedule", False),
    (adam(schedule=STEP), adam(schedule=STEP.with_value("every", 20)), "Adam schedule every", True),
    (START, enabled({0: False}), "SGD off", False),
    (START, enabled({0: False, 1: False}), "choice of optimizers", False),
    (START, START.with_methods(at_half(c.method) for c in START.contenders), "optimizers' numbers", False),
    (START, replace(START, noise=0.5), "noise", True),
    (START, replace(START, batch_size=8), "batch size", True),
    (START, training(dataset=Choice("moons")), "data of the networks", False),
    (START, training(batch_size=64), "training batch size", True),
    (START, training(dtype="float64"), "training precision", False),
    (START, training(variants=START.training.variants[:2]), "removed network", False),
    (START, training(variants=(*START.training.variants, Variant())), "another network", False),
    (START, variants(number("units", 32)), "network's units", True),
    (START, variants(number("l2", 0.1), 2), "network's L2", True),
    (START, variants(number("batch_norm", "off")), "network's batch norm", False),
    (START, variants(chosen("activation", Choice("relu")), 1), "network's activation", False),
    (START, variants(chosen("optimizer", Choice("adam"))), "network's optimizer", False),
    (START, variants(lambda v: replace(v, method=at_half(v.method))), "network's learning rate", True),
    (START, START.with_overlay("gradient", True), "gradient on", False),
    (START.with_overlay("critical", True), START, "critical off", False),
    (START, replace(START, shown="weight"), "distributions shown", False),
    (START, replace(START, measure="seconds"), "measure of effort", False),
    (START, replace(START, maps=replace(START.maps, optimizer="sgd")), "map", False),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "name", "goes_on"), EDITS, ids=[edit[2] for edit in EDITS])
def test_an_edit_has_a_name(old: Experiment, new: Experiment, name: str, goes_on: bool) -> None:
    change = change_between(old, new)
    assert change.name == name
    assert bool(change.key) is goes_on, "whether a slider moves through it"


def test_the_same_number_has_the_same_key_and_another_one_another() -> None:
    assert change_between(START, rate(0.3)) == change_between(rate(0.3), rate(0.4))
    two = replace(START, starts=((1.0, 1.0), (2.0, 2.0)))
    first = change_between(two, replace(two, starts=((1.5, 1.0), (2.0, 2.0))))
    second = change_between(two, replace(two, starts=((1.0, 1.0), (2.5, 2.0))))
    assert first.name == second.name
    assert first.key != second.key
    assert change_between(START, variants(number("l1", 0.1))) != change_between(
        START, variants(number("l2", 0.1))
    )


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        (Words(), Words("One"), "title"),
        (Words("One"), Words("One", "See."), "text"),
        (Words("One", "See."), Words(), "title and text"),
        (Words("One"), Words("One"), "nothing"),
    ],
)
def test_an_edit_of_the_words_has_a_name(old: Words, new: Words, name: str) -> None:
    assert change_of_words(old, new) == Change(name), "each stands for itself"


def test_every_field_of_an_experiment_has_a_name() -> None:
    for field in msgspec.structs.fields(Experiment):
        assert change_between(START, replace(START, **{field.name: other(field.name)})) != Change("nothing")


def other(field: str) -> Any:
    """A value that the first start does not have."""
    values = {
        "surface": SurfaceSpec("booth"), "starts": (), "contenders": (),
        "training": training(seed=5).training,
        "distributions": replace(START.distributions, form="depth"), "maps": replace(START.maps, rows=5),
        "tuning": replace(START.tuning, budget=7), "overlays": ("gradient",), "shown": "weight",
        "measure": "epochs",
    }  # fmt: skip
    return values.get(field, 3)
