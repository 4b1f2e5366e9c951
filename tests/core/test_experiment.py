"""All that a person sets up is one value: to JSON, back, and nothing bad comes in."""

import json
from typing import Any

import msgspec
import pytest

from core.choice import Choice
from core.descent import descend
from core.errors import InputError
from core.experiment import VERSION, default_experiment, from_json
from core.optimizer import OPTIMIZERS, basic_optimizers
from core.surface import SurfaceSpec, surfaces

DEFAULT = default_experiment()


def changed(path: str, value: Any) -> bytes:
    """The default experiment's JSON with one thing in it changed."""
    data = json.loads(DEFAULT.to_json())
    *way, last = path.split(".")
    place = data
    for step in way:
        place = place[int(step) if step.isdigit() else step]
    place[int(last) if last.isdigit() else last] = value
    return json.dumps(data).encode()


def test_the_first_start_has_every_optimizer_and_runs_the_basic_ones() -> None:
    assert [c.method.optimizer.id for c in DEFAULT.contenders] == list(OPTIMIZERS)
    assert [run.method.optimizer.id for run in descend(DEFAULT.descent()).runs] == list(basic_optimizers())
    assert DEFAULT.checked() == DEFAULT


def test_what_is_saved_comes_back_the_same() -> None:
    other = msgspec.structs.replace(
        DEFAULT.with_surface(SurfaceSpec(formula="x² + exp(y)", domain=(-1.0, 1.5, -2.0, 0.1))),
        noise=0.1 + 0.2, seed=2**32 - 1, steps=7, tolerance=1e-300, starts=((0.1, -0.2), (1 / 3, 0.0)),
        contenders=DEFAULT.contenders[:2][::-1], shown="gradient",
    )  # fmt: skip
    for experiment in (DEFAULT, other):
        assert from_json(experiment.to_json()) == experiment
        assert from_json(experiment.to_json().decode()) == experiment


def test_switched_off_optimizers_do_not_run() -> None:
    off = msgspec.structs.replace(DEFAULT.contenders[0], enabled=False)
    some = msgspec.structs.replace(DEFAULT, contenders=(off, *DEFAULT.contenders[1:]))
    assert [m.optimizer.id for m in some.descent().methods] == list(basic_optimizers())[1:]


@pytest.mark.parametrize("key", surfaces())
def test_another_surface_brings_its_start_its_steps_and_its_rates(key: str) -> None:
    entry = surfaces()[key]
    experiment = DEFAULT.with_surface(SurfaceSpec(key))
    assert experiment.starts == entry.starts[:1]
    assert experiment.steps == entry.steps
    for contender in experiment.contenders:
        choice = contender.method.optimizer
        assert choice.values["learning_rate"] == entry.learning_rates[choice.id]
    assert experiment.training is DEFAULT.training


def test_another_surface_keeps_what_else_was_set() -> None:
    adam = msgspec.structs.replace(DEFAULT.contenders[5].method, optimizer=Choice("adam", {"beta1": 0.5}))
    last = msgspec.structs.replace(DEFAULT.contenders[-1], method=adam, enabled=False)
    mine = msgspec.structs.replace(DEFAULT, contenders=(last,), noise=0.5).with_surface(SurfaceSpec("booth"))
    assert mine.noise == 0.5
    assert mine.contenders[0].enabled is False
    assert mine.contenders[0].method.optimizer.values["beta1"] == 0.5


def test_an_own_formula_runs_at_the_optimizers_own_rates() -> None:
    mine = DEFAULT.with_surface(SurfaceSpec(formula="log(x)"))
    assert all("learning_rate" not in c.method.optimizer.values for c in mine.contenders)
    descend(mine.descent())


BAD: list[tuple[str, bytes, str]] = [
    ("nothing", b"", "not an experiment"),
    ("no JSON", b"hello", "not an experiment"),
    ("cut short", DEFAULT.to_json()[:200], "not an experiment"),
    ("binary", b"\xff\xfe\x00\x01", "not an experiment"),
    ("a list", b"[]", "not an experiment"),
    ("something else", b'{"a": 1}', "not an experiment"),
    ("deep lists", b"[" * 200_000, "not an experiment"),
    ("deep objects", b'{"version":1,"other":' + b'{"a":' * 200_000, "not an experiment"),
    ("NaN", DEFAULT.to_json().replace(b'"noise": 0.0', b'"noise": NaN'), "not an experiment"),
    ("Infinity", DEFAULT.to_json().replace(b'"noise": 0.0', b'"noise": Infinity'), "not an experiment"),
    ("1e999", DEFAULT.to_json().replace(b'"noise": 0.0', b'"noise": 1e999'), "not an experiment"),
    ("a later version", changed("version", VERSION + 1), f"version {VERSION + 1}"),
    ("a later version with other fields", b'{"version": 99, "surface": 3}', "version 99"),
    ("no version", b'{"surface": 3}', "version"),
    ("text for a number", changed("steps", "many"), r"steps"),
    ("half steps", changed("steps", 2.5), r"steps"),
    ("no steps", changed("steps", 0), "steps must be a number from 1"),
    ("huge steps", changed("steps", 10**30), "steps must be a number"),
    ("negative noise", changed("noise", -1.0), "noise must be a number"),
    ("three coordinates", changed("starts.0", [1, 2, 3]), "length 2"),
    ("no start", changed("starts", []), "needs a start"),
    ("a start outside", changed("starts.0", [99.0, 0.0]), "outside the surface's domain"),
    ("unknown surface", changed("surface.id", "himelblau"), "did you mean 'himmelblau'"),
    ("unknown optimizer", changed("contenders.0.method.optimizer.id", "sdg"), "did you mean 'sgd'"),
    ("unknown schedule", changed("contenders.0.method.schedule.id", "stepp"), "did you mean 'step'"),
    ("a bad rate", changed("contenders.0.method.optimizer.values", {"learning_rate": 0}), "learning rate"),
    ("a switch for a rate", changed("contenders.0.method.optimizer.values", {"learning_rate": True}), "rate"),
    ("something unknown shown", changed("shown", "gradients"), "did you mean 'gradient'"),
    ("an attack", changed("surface", {"formula": "__import__(x)"}), "no function '__import__'"),
    ("an unknown data set", changed("training.dataset.id", "digit"), "did you mean 'digits'"),
    ("no units", changed("training.variants.0.network.units", 0), "units must be a number"),
]


@pytest.mark.parametrize(("text", "words"), [pytest.param(*bad[1:], id=bad[0]) for bad in BAD])
def test_what_is_no_experiment_is_refused_in_a_sentence(text: bytes, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        from_json(text)
    assert "\n" not in str(caught.value)


def test_an_optimizer_that_is_switched_off_is_checked_too() -> None:
    data = json.loads(DEFAULT.to_json())
    data["contenders"][0] = {"method": {"optimizer": {"id": "sdg"}}, "enabled": False}
    with pytest.raises(InputError, match="did you mean 'sgd'"):
        from_json(json.dumps(data))


def test_it_cannot_be_changed_in_place() -> None:
    with pytest.raises(AttributeError):
        setattr(DEFAULT, "steps", 5)  # noqa: B010  # a plain assignment is what the type checker refuses
