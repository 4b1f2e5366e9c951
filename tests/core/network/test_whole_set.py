"""Evaluation with the whole training set's statistics in place of running averages."""

import numpy as np
import pytest

from core.choice import Choice
from core.network.arrays import Workspace
from core.network.layers.batch_norm import BatchNorm
from core.network.model import Network
from core.network.spec import NetworkSpec
from core.network.whole_set import normalizing_with, whole_set_statistics

RNG = np.random.default_rng(0)
X, LABELS = RNG.normal(size=(90, 6)) * [1, 2, 3, 4, 5, 6] + 1, RNG.integers(3, size=90)


def network(capacity: int, **values) -> Network:
    spec = NetworkSpec(**{"layers": 5, "units": 6, "batch_norm": "before", **values}).checked()
    made = Network(spec, 6, 3, Workspace(capacity, "float64"))
    made.initialize(Choice("he_normal"), np.random.default_rng(1))
    return made


@pytest.mark.parametrize("residual", ["off", "on"])
@pytest.mark.parametrize("place", ["before", "after"])
@pytest.mark.parametrize("capacity", [90, 40])
def test_in_evaluation_every_layer_has_mean_zero_and_variance_one_over_the_set(place, residual, capacity):
    made = network(capacity, batch_norm=place, residual=residual)
    found = whole_set_statistics(made, X)
    outputs = {index: [] for index, layer in enumerate(made.layers) if isinstance(layer, BatchNorm)}
    with normalizing_with(made, found):
        for start in range(0, 90, capacity):
            x = X[start : start + capacity]
            for index, layer in enumerate(made.layers):
                x = layer.forward(x, training=False)
                if index in outputs:
                    outputs[index].append(x.copy())
    assert len(outputs) == 5
    for pieces in outputs.values():
        values = np.concatenate(pieces)
        np.testing.assert_allclose(values.mean(axis=0), 0, atol=1e-12)
        np.testing.assert_allclose(values.std(axis=0, ddof=1), 1, rtol=1e-3)


def test_pieces_make_no_difference():
    one, many = (whole_set_statistics(network(capacity), X) for capacity in (90, 7))
    np.testing.assert_allclose(many.mean, one.mean, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(many.var, one.var, rtol=1e-9)


def test_they_are_what_a_pass_in_training_mode_over_the_whole_set_measures():
    """But for the variance: unbiased here, as in the running averages, and biased in a batch."""
    made = network(90, layers=1)
    found = whole_set_statistics(made, X)
    made.calibrate(X)
    np.testing.assert_allclose(found.mean, made.statistics.running_mean, rtol=1e-12)
    np.testing.assert_allclose(found.var, made.statistics.running_var, rtol=1e-12)


def test_the_running_averages_are_as_before():
    made = network(40, dropout=0.3)
    made.calibrate(X[:10])
    before = made.statistics.running_mean.copy(), made.statistics.running_var.copy()
    plain, state = made.evaluate(X, LABELS), made.masks.rng.bit_generator.state
    found = whole_set_statistics(made, X)
    with normalizing_with(made, found):
        assert made.evaluate(X, LABELS) != plain
    np.testing.assert_array_equal(made.statistics.running_mean, before[0])
    np.testing.assert_array_equal(made.statistics.running_var, before[1])
    assert made.evaluate(X, LABELS) == plain
    assert made.masks.rng.bit_generator.state == state


def test_without_batch_norm_there_is_nothing_to_measure():
    made = network(40, batch_norm="off")
    plain = made.evaluate(X, LABELS)
    with normalizing_with(made, whole_set_statistics(made, X)):
        assert made.evaluate(X, LABELS) == plain


def test_running_averages_of_one_batch_converge_to_its_statistics():
    """By (1 - momentum)^steps, whatever the momentum."""
    for momentum in (0.05, 0.5):
        made = network(90, layers=1, batch_norm_momentum=momentum)
        found = whole_set_statistics(made, X)
        for _ in range(10):
            made.forward(X, training=True)
            made.update_running(90)
        left = (found.mean - made.statistics.running_mean) / found.mean
        np.testing.assert_allclose(left, (1 - momentum) ** 10, rtol=1e-9)


@pytest.mark.parametrize("training", [True, False])
def test_hidden_values_are_those_of_the_mode(training):
    made = network(90)
    made.calibrate(X[:20])
    values = made.hidden_values(X, training)
    assert len(values) == 5
    for z, a in values:
        np.testing.assert_array_equal(a, np.tanh(z))
        centred = np.allclose(z.mean(axis=0), 0, atol=1e-9)
        assert centred == training


@pytest.mark.parametrize("place", ["before", "after"])
def test_a_kept_bias_has_no_effect_before_batch_norm_only(place):
    made = network(90, batch_norm=place, bias="on")
    plain = made.loss_and_gradient(X, LABELS)
    biases = [layer.bias for layer in made.layers[:-1] if hasattr(layer, "bias")]
    assert len(biases) == 5
    sizes = [np.abs(bias.gradient).max() for bias in biases]
    for bias in biases:
        bias.value[:] = RNG.normal(size=6) * 5
    if place == "before":
        assert made.loss_and_gradient(X, LABELS) == pytest.approx(plain, rel=1e-12)
        assert max(sizes) < 1e-14
    else:
        assert made.loss_and_gradient(X, LABELS) != pytest.approx(plain, rel=1e-3)
        assert min(sizes) > 1e-5
