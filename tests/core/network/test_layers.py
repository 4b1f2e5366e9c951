"""Batch norm and dense layers on their own."""

import numpy as np
import pytest

from core.network.arrays import Parameter, Workspace
from core.network.layers.batch_norm import EPSILON, BatchNorm, BatchStatistics
from core.network.layers.dense import Dense

UNITS, SAMPLES = 4, 50


def parameter(*shape: int, value: float = 0.0) -> Parameter:
    return Parameter(np.full(shape, value), np.zeros(shape))


def batch_norm(statistics: BatchStatistics) -> BatchNorm:
    gamma, beta = parameter(UNITS, value=1.0), parameter(UNITS)
    return BatchNorm("norm", gamma, beta, statistics, 0, Workspace(SAMPLES, "float64"))


@pytest.fixture
def x():
    rng = np.random.default_rng(3)
    return rng.normal([5.0, -2.0, 0.0, 100.0], [1.0, 3.0, 0.2, 10.0], (SAMPLES, UNITS))


def test_output_has_mean_zero_and_variance_one(x):
    out = batch_norm(BatchStatistics(1, UNITS, Workspace(1, "float64"))).forward(x, training=True)
    np.testing.assert_allclose(out.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(out.var(axis=0), 1 / (1 + EPSILON / x.var(axis=0)), rtol=1e-10)


def test_gamma_scales_and_beta_shifts(x):
    layer = batch_norm(BatchStatistics(1, UNITS, Workspace(1, "float64")))
    layer.gamma.value[:] = 3.0
    layer.beta.value[:] = -1.0
    out = layer.forward(x, training=True)
    np.testing.assert_allclose(out.mean(axis=0), -1, rtol=1e-12)
    np.testing.assert_allclose(out.std(axis=0), 3, rtol=1e-3)


def test_running_statistics_take_a_tenth_of_the_batch(x):
    statistics = BatchStatistics(1, UNITS, Workspace(1, "float64"))
    batch_norm(statistics).forward(x, training=True)
    np.testing.assert_array_equal(statistics.running_mean, 0)
    statistics.update_running(SAMPLES)
    np.testing.assert_allclose(statistics.running_mean[0], 0.1 * x.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(statistics.running_var[0], 0.9 + 0.1 * x.var(axis=0, ddof=1), rtol=1e-12)


def test_evaluation_uses_the_running_statistics_and_any_number_of_samples(x):
    statistics = BatchStatistics(1, UNITS, Workspace(1, "float64"))
    statistics.running_mean[:] = 2.0
    statistics.running_var[:] = 4.0
    out = batch_norm(statistics).forward(x[:1], training=False)
    np.testing.assert_allclose(out, (x[:1] - 2) / np.sqrt(4 + EPSILON), rtol=1e-13)
    np.testing.assert_array_equal(statistics.running_mean, 2.0)


def test_a_bias_before_batch_norm_has_no_effect(x):
    norm = batch_norm(BatchStatistics(1, UNITS, Workspace(1, "float64")))
    workspace = Workspace(SAMPLES, "float64")
    weights = Parameter(np.random.default_rng(0).normal(size=(UNITS, UNITS)), np.zeros((UNITS, UNITS)))
    plain = Dense("plain", weights, None, "", workspace)
    biased = Dense("biased", weights, parameter(UNITS, value=17.0), "", workspace)
    assert np.abs(biased.forward(x, True) - plain.forward(x, True)).min() > 16
    expected = norm.forward(plain.forward(x, True), training=True).copy()
    np.testing.assert_allclose(norm.forward(biased.forward(x, True), training=True), expected, atol=1e-11)
    # Nor does any gradient reach it: batch norm's derivatives by its inputs sum to 0.
    upstream = np.random.default_rng(1).normal(size=x.shape)
    biased.backward(norm.backward(upstream))
    np.testing.assert_allclose(biased.bias.gradient, 0, atol=1e-12)


def test_workspace_refuses_more_samples_than_it_holds():
    with pytest.raises(IndexError, match="holds 4 samples, not 5"):
        Workspace(4, "float32").rows("z", 5, 2)
