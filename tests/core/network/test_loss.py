"""Cross-entropy, accuracy and weight decay."""

import math

import numpy as np
import pytest

from core.network.loss import (
    add_weight_penalty_gradient,
    correct,
    cross_entropy,
    cross_entropy_gradient,
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
