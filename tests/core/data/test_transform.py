"""Preprocessing: what each kind does to the training set, and that validation only gets the same."""

import numpy as np
import pytest

from core.choice import Choice
from core.data.preprocessing import prepare
from core.data.transform import PREPROCESSINGS, fit
from core.errors import InputError

RNG = np.random.default_rng(0)
TRAINING = RNG.normal(size=(200, 4)) @ RNG.normal(size=(4, 4)) + [5.0, -3.0, 0.0, 100.0]
VALIDATION = RNG.normal(7, 2, (50, 4))

every = pytest.mark.parametrize("kind", PREPROCESSINGS)


def preprocessed(kind: str, inputs: np.ndarray = TRAINING) -> np.ndarray:
    return fit(inputs, kind).apply(inputs)


def test_none_leaves_everything():
    out = preprocessed("none")
    np.testing.assert_array_equal(out, TRAINING)
    assert not np.shares_memory(out, TRAINING)


@pytest.mark.parametrize("kind", ["zero_centre", "standardize", "pca", "whitening"])
def test_all_others_take_off_the_mean(kind):
    np.testing.assert_allclose(preprocessed(kind).mean(axis=0), 0, atol=1e-12)


def test_zero_centre_keeps_the_spread_and_standardize_makes_it_one():
    np.testing.assert_allclose(preprocessed("zero_centre").std(axis=0), TRAINING.std(axis=0), rtol=1e-12)
    np.testing.assert_allclose(preprocessed("standardize").std(axis=0), 1, rtol=1e-12)


def test_pca_is_a_turn_to_uncorrelated_features_the_widest_first():
    """NumPy's singular values are the judge."""
    out = preprocessed("pca")
    covariance = out.T @ out / len(out)
    np.testing.assert_allclose(covariance - np.diag(np.diag(covariance)), 0, atol=1e-10)
    centred = TRAINING - TRAINING.mean(axis=0)
    singular = np.linalg.svd(centred, compute_uv=False)
    np.testing.assert_allclose(out.std(axis=0), singular / 200**0.5, rtol=1e-10)
    np.testing.assert_allclose(np.linalg.norm(out, axis=1), np.linalg.norm(centred, axis=1), rtol=1e-12)


def test_whitening_makes_the_covariance_the_identity():
    out = preprocessed("whitening")
    np.testing.assert_allclose(out.T @ out / len(out), np.eye(4), atol=1e-10)


@every
def test_validation_goes_through_what_was_fitted_on_training(kind):
    transform = fit(TRAINING, kind)
    expected = (VALIDATION - transform.mean) @ transform.matrix
    np.testing.assert_allclose(transform.apply(VALIDATION), expected, rtol=1e-10, atol=1e-10)
    np.testing.assert_array_equal(transform.apply(VALIDATION[:3]), transform.apply(VALIDATION)[:3])


@every
def test_a_constant_feature_becomes_zero_and_a_new_value_there_is_not_blown_up(kind):
    inputs = np.column_stack([TRAINING[:, 0], np.full(200, 0.1), TRAINING[:, 1]])
    transform = fit(inputs, kind)
    out = transform.apply(inputs)
    assert np.isfinite(out).all()
    constant = {"none": [0.1], "zero_centre": [0.0], "standardize": [0.0]}.get(kind)
    column = out[:, 1] if constant else out[:, 2]  # principal axes that never change come last
    np.testing.assert_allclose(column, constant[0] if constant else 0.0, atol=1e-15)
    new = inputs[:1] + np.array([0.0, 2.0, 0.0])
    moved = transform.apply(new) - transform.apply(inputs[:1])
    assert np.linalg.norm(moved) == pytest.approx(2)


@pytest.mark.parametrize("kind", ["pca", "whitening"])
def test_a_feature_that_follows_from_others_is_no_spread_to_divide_by(kind):
    inputs = np.column_stack([TRAINING, TRAINING.sum(axis=1)])
    out = preprocessed(kind, inputs)
    assert np.abs(out[:, -1]).max() < 1e-6
    assert np.isfinite(out).all()


@every
def test_one_sample_all_constant_and_more_features_than_samples(kind):
    for inputs in (np.ones((1, 3)), np.full((5, 2), 3.0), RNG.normal(size=(3, 10))):
        assert np.isfinite(preprocessed(kind, inputs)).all()


@pytest.mark.parametrize("size", [1e200, 1e-200])
def test_squares_may_overflow(size):
    white = preprocessed("whitening", TRAINING * size)
    np.testing.assert_allclose(np.abs(white), np.abs(preprocessed("whitening")), rtol=1e-6, atol=1e-8)


def test_axes_point_where_their_largest_number_is_positive():
    axes = fit(TRAINING, "pca").axes
    assert (axes[np.abs(axes).argmax(axis=0), np.arange(4)] > 0).all()
    np.testing.assert_allclose(axes.T @ axes, np.eye(4), atol=1e-12)


@every
@pytest.mark.parametrize("name", ["digits", "spirals"])
def test_prepared_data_come_with_what_they_were_before(kind, name):
    data = prepare(Choice(name), 0, preprocessing=kind)
    assert data.transform.kind == kind
    np.testing.assert_array_equal(data.transform.apply(data.raw.training_inputs), data.training_inputs)
    np.testing.assert_array_equal(data.transform.apply(data.raw.validation_inputs), data.validation_inputs)
    np.testing.assert_array_equal(data.raw.training_labels, data.training_labels)
    assert data.raw is prepare(Choice(name), 0).raw
    with pytest.raises(ValueError, match="read-only"):
        data.raw.training_inputs[0] = 0


def test_standardize_is_what_is_done_unless_something_else_is_asked_for():
    assert prepare(Choice("spirals"), 0) is prepare(Choice("spirals"), 0, preprocessing="standardize")


def test_an_unknown_kind_names_the_nearest():
    with pytest.raises(InputError, match="did you mean 'whitening'") as error:
        prepare(Choice("spirals"), 0, preprocessing="whitenning")
    assert error.value.field == "preprocessing"
