"""Specs of training runs: read, written, refused in a sentence, and as large as they may be."""

import math

import msgspec
import pytest

from core.choice import Choice
from core.errors import InputError
from core.network.initializer import INITIALIZERS
from core.optimizer import MethodSpec
from core.training import (
    NETWORK_HYPERPARAMETERS,
    TRAINING_HYPERPARAMETERS,
    VARIANT_HYPERPARAMETERS,
    NetworkSpec,
    TrainingRun,
    TrainingSpec,
    Variant,
)
from tests.core.training_runs import SMALL, changed, run_to_the_end, with_network


def test_spec_goes_to_json_and_back():
    assert msgspec.json.decode(msgspec.json.encode(SMALL), type=TrainingSpec) == SMALL
    assert SMALL.checked() == SMALL
    assert (TrainingSpec().checked()) == TrainingSpec()


BAD = {
    "layers": with_network(layers=51),
    "units": with_network(units=0),
    "batch_norm": with_network(batch_norm="beside"),
    "activation": with_network(activation=Choice("tahn")),
    "slope": with_network(activation=Choice("leaky_relu", {"slope": 2})),
    "initializer": changed(initializers=(Choice("xavier_nomal"),)),
    "std": changed(initializers=(Choice("small_normal", {"std": math.nan}),)),
    "dataset": changed(dataset=Choice("digit")),
    "optimizer": changed(method=MethodSpec(Choice("adamm"))),
    "schedule": changed(method=MethodSpec(Choice("adam"), Choice("cosin"))),
    "learning_rate": changed(method=MethodSpec(Choice("adam", {"learning_rate": 0}))),
    "batch_size": changed(batch_size=0),
    "epochs": changed(epochs=-1),
    "l2": changed(l2=-0.1),
    "seed": changed(seed=-1),
    "dtype": changed(dtype="float16"),
}


@pytest.mark.parametrize("field", BAD)
def test_bad_input_names_its_field_in_a_sentence(field):
    with pytest.raises(InputError) as error:
        TrainingRun(BAD[field])
    assert error.value.field == field
    sentence = str(error.value)
    assert sentence.endswith((".", "?"))
    assert "\n" not in sentence


@pytest.mark.parametrize("wrong", ["xavier_nomal", "tahn", "digit"])
def test_unknown_names_suggest_the_nearest(wrong):
    right = {"xavier_nomal": "xavier_normal", "tahn": "tanh", "digit": "digits"}[wrong]
    spec = next(spec for spec in BAD.values() if wrong in str(spec))
    with pytest.raises(InputError, match=f"did you mean '{right}'"):
        spec.checked()


def test_a_batch_larger_than_the_data_names_the_training_sets_size():
    with pytest.raises(InputError, match=r"at most 80, the size of the training set, not 81\.") as error:
        changed(batch_size=81).checked()
    assert error.value.field == "batch_size"


def test_a_batch_of_one_has_no_variance_to_normalize_with():
    with pytest.raises(InputError, match="at least 2 with batch norm") as error:
        changed(batch_size=1).checked()
    assert error.value.field == "batch_size"
    assert msgspec.structs.replace(with_network(batch_norm="off"), batch_size=1).checked().batch_size == 1


def test_what_no_memory_would_hold_is_refused():
    spec = changed(
        dataset=Choice("moons", {"samples": 20_000}),
        network=NetworkSpec(layers=50, units=512),
        batch_size=16_000,
    )
    with pytest.raises(InputError, match="would take about 7 GB of memory, more than 4 GB") as error:
        spec.checked()
    assert error.value.field == "units"
    largest = NetworkSpec(layers=50, units=512)
    changed(network=largest, initializers=tuple(map(Choice, list(INITIALIZERS)[:8])), batch_size=80).checked()


def test_runs_of_too_many_steps_are_refused():
    with pytest.raises(InputError, match=r"5000 epochs would be .* steps, more than 2,000,000") as error:
        changed(dataset=Choice("digits"), batch_size=2, epochs=5_000).checked()
    assert error.value.field == "epochs"


@pytest.mark.parametrize(("count", "words"), [(0, "at least one network"), (9, "9 networks .* up to 8")])
def test_there_is_a_network_and_not_too_many(count, words):
    with pytest.raises(InputError, match=words) as error:
        changed(variants=SMALL.variants[:1] * count).checked()
    assert error.value.field == "variants"


@pytest.mark.parametrize("network", [NetworkSpec(layers=1, units=1), NetworkSpec(layers=50, units=2)])
@pytest.mark.parametrize("batch_norm", ["off", "before", "after"])
def test_extreme_shapes_run(network, batch_norm):
    network = msgspec.structs.replace(network, batch_norm=batch_norm)
    run = run_to_the_end(changed(network=network, epochs=1))
    assert run.frame().networks[0].outcome == "completed"


def test_widest_and_deepest_network_makes_a_step():
    spec = changed(network=NetworkSpec(layers=50, units=512), initializers=(Choice("he_normal"),), epochs=1)
    run = TrainingRun(spec)
    run.step()
    assert len(run.frame().networks[0].statistics) == 250


def test_every_number_of_the_specs_is_described():
    tables = {TrainingSpec: TRAINING_HYPERPARAMETERS, Variant: VARIANT_HYPERPARAMETERS,
              NetworkSpec: NETWORK_HYPERPARAMETERS}  # fmt: skip
    for owner, table in tables.items():
        assert {p.name: p.default for p in table} == {
            name: getattr(owner(), name)
            for name, kind in owner.__annotations__.items() if kind in (int, float, str, bool)
        }  # fmt: skip
