"""Clouds of paths are painted the same however they are come by, and as fast as can be."""

import numpy as np
import pytest
from PySide6.QtGui import QColor

from app.plots import strokes
from app.plots.path_cloud_layer import PathCloudLayer
from app.plots.surface_plot import SurfacePlot
from app.plots.trail_layer import Trail
from app.theme import LIGHT
from core.surface import SurfaceSpec, surface
from tests.app.laboratory_driver import as_array, count_near, picture


@pytest.fixture
def plot(qtbot):
    plot = SurfacePlot()
    qtbot.addWidget(plot)
    plot.set_surface(surface(SurfaceSpec("himmelblau")))
    plot.set_theme(LIGHT)
    plot.resize(500, 400)
    plot.set_starts(((4.5, 4.5),), 0)
    plot.show()
    return plot


def some_trails(count, steps):
    rng = np.random.default_rng(0)
    walks = np.cumsum(rng.normal(0.0, 0.1, (count, steps + 1, 2)), axis=1)
    return [Trail(walk, QColor("#ff0000" if index % 2 else "#0000ff"), 0) for index, walk in enumerate(walks)]


def test_playing_on_paints_the_same_as_drawing_at_once(plot):
    trails = some_trails(20, 60)
    plot.set_trails([], trails)
    for step in (0, 1, 7, 8, 40, 60):
        plot.set_step(step)
        plot.grab()
    stepwise = picture(plot)
    plot.set_step(0)
    plot.grab()
    plot.set_step(60)
    apart = np.abs(as_array(picture(plot)).astype(int) - as_array(stepwise)).max(axis=2)
    assert (apart > 60).mean() < 0.002, "but where paths of two colours cross"
    plot.set_step(30)
    assert (np.abs(as_array(picture(plot)).astype(int) - as_array(stepwise)).max(axis=2) > 60).mean() > 0.01


def test_the_same_paths_are_not_made_anew(plot):
    trails = some_trails(5, 10)
    plot.set_trails([], trails)
    plot.grab()
    layer: PathCloudLayer = plot._cloud
    kept = layer._picture
    plot.set_trails([], [Trail(trail.points, trail.colour, trail.shape) for trail in trails])
    assert layer._picture is kept
    plot.set_trails([], trails[:4])
    assert layer._picture is None


def test_paths_that_leave_the_view_or_stand_still_are_drawn_without_a_complaint(plot):
    far = np.array([[0.0, 0.0], [1e9, -1e300], [1.0, 1.0]])
    still = np.zeros((50, 2))
    one = np.array([[2.0, 2.0]])
    plot.set_trails([], [Trail(points, QColor("#00aa00"), 0) for points in (far, still, one)])
    plot.set_step(49)
    assert count_near(picture(plot), QColor("#00aa00")) > 20, "heads are seen"


def test_many_segments_are_stroked_a_few_at_once(plot, monkeypatch):
    """The cost of stroking one long line grows faster than its length."""
    counts = []
    make = strokes.pg.functions.arrayToQPath
    monkeypatch.setattr(
        strokes.pg.functions,
        "arrayToQPath",
        lambda x, *rest, **how: counts.append(len(x)) or make(x, *rest, **how),
    )
    plot.set_trails([], some_trails(20, 300))
    plot.set_step(299)
    picture(plot)
    assert sum(counts) > 2000
    assert max(counts) <= 96
