"""The whole network's gradient against central differences, for every activation and batch norm place."""

import numpy as np
import pytest

from core.choice import Choice
from core.loops import can_compile, compile_loops
from core.network.activation import ACTIVATIONS
from core.network.arrays import Workspace
from core.network.layers.nonlinearity import Nonlinearity
from core.network.loss import cross_entropy, weight_penalty
from core.network.model import Network
from core.network.spec import BATCH_NORM_PLACES, NetworkSpec

SAMPLES, INPUTS, CLASSES, L2, STEP = 9, 3, 4, 0.05, 1e-6


def network_away_from_kinks(activation: str, batch_norm: str) -> tuple[Network, np.ndarray, np.ndarray]:
    """The first of some seeds whose pre-activations all keep clear of 0; every parameter is drawn."""
    spec = NetworkSpec(layers=3, units=5, activation=Choice(activation), batch_norm=batch_norm)
    network = Network(spec, INPUTS, CLASSES, Workspace(SAMPLES, "float64"))
    for seed in range(100):
        rng = np.random.default_rng(seed)
        x, labels = rng.normal(size=(SAMPLES, INPUTS)), rng.integers(CLASSES, size=SAMPLES)
        network.vector.values[:] = rng.normal(size=network.vector.values.size) * 0.8
        network.forward(x, training=True)
        inputs = [layer.pre_activation for layer in network.layers if isinstance(layer, Nonlinearity)]
        if min(np.abs(z).min() for z in inputs) > 2e-3:
            return network, x, labels
    raise AssertionError("no seed keeps clear of the kinks")


@pytest.mark.parametrize("compiled", [False, *([True] if can_compile() else [])])
@pytest.mark.parametrize("batch_norm", BATCH_NORM_PLACES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradient_agrees_with_central_differences(activation, batch_norm, compiled):
    network, x, labels = network_away_from_kinks(activation, batch_norm)
    if compiled:
        compile_loops(network.workspace.loops)
    network.loss_and_gradient(x, labels, L2)
    gradient = network.vector.gradient.copy()
    parameters = network.vector.values

    def objective() -> float:
        logits = network.forward(x, training=True)
        return cross_entropy(logits, labels, np.empty_like(logits)) + weight_penalty(network.weights, L2)

    expected = np.empty_like(gradient)
    for index in range(parameters.size):
        here = parameters[index]
        parameters[index] = here + STEP
        above = objective()
        parameters[index] = here - STEP
        expected[index] = (above - objective()) / (2 * STEP)
        parameters[index] = here
    assert np.linalg.norm(gradient - expected) <= 1e-6 * np.linalg.norm(expected)
    np.testing.assert_allclose(gradient, expected, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("batch_norm", BATCH_NORM_PLACES)
@pytest.mark.parametrize("activation", ["tanh", "prelu"])
def test_every_number_of_the_flat_vector_belongs_to_a_layer(activation, batch_norm):
    for layers in (1, 4):
        spec = NetworkSpec(layers=layers, units=6, activation=Choice(activation), batch_norm=batch_norm)
        vector = Network(spec, 2, 3, Workspace(4, "float32")).vector
        assert vector.full
        with pytest.raises(IndexError):
            vector.take_vector(1)
