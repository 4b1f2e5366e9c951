"""Training data before and after preprocessing, against NumPy's own figures."""

import numpy as np
import pytest

from core.choice import Choice
from core.data.before_after import before_after
from core.data.preprocessing import prepare


def test_two_features_are_shown_as_they_are():
    data = prepare(Choice("moons"), 0)
    seen = before_after(data)
    assert not seen.principal
    np.testing.assert_allclose(seen.before, data.raw.training_inputs[:500], rtol=1e-6)
    np.testing.assert_allclose(seen.after, data.training_inputs[:500], rtol=1e-5, atol=1e-7)
    np.testing.assert_array_equal(seen.labels, data.training_labels[:500])
    assert seen.means[0] == pytest.approx(np.abs(data.raw.training_inputs.mean(axis=0)).max())
    assert seen.means[1] == pytest.approx(0, abs=1e-12)
    assert seen.stds[1] == pytest.approx((1, 1))


@pytest.mark.parametrize("dataset", ["moons", "digits"])
def test_the_condition_is_that_of_the_covariance_and_whitening_makes_it_one(dataset):
    plain = before_after(prepare(Choice(dataset), 0, preprocessing="standardize"))
    white = before_after(prepare(Choice(dataset), 0, preprocessing="whitening"))
    values = np.linalg.eigvalsh(np.cov(prepare(Choice(dataset), 0).raw.training_inputs.T))
    values = values[values > 1e-10 * values.max()]
    assert plain.conditions[0] == pytest.approx(values.max() / values.min(), rel=1e-6)
    assert white.conditions == pytest.approx((plain.conditions[0], 1), rel=1e-5)


def test_more_features_are_seen_along_their_principal_axes():
    data = prepare(Choice("digits"), 0, preprocessing="zero_centre")
    seen = before_after(data)
    assert seen.principal
    assert seen.before.shape == seen.after.shape == (500, 2)
    _, _, axes = np.linalg.svd(data.training_inputs, full_matrices=False)
    expected = np.abs(data.training_inputs[:500] @ axes[:2].T)
    np.testing.assert_allclose(np.abs(seen.after), expected, rtol=1e-4, atol=1e-4)
    assert np.abs(seen.before).mean() > np.abs(seen.after).mean(), "the origin stays where it was"
