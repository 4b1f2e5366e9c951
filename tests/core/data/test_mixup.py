"""Mixup: what is mixed with what, and how much."""

import numpy as np
import pytest

from core.data.mixup import mixup, one_hot

X = np.random.default_rng(0).normal(size=(50, 3))
LABELS = np.arange(50) % 4


def mixed(seed: int, alpha: float = 0.4, x: np.ndarray = X, labels: np.ndarray = LABELS):
    return mixup(x, labels, 4, alpha, np.random.default_rng(seed))


def test_inputs_and_labels_are_mixed_alike():
    """Labels tell the share; the inputs of two whole samples give the rest."""
    tagged = np.column_stack([X, np.eye(4)[LABELS]])
    inputs, soft = mixed(3, x=tagged)
    np.testing.assert_allclose(inputs[:, 3:], soft, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(soft.sum(axis=1), 1, rtol=1e-12)
    assert (soft > 0).sum(axis=1).max() == 2
    np.testing.assert_allclose(inputs.mean(axis=0), tagged.mean(axis=0), rtol=1e-12, atol=1e-12)


def test_the_share_is_betas():
    """Of `Beta(a, a)` the variance is 1 / (4 (2 a + 1))."""
    numbers = np.arange(50.0)[:, None]
    for alpha in (0.2, 1.0, 5.0):
        shares = []
        for seed in range(1500):
            rng, again = np.random.default_rng(seed), np.random.default_rng(seed)
            inputs, _ = mixup(numbers, LABELS, 4, alpha, rng)
            again.beta(alpha, alpha)
            partners = again.permutation(50)
            place = int(np.argmax(np.abs(partners - np.arange(50))))
            other = partners[place]
            shares.append((inputs[place, 0] - other) / (place - other))
        assert np.mean(shares) == pytest.approx(0.5, abs=0.04)
        assert np.var(shares) == pytest.approx(1 / (4 * (2 * alpha + 1)), rel=0.15)


def test_nothing_mixed_without_alpha_and_no_share_lost_with_a_tiny_one():
    inputs, soft = mixed(0, alpha=0.0)
    np.testing.assert_array_equal(inputs, X)
    np.testing.assert_array_equal(soft, np.eye(4)[LABELS])
    for seed in range(20):
        inputs, soft = mixed(seed, alpha=1e-300)
        assert np.isfinite(inputs).all()
        np.testing.assert_allclose(soft.sum(axis=1), 1)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_types_are_kept_and_what_is_given_is_left_alone(dtype):
    x = X.astype(dtype)
    before = x.copy()
    inputs, soft = mixed(1, x=x)
    assert inputs.dtype == soft.dtype == dtype
    np.testing.assert_array_equal(x, before)
    again, _ = mixed(1, x=x)
    np.testing.assert_array_equal(again, inputs)


def test_soft_labels_are_mixed_once_more():
    soft = np.full((50, 4), 0.25)
    np.testing.assert_allclose(mixed(0, labels=soft)[1], soft)


def test_one_hot():
    np.testing.assert_array_equal(one_hot(np.array([1, 0]), 3, "float32"), [[0, 1, 0], [1, 0, 0]])
