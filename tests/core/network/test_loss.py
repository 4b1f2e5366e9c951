"""Cross-entropy, accuracy and weight decay."""

import math

import numpy as np
import pytest

from core.network.loss import (
    LOSSES,
    add_weight_penalty_gradient,
    clip_gradient,
    correct,
    cross_entropy,
    cross_entropy_gradient,
    elastic_net,
    squared_error,
    weight_penalty,
)

LABELS = np.array([0, 2, 1])


def loss_of(logits):
    return cross_entropy(logits, LABELS[: len(logits)], np.empty_like(logits))


def test_logits_that_tell_nothing_cost_log_of_the_classes():
    assert loss_of(np.full((3, 10), 7.0)) == pytest.approx(math.log(10), rel=1e-14)


def test_known_value_and_probabilities():
    logits, out = np.log([[1.0, 2.0, 5.0]]), np.empty((1, 3))
    assert cross_entropy(logits, np.array([1]), out) == pytest.approx(math.log(4), rel=1e-14)
    np.testing.assert_allclose(out, [[0.125, 0.25, 0.625]], rtol=1e-14)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_huge_logits_neither_overflow_nor_lose_the_loss(dtype):
    logits = np.array([[1e4, -1e4, 0.0], [1e4, 0.0, -1e4]], dtype)
    assert loss_of(logits) == pytest.approx(1e4, rel=1e-6)


def test_not_a_number_is_not_hidden():
    assert math.isnan(loss_of(np.array([[np.nan, 0.0, 0.0]])))


def test_gradient_agrees_with_central_differences():
    logits = np.random.default_rng(0).normal(size=(3, 4))
    gradient = np.empty_like(logits)
    cross_entropy(logits, LABELS, gradient)
    cross_entropy_gradient(gradient, LABELS)
    for place in np.ndindex(logits.shape):
        bump = np.zeros_like(logits)
        bump[place] = 1e-5
        expected = (loss_of(logits + bump) - loss_of(logits - bump)) / 2e-5
        assert gradient[place] == pytest.approx(expected, rel=1e-7, abs=1e-10)


def test_correct_takes_the_first_of_equals():
    assert correct(np.array([[1.0, 1.0, 0.0], [0.0, 2.0, 1.0], [0.0, 3.0, 1.0]]), np.array([0, 2, 1])) == 2


def test_weight_penalty_and_its_gradient():
    weights, gradient = np.array([1.0, -2.0]), np.array([0.5, 0.5])
    assert weight_penalty(weights, 0.1) == pytest.approx(0.25)
    add_weight_penalty_gradient(weights, 0.1, gradient, np.empty(2))
    np.testing.assert_allclose(gradient, [0.6, 0.3])


every = pytest.mark.parametrize("loss", LOSSES.values(), ids=list(LOSSES))
LOGITS = np.random.default_rng(1).normal(size=(3, 4))


@every
def test_a_share_of_one_is_the_same_as_the_class(loss):
    soft = np.eye(4)[LABELS]
    hard_out, soft_out = np.empty_like(LOGITS), np.empty_like(LOGITS)
    assert loss.value(LOGITS, soft, soft_out) == pytest.approx(
        loss.value(LOGITS, LABELS, hard_out), rel=1e-14
    )
    loss.gradient(hard_out, LABELS)
    loss.gradient(soft_out, soft)
    np.testing.assert_allclose(soft_out, hard_out, rtol=1e-14)
    assert correct(LOGITS, soft) == correct(LOGITS, LABELS)


@every
def test_the_loss_of_mixed_labels_is_the_mix_of_the_losses(loss):
    """True of cross-entropy; squared error is less by what the labels themselves differ."""
    one, other = np.eye(4)[LABELS], np.eye(4)[[1, 2, 3]]
    out = np.empty_like(LOGITS)
    mixed = loss.value(LOGITS, 0.3 * one + 0.7 * other, out)
    apart = 0.5 * 0.3 * 0.7 * np.mean(((one - other) ** 2).sum(axis=1)) * (loss.id == "squared_error")
    expected = 0.3 * loss.value(LOGITS, one, out) + 0.7 * loss.value(LOGITS, other, out)
    assert mixed == pytest.approx(expected - apart, rel=1e-13)


def test_squared_error_by_hand():
    logits, out = np.array([[0.5, 1.0], [0.0, 0.0]]), np.empty((2, 2))
    assert squared_error(logits, np.array([1, 0]), out) == pytest.approx(0.5 * (0.25 + 1) / 2)
    np.testing.assert_allclose(out, [[0.5, 0.0], [-1.0, 0.0]])


@every
def test_logits_that_are_no_numbers_make_the_loss_none(loss):
    logits = np.array([[0.0, np.nan, 1.0]])
    assert not math.isfinite(loss.value(logits, np.array([0]), np.empty_like(logits)))


def test_elastic_net_is_both_penalties():
    weights, gradient = np.array([1.0, -2.0, 0.0]), np.array([0.5, 0.5, 0.5])
    l1, l2 = elastic_net(0.4, 0.25)
    assert (l1, l2) == pytest.approx((0.1, 0.3))
    assert weight_penalty(weights, l2, l1) == pytest.approx(0.5 * 0.3 * 5 + 0.1 * 3)
    add_weight_penalty_gradient(weights, l2, gradient, np.empty(3), l1)
    np.testing.assert_allclose(gradient, [0.5 + 0.3 + 0.1, 0.5 - 0.6 - 0.1, 0.5])


def test_clipping_shortens_a_long_gradient_only():
    gradient = np.array([3.0, -4.0])
    assert clip_gradient(gradient, 10.0) == 5.0
    np.testing.assert_array_equal(gradient, [3, -4])
    assert clip_gradient(gradient, 1.0) == 5.0
    np.testing.assert_allclose(gradient, [0.6, -0.8], rtol=1e-6)
    assert clip_gradient(np.zeros(3), 1.0) == 0.0


@pytest.mark.parametrize("size", [1e30, 1e-30])
def test_a_gradient_whose_squares_overflow_is_clipped_all_the_same(size):
    gradient = np.array([3 * size, -4 * size], np.float32)
    assert clip_gradient(gradient, 1.0) == pytest.approx(5 * size, rel=1e-6)
    np.testing.assert_allclose(gradient, [0.6, -0.8] if size > 1 else [3e-30, -4e-30], rtol=1e-5)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_clipping_hides_no_divergence(bad):
    gradient = np.array([3.0, bad])
    assert not math.isfinite(clip_gradient(gradient, 1.0))
    np.testing.assert_array_equal(gradient, [3.0, bad])
