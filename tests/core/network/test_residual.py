"""Residual blocks: where shortcuts are, and what they are there for."""

import numpy as np
import pytest

from core.choice import Choice
from core.errors import InputError
from core.network.arrays import Workspace
from core.network.layers.dense import Dense
from core.network.layers.shortcut import Merge
from core.network.model import Network
from core.network.spec import BATCH_NORM_PLACES, NetworkSpec

RNG = np.random.default_rng(0)
X, LABELS = RNG.normal(size=(40, 6)), RNG.integers(3, size=40)


def network(residual: str, layers: int = 5, inputs: int = 6, **values) -> Network:
    spec = NetworkSpec(layers=layers, units=6, residual=residual, **values).checked()
    made = Network(spec, inputs, 3, Workspace(40, "float64"))
    made.initialize(Choice("he_normal"), np.random.default_rng(1))
    return made


def matrices(made: Network) -> list[np.ndarray]:
    return [layer.weights.value for layer in made.layers if isinstance(layer, Dense)]


@pytest.mark.parametrize(
    ("layers", "inputs", "starts"),
    [(1, 6, []), (2, 6, [0]), (3, 6, [0]), (4, 6, [0, 2]), (2, 4, []), (4, 4, [2]), (5, 4, [2])],
)
def test_two_layers_of_equal_width_have_a_shortcut(layers, inputs, starts):
    made = network("on", layers, inputs)
    assert list(made.spec.shortcuts(inputs)) == starts
    assert sum(isinstance(layer, Merge) for layer in made.layers) == len(starts)
    assert not any(isinstance(layer, Merge) for layer in network("off", layers, inputs).layers)


def test_the_output_of_a_block_is_its_input_plus_what_its_layers_make_of_it():
    made = network("on", layers=2)
    first, second, last = matrices(made)
    block = np.tanh(np.tanh(X @ first) @ second)
    np.testing.assert_allclose(made.forward(X, training=False), (X + block) @ last, rtol=1e-12)


@pytest.mark.parametrize("activation", ["tanh", "relu", "leaky_relu", "prelu", "elu", "selu"])
@pytest.mark.parametrize("batch_norm", BATCH_NORM_PLACES)
def test_blocks_with_their_last_weights_at_zero_start_as_the_identity(activation, batch_norm):
    made = network("zero_last", layers=4, activation=Choice(activation), batch_norm=batch_norm)
    expected = X @ matrices(made)[-1]
    np.testing.assert_allclose(made.forward(X, training=True), expected, rtol=1e-12)


def test_only_the_last_weights_of_blocks_with_a_shortcut_are_zero_and_the_rest_as_drawn():
    drawn, made = matrices(network("on", inputs=4)), matrices(network("zero_last", inputs=4))
    for index, (one, other) in enumerate(zip(drawn, made, strict=True)):
        np.testing.assert_array_equal(other, one * (index != 3))


def test_the_gradient_reaches_the_first_of_fifty_layers_only_past_shortcuts():
    norms = {}
    for residual in ("off", "on"):
        made = network(residual, layers=50, activation=Choice("sigmoid"))
        made.loss_and_gradient(X, LABELS)
        first = next(layer for layer in made.layers if isinstance(layer, Dense))
        norms[residual] = np.linalg.norm(first.weights.gradient)
    assert norms["off"] < 1e-20
    assert norms["on"] > 1e-3


def test_an_unknown_kind_is_refused():
    with pytest.raises(InputError, match="residual value") as error:
        NetworkSpec(residual="yes").checked()
    assert error.value.field == "residual"
