"""A network as a whole: its parameters, its evaluation, what it shows of a batch."""

import math

import numpy as np
import pytest

from core.choice import Choice
from core.loops import all_finite
from core.network.arrays import Workspace
from core.network.layers.batch_norm import BatchNorm
from core.network.layers.dense import Dense
from core.network.layers.nonlinearity import Nonlinearity
from core.network.loss import cross_entropy
from core.network.model import Network
from core.network.spec import BATCH_NORM_PLACES, NetworkSpec

RNG = np.random.default_rng(0)
X, LABELS = RNG.normal(size=(50, 4)) + 1, RNG.integers(3, size=50)


def network(batch_norm: str = "off", activation: str = "tanh", capacity: int = 50) -> Network:
    spec = NetworkSpec(layers=3, units=6, activation=Choice(activation), batch_norm=batch_norm)
    made = Network(spec, 4, 3, Workspace(capacity, "float64"))
    made.initialize(Choice("he_normal"), np.random.default_rng(1))
    return made


@pytest.mark.parametrize("batch_norm", BATCH_NORM_PLACES)
def test_evaluation_uses_running_statistics_and_any_number_of_samples(batch_norm):
    whole, pieces = network(batch_norm), network(batch_norm, capacity=20)
    for one in (whole, pieces):
        one.calibrate(X[:10])
    logits = whole.forward(X, training=False).copy()
    expected = cross_entropy(logits, LABELS, np.empty_like(logits)), np.mean(logits.argmax(axis=1) == LABELS)
    assert whole.evaluate(X, LABELS) == pytest.approx(expected, rel=1e-12)
    assert pieces.evaluate(X, LABELS) == pytest.approx(expected, rel=1e-12)
    assert np.allclose(whole.forward(X, training=True), logits) == (batch_norm == "off")


@pytest.mark.parametrize("batch_norm", ["before", "after"])
def test_calibrated_statistics_are_those_of_the_samples(batch_norm):
    made = network(batch_norm)
    trained = made.forward(X, training=True).copy()
    made.calibrate(X)
    # Evaluation divides by the unbiased variance, so it is a little closer to 0.
    np.testing.assert_allclose(made.forward(X, training=False), trained, rtol=0.1, atol=0.05)


def test_initialization_sets_every_parameter():
    made = network("before", "prelu")
    made.vector.values[:] = 99.0
    made.initialize(Choice("he_normal"), np.random.default_rng(1))
    for layer in made.layers:
        if isinstance(layer, Dense):
            assert np.ptp(layer.weights.value) > 0
            assert layer.bias is None or not layer.bias.value.any()
        elif isinstance(layer, BatchNorm):
            assert (layer.gamma.value == 1).all()
            assert not layer.beta.value.any()
        elif isinstance(layer, Nonlinearity):
            assert layer.learned is not None
            assert layer.learned.value.tolist() == [0.25]
    assert 99.0 not in made.vector.values


@pytest.mark.parametrize("batch_norm", BATCH_NORM_PLACES)
def test_signals_are_input_and_output_of_the_activation(batch_norm):
    layers = network(batch_norm).signals(X, LABELS)
    assert len(layers) == 3
    for signals in layers:
        np.testing.assert_array_equal(signals.activation, np.tanh(signals.pre_activation))
        assert signals.gradient.shape == (50, 6)
    normalized = np.allclose(layers[0].pre_activation.std(axis=0), 1, rtol=1e-3)
    assert normalized == (batch_norm == "before")


def test_gradient_of_signals_is_the_derivative_of_the_summed_loss():
    """In the last layer, without batch norm: a sample's share is (softmax - one_hot) W^T f'(z)."""
    made = network()
    last = made.signals(X, LABELS)[-1]
    output = made.layers[-1]
    assert isinstance(output, Dense)
    logits = last.activation @ output.weights.value
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    errors = probabilities - np.eye(3)[LABELS]
    expected = errors @ output.weights.value.T * (1 - last.activation**2)
    np.testing.assert_allclose(last.gradient, expected, rtol=1e-10)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_one_number_that_is_not_finite_is_seen(bad):
    for place in ("vector", "running_mean", "running_var"):
        made = network("before")
        assert made.is_finite
        array = made.vector.values if place == "vector" else getattr(made.statistics, place)
        array.flat[-1] = bad
        assert not made.is_finite


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_huge_numbers_whose_squares_overflow_are_finite(dtype):
    assert all_finite(np.full(3, np.finfo(dtype).max, dtype))
    assert not all_finite(np.array([np.finfo(dtype).max, np.inf], dtype))
