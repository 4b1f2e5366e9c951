"""Splitting, scaling and streams of random numbers."""

import numpy as np
import pytest

from core.choice import Choice
from core.data.preprocessing import prepare, split
from core.data.streams import named_stream
from core.errors import InputError

LABELS = np.array([0] * 50 + [1] * 10 + [2] * 2)


def test_split_is_disjoint_and_complete():
    training, validation = split(LABELS, np.random.default_rng(0))
    assert sorted([*training, *validation]) == list(range(62))
    assert len(validation) == 13


def test_every_class_is_in_both_parts_even_a_rare_one():
    training, validation = split(LABELS, np.random.default_rng(0))
    np.testing.assert_array_equal(np.bincount(LABELS[training]), [40, 8, 1])
    np.testing.assert_array_equal(np.bincount(LABELS[validation]), [10, 2, 1])


def test_a_class_of_one_stays_in_the_training_set():
    training, _ = split(np.array([0, 0, 0, 1]), np.random.default_rng(0))
    assert 3 in training


def test_parts_are_in_random_order():
    training, _ = split(LABELS, np.random.default_rng(0))
    assert np.count_nonzero(np.diff(LABELS[training])) > 5


def test_streams_differ_by_name_and_seed_and_repeat():
    draws = {key: named_stream(*key).random() for key in [(0, "a"), (0, "b"), (1, "a"), (0, "a", "b")]}
    assert len(set(draws.values())) == 4
    assert named_stream(0, "a").random() == draws[0, "a"]


def test_an_unknown_data_set_names_the_nearest():
    with pytest.raises(InputError, match="did you mean 'spirals'") as error:
        prepare(Choice("spiral"), 0)
    assert error.value.field == "dataset"


@pytest.mark.parametrize(
    ("name", "value"), [("samples", 3), ("noise", -1.0), ("classes", 1), ("samples", "many")]
)
def test_wrong_numbers_name_their_field(name, value):
    with pytest.raises(InputError) as error:
        prepare(Choice("spirals", {name: value}), 0)
    assert error.value.field == name


def test_data_can_be_huge_in_number_or_tiny():
    assert prepare(Choice("moons", {"samples": 20_000}), 0).training_samples == 16_000
    assert prepare(Choice("blobs", {"samples": 20, "classes": 10}), 0).training_samples == 10
