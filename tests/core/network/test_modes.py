"""A batch in training mode and in evaluation mode, against passes made by hand."""

import math

import numpy as np
import pytest

from core.choice import Choice
from core.network.arrays import Workspace
from core.network.batch_noise import batch_noise
from core.network.layers.batch_norm import EPSILON
from core.network.loss import cross_entropy
from core.network.model import Network
from core.network.modes import bias_effect, modes
from core.network.spec import NetworkSpec
from core.network.whole_set import WholeSetStatistics, whole_set_statistics

RNG = np.random.default_rng(0)
X, LABELS = RNG.normal(size=(300, 6)) * [1, 2, 3, 4, 5, 6] + 1, RNG.integers(3, size=300)
OTHERS = RNG.normal(size=(40, 6)), RNG.integers(3, size=40)


def network(capacity: int = 300, dtype: str = "float64", **values) -> Network:
    spec = NetworkSpec(**{"layers": 2, "units": 8, "batch_norm": "before", **values}).checked()
    made = Network(spec, 6, 3, Workspace(capacity, dtype), np.random.default_rng(2))
    made.initialize(Choice("he_normal"), np.random.default_rng(1))
    made.calibrate(X[:50].astype(dtype))
    return made


def by_hand(made: Network, x, means, variances):
    """Pre-activations and outputs of a tanh network of two layers, normalized with given statistics."""
    first, norm, _, second, other, _, last = made.layers
    found = []
    for dense, place, given in ((first, norm, 0), (second, other, 1)):
        z = x @ dense.weights.value
        mean = z.mean(axis=0) if means is None else means[given]
        var = z.var(axis=0) if variances is None else variances[given]
        z = place.gamma.value * (z - mean) / np.sqrt(var + EPSILON) + place.beta.value
        found.append(z)
        x = np.tanh(z)
    return [*found, x @ last.weights.value + last.bias.value]


def test_every_mode_is_what_a_pass_by_hand_gives():
    made, x, labels = network(), X[:20], LABELS[:20]
    made.layers[1].gamma.value[:] = np.linspace(0.5, 2, 8)
    made.layers[1].beta.value[:] = np.linspace(-1, 1, 8)
    whole, running = whole_set_statistics(made, X), made.statistics
    given = {"batch": (None, None), "running": (running.running_mean, running.running_var),
             "whole": (whole.mean, whole.var)}  # fmt: skip
    given = {name: tuple(None if v is None else v.copy() for v in pair) for name, pair in given.items()}
    training = by_hand(made, x, None, None)[-1]
    for mode in modes(made, (x, labels), OTHERS, whole):
        expected = by_hand(made, x, *given[mode.statistics])
        assert len(mode.cells) == 3
        for cell, values in zip(mode.cells, expected, strict=True):
            assert cell.mean == pytest.approx(values.mean(), abs=1e-12)
            assert cell.std == pytest.approx(values.std())
            assert (cell.minimum, cell.maximum) == pytest.approx((values.min(), values.max()))
            assert cell.counts.sum() == values.size
        logits = expected[-1]
        assert mode.loss == pytest.approx(cross_entropy(logits, labels, np.empty_like(logits)))
        assert mode.accuracy == np.mean(logits.argmax(axis=1) == labels)
        assert mode.difference == pytest.approx(np.sqrt(np.mean((logits - training) ** 2)), abs=1e-12)
        if mode.statistics == "batch":
            assert math.isnan(mode.validation_loss)
        else:
            logits = by_hand(made, OTHERS[0], *given[mode.statistics])[-1]
            expected = cross_entropy(logits, OTHERS[1], np.empty_like(logits))
            assert mode.validation_loss == pytest.approx(expected)
            assert mode.validation_accuracy == np.mean(logits.argmax(axis=1) == OTHERS[1])


def test_modes_share_their_bins():
    first, second, third = modes(network(), (X[:20], LABELS[:20]), OTHERS, whole_set_statistics(network(), X))
    for one, two, three in zip(first.cells, second.cells, third.cells, strict=True):
        np.testing.assert_array_equal(one.edges, two.edges)
        np.testing.assert_array_equal(one.edges, three.edges)


@pytest.mark.parametrize("values", [{}, {"batch_norm": "after"}, {"dropout": 0.3, "drop_connect": 0.2}])
def test_nothing_changes_that_training_goes_by(values):
    made = network(bias="on", **values)
    before = (
        made.vector.values.copy(),
        made.statistics.running_mean.copy(),
        made.statistics.running_var.copy(),
    )
    state = made.masks.rng.bit_generator.state
    whole = whole_set_statistics(made, X)
    modes(made, (X[:20], LABELS[:20]), OTHERS, whole)
    bias_effect(made, X[:20])
    batch_noise(made, X, whole)
    after = made.vector.values, made.statistics.running_mean, made.statistics.running_var
    for one, other in zip(after, before, strict=True):
        np.testing.assert_array_equal(one, other)
    assert made.masks.rng.bit_generator.state == state


@pytest.mark.parametrize(("dtype", "least"), [("float64", 1e-12), ("float32", 1e-4)])
def test_a_bias_before_batch_norm_has_no_effect_in_training_mode(dtype, least):
    effect = bias_effect(network(bias="on", dtype=dtype), X[:50].astype(dtype))
    assert effect.training < least
    assert effect.evaluation > 0.1


def test_where_no_batch_norm_follows_there_is_nothing_to_say_of_biases():
    assert bias_effect(network(), X[:50]) is None, "left out"
    assert bias_effect(network(batch_norm="after"), X[:50]) is None
    assert bias_effect(network(batch_norm="off"), X[:50]) is None


def test_the_first_layer_s_means_wander_like_those_of_samples_drawn_without_repeats():
    made = network(units=40)
    found = batch_noise(made, X, whole_set_statistics(made, X), batches=300)
    np.testing.assert_array_equal(found.sizes, [2, 4, 8, 16, 32, 64, 128, 256])
    expected = np.sqrt((1 - found.sizes / 300) / found.sizes)
    np.testing.assert_allclose(found.of_mean[:, 0], expected, rtol=0.1)


def test_the_first_layer_s_variances_wander_like_those_of_normal_samples():
    made = network(units=40)
    many = np.random.default_rng(5).normal(size=(2000, 6))  # weighted sums of them are normal too
    found = batch_noise(made, many, whole_set_statistics(made, many), batches=300)
    small = found.sizes <= 64
    np.testing.assert_allclose(found.of_variance[small, 0], np.sqrt(2 / (found.sizes[small] - 1)), rtol=0.1)


def test_the_noise_is_the_spread_of_the_statistics_of_the_very_batches_that_were_drawn():
    made = network()
    whole = whole_set_statistics(made, X)
    found = batch_noise(made, X, whole, batches=5)
    rng = np.random.default_rng(0)
    for place, size in enumerate(found.sizes[:3]):
        means, variances = [], []
        for _ in range(5):
            x = X[rng.choice(300, size, replace=False)]
            z = x @ made.layers[0].weights.value
            a = np.tanh((z - z.mean(axis=0)) / np.sqrt(z.var(axis=0) + EPSILON))
            both = z, a @ made.layers[3].weights.value
            means.append([values.mean(axis=0) for values in both])
            variances.append([values.var(axis=0, ddof=1) for values in both])
        for drawn, noise, scale in (
            (means, found.of_mean[place], whole.var.mean(axis=1)),
            (variances, found.of_variance[place], (whole.var**2).mean(axis=1)),
        ):
            spread = np.var(drawn, axis=0, ddof=1).mean(axis=1)
            np.testing.assert_allclose(noise, np.sqrt(spread / scale), atol=1e-12)


def test_behind_a_symmetric_activation_two_samples_cancel_out():
    made = network()
    found = batch_noise(made, X, whole_set_statistics(made, X))
    assert found.of_mean[0, 0] > 0.3
    assert found.of_mean[0, 1] < 1e-3


def test_what_takes_too_long_or_does_not_fit_is_left_out():
    small = network(capacity=50)
    found = batch_noise(small, X, whole_set_statistics(small, X))
    np.testing.assert_array_equal(found.sizes, [2, 4, 8, 16, 32])
    large = network(layers=50, units=512, capacity=60)
    shape = (50, 512)
    found = batch_noise(large, X, WholeSetStatistics(np.zeros(shape), np.ones(shape)))
    assert len(found.sizes) <= 1
    assert found.of_mean.shape == found.of_variance.shape == (len(found.sizes), 50)
