"""The panel of the landscape: what it shows is what `core.landscape` computes, from coarse to fine."""

from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from app.exporters.landscape_picture import between
from app.plots.sampled_surface import SampledSurface
from app.views.landscape_panel import LandscapePanel
from core.choice import Choice
from core.experiment import Experiment
from core.landscape import LandscapeSpec, assemble, compute_landscape, landscape_plane, level, trained_paths
from core.optimizer import MethodSpec
from tests.app.laboratory_driver import Driver, small_experiment
from tests.training_specs import training

INITIALIZERS = (Choice("xavier_normal"), Choice("he_normal"))


def experiment(**fields: Any) -> Experiment:
    base = small_experiment()
    return replace(base, training=training(base.training, INITIALIZERS, **fields))


def open_panel(lab: Driver) -> LandscapePanel:
    panel = lab.window.show_panel("landscape")
    assert isinstance(panel, LandscapePanel)
    lab.process_events()
    return panel


def done(panel: LandscapePanel) -> bool:
    return panel.show_it.text() == "Show"


def test_the_landscape_sharpens_and_ends_as_computed(open_laboratory) -> None:
    lab = open_laboratory(experiment())
    panel = open_panel(lab)
    assert panel.plot.isHidden()
    lab.choose(panel.network, "1")
    lab.click(panel.directions.buttons["path"])
    lab.click(panel.show_it)
    assert panel.show_it.text() == "Stop"
    lab.until(lambda: not panel.plot.isHidden(), 60)
    lab.until(lambda: done(panel), 120)
    assert panel.error.isHidden()
    expected = compute_landscape(LandscapeSpec(lab.experiment.training, 1))
    shown = panel.plot._surface
    assert isinstance(shown, SampledSurface)
    np.testing.assert_allclose(shown._losses, expected.losses, rtol=1e-6)
    assert f"{expected.plane.residual:.1%} of the paths' variance" in panel.sentence.text()
    assert "He " in panel.sentence.text()
    assert panel.network.currentData() == "1"


def test_a_network_that_diverges_is_said_and_stop_stops(open_laboratory) -> None:
    wild = MethodSpec(Choice("sgd", {"learning_rate": 1e30}))
    lab = open_laboratory(experiment(method=wild, l2=1e6))
    panel = open_panel(lab)
    lab.click(panel.show_it)
    lab.until(lambda: done(panel), 60)
    assert "diverged at step" in panel.error.text()
    assert panel.plot.isHidden()
    lab.click(panel.show_it)
    assert panel.error.isHidden()
    lab.click(panel.show_it)
    assert done(panel)
    assert panel.sentence.text() == "Stopped."


def test_another_run_ends_it_and_says_so(open_laboratory) -> None:
    lab = open_laboratory(experiment())
    panel = open_panel(lab)
    lab.click(panel.show_it)
    lab.laboratory.document.replace(experiment(seed=3))
    assert done(panel)
    assert panel.sentence.text().startswith("The run has changed since")


def test_the_panel_is_put_away_until_the_checks_lead_to_it(open_laboratory) -> None:
    lab = open_laboratory(experiment())
    assert not lab.window.panel_docks["landscape"].isVisible()
    checks = lab.window.show_panel("checks")
    lab.process_events()
    lab.click(checks.landscape)
    lab.until(lambda: lab.window.panel_docks["landscape"].isVisible())
    assert isinstance(lab.window.panel_host("landscape").content, LandscapePanel)


def test_a_coarse_landscape_is_drawn_linear_between_its_points() -> None:
    spec = LandscapeSpec(experiment(epochs=1).training, resolution=9)
    plane = landscape_plane(trained_paths(spec))
    coarse = assemble(plane, level(plane, 8))
    drawn = between(coarse)
    corners = coarse.losses[::8, ::8]
    np.testing.assert_array_equal(drawn[::8, ::8], corners)
    assert drawn[4, 4] == pytest.approx(corners.mean())
    fine = compute_landscape(spec)
    np.testing.assert_array_equal(between(fine), fine.losses)
