"""Dropout and DropConnect: what is dropped, how the rest is scaled, and where masks come from."""

import numpy as np
import pytest

from core.choice import Choice
from core.errors import InputError
from core.network.arrays import Workspace
from core.network.layers.drop_connect import DropConnect
from core.network.layers.dropout import Dropout
from core.network.layers.masks import MaskStream
from core.network.model import Network
from core.network.spec import NetworkSpec

RNG = np.random.default_rng(0)
X, LABELS = RNG.normal(size=(40, 6)), RNG.integers(3, size=40)
KINDS = [{"dropout": 0.4}, {"drop_connect": 0.4}]
both = pytest.mark.parametrize("kind", KINDS, ids=["dropout", "drop_connect"])


def network(seed: int = 5, dtype: str = "float64", **values) -> Network:
    spec = NetworkSpec(layers=3, units=8, **values).checked()
    made = Network(spec, 6, 3, Workspace(40, dtype), np.random.default_rng(seed))
    made.initialize(Choice("he_normal"), np.random.default_rng(1))
    return made


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_mask_drops_its_share_and_scales_the_rest(dtype, share):
    mask = np.empty((1000, 100), dtype)
    MaskStream(np.random.default_rng(0)).draw(mask, share)
    assert set(np.unique(mask)) == {0, mask.dtype.type(1 / (1 - share))}
    # Four standard deviations of a share estimated from 100,000 draws.
    assert np.mean(mask == 0) == pytest.approx(share, abs=4 * (share * (1 - share) / mask.size) ** 0.5)
    assert mask.mean() == pytest.approx(1, abs=0.05)


@both
@pytest.mark.parametrize("batch_norm", ["off", "before", "after"])
def test_evaluation_is_that_of_the_whole_network(kind, batch_norm):
    plain, made = network(batch_norm=batch_norm), network(batch_norm=batch_norm, **kind)
    np.testing.assert_array_equal(made.forward(X, training=False), plain.forward(X, training=False))
    assert made.evaluate(X, LABELS) == plain.evaluate(X, LABELS)
    assert not np.allclose(made.forward(X, training=True), plain.forward(X, training=True))


@both
def test_the_mean_over_masks_of_a_linear_step_is_evaluation(kind):
    """Scaling is right when the mean of the first layer's input to the second agrees with evaluation."""
    made = network(**kind)
    end = next(i for i, layer in enumerate(made.layers) if isinstance(layer, Dropout | DropConnect)) + 1
    first = made.layers[:end]

    def through(training: bool) -> np.ndarray:
        x = X
        for layer in first:
            x = layer.forward(x, training)
        return x.copy()

    mean = np.mean([through(training=True) for _ in range(3000)], axis=0)
    np.testing.assert_allclose(mean, through(training=False), atol=0.2)
    assert np.abs(mean - through(training=False)).mean() < 0.02


def test_dropout_drops_after_the_activation_and_the_layers_that_see_it():
    made = network(dropout=0.4)
    kinds = [type(layer).__name__ for layer in made.layers]
    assert kinds == ["Dense", "Nonlinearity", "Dropout"] * 3 + ["Dense"]
    after = network(dropout=0.4, batch_norm="after", residual="on")
    kinds = [type(layer).__name__ for layer in after.layers]
    assert kinds[:4] == ["Dense", "Nonlinearity", "BatchNorm", "Dropout"]


def test_the_output_layer_keeps_its_weights():
    assert [isinstance(layer, DropConnect) for layer in network(drop_connect=0.4).layers[::2]] == [
        True, True, True, False,
    ]  # fmt: skip


@both
def test_every_step_has_new_masks_and_the_same_stream_gives_the_same(kind):
    one, other = network(**kind), network(**kind)
    losses = [one.loss_and_gradient(X, LABELS) for _ in range(5)]
    assert len(set(losses)) == 5
    assert losses == [other.loss_and_gradient(X, LABELS) for _ in range(5)]
    assert losses != [network(seed=6, **kind).loss_and_gradient(X, LABELS) for _ in range(5)]


@both
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_copied_state_gives_the_same_masks_again(kind, dtype):
    made = network(dtype=dtype, **kind)
    x = X[:7].astype(dtype)  # an odd count: float32 draws come in pairs
    made.loss_and_gradient(x, LABELS[:7])
    state = made.masks.rng.bit_generator.state
    expected = [made.loss_and_gradient(x, LABELS[:7]) for _ in range(4)]
    resumed = network(seed=99, dtype=dtype, **kind)
    resumed.masks.rng.bit_generator.state = state
    assert [resumed.loss_and_gradient(x, LABELS[:7]) for _ in range(4)] == expected


@both
def test_looking_takes_nothing_from_the_stream(kind):
    made = network(batch_norm="before", **kind)
    before = made.masks.rng.bit_generator.state
    first, second = made.signals(X, LABELS), made.signals(X, LABELS)
    made.calibrate(X)
    made.evaluate(X, LABELS)
    assert made.masks.rng.bit_generator.state == before
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one.gradient, other.gradient)
        np.testing.assert_array_equal(one.activation, other.activation)


@pytest.mark.parametrize("name", ["dropout", "drop_connect"])
@pytest.mark.parametrize("share", [1, 1.5, -0.1, "half"])
def test_a_share_that_makes_no_sense_is_refused(name, share):
    with pytest.raises(InputError, match="must be a number") as error:
        NetworkSpec(**{name: share}).checked()
    assert error.value.field == name
