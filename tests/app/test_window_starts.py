"""Many starts: rings to drag, add and delete, and what is said of all their runs."""

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from app.descents import MOST_STEPS
from core.clouds import clouds
from core.descent import descend
from core.experiment import default_experiment
from tests.app.laboratory_driver import LEFT
from tests.app.starts_panel import THREE, cloud

SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def three(lab):
    lab.laboratory.document.replace(replace(lab.experiment, starts=THREE, steps=60))
    return lab


def ring(lab, index):
    return lab.plot.start_in_window(index)


def double_click_with(lab, position, modifier):
    surface = lab.plot.viewport()
    for kind in (
        QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonRelease, QEvent.Type.MouseButtonDblClick,
        QEvent.Type.MouseButtonRelease,
    ):  # fmt: skip
        held = LEFT if kind != QEvent.Type.MouseButtonRelease else Qt.MouseButton.NoButton
        place = position.toPointF()
        where = surface.mapToGlobal(position).toPointF()
        QApplication.sendEvent(surface, QMouseEvent(kind, place, where, LEFT, held, modifier))


# ---------------------------------------------------------------- rings


def test_every_start_has_its_paths_and_the_selected_ones_are_strong(three):
    assert [path[0] for path in three.paths()] == [THREE[0]] * 6
    assert sorted(path[0] for path in cloud(three)) == sorted([*THREE[1:]] * 6)
    assert three.window.surface.start_title.text() == "Start 1 of 3"


def test_any_ring_is_dragged_and_only_its_paths_move(three):
    others = [path for path in cloud(three) if path[0] == THREE[2]] + three.paths()
    grabbed = ring(three, 1)
    three.drag(three.plot.viewport(), grabbed, grabbed + QPoint(40, 30))
    first, moved, third = three.experiment.starts
    assert (first, third) == (THREE[0], THREE[2])
    assert (ring(three, 1) - grabbed - QPoint(40, 30)).manhattanLength() <= 2
    assert three.laboratory.starts.selected == 1, "what is dragged is selected"
    assert [path[0] for path in three.paths()] == [moved] * 6
    assert sorted(cloud(three)) == sorted(others), "the others' paths stay as they were"


def test_a_dragged_start_gives_what_a_computation_anew_gives(three):
    three.drag(three.plot.viewport(), ring(three, 2), ring(three, 2) + QPoint(31, -17))
    anew = descend(three.experiment.descent())
    shown = three.laboratory.descents.result
    assert shown.spec == anew.spec
    for one, other in zip(shown.runs, anew.runs, strict=True):
        np.testing.assert_array_equal(one.points, other.points)


def test_a_click_selects_a_start_and_changes_nothing_else(three):
    before = three.experiment
    three.hover(ring(three, 2))
    three.qtbot.mouseClick(three.plot.viewport(), LEFT, pos=ring(three, 2))
    three.until(lambda: three.laboratory.starts.selected == 2)
    assert three.experiment is before
    assert three.window.surface.box("x").value() == THREE[2][0]
    assert [path[0] for path in three.paths()] == [THREE[2]] * 6


@pytest.mark.parametrize("modifier", [SHIFT, CTRL])
def test_a_double_click_with_shift_or_control_adds_a_start(lab, modifier):
    double_click_with(lab, lab.pixel_of(2.0, -3.0), modifier)
    assert lab.experiment.starts[0] == default_experiment().starts[0]
    assert lab.experiment.starts[1] == pytest.approx((2.0, -3.0), abs=0.03)
    assert lab.laboratory.starts.selected == 1
    assert len(lab.paths()) == len(cloud(lab)) == 6


def test_keys_add_select_nudge_and_remove(lab):
    lab.hover(lab.pixel_of(1.0, 1.0))
    lab.plot.setFocus()
    lab.key(Qt.Key.Key_A)
    first, second = lab.experiment.starts
    assert second == pytest.approx((1.0, 1.0), abs=0.03)
    lab.key(Qt.Key.Key_Right)
    assert lab.experiment.starts[1][0] == pytest.approx(second[0] + 0.1)
    lab.key(Qt.Key.Key_PageDown)
    assert lab.laboratory.starts.selected == 0
    lab.key(Qt.Key.Key_Up)
    assert lab.experiment.starts[0][1] == pytest.approx(first[1] + 0.1)
    lab.key(Qt.Key.Key_PageUp)
    assert lab.laboratory.starts.selected == 1
    lab.key(Qt.Key.Key_Delete)
    assert len(lab.experiment.starts) == 1
    lab.key(Qt.Key.Key_Delete)
    assert len(lab.experiment.starts) == 1, "the last one stays"
    assert cloud(lab) == []


def test_a_start_under_the_pointer_can_go(three):
    three.hover(ring(three, 2))
    three.laboratory.document.replace(replace(three.experiment, starts=THREE[:2]))
    three.plot.grab()  # an error in painting would fail this test
    three.laboratory.history.undo()
    three.plot.grab()
    assert len(three.experiment.starts) == 3


def test_the_boxes_move_the_selected_start(three):
    three.laboratory.starts.select(1)
    three.type_into(three.window.surface.box("x"), "-4.5")
    assert three.experiment.starts == (THREE[0], (-4.5, 3.0), THREE[2])


def test_another_surface_has_one_start_again(three):
    three.laboratory.starts.select(2)
    three.choose(three.window.surface.chooser, "beale")
    assert three.laboratory.starts.selected == 0
    assert three.window.surface.start_title.text() == "Start"
    assert cloud(three) == []


# ---------------------------------------------------------------- what is said of many runs


def test_the_legend_says_medians_and_how_many_converged(three):
    three.laboratory.document.replace(replace(three.experiment, steps=200))
    three.until(lambda: not three.laboratory.descents.busy)
    three.press(Qt.Key.Key_End)
    result = three.laboratory.descents.result
    for cloud_, row in zip(clouds(result), three.legend().values(), strict=True):
        median = float(np.median([run.losses[-1] for run in cloud_.runs]))
        assert float(row.loss.replace("−", "-")) == pytest.approx(median, rel=0.01)
        converged = sum(run.outcome == "converged" for run in cloud_.runs)
        assert row.note == (f"✓ {converged}/3" if converged else "")
    assert any(row.note for row in three.legend().values())
    three.press(Qt.Key.Key_Home)
    assert not any(row.note for row in three.legend().values()), "nothing has ended at the first step"


def test_the_curves_are_medians_within_their_quartiles(three):
    curves = three.window.curves.loss.curves()
    assert len(curves) == 6
    assert three.window.curves.loss._title == "loss: median of 3 starts, quartiles shaded"
    table = np.array([run.losses for run in clouds(three.laboratory.descents.result)[0].runs])
    np.testing.assert_allclose(curves[0].y, np.median(table, axis=0))
    low, high = curves[0].band
    np.testing.assert_allclose(low, np.quantile(table, 0.25, axis=0))
    np.testing.assert_allclose(high, np.quantile(table, 0.75, axis=0))
    three.laboratory.starts.keep_selected()
    assert all(curve.band is None for curve in three.window.curves.loss.curves())


def test_rows_say_how_all_runs_ended_and_loudly_when_some_diverged(three):
    row = three.window.optimizers.rows["sgd"]
    assert not row.verdict.isVisible()
    assert (
        row.details.explanation.text() == "Of 3 runs, 1 converged and 2 made all 60 steps without converging."
    )
    three.type_into(row.rate.box, "10")
    assert row.verdict.isVisible()
    assert row.verdict.text() == "All 3 runs diverged."
    assert three.legend()["SGD"].loss != "", "there is something to read"
    three.press(Qt.Key.Key_End)
    assert three.legend()["SGD"].note == "3 diverged"
    assert three.legend()["SGD"].loss == "∞"


def test_more_steps_than_fit_are_refused_in_a_sentence(three):
    three.laboratory.document.replace(replace(three.experiment, steps=1_000_000))
    error = three.window.surface.error
    assert error.isVisible()
    assert error.text().startswith("3 starts × 6 optimizers × 1,000,000 steps make 18,000,000 steps")
    assert f"{MOST_STEPS:,}" in error.text()
    three.laboratory.document.replace(replace(three.experiment, steps=50))
    assert not error.isVisible()


def test_arrows_and_readout_belong_to_the_selected_start(three):
    three.press(Qt.Key.Key_Home)
    three.laboratory.document.replace(three.experiment.with_overlay("gradient", True))
    three.laboratory.starts.select(1)
    presenter = three.laboratory._overlays["gradient"]
    assert {tuple(vector.origin) for vector in presenter.layer.vectors()} == {THREE[1]}
    assert three.window.readout.texts()["x"] == "2"
    three.laboratory.starts.select(2)
    assert {tuple(vector.origin) for vector in presenter.layer.vectors()} == {THREE[2]}
