"""What the lab is there to show, as numbers: 10 layers of 500 units, standard normal input."""

import math

import numpy as np
import pytest

from core.choice import Choice
from core.network.arrays import Workspace
from core.network.model import Network
from core.network.spec import NetworkSpec
from core.network.statistics import LayerStatistics, measure

SAMPLES, UNITS, LAYERS = 200, 500, 10


def layers_of(
    kind: str, activation: str, initializer: Choice, batch_norm: str = "off", positive: bool = False
) -> list[LayerStatistics]:
    """Statistics of one kind in all layers of a freshly initialized network."""
    spec = NetworkSpec(layers=LAYERS, units=UNITS, activation=Choice(activation), batch_norm=batch_norm)
    network = Network(spec, UNITS, 10, Workspace(SAMPLES, "float64"))
    rng = np.random.default_rng(0)
    network.initialize(initializer, rng)
    x = rng.normal(size=(SAMPLES, UNITS))
    signals = network.signals(np.abs(x) if positive else x, np.arange(SAMPLES) % 10)
    [cells] = measure([signals], [network.rule])
    return [cell for cell in cells if cell.kind == kind]


def test_tanh_with_small_weights_collapses_to_zero():
    stds = [cell.std for cell in layers_of("activation", "tanh", Choice("small_normal"))]
    assert stds[0] == pytest.approx(0.01 * UNITS**0.5, rel=0.05)
    ratios = np.divide(stds[2:], stds[1:-1])
    np.testing.assert_allclose(ratios, 0.01 * UNITS**0.5, rtol=0.15)
    assert stds[-1] < 1e-6


def test_tanh_with_large_weights_saturates_and_lets_no_gradient_through():
    cells = layers_of("activation", "tanh", Choice("large_normal"))
    assert all(cell.saturated > 0.9 for cell in cells)
    assert all(cell.counts[0] + cell.counts[-1] > 0.9 * cell.counts.sum() for cell in cells)
    calm = layers_of("activation", "tanh", Choice("xavier_normal"))
    assert all(cell.saturated < 0.1 for cell in calm)


def test_xavier_keeps_tanh_alive():
    stds = [cell.std for cell in layers_of("activation", "tanh", Choice("xavier_normal"))]
    assert min(stds) > 0.2
    assert stds[-1] / stds[4] > 0.6


@pytest.mark.parametrize(
    ("initializer", "low", "high"), [("xavier_normal", 0.2, 1), ("small_normal", 0, 1e-5)]
)
def test_the_gradient_of_tanh_reaches_the_first_layer_only_under_xavier(initializer, low, high):
    stds = [cell.std for cell in layers_of("gradient", "tanh", Choice(initializer))]
    assert low < stds[0] / stds[-1] < high


def test_relu_fades_under_xavier_by_half_the_variance_a_layer():
    stds = [cell.std for cell in layers_of("activation", "relu", Choice("xavier_normal"))]
    assert stds[-1] / stds[0] == pytest.approx(0.5 ** ((LAYERS - 1) / 2), rel=0.3)


def test_relu_keeps_its_scale_under_he():
    stds = [cell.std for cell in layers_of("activation", "relu", Choice("he_normal"))]
    assert all(0.7 < std / stds[0] < 1.4 for std in stds)


def test_selu_keeps_mean_zero_and_variance_one_under_lecun():
    last = layers_of("activation", "selu", Choice("lecun_normal"))[-1]
    assert last.mean == pytest.approx(0, abs=0.1)
    assert last.std == pytest.approx(1, abs=0.1)


def test_sigmoid_is_never_zero_centred():
    cells = layers_of("activation", "sigmoid", Choice("xavier_normal"))
    assert all(cell.mean == pytest.approx(0.5, abs=0.05) and cell.minimum > 0 for cell in cells)


@pytest.mark.parametrize("gain", [1.5, 0.9])
def test_a_constant_times_the_identity_explodes_or_vanishes(gain):
    cells = layers_of("activation", "relu", Choice("scaled_identity", {"gain": gain}), positive=True)
    ratios = [cell.mean / cells[0].mean for cell in cells]
    np.testing.assert_allclose(ratios, gain ** np.arange(LAYERS), rtol=1e-10)


def test_zero_weights_leave_every_unit_the_same():
    cells = layers_of("activation", "tanh", Choice("zeros"))
    assert all(cell.minimum == cell.maximum == 0 for cell in cells)
    dead = layers_of("activation", "relu", Choice("zeros"))
    assert all(cell.dead == 1 for cell in dead)


@pytest.mark.parametrize("initializer", ["small_normal", "large_normal", "xavier_normal"])
def test_batch_norm_gives_every_layer_the_same_spread_whatever_the_weights(initializer):
    cells = layers_of("pre_activation", "tanh", Choice(initializer), batch_norm="before")
    for cell in cells:
        assert cell.mean == pytest.approx(0, abs=1e-9)
        assert cell.std == pytest.approx(1, abs=1e-3)
    assert all(cell.saturated < 0.1 for cell in cells)


def test_loss_starts_at_the_log_of_the_classes_with_small_weights():
    spec = NetworkSpec(layers=3, units=50, activation=Choice("tanh"))
    network = Network(spec, 64, 10, Workspace(100, "float64"))
    rng = np.random.default_rng(0)
    network.initialize(Choice("small_normal"), rng)
    loss, accuracy = network.evaluate(rng.normal(size=(100, 64)), np.arange(100) % 10)
    assert loss == pytest.approx(math.log(10), abs=1e-3)
    assert accuracy < 0.4
