"""Batch norm of a run, small enough to be sent while it trains."""

import pickle

import numpy as np
import pytest

from core.choice import Choice
from core.network.layers.batch_norm import EPSILON, BatchNorm
from core.network.spec import NetworkSpec
from core.network.whole_set import whole_set_statistics
from core.training import TrainingRun
from core.training.norms import distances
from tests.training_specs import training


def run_of(steps: int = 0, network: NetworkSpec | None = None) -> TrainingRun:
    shape = network or NetworkSpec(layers=3, units=8, batch_norm="before")
    fields = {"dataset": Choice("moons"), "batch_size": 32, "epochs": 3, "network": shape}
    run = TrainingRun(training(None, [Choice("he_normal")], **fields))
    for _ in range(steps):
        run.step()
    return run


def test_gamma_and_beta_are_quantiles_over_the_units():
    run = run_of(20)
    moment = run.norms(0).moment
    layers = [each for each in run._trainees[0].network.layers if isinstance(each, BatchNorm)]
    for place, layer in enumerate(layers):
        for seen, values in ((moment.gamma, layer.gamma.value), (moment.beta, layer.beta.value)):
            expected = [np.quantile(values, part) for part in (0, 0.25, 0.5, 0.75, 1)]
            np.testing.assert_allclose(seen[place], expected, rtol=1e-6)
    assert (moment.step, moment.name) == (20, "he_normal")
    assert np.ptp(moment.gamma) > 0


def test_distances_are_those_of_the_definition():
    mean, other = np.array([[1.0, 3.0]]), np.array([[0.0, 1.0]])
    found = distances((mean, np.array([[4.0, 1.0]])), (other, np.array([[1.0, 4.0]])))
    shifts = np.array([1.0, 2.0]) / np.sqrt([1 + EPSILON, 4 + EPSILON])
    np.testing.assert_allclose(found[0, 0], np.sqrt(np.mean(shifts**2)))
    np.testing.assert_allclose(found[0, 1], np.sqrt((1.0 + 0.25) / 2), rtol=1e-4)
    np.testing.assert_array_equal(distances((mean, other), (mean, other)), [[0, 0]])


def test_running_averages_come_close_to_the_whole_set_when_the_weights_stand_still():
    """A share of 0.1 of each batch: the average of the last tens of batches has less noise than one batch."""
    run = run_of(0)
    network, feed = run._trainees[0].network, run._sampler.feed(run.spec.variants[0])
    network.statistics.running_mean[:] = 5
    first = run.norms(0).moment
    rng = np.random.default_rng(0)
    for _ in range(100):
        network.forward(feed.training[rng.choice(len(feed.training), 32, replace=False)], training=True)
        network.update_running(32)
    last = run.norms(0).moment
    assert (last.running_from_whole[:, 0] < 0.05 * first.running_from_whole[:, 0]).all()
    assert last.running_from_whole[0, 0] < last.batch_from_whole[0, 0]


def test_the_batch_is_compared_with_the_whole_set_s_own_statistics():
    run = run_of(5)
    network, feed = run._trainees[0].network, run._sampler.feed(run.spec.variants[0])
    z = feed.training[:32].astype(np.float64) @ network.layers[0].weights.value
    whole = whole_set_statistics(network, feed.training[:2_000])
    expected = distances((z.mean(axis=0)[None], z.var(axis=0, ddof=1)[None]), (whole.mean[:1], whole.var[:1]))
    np.testing.assert_allclose(run.norms(0).moment.batch_from_whole[:1], expected, rtol=1e-4)


def test_looking_changes_no_training():
    looked, alone = run_of(), run_of()
    while not looked.finished:
        looked.step()
        alone.step()
        looked.norms(0, noise=True)
        looked.norm_moment(0)
    values = [run._trainees[0].network.vector.values for run in (looked, alone)]
    np.testing.assert_array_equal(*values)
    assert looked.records == alone.records


def test_the_smaller_part_is_the_same_and_noise_comes_when_asked_for():
    run = run_of(7)
    small, plain, noisy = run.norm_moment(0), run.norms(0), run.norms(0, noise=True)
    for name in ("gamma", "beta", "running_from_whole", "batch_from_whole", "running_from_batch"):
        np.testing.assert_array_equal(getattr(small, name), getattr(plain.moment, name))
    assert plain.noise is None
    assert noisy.noise.samples == noisy.samples == noisy.of == 800
    assert len(pickle.dumps(noisy)) < 20_000


def test_without_batch_norm_there_is_nothing():
    run = run_of(network=NetworkSpec(layers=2, units=4))
    assert run.norms(0) is None
    assert run.norm_moment(0) is None


@pytest.mark.parametrize("place", ["before", "after"])
def test_a_network_that_diverged_is_looked_at_without_a_warning(place):
    run = run_of(3, network=NetworkSpec(layers=2, units=4, batch_norm=place))
    run._trainees[0].network.vector.values[:] = np.nan
    seen = run.norms(0, noise=True)
    assert np.isnan(seen.moment.gamma).all()
    assert np.isnan(seen.modes[0].loss)
    assert seen.modes[1].cells[0].non_finite
