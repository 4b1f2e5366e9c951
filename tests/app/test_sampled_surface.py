"""A loss known on a grid is linear between its points and has no value beyond them."""

import numpy as np

from app.plots.sampled_surface import SampledSurface
from app.plots.surface_layer import LossScale

X, Y = np.linspace(-1.0, 3.0, 9), np.linspace(0.0, 5.0, 6)


def test_a_bilinear_loss_is_met_everywhere_inside():
    surface = SampledSurface("s", X, Y, 2.0 + X[None, :] * (Y[:, None] - 1.0))
    rng = np.random.default_rng(0)
    x, y = rng.uniform(-1, 3, 200), rng.uniform(0, 5, 200)
    np.testing.assert_allclose(surface.loss(x, y), 2.0 + x * (y - 1.0), atol=1e-12)
    across, up, losses = surface.grid(surface.entry.domain, 17, 11)
    np.testing.assert_allclose(losses, 2.0 + across[None, :] * (up[:, None] - 1.0), atol=1e-12)


def test_there_is_no_value_beyond_nor_beside_what_is_not_finite():
    losses = np.ones((6, 9))
    losses[2, 3] = np.inf
    surface = SampledSurface("s", X, Y, losses)
    assert np.isnan(surface.loss(np.array([-1.1, 3.1, 0.0, 0.0]), np.array([1.0, 1.0, -0.1, 5.1]))).all()
    assert np.isnan(surface.loss(0.6, 2.1))
    assert surface.loss(2.9, 4.9) == 1.0
    assert np.isfinite(LossScale(surface)(np.array([1.0, 2.0]))).all()
