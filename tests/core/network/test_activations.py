"""Every activation of the catalogue, because it is there; then what is special about some."""

import numpy as np
import pytest

from core.network.activation import ACTIVATIONS, Activation

POINTS = np.arange(-4.95, 5.0, 0.1)
"""No point is at 0, where some activations have a kink."""

every = pytest.mark.parametrize("rule", ACTIVATIONS.values(), ids=list(ACTIVATIONS))


def numbers(rule: Activation) -> dict[str, float]:
    return {name: float(value) for name, value in rule.values({}).items()}


@every
def test_derivative_agrees_with_central_differences(rule):
    step = 1e-6
    up, down = rule.apply(POINTS + step, numbers(rule)), rule.apply(POINTS - step, numbers(rule))
    expected = (up - down) / (2 * step)
    np.testing.assert_allclose(rule.slope(POINTS, numbers(rule)), expected, rtol=1e-6, atol=1e-9)


@every
def test_learned_derivative_agrees_with_central_differences(rule):
    if not rule.learned:
        assert rule.learned_derivative is None
        return
    upstream = np.cos(POINTS)
    start = numbers(rule)

    def total(value: float) -> float:
        return float(upstream @ rule.apply(POINTS, {**start, rule.learned: value}))

    here, step = start[rule.learned], 1e-5
    expected = (total(here + step) - total(here - step)) / (2 * step)
    assert rule.learned_derivative(POINTS, upstream, start) == pytest.approx(expected, rel=1e-8)


@every
def test_output_stays_in_its_range_even_far_out(rule):
    far = np.array([-1e30, -1e3, -30.0, 0.0, 30.0, 1e3, 1e30])
    out = rule.apply(far, numbers(rule))
    assert np.isfinite(out).all()
    if rule.range is None:
        assert out.max() > 1e20
    else:
        assert (out.min(), out.max()) == rule.range


@every
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_float_type_is_kept_and_input_untouched(rule, dtype):
    z = POINTS.astype(dtype).reshape(10, 10)
    before = z.copy()
    assert rule.apply(z, numbers(rule)).dtype == rule.slope(z, numbers(rule)).dtype == dtype
    np.testing.assert_array_equal(z, before)


@every
def test_not_a_number_stays_one(rule):
    assert np.isnan(rule.apply(np.array([np.nan]), numbers(rule)))


VALUES_AT_MINUS_ONE_AND_TWO = {
    "sigmoid": (0.2689414213699951, 0.8807970779778823),
    "tanh": (-0.7615941559557649, 0.9640275800758169),
    "relu": (0.0, 2.0),
    "leaky_relu": (-0.01, 2.0),
    "prelu": (-0.25, 2.0),
    "elu": (-0.6321205588285577, 2.0),
    "selu": (-1.1113307378125625, 2.101401974710961),
}


@every
def test_known_values(rule):
    expected = VALUES_AT_MINUS_ONE_AND_TWO[rule.id]
    np.testing.assert_allclose(rule.apply(np.array([-1.0, 2.0]), numbers(rule)), expected, rtol=1e-14)


def test_saturated_share_counts_both_ends():
    tanh = ACTIVATIONS["tanh"]
    assert tanh.saturated_share(np.array([-1.0, -0.98, -0.96, 0.0, 0.96, 0.971])) == 0.5
    sigmoid = ACTIVATIONS["sigmoid"]
    assert sigmoid.saturated_share(np.array([0.014, 0.016, 0.5, 0.984, 0.986])) == 0.4
    assert ACTIVATIONS["selu"].saturated_share(np.full(3, -1.758)) == 0.0


def test_dead_units_are_at_zero_for_the_whole_batch():
    a = np.array([[0.0, 0.0, 1.0], [0.0, 2.0, 3.0]])
    assert ACTIVATIONS["relu"].dead_share(a) == pytest.approx(1 / 3)
    assert ACTIVATIONS["tanh"].dead_share(a) == 0.0
