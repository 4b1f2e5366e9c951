"""The same facts for 20 seeds each: none of them is luck. 10 layers of 500 units, standard normal input."""

import math
from functools import lru_cache

import numpy as np
import pytest

from core.choice import Choice
from core.network.arrays import Workspace
from core.network.layers.dense import Dense
from core.network.model import Network
from core.network.spec import NetworkSpec
from tests.training_specs import training

SAMPLES, UNITS, LAYERS, SEEDS = 100, 500, 10, 20


def network_of(seed: int, initializer: Choice, inputs: int = UNITS, **values) -> Network:
    spec = NetworkSpec(**{"layers": LAYERS, "units": UNITS, **values}).checked()
    network = Network(spec, inputs, 10, Workspace(512, "float32"))
    network.initialize(initializer, np.random.default_rng(seed))
    return network


@lru_cache
def figures(activation: str, initializer: str, batch_norm: str = "off") -> dict[str, np.ndarray]:
    """(seeds, layers) of each figure of the activations; with batch norm, of what it normalizes."""
    found: dict[str, list[list[float]]] = {"mean": [], "std": [], "saturated": []}
    for seed in range(SEEDS):
        network = network_of(seed, Choice(initializer), activation=Choice(activation), batch_norm=batch_norm)
        x = np.random.default_rng(1000 + seed).standard_normal((SAMPLES, UNITS), "float32")
        values = network.hidden_values(x, training=True)
        arrays = [z if batch_norm != "off" else a for z, a in values]
        found["mean"].append([float(each.mean()) for each in arrays])
        found["std"].append([float(each.std()) for each in arrays])
        found["saturated"].append([network.rule.saturated_share(a) for _, a in values])
    return {name: np.array(rows) for name, rows in found.items()}


def test_tanh_with_small_weights_collapses_layer_by_layer():
    std = figures("tanh", "small_normal")["std"]
    np.testing.assert_allclose(std[:, 2:] / std[:, 1:-1], 0.01 * UNITS**0.5, rtol=0.15)
    assert (std[:, -1] < 1e-6).all()


def test_tanh_with_large_weights_saturates_everywhere():
    assert (figures("tanh", "large_normal")["saturated"] > 0.85).all()


def test_xavier_keeps_tanh_alive():
    found = figures("tanh", "xavier_normal")
    assert (found["std"] > 0.2).all()
    assert (found["saturated"] < 0.1).all()


def test_relu_fades_under_xavier_and_keeps_its_scale_under_he():
    fading, kept = figures("relu", "xavier_normal")["std"], figures("relu", "he_normal")["std"]
    np.testing.assert_allclose(fading[:, -1] / fading[:, 0], 0.5 ** ((LAYERS - 1) / 2), rtol=0.6)
    halves = np.exp(np.mean(np.log(fading[:, -1] / fading[:, 0])))
    assert halves == pytest.approx(0.5 ** ((LAYERS - 1) / 2), rel=0.1)
    assert (np.abs(np.log(kept / kept[:, :1])) < math.log(1.7)).all()


def test_selu_keeps_mean_zero_and_variance_one_under_lecun():
    found = figures("selu", "lecun_normal")
    np.testing.assert_allclose(found["mean"], 0, atol=0.15)
    np.testing.assert_allclose(found["std"], 1, atol=0.2)


def test_sigmoid_is_never_zero_centred():
    np.testing.assert_allclose(figures("sigmoid", "xavier_normal")["mean"], 0.5, atol=0.06)


@pytest.mark.parametrize("initializer", ["small_normal", "large_normal", "xavier_normal"])
def test_batch_norm_gives_every_layer_the_same_spread(initializer):
    found = figures("tanh", initializer, "before")
    np.testing.assert_allclose(found["mean"], 0, atol=1e-5)
    np.testing.assert_allclose(found["std"], 1, atol=2e-3)
    assert (found["saturated"] < 0.1).all()


def accuracy_after(
    steps: int, rate: float, seed: int, initializer: str, activation: str, batch_norm: str
) -> float:
    """Of ten narrower layers that learn four blobs by SGD, its rate falling to zero; guessing gets a quarter.

    With a constant rate the last batches' noise decides, and another rounding makes another result.
    """
    rng = np.random.default_rng(seed)
    labels = rng.integers(4, size=300)
    x = (np.eye(4)[labels] * 3 + rng.standard_normal((300, 4))).astype("float32")
    network = network_of(
        seed, Choice(initializer), 4, units=50, activation=Choice(activation), batch_norm=batch_norm
    )
    for step in range(steps):
        part = rng.permutation(300)[:100]
        network.loss_and_gradient(x[part], labels[part])
        network.vector.values -= np.float32(rate * (1 - step / steps)) * network.vector.gradient
    network.calibrate(x)
    return network.evaluate(x, labels)[1]


TRAINED = [
    ("tanh", "small_normal", 300, 0.01), ("relu", "small_normal", 150, 0.02),
    ("tanh", "large_normal", 60, 0.08), ("tanh", "xavier_normal", 60, 0.08), ("relu", "he_normal", 60, 0.08),
]  # fmt: skip
"""Small weights take smaller steps and more of them: the same step turns them further."""


@pytest.mark.parametrize(("activation", "initializer", "steps", "rate"), TRAINED)
def test_batch_norm_makes_all_of_them_trainable(activation, initializer, steps, rate):
    found = [accuracy_after(steps, rate, seed, initializer, activation, "before") for seed in range(SEEDS)]
    assert min(found) > 0.9


@pytest.mark.parametrize(("activation", "initializer", "steps", "rate"), TRAINED[:2])
def test_without_it_small_weights_learn_nothing_in_that_time(activation, initializer, steps, rate):
    found = [accuracy_after(steps, rate, seed, initializer, activation, "off") for seed in range(SEEDS)]
    assert max(found) < 0.4


def test_the_noise_of_batch_statistics_falls_as_one_over_the_root_of_the_batch_size():
    """The means of the first layer differ a third as much between batches with nine times the samples."""
    sizes, spreads = (16, 144), {16: [], 144: []}
    for seed in range(SEEDS):
        network = network_of(seed, Choice("xavier_normal"), 20, layers=1, units=30, batch_norm="before")
        x = np.random.default_rng(seed).standard_normal((40_000, 20), "float32")
        for size in sizes:
            means = []
            for start in range(0, size * 200, size):
                network.forward(x[start : start + size], training=True)
                means.append(network.statistics.batch_mean[0].copy())
            spreads[size].append(np.std(means, axis=0).mean())
    ratios = np.divide(spreads[16], spreads[144])
    np.testing.assert_allclose(ratios, 3, rtol=0.12)


def test_shortcuts_carry_the_gradient_to_the_first_of_fifty_layers():
    for seed in range(SEEDS):
        norms = {}
        for residual in ("off", "on"):
            network = network_of(
                seed, Choice("xavier_normal"), 30, layers=50, units=30, residual=residual,
                activation=Choice("sigmoid"),
            )  # fmt: skip
            x = np.random.default_rng(seed).standard_normal((50, 30), "float32")
            network.loss_and_gradient(x, np.arange(50) % 10)
            first = next(layer for layer in network.layers if isinstance(layer, Dense))
            norms[residual] = np.linalg.norm(first.weights.gradient)
        assert norms["off"] < 1e-20 < 1e-4 < norms["on"]


def test_a_relu_unit_that_is_negative_for_all_samples_never_comes_back():
    for seed in range(SEEDS):
        network = network_of(
            seed, Choice("he_normal"), 5, layers=1, units=8, activation=Choice("relu"), residual="off"
        )
        dense = network.layers[0]
        assert isinstance(dense, Dense)
        assert dense.bias is not None
        dense.bias.value[:4] = -100
        x = np.random.default_rng(seed).standard_normal((60, 5), "float32")
        before = dense.weights.value.copy()
        for _ in range(30):
            network.loss_and_gradient(x, np.arange(60) % 10)
            network.vector.values -= np.float32(0.1) * network.vector.gradient
        np.testing.assert_array_equal(dense.weights.value[:, :4], before[:, :4])
        assert (dense.weights.value[:, 4:] != before[:, 4:]).all(axis=0).any()


@pytest.mark.parametrize("kind", ["l1", "l2"])
def test_penalties_shrink_what_the_data_do_not_need(kind):
    """Inputs of noise: L2 multiplies their weights by a factor each step, L1 takes off a constant until 0."""
    for seed in range(SEEDS):
        network = network_of(seed, Choice("he_normal"), 5, layers=1, units=8)
        x = np.zeros((20, 5), "float32")  # no weight of the first layer gets a gradient from the data
        dense = network.layers[0]
        assert isinstance(dense, Dense)
        before = dense.weights.value.copy()
        for _ in range(20):
            network.loss_and_gradient(x, np.arange(20) % 10, **{kind: 0.1})
            network.vector.values -= np.float32(0.1) * network.vector.gradient
        shrunk = np.sign(before) * np.maximum(np.abs(before) - 0.01 * 20, 0)
        expected = before * (1 - 0.01) ** 20 if kind == "l2" else shrunk
        np.testing.assert_allclose(dense.weights.value, expected, rtol=1e-4, atol=0.011 * (kind == "l1"))


@pytest.mark.parametrize("gain", [1.5, 0.9])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_fifty_layers_of_512_multiply_by_the_same_constant(gain, dtype):
    spec = NetworkSpec(layers=50, units=512, activation=Choice("relu"))
    network = Network(spec, 512, 10, Workspace(16, dtype))
    network.initialize(Choice("scaled_identity", {"gain": gain}), np.random.default_rng(0))
    x = np.abs(np.random.default_rng(1).standard_normal((16, 512))).astype(dtype)
    signals = network.signals(x, np.arange(16) % 10)
    means = [layer.activation.mean(dtype=np.float64) for layer in signals]
    np.testing.assert_allclose(means, x.mean(dtype=np.float64) * gain ** np.arange(1.0, 51), rtol=1e-4)
    assert math.isfinite(network.loss_and_gradient(x, np.arange(16) % 10))
    sizes = [np.abs(layer.gradient).max() for layer in signals]
    np.testing.assert_allclose(np.divide(sizes[:-1], sizes[1:]), gain, rtol=1e-4)


def test_a_run_of_fifty_by_512_with_the_identity_is_shown():
    from core.training import TrainingRun

    spec = training(
        network=NetworkSpec(layers=50, units=512, activation=Choice("relu")),
        initializers=[Choice("scaled_identity", {"gain": gain}) for gain in (1.5, 0.9)], epochs=0,
    )  # fmt: skip
    exploding, vanishing = TrainingRun(spec).frame().networks
    stds = [[c.std for c in n.statistics if c.kind == "activation"] for n in (exploding, vanishing)]
    np.testing.assert_allclose(np.divide(stds[0][1:], stds[0][:-1]), 1.5, rtol=1e-3)
    np.testing.assert_allclose(np.divide(stds[1][1:], stds[1][:-1]), 0.9, rtol=1e-3)
    assert exploding.outcome == "ready"
