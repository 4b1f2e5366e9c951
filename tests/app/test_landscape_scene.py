"""What is drawn of a landscape is at the points that were evaluated."""

import numpy as np
import pytest

from app.plots.landscape_scene import between, landscape_scene
from app.theme import LIGHT
from core.landscape import LandscapeSpec, assemble, compute_landscape, landscape_plane, level, trained_paths
from tests.app.landscapes import experiment


def test_a_coarse_landscape_is_drawn_linear_between_its_points() -> None:
    spec = LandscapeSpec(experiment(epochs=1).training, resolution=9)
    found = landscape_plane(trained_paths(spec))
    coarse = assemble(found, level(found, 8))
    drawn = between(coarse)
    corners = coarse.losses[::8, ::8]
    np.testing.assert_array_equal(drawn[::8, ::8], corners)
    assert drawn[4, 4] == pytest.approx(corners.mean())
    fine = compute_landscape(spec)
    np.testing.assert_array_equal(between(fine), fine.losses)


def test_heads_are_at_the_known_points_at_the_known_steps(qapp) -> None:
    spec = LandscapeSpec(experiment(epochs=2).training)
    found = landscape_plane(trained_paths(spec))
    scene = landscape_scene(found, LIGHT)
    path = found.paths[1]
    for step, x, y in zip(path.steps.tolist(), path.x, path.y, strict=True):
        assert scene.trails[1].points[scene.index(step)] == pytest.approx((x, y))
    assert scene.last == path.steps[-1]
