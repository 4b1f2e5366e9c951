"""Every initializer of the catalogue, because it is there; then what is special about some."""

import numpy as np
import pytest

from core.errors import InputError
from core.network.initializer import INITIALIZERS

every = pytest.mark.parametrize("entry", INITIALIZERS.values(), ids=list(INITIALIZERS))
SHAPES = [(400, 300), (300, 400), (64, 64)]


def weights(name: str, fan_in: int, fan_out: int, **values: float):
    return INITIALIZERS[name].weights(np.random.default_rng(1), fan_in, fan_out, values)


@every
@pytest.mark.parametrize("shape", SHAPES)
def test_mean_square_is_the_formula(entry, shape):
    drawn = entry.weights(np.random.default_rng(0), *shape, {})
    assert drawn.shape == shape
    assert drawn.dtype == np.float64
    # A variance estimated from n Gaussian numbers is off by sqrt(2 / n); four times that is allowed.
    allowed = 4 * (2 / drawn.size) ** 0.5
    expected = entry.variance(*shape, entry.values({}))
    assert np.mean(drawn**2) == pytest.approx(expected, rel=allowed)


@every
def test_same_stream_gives_the_same_weights(entry):
    first, second = (entry.weights(np.random.default_rng(5), 8, 6, {}) for _ in range(2))
    np.testing.assert_array_equal(first, second)


@every
def test_has_a_short_label(entry):
    assert 0 < len(entry.short_label({})) <= 15


VARIANCES_AT_300_100 = {
    "zeros": 0.0,
    "small_normal": 1e-4,
    "large_normal": 1.0,
    "scaled_identity": 2.25 / 300,
    "lecun_normal": 1 / 300,
    "xavier_normal": 2 / 400,
    "xavier_uniform": 2 / 400,
    "he_normal": 2 / 300,
    "he_uniform": 2 / 300,
    "orthogonal": 1 / 300,
}


@every
def test_variance_by_hand(entry):
    variance = entry.variance(300, 100, entry.values({}))
    assert variance == pytest.approx(VARIANCES_AT_300_100[entry.id], rel=1e-14)


@pytest.mark.parametrize(("name", "variance"), [("xavier_uniform", 2 / 700), ("he_uniform", 2 / 400)])
def test_uniform_weights_fill_their_interval(name, variance):
    drawn = weights(name, 400, 300)
    bound = (3 * variance) ** 0.5
    assert 0.999 * bound < drawn.max() <= bound
    assert -bound <= drawn.min() < -0.999 * bound
    assert np.mean(np.abs(drawn)) == pytest.approx(bound / 2, rel=0.01)


@pytest.mark.parametrize("shape", [(40, 30), (30, 40), (30, 30)])
def test_orthogonal_keeps_lengths(shape):
    drawn = weights("orthogonal", *shape, gain=1.5)
    product = drawn.T @ drawn if shape[0] >= shape[1] else drawn @ drawn.T
    np.testing.assert_allclose(product, 2.25 * np.eye(30), atol=1e-12)


def test_orthogonal_matrices_turn_both_ways():
    """Without the signs of R, the factor of a 1 x 1 matrix would always be the same."""
    rng = np.random.default_rng(0)
    signs = {INITIALIZERS["orthogonal"].weights(rng, 1, 1, {}).item() for _ in range(20)}
    assert signs == {-1.0, 1.0}


def test_identity_is_repeated_over_more_units_than_inputs():
    wide, tall = weights("scaled_identity", 2, 5, gain=0.9), weights("scaled_identity", 3, 2)
    np.testing.assert_allclose(wide, 0.9 * np.eye(2)[:, [0, 1, 0, 1, 0]], rtol=1e-15)
    np.testing.assert_allclose(tall, 1.5 * np.eye(3)[:, :2], rtol=1e-15)


GAINED = ["lecun_normal", "xavier_normal", "xavier_uniform", "he_normal", "he_uniform", "orthogonal"]


@pytest.mark.parametrize("name", GAINED)
def test_a_gain_multiplies_what_is_drawn_and_one_changes_no_bit(name):
    plain = weights(name, 40, 30)
    np.testing.assert_array_equal(weights(name, 40, 30, gain=1.0), plain)
    np.testing.assert_allclose(weights(name, 40, 30, gain=1.7), 1.7 * plain, rtol=1e-14)
    assert not weights(name, 40, 30, gain=0.0).any()


def test_a_gain_is_where_no_other_number_does_the_same():
    assert {key for key, entry in INITIALIZERS.items() if "gain" in entry.values({})} == {
        *GAINED, "scaled_identity",
    }  # fmt: skip
    assert [key for key, entry in INITIALIZERS.items() if "std" in entry.values({})] == [
        "small_normal", "large_normal",
    ]  # fmt: skip


def test_labels_say_the_numbers():
    assert INITIALIZERS["he_normal"].short_label({"gain": 1.5}) == "He ×1.5"
    assert INITIALIZERS["orthogonal"].short_label({"gain": 2}) == "Orthogonal ×2"
    assert INITIALIZERS["small_normal"].short_label({"std": 0.05}) == "Normal 0.05"
    assert INITIALIZERS["large_normal"].short_label({}) == "Normal 1"
    assert INITIALIZERS["scaled_identity"].short_label({"gain": 0.9}) == "Identity 0.9"


def test_names_show_both_names():
    assert INITIALIZERS["xavier_normal"].name == "Xavier / Glorot normal"
    assert INITIALIZERS["he_uniform"].name == "He / Kaiming uniform"


def test_a_negative_deviation_is_refused():
    with pytest.raises(InputError, match="standard deviation must be") as error:
        weights("small_normal", 2, 2, std=-0.1)
    assert error.value.field == "std"
