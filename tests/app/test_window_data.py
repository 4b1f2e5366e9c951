"""Surfaces made of data in the window: batch size, costs, the noise cloud, tables of one's own."""

from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog

from app.views.own_data_dialog import OwnDataDialog
from core.effort import effort
from core.surface import SurfaceSpec, surface
from tests.app.laboratory_driver import as_array, handle_position, picture, small_experiment
from tests.app.window_widgets import cut_off

CARS = "car;speed;dist\na;4,0;2\nb;7,5;4\nc;8,0;16\nd;9,25;10\ne;10;18\nf;12;30\n"


@pytest.fixture
def cars(tmp_path: Path) -> Path:
    path = tmp_path / "cars.csv"
    path.write_text(CARS, encoding="utf-8")
    return path


def on(key: str, **changes: object):
    return replace(small_experiment().with_surface(SurfaceSpec(key)), **changes)


def bar(lab):
    return lab.window.surface.data_bar()


def dialog(lab) -> OwnDataDialog:
    found = [each for each in lab.window.findChildren(OwnDataDialog) if each.isVisible()]
    assert len(found) == 1
    return found[0]


def drop(lab, *paths: Path) -> bool:
    """Let files fall on the window as a file manager does; returns whether they were taken."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    at, copy, left = QPoint(200, 200), Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    nothing = Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(at, copy, data, left, nothing)
    enter.ignore()
    QApplication.sendEvent(lab.window, enter)
    if enter.isAccepted():
        QApplication.sendEvent(lab.window, QDropEvent(QPointF(at), copy, data, left, nothing))
    return enter.isAccepted()


# ---------------------------------------------------------------- the bar


def test_surfaces_made_of_data_bring_a_bar_that_goes_with_them(lab):
    view = lab.window.surface
    assert not view._data_bar, "what is not shown is not made"
    lab.choose(view.chooser, "linear_regression_raw")
    assert bar(lab).isVisible()
    assert bar(lab).condition.text() == "condition number 2,572"
    assert view.formula.text() == "mean of (x u + y − t)² / 2 over 50 samples"
    assert "Stopping distance" in view.formula.parentWidget().toolTip()
    lab.choose(view.chooser, "linear_regression_standardized")
    assert bar(lab).condition.text() == "condition number 1"
    lab.choose(view.chooser, "himmelblau")
    assert not bar(lab).isVisible()
    assert view.formula.text().startswith("f (x, y) = ")


def test_the_batch_size_goes_from_1_to_all_and_the_paths_follow(open_laboratory):
    lab = open_laboratory(on("cross_entropy"))
    field = bar(lab).batch_size
    whole = lab.paths()
    assert field.box.text() == "60"
    for part, size in ((0.0, 1), (1.0, 0), (0.0, 1)):
        start = handle_position(field.slider, 1.0 - part)
        lab.drag(
            field.slider, start, handle_position(field.slider, part) + QPoint(round(40 * (part - 0.5)), 0)
        )
        assert lab.experiment.batch_size == size
        assert field.box.text() == str(size or 60)
        assert (lab.paths() == whole) == (size == 0)


def test_a_batch_size_is_typed_and_a_wrong_one_is_refused_beside_it(open_laboratory):
    lab = open_laboratory(on("cross_entropy"))
    lab.type_into(bar(lab).batch_size.box, "8")
    assert lab.experiment.batch_size == 8
    for wrong, sentence in (
        ("61", "from 1 up to 60, not 61."),
        ("0", "from 1 up to 60, not 0."),
        ("2.5", "whole"),
    ):
        lab.type_into(bar(lab).batch_size.box, wrong)
        assert lab.experiment.batch_size == 8
        assert sentence in bar(lab).error.text()
        assert bar(lab).error.isVisible()
    lab.type_into(bar(lab).batch_size.box, "60")
    assert lab.experiment.batch_size == 0
    assert not bar(lab).error.isVisible()


def test_another_surface_takes_all_its_samples(open_laboratory):
    lab = open_laboratory(on("cross_entropy", batch_size=40))
    lab.choose(lab.window.surface.chooser, "logistic_regression")
    assert lab.experiment.batch_size == 0
    assert bar(lab).batch_size.box.text() == "23"
    lab.choose(lab.window.surface.chooser, "himmelblau")
    assert lab.window.surface.error.text() == ""
    assert len(lab.paths()) == 6


@pytest.mark.parametrize(("measure", "title"), [("epochs", "epochs"), ("evaluations", "gradient evaluations"),
                                                ("seconds", "milliseconds")])  # fmt: skip
def test_the_curves_go_by_what_the_steps_cost(open_laboratory, measure, title):
    lab = open_laboratory(on("cross_entropy", batch_size=4, steps=120))
    curves = lab.window.curves
    lab.choose(bar(lab).measure, measure)
    run = lab.laboratory.descents.result.runs[0]
    scale = 1e3 if measure == "seconds" else 1.0
    np.testing.assert_allclose(curves.loss.curves()[0].x, scale * effort(run, measure))
    assert curves.loss._label.toPlainText().endswith(f"by {title}")
    assert curves.gradient._label.toPlainText().endswith(f"by {title}")
    lab.laboratory.playback.go(45)
    assert curves.loss.cursor_at() == pytest.approx(curves.loss.curves()[0].x[45], rel=0.2)
    lab.drag(curves.loss.viewport(), QPoint(curves.loss.width() // 2, curves.loss.height() // 2))
    assert abs(lab.laboratory.playback.step - 60) < 15
    lab.choose(bar(lab).measure, "steps")
    assert curves.loss.curves()[0].x.tolist() == list(range(121))


def test_a_formula_knows_only_its_steps(open_laboratory):
    lab = open_laboratory(on("cross_entropy", measure="epochs", batch_size=4))
    lab.choose(lab.window.surface.chooser, "himmelblau")
    assert lab.window.curves.loss.curves()[0].x.tolist() == list(range(lab.experiment.steps + 1))
    assert "by" not in lab.window.curves.loss._label.toPlainText()


def test_the_start_is_dragged_on_data_as_elsewhere(open_laboratory):
    lab = open_laboratory(on("cross_entropy", batch_size=4))
    before = lab.paths()
    lab.drag_ring(lab.ring() + QPoint(40, -30), release=False)
    assert lab.paths() != before
    assert not lab.laboratory.descents.busy, "at once, in this process"


# ---------------------------------------------------------------- the noise


def cloud_layer(lab):
    return lab.laboratory._overlays["noise"].layer


def test_the_cloud_lies_around_the_arrow_and_falls_with_the_batch(open_laboratory):
    lab = open_laboratory(on("positive_inputs", batch_size=1))
    assert "noise" not in lab.laboratory._overlays, "made when it is first shown"
    lab.press(Qt.Key.Key_N)
    assert lab.experiment.overlays == ("noise",)
    layer, here = cloud_layer(lab), surface(SurfaceSpec("positive_inputs"))
    lab.laboratory.playback.go(20)
    head = np.array(lab.laboratory.descents.result.runs[0].points[20])
    np.testing.assert_array_equal(layer._point, head)
    np.testing.assert_allclose(-layer._full, np.array(here.gradient(*head)), rtol=1e-9)
    np.testing.assert_allclose(layer._steps.mean(axis=0), layer._full, rtol=1e-9, atol=1e-12)
    captions = []
    for size in ("1", "16", "64"):
        lab.type_into(bar(lab).batch_size.box, size)
        captions.append(layer.caption())
    assert captions[0].startswith("SGD, batches of 1: noise ")
    assert captions[1].startswith("SGD, batches of 16: noise ")
    assert captions[2] == "SGD: all samples in every step, no noise. Choose a smaller batch."


def test_the_cloud_is_drawn_and_can_be_switched_off(open_laboratory):
    lab = open_laboratory(on("cross_entropy", batch_size=4))
    before = as_array(picture(lab.plot)).astype(int)
    switch = lab.window.surface.tools.switches["noise"]
    lab.click(switch)
    dots = cloud_layer(lab).dots()
    rect = lab.plot.view.rect()
    inside = (dots > 5).all(axis=1) & (dots[:, 0] < rect.width() - 5) & (dots[:, 1] < rect.height() - 5)
    assert inside.mean() > 0.5
    shown = as_array(picture(lab.plot)).astype(int)
    assert (np.abs(shown - before).max(axis=2) > 20).sum() > 300
    lab.click(switch)
    np.testing.assert_array_equal(as_array(picture(lab.plot)), before)


def test_a_formula_has_no_cloud(open_laboratory):
    lab = open_laboratory(on("cross_entropy", batch_size=4, overlays=("noise",)))
    assert cloud_layer(lab).caption()
    lab.choose(lab.window.surface.chooser, "himmelblau")
    assert cloud_layer(lab).caption() == ""
    assert not lab.window.surface.tools.switches["noise"].isEnabled()


@pytest.mark.parametrize("look", ["light", "dark"])
def test_the_cloud_is_in_the_colour_of_its_optimizer(open_laboratory, look):
    lab = open_laboratory(on("cross_entropy", batch_size=4, overlays=("noise",)), look=look)
    assert cloud_layer(lab)._colour == QColor(lab.window.theme.optimizer("sgd"))
    lab.click(lab.window.optimizers.rows["sgd"].switch)
    assert cloud_layer(lab)._colour == QColor(lab.window.theme.optimizer("momentum"))
    assert cloud_layer(lab).caption().startswith("Momentum, ")


# ---------------------------------------------------------------- own data


def test_a_table_that_is_dropped_becomes_a_surface(lab, cars):
    assert drop(lab, cars)
    box = dialog(lab)
    assert box.windowTitle() == "Linear regression on cars.csv"
    assert box.choice() == (("2",), "3", False), "the columns of numbers, the last one as target"
    assert "6 samples · condition number" in box.summary.text()
    lab.click(box.go_on)
    view = lab.window.surface
    assert view.chooser.currentText() == "cars.csv, raw"
    assert view.formula.text() == "mean of (x u + y − t)² / 2 over 6 samples"
    assert "Fits dist by x·speed + y" in view.formula.parentWidget().toolTip()
    assert bar(lab).batch_size.box.text() == "6"
    assert len(lab.paths()) == 6
    lab.type_into(bar(lab).batch_size.box, "2")
    lab.choose(view.chooser, "cars.csv, standardized")
    assert bar(lab).condition.text() == "condition number 1"
    assert view.chooser.currentText() == "cars.csv, standardized"
    lab.choose(view.chooser, "himmelblau")
    lab.choose(view.chooser, "cars.csv, raw")
    assert lab.experiment.surface.data.text.startswith("speed,dist\n4.0,2.0\n")


def test_columns_and_scaling_are_chosen_and_what_does_not_fit_is_said_there(lab, cars):
    drop(lab, cars)
    box = dialog(lab)
    lab.choose(box.first, "car")
    assert box.error.text() == "Line 2, column 'car' must be a number; 'a' is not one."
    assert not box.go_on.isEnabled()
    lab.choose(box.first, "dist")
    assert "cannot be both feature and target" in box.error.text()
    lab.choose(box.target, "speed")
    assert box.error.text() == ""
    lab.click(box.scaling.buttons["standardized"])
    assert box.summary.text() == "6 samples · condition number 1"
    lab.click(box.go_on)
    assert lab.experiment.surface.data.text.startswith("dist,speed\n")
    assert lab.experiment.surface.data.standardized


def test_giving_up_leaves_everything_as_it_was(lab, cars):
    before = lab.experiment
    drop(lab, cars)
    lab.key(Qt.Key.Key_Escape, dialog(lab))
    lab.process_events()
    assert lab.experiment == before


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"", "cars.csv: There is no table in it: it is empty."),
     (b"PK\x03\x04", "cars.csv: The file is not text;"),
     (b"u,t\n1,2\n3\n", "cars.csv: Line 3 has 1 cell, the first row has 2;")],
)  # fmt: skip
def test_a_file_that_is_no_table_is_refused_above_the_surface(lab, cars, content, sentence):
    cars.write_bytes(content)
    before = lab.experiment
    drop(lab, cars)
    assert lab.window.surface.error.isVisible()
    assert sentence in lab.window.surface.error.text()
    assert lab.experiment == before


def test_only_one_local_file_is_taken(lab, cars, tmp_path):
    assert not drop(lab)
    assert not drop(lab, cars, cars)
    assert drop(lab, tmp_path / "gone.csv")
    assert lab.window.surface.error.text() == "gone.csv cannot be read: No such file or directory."


@pytest.mark.parametrize("way", ["list", "key"])
def test_the_list_and_a_key_ask_for_a_file(lab, cars, way):
    chooser = lab.window.surface.chooser
    shown = chooser.currentText()
    if way == "list":
        lab.choose(chooser, "Own data from CSV…")
    else:
        lab.press(Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    lab.until(lambda: lab.window.findChildren(QFileDialog))
    (asking,) = lab.window.findChildren(QFileDialog)
    assert chooser.currentText() == shown, "the entry is no surface itself"
    asking.fileSelected.emit(str(cars))
    asking.reject()
    assert dialog(lab).isVisible()


# ---------------------------------------------------------------- layout


@pytest.mark.parametrize("size", [(1280, 720), (1440, 900), (2560, 1440)])
def test_nothing_of_it_is_cut_off(open_laboratory, size):
    lab = open_laboratory(on("linear_regression_raw", batch_size=8, measure="evaluations"), size=size)
    lab.process_events()
    assert (lab.window.width(), lab.window.height()) == size
    assert cut_off(lab.window) == []
    for control in (bar(lab).batch_size.slider, bar(lab).batch_size.box, bar(lab).measure):
        assert control.accessibleName()
        assert control.toolTip()


def test_nothing_of_the_dialog_is_cut_off(lab, cars):
    drop(lab, cars)
    lab.process_events()
    assert cut_off(dialog(lab)) == []
    lab.choose(dialog(lab).first, "car")
    lab.process_events()
    assert cut_off(dialog(lab)) == []
