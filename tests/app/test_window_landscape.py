"""The landscape in the surface view: what it shows is what `core.landscape` computes of the recorded run."""

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt

from app.forms.controls import plain_tip
from app.plots.sampled_surface import SampledSurface
from app.theme import DARK, LIGHT
from app.views.curvature_table import COLUMNS
from app.views.landscape_panel import LandscapePanel
from core.landscape import LandscapeSpec, curvature, evaluated, recorded_paths
from core.training.variant import labels
from tests.app.laboratory_driver import contrast, mouse, small_experiment, wheel
from tests.app.landscapes import (
    INITIALIZERS,
    at_catalogue,
    done,
    experiment,
    open_panel,
    optimizers,
    page_of,
    plane,
    recorder,
    show,
    train,
)
from tests.training_specs import training

# ---------------------------------------------------------------- what is shown


def test_the_recorded_run_becomes_a_surface_that_sharpens_and_ends_as_computed(open_laboratory) -> None:
    lab = open_laboratory(experiment())
    train(lab)
    panel = open_panel(lab)
    lab.choose(panel.network, "1")
    lab.click(panel.directions.buttons["path"])
    assert at_catalogue(lab)
    lab.click(panel.show_it)
    assert panel.show_it.text() == "Stop"
    lab.until(lambda: lab.window.surface.page is not None, 60)
    assert not lab.plot.isVisible()
    lab.until(lambda: done(panel), 120)
    assert panel.error.isHidden()
    expected = evaluated(plane(lab, 1, "path"))
    page = page_of(lab)
    drawn = page.plot._surface
    assert isinstance(drawn, SampledSurface)
    np.testing.assert_allclose(drawn._losses, expected.losses, rtol=1e-6)
    share = f"The plane holds {1 - expected.plane.residual:.1%} of the paths' variance"
    assert share in panel.sentence.text()
    assert share in page.caption.text()
    assert page.title.text() == f"Loss of He around step {recorder(lab).recorded:,}"
    assert panel.network.currentData() == "1"
    for trail, path in zip(page.plot.trails(), expected.paths, strict=True):
        np.testing.assert_allclose(trail.points[[0, -1]], np.column_stack([path.x, path.y])[[0, -1]])
    assert page.ends.marks()[1][1] == pytest.approx((0.0, 0.0), abs=1e-6)


def test_every_networks_path_has_its_colour_its_name_and_its_loss(open_laboratory) -> None:
    lab = open_laboratory(optimizers(), look="dark")
    page = show(lab)
    rows = page.plot.legend_rows()
    names = labels(lab.experiment.training.variants)
    assert [row.tip for row in rows] == [plain_tip(name) for name in names]
    assert all(name.startswith(row.name.rstrip("…")) for row, name in zip(rows, names, strict=True))
    assert not page.plot.legend_box().isEmpty()
    colours = DARK.networks(["xavier_normal", "xavier_normal"])
    assert [row.colour for row in rows] == colours == [trail.colour for trail in page.plot.trails()]
    losses = [path.losses[-1] for path in plane(lab, 0, "own").paths]
    assert [row.loss for row in rows] == [f"{loss:.3e}".replace("e-", "e−") for loss in losses]
    first, second = page.ends.marks()
    assert first[0] == pytest.approx(second[0])  # both begin at the same weights


def test_the_table_has_the_condition_number_of_every_network(open_laboratory) -> None:
    first = training(small_experiment().training, INITIALIZERS[:1]).variants[0]
    first = replace(first, network=replace(first.network, batch_norm="off"))
    normed = replace(first, network=replace(first.network, batch_norm="before"))
    raw = replace(first, preprocessing="none")
    base = small_experiment()
    lab = open_laboratory(replace(base, training=replace(base.training, variants=(first, normed, raw))))
    show(lab)
    panel = open_panel(lab)
    rows = panel.table.texts()
    assert [(row[1], row[2]) for row in rows] == [
        ("off", "standardize"), ("before", "standardize"), ("off", "none"),
    ]  # fmt: skip
    paths = recorded_paths(LandscapeSpec(lab.experiment.training, 0, "own"), recorder(lab))
    for row, path in zip(rows, (*paths.paths, *paths.others), strict=True):
        expected = curvature(paths, path)
        assert float(row[3]) == pytest.approx(expected.largest, rel=0.01)
        assert float(row[4]) == pytest.approx(expected.condition, rel=0.01)
    assert "of another shape or data" in panel.sentence.text()
    table = panel.table
    assert table.horizontalHeader().length() <= table.viewport().width() + 1
    for column in range(1, len(COLUMNS)):
        assert table.sizeHintForColumn(column) <= table.columnWidth(column)


def test_a_path_has_the_look_of_the_window(open_laboratory) -> None:
    lab = open_laboratory(experiment())
    page = show(lab)
    assert [row.colour for row in page.plot.legend_rows()] == LIGHT.networks(["xavier_normal"])
    lab.window.choose_look("dark")
    assert [row.colour for row in page.plot.legend_rows()] == DARK.networks(["xavier_normal"])
    assert contrast(page.plot.trails()[0].colour.name(), DARK.plot) > 3.0


# ---------------------------------------------------------------- there and back


def test_the_way_back_loses_nothing(open_laboratory) -> None:
    lab = open_laboratory(experiment())
    lab.click(lab.window.surface.tools.switches["critical_points"])
    lab.until_surveyed()
    lab.laboratory.playback.go(17)
    wheel(lab.plot.viewport(), lab.ring(), 3)
    before = lab.experiment, lab.plot.shown_range(), lab.heads(), lab.reading()
    page = show(lab)
    assert page.back.text() == "Back to Himmelblau"
    assert not lab.window.surface.tools.switches["critical_points"].isEnabled()
    for leave in (lambda: lab.click(page.back), lambda: lab.press(Qt.Key.Key_Escape)):
        leave()
        assert at_catalogue(lab)
        assert (lab.experiment, lab.plot.shown_range(), lab.heads(), lab.reading()) == before
        assert lab.laboratory.playback.step == 17
        assert lab.window.surface.tools.switches["critical_points"].isChecked()
        assert lab.window.surface.tools.switches["critical_points"].isEnabled()
        lab.choose(lab.window.surface.chooser, "Loss of a network")  # it stays in the list
        assert page_of(lab) is page
    lab.choose(lab.window.surface.chooser, "himmelblau")
    assert at_catalogue(lab)
    assert (lab.experiment, lab.plot.shown_range(), lab.heads()) == before[:3]


def test_another_surface_of_the_catalogue_leaves_it(open_laboratory) -> None:
    lab = open_laboratory(experiment())
    page = show(lab)
    lab.choose(lab.window.surface.chooser, "rosenbrock")
    assert at_catalogue(lab)
    assert lab.experiment.surface.id == "rosenbrock"
    assert page.back.text() == "Back to Rosenbrock"
    assert lab.laboratory.playback.playing


def test_a_run_that_plays_rests_meanwhile_and_plays_on(open_laboratory) -> None:
    lab = open_laboratory(experiment(), playing=True)
    page = show(lab)
    assert not lab.laboratory.playback.playing
    lab.click(page.back)
    assert lab.laboratory.playback.playing


def test_writing_a_formula_leaves_it(open_laboratory) -> None:
    lab = open_laboratory(experiment())
    show(lab)
    lab.press(Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert at_catalogue(lab)
    assert lab.window.surface.editor.isVisible()


# ---------------------------------------------------------------- mouse and keys on it


def test_keys_and_the_bar_move_along_the_training(open_laboratory) -> None:
    lab = open_laboratory(optimizers())
    page = show(lab)
    last = recorder(lab).recorded
    heads = page.plot.head_positions()
    lab.press(Qt.Key.Key_Left)
    assert page.playback.bar.value() == last - 1
    assert page.plot.legend_rows()[0].step == f"{last - 1:,}"
    assert page.plot.head_positions() != heads
    lab.press(Qt.Key.Key_Right)
    assert page.plot.head_positions() == heads
    lab.press(Qt.Key.Key_Home)
    first, second = page.plot.head_positions()
    assert first == pytest.approx(second)
    lab.choose(page.playback.speed, "4")
    page.playback.bar.setFocus()
    lab.key(Qt.Key.Key_Space)
    lab.until(lambda: page.playback.bar.value() == last, 30)
    assert page.plot.head_positions() == heads
    assert lab.laboratory.playback.step == 0  # the optimizers' runs stood still


def test_it_is_zoomed_and_moved_like_any_surface(open_laboratory) -> None:
    lab = open_laboratory(experiment())
    page = show(lab)
    whole, before = page.plot.shown_range(), lab.plot.shown_range()
    wheel(page.plot.viewport(), page.plot.viewport().rect().center(), 3)
    near = page.plot.shown_range()
    assert near[1] - near[0] < whole[1] - whole[0]
    lab.drag(page.plot.viewport(), QPoint(300, 200), QPoint(340, 230))
    assert page.plot.shown_range()[0] < near[0]
    lab.press(Qt.Key.Key_F)
    assert page.plot.shown_range() == pytest.approx(whole)
    lab.press(Qt.Key.Key_Plus)
    assert page.plot.shown_range()[0] > whole[0]
    assert lab.plot.shown_range() == before


def test_the_loss_under_the_pointer_is_read(open_laboratory) -> None:
    lab = open_laboratory(experiment())
    page = show(lab)
    found = evaluated(plane(lab, 0, "own"))
    row, column = 20, 40
    place = page.plot.mapFromScene(
        page.plot.view.mapViewToScene(QPointF(float(found.x[column]), float(found.y[row])))
    )
    mouse(page.plot.viewport(), QEvent.Type.MouseMove, place, held=False)
    assert float(lab.reading()["loss"].replace("−", "-")) == pytest.approx(
        found.losses[row, column], rel=0.05
    )
    lab.click(page.back)
    assert float(lab.reading()["x"].replace("−", "-")) == pytest.approx(lab.experiment.starts[0][0], abs=1e-3)


def test_a_double_click_and_arrow_keys_move_no_start(open_laboratory) -> None:
    lab = open_laboratory(experiment())
    page = show(lab)
    before = lab.experiment
    page.plot.setFocus()
    lab.key(Qt.Key.Key_Up)
    lab.key(Qt.Key.Key_A)
    place = page.plot.viewport().rect().center()
    for kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick):
        mouse(page.plot.viewport(), kind, place)
        mouse(page.plot.viewport(), QEvent.Type.MouseButtonRelease, place, held=False)
    assert lab.experiment == before


def test_the_panel_is_put_away_until_the_checks_lead_to_it(open_laboratory) -> None:
    lab = open_laboratory(experiment())
    assert not lab.window.panel_docks["landscape"].isVisible()
    checks = lab.window.show_panel("checks")
    lab.process_events()
    lab.click(checks.landscape)
    lab.until(lambda: lab.window.panel_docks["landscape"].isVisible())
    assert isinstance(lab.window.panel_host("landscape").content, LandscapePanel)


@pytest.mark.parametrize("size", [(1280, 720), (1440, 900)])
def test_everything_fits(open_laboratory, size: tuple[int, int]) -> None:
    lab = open_laboratory(experiment(), size=size)
    page = show(lab, "path")
    surface = lab.window.surface
    assert page.title.fontMetrics().horizontalAdvance(page.title.text()) <= page.title.width()
    assert page.caption.height() >= page.caption.heightForWidth(page.caption.width())
    for part in (surface.chooser, page.back, page.playback):
        assert surface.rect().contains(
            part.geometry().translated(part.parentWidget().mapTo(surface, QPoint()))
        )
    assert page.plot.height() > 300
