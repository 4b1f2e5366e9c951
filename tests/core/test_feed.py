"""What the networks of a run are fed: preprocessed, moved, mixed, the same samples for all."""

import numpy as np
import pytest
from msgspec.structs import replace

from core.choice import Choice
from core.data.transform import PREPROCESSINGS
from core.errors import InputError
from core.training import TrainingRun, TrainingSpec, Variant
from tests.training_specs import training

DIGITS = TrainingSpec(variants=(Variant(),), batch_size=64, epochs=1)


def run_of(*changes, **fields):
    variants = tuple(replace(DIGITS.variants[0], **change) for change in changes)
    return TrainingRun(replace(DIGITS, variants=variants, **fields))


def batches(run):
    """Inputs and labels of each network for the same samples, and their places in the training set."""
    chosen = np.random.default_rng(0).permutation(run.data.training_samples)[:64]
    return [run._sampler.feed(variant).batch(chosen) for variant in run.spec.variants], chosen


@pytest.mark.parametrize("kind", PREPROCESSINGS)
def test_each_network_has_its_own_preprocessing_of_the_same_samples(kind):
    run = run_of({}, {"preprocessing": kind}, dtype="float64")
    ((plain, labels), (other, other_labels)), chosen = batches(run)
    raw = run.data.raw.training_inputs[chosen]
    np.testing.assert_array_equal(labels, other_labels)
    np.testing.assert_array_equal(other, run._sampler.feed(run.spec.variants[1]).data.transform.apply(raw))
    assert np.array_equal(plain, other) == (kind == "standardize")


def test_networks_fed_alike_share_their_batch():
    run = run_of({}, {"l2": 0.1}, {"mixup": 0.5})
    assert len(run._sampler.batches(0)) == 2


def test_images_are_moved_before_they_are_preprocessed():
    run = run_of({}, {"shift": 2.0}, dtype="float64")
    ((plain, labels), (moved, same)), chosen = batches(run)
    np.testing.assert_array_equal(labels, same)
    assert np.abs(plain - moved).mean() > 0.1
    undone = moved * run.data.transform.std + run.data.transform.mean
    raw = run.data.raw.training_inputs
    still = np.ptp(raw, axis=0) == 0.0  # their scale is 1, so that they are undone as well
    assert (undone[:, ~still] >= -1e-9).all(), "pixels stay pixels"
    assert (undone <= raw.max() + 1e-9).all()
    assert len(chosen) == 64


def test_mixed_labels_are_shares_that_sum_to_one():
    run = run_of({"mixup": 1.0}, dtype="float64")
    (((mixed, labels),), chosen) = batches(run)
    assert labels.shape == (64, 10)
    np.testing.assert_allclose(labels.sum(axis=1), 1.0)
    assert ((labels > 0.0).sum(axis=1) <= 2).all()
    assert not np.allclose(mixed, run.data.training_inputs[chosen])


@pytest.mark.parametrize("change", [{"shift": 1.0}, {"mixup": 0.4}, {"network": "dropout"}])
def test_what_is_drawn_comes_from_the_seed(change):
    if "network" in change:
        change = {"network": replace(Variant().network, dropout=0.3)}
    weights = []
    for seed in (0, 0, 1):
        run = run_of(change, seed=seed)
        for _ in range(5):
            run.step()
            run.frame()  # looking draws nothing
        weights.append(run._trainees[0].network.weights.copy())
    np.testing.assert_array_equal(weights[0], weights[1])
    assert not np.array_equal(weights[0], weights[2])


def test_a_clipped_gradient_makes_a_step_of_that_length():
    run = run_of({"clip": 1e-3, "method": training().variants[0].method}, dtype="float64")
    run.step()
    assert np.linalg.norm(run._trainees[0].network.vector.gradient) <= 1e-3


def test_l1_brings_weights_to_zero_more_than_l2():
    ends = []
    for penalty in ({"l1": 0.003}, {"l2": 0.003}):
        run = run_of(penalty, epochs=8)
        while not run.finished:
            run.step()
        weights = np.abs(run._trainees[0].network.weights)
        ends.append((weights < 1e-3).mean())
    assert ends[0] > 4 * ends[1]


def test_only_images_are_moved():
    with pytest.raises(
        InputError, match="Only images can be moved: set rotate to 0, or choose the digits"
    ) as error:
        TrainingRun(training(DIGITS, dataset=Choice("moons"), rotate=10.0))
    assert error.value.field == "rotate"
