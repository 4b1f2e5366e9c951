"""Statistics and histograms of layers."""

import math

import numpy as np
import pytest

from core.network.activation import ACTIVATIONS
from core.network.fine_histogram import fine_histogram
from core.network.layer_weights import LayerWeights
from core.network.model import LayerSignals
from core.network.statistics import BINS, KINDS, measure, shared_extent

RNG = np.random.default_rng(0)
SIGNALS = KINDS[:3]


def histogram(values, edges):
    return fine_histogram(values).on(edges[0], edges[-1], len(edges) - 1)


def signals(scale: float = 1.0, samples: int = 100, units: int = 30) -> LayerSignals:
    z = RNG.normal(size=(samples, units)) * scale
    return LayerSignals(z, np.tanh(z), z * 0.01)


def weights(scale: float = 1.0) -> LayerWeights:
    return LayerWeights(RNG.normal(size=(30, 30)), RNG.normal(size=(30, 30)) * scale, 0.5)


def test_cells_come_by_layer_then_kind():
    [cells] = measure([[signals(), signals()]], [ACTIVATIONS["tanh"]], [[weights(), weights()]])
    assert [(cell.layer, cell.kind) for cell in cells] == [(n, kind) for n in (1, 2) for kind in KINDS]
    [cells] = measure([[signals()]], [ACTIVATIONS["tanh"]])
    assert tuple(cell.kind for cell in cells) == SIGNALS


def test_figures_of_the_weights_are_told_with_every_kind():
    layer = weights(1e-3)
    [cells] = measure([[signals()]], [ACTIVATIONS["tanh"]], [[layer]])
    norms = np.linalg.norm(layer.weight), np.linalg.norm(layer.update)
    for cell in cells:
        assert cell.gradient_norm == 0.5
        assert cell.weight_norm == pytest.approx(norms[0], rel=1e-12)
        assert cell.update_ratio == pytest.approx(norms[1] / norms[0], rel=1e-12)
    update = cells[KINDS.index("update")]
    assert update.std == pytest.approx(layer.update.std(), rel=1e-12)
    assert update.counts.sum() == 900


def test_before_the_first_step_there_is_no_update():
    layer = LayerWeights(np.ones((3, 3)), np.empty(0), 0.5)
    [cells] = measure([[signals()]], [ACTIVATIONS["tanh"]], [[layer]])
    update = cells[KINDS.index("update")]
    assert update.counts.sum() == 0
    assert math.isnan(update.std)
    assert math.isnan(update.update_ratio)


def test_own_bins_suit_each_layer_and_count_the_same_values():
    [cells] = measure([[signals(1.0), signals(1.0), signals(1e-4)]], [ACTIVATIONS["relu"]])
    small = next(cell for cell in cells if cell.layer == 3 and cell.kind == "pre_activation")
    assert (small.edges[-1], small.own_edges[-1]) == (4.0, 2.0**-11)
    assert np.count_nonzero(small.counts) == 2
    assert np.count_nonzero(small.own_counts) > 40
    assert small.own_counts.sum() == small.counts.sum() == 3_000
    [cells] = measure([[signals(1e-4)]], [ACTIVATIONS["tanh"]])
    activation = cells[1]
    assert (activation.edges[-1], activation.own_edges[-1]) == (1.0, 2.0**-11)


def test_figures_are_those_of_the_values():
    layer = signals()
    [[cell, *_]] = measure([[layer]], [ACTIVATIONS["tanh"]])
    z = layer.pre_activation
    figures = (cell.mean, cell.std, cell.minimum, cell.maximum)
    np.testing.assert_allclose(figures, (z.mean(), z.std(), z.min(), z.max()), rtol=1e-12)
    assert cell.saturated == np.mean(np.abs(layer.activation) > 0.97)


def test_one_kind_shares_its_edges_over_layers_and_networks():
    found = measure([[signals(0.1), signals(2.0)], [signals(30.0)]], [ACTIVATIONS["relu"]] * 2)
    for kind in SIGNALS:
        edges = [cell.edges for cells in found for cell in cells if cell.kind == kind]
        assert len(edges) == 3
        assert all(np.array_equal(edges[0], other) for other in edges)
        assert edges[0][0] == -edges[0][-1]
        assert len(edges[0]) == BINS + 1


def test_bounded_activations_use_their_range():
    for name in ("tanh", "sigmoid"):
        [cells] = measure([[signals()]], [ACTIVATIONS[name]])
        edges = next(cell.edges for cell in cells if cell.kind == "activation")
        assert (edges[0], edges[-1]) == ACTIVATIONS[name].range
        others = [cell.edges for cell in cells if cell.kind != "activation"]
        assert [edges[-1] for edges in others] == [4.0, 0.03125]
        assert all(edges[0] == -edges[-1] for edges in others)


def test_counts_are_of_all_values_even_beyond_the_edges():
    calm, wild = signals(), signals(1e6)
    found = measure([[calm, calm, wild]], [ACTIVATIONS["relu"]])[0]
    assert all(cell.counts.sum() == 3_000 for cell in found)
    outer = next(cell for cell in found if cell.layer == 3 and cell.kind == "pre_activation")
    assert outer.counts[0] + outer.counts[-1] > 2_990
    assert outer.edges[-1] == 4.0  # the 99.5 % quantile of normal magnitudes is 2.8


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("ends", [(-4, 4), (-0.125, 0.125), (0, 1), (-1, 1), (-1024, 1024)])
def test_histogram_agrees_with_numpy(dtype, ends):
    values = RNG.normal(size=5_000).astype(dtype)
    values = values[(values > ends[0]) & (values < ends[1])]
    edges = np.linspace(*ends, BINS + 1)
    expected, _ = np.histogram(values, edges)
    np.testing.assert_array_equal(histogram(values, edges), expected)


def test_histogram_of_values_far_beyond():
    counts = histogram(np.array([-1e308, 0.0, 1e308]), np.linspace(-1, 1, 5))
    np.testing.assert_array_equal(counts, [1, 0, 1, 1])


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_are_counted_apart(bad):
    z = np.array([[bad, 1.0], [2.0, bad]], np.float32)
    found = measure([[LayerSignals(z, np.full((2, 2), bad), z)]], [ACTIVATIONS["relu"]])[0]
    pre, activation, _ = found
    assert (pre.non_finite, pre.counts.sum(), pre.mean, pre.maximum) == (2, 2, 1.5, 2.0)
    assert (activation.non_finite, activation.counts.sum()) == (4, 0)
    assert math.isnan(activation.mean)
    assert np.isfinite(activation.edges).all()


def test_extents():
    values = RNG.normal(size=200_000)
    assert fine_histogram(values).extent(0.995) == 4.0  # the quantile is 2.807
    assert fine_histogram(values.astype("float32")).extent(0.5) == 1.0  # 0.674
    assert fine_histogram(np.full(5, np.nan)).extent(0.995) == 0.0
    assert fine_histogram(np.zeros(5)).extent(0.995) == 0.0
    assert fine_histogram(np.eye(100)).extent(0.9) == 2.0  # the few that are not 0 decide
    assert shared_extent([0.3, 0.9, 700.0]) == 1.0
    assert shared_extent([0.0, 0.0, 3.0]) == 4.0
    assert shared_extent([4.0]) == 4.0
    assert shared_extent([0.0]) == 1.0
    assert shared_extent([]) == 1.0


@pytest.mark.parametrize(
    ("extreme", "dtype"), [(1e-320, "float64"), (1e307, "float64"), (1e-44, "float32"), (8e37, "float32")]
)
def test_extreme_values_raise_nothing(extreme, dtype):
    z = (RNG.uniform(-1, 1, (100, 30)) * extreme).astype(dtype)
    [cells] = measure([[LayerSignals(z, np.maximum(z, 0), z)]], [ACTIVATIONS["relu"]])
    for cell in cells:
        assert cell.counts.sum() == 3_000
        assert math.isfinite(cell.std)
        assert cell.edges[0] < 0 < cell.edges[-1]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_value_on_the_last_edge_is_in_the_last_bin(dtype):
    edges = np.linspace(-1, 1, BINS + 1)
    assert histogram(np.array([1.0, np.nextafter(1, 0, dtype=dtype)], dtype), edges)[-1] == 2
    assert histogram(np.array([0.0], dtype), edges)[BINS // 2] == 1


def test_dead_units_are_counted():
    a = np.zeros((5, 4))
    a[0, 0] = 1.0
    [cells] = measure([[LayerSignals(a - 1, a, a)]], [ACTIVATIONS["relu"]])
    assert {cell.dead for cell in cells} == {0.75}


def test_networks_with_different_activations_share_edges_that_hold_both():
    found = measure([[signals(0.1)], [signals(2.0)]], [ACTIVATIONS["tanh"], ACTIVATIONS["sigmoid"]])
    edges = [cell.edges for network in found for cell in network if cell.kind == "activation"]
    assert (edges[0][0], edges[0][-1]) == (-1.0, 1.0)
    np.testing.assert_array_equal(*edges)
    mixed = measure([[signals(0.1)], [signals(2.0)]], [ACTIVATIONS["tanh"], ACTIVATIONS["relu"]])
    edges = [cell.edges for network in mixed for cell in network if cell.kind == "activation"]
    np.testing.assert_array_equal(*edges)
