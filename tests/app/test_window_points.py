"""Critical points in the window: found beside it, marked, listed, flown to, left by the way out."""

import math
from concurrent.futures import Executor, Future

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt

from app.plots.critical_layer import CriticalLayer, mark_colour
from core.critical_points import KINDS, critical_points
from core.surface import SurfaceSpec, surface
from tests.app.laboratory_driver import LEFT, count_near, picture, small_experiment
from tests.app.window_widgets import cut_off


def layer(lab) -> CriticalLayer:
    return next(part for part in lab.plot._layers if isinstance(part, CriticalLayer))


def switch(lab):
    return lab.window.surface.tools.switches["critical_points"]


def open_points(lab):
    panel = lab.window.show_panel("points")
    lab.until_surveyed()
    lab.process_events()
    return panel


def click_row(lab, row, double=False):
    table = lab.points.table
    place = table.visualRect(table.model().index(row, 1)).center()
    (lab.qtbot.mouseDClick if double else lab.qtbot.mouseClick)(table.viewport(), LEFT, pos=place)


def row_of(lab, kind):
    return next(i for i, cells in enumerate(lab.points.table.rows()) if cells[0] == kind)


def land(lab):
    lab.until(lambda: "flight" not in lab.laboratory.clock._needs)


def click_plot(lab, place: QPointF):
    """Click at a place given in the view's own pixels."""
    spot = lab.plot.mapFromScene(lab.plot.view.mapToScene(place))
    lab.hover(spot)
    lab.qtbot.mouseClick(lab.plot.viewport(), LEFT, pos=spot)
    lab.hover(QPoint(2, 2))


# ---------------------------------------------------------------- found and marked


def test_nothing_is_looked_for_before_anyone_asks(lab):
    lab.hover(lab.pixel_of(1.0, 1.0))
    lab.until(lambda: lab.reading()["condition"] != "…")
    assert lab.laboratory.survey.found is None
    assert not lab.laboratory.survey.busy


def test_the_key_marks_every_kind_and_takes_the_marks_away_again(lab):
    lab.drag_ring(lab.pixel_of(1.0, 1.0))  # away from the maximum
    lab.press(Qt.Key.Key_C)
    lab.until_surveyed()
    assert switch(lab).isChecked()
    assert lab.experiment.overlays == ("critical_points",)
    image = picture(lab.plot)
    for kind in ("minimum", "maximum", "saddle"):
        assert count_near(image, mark_colour(lab.window.theme, kind)) > 30, kind
    assert not lab.plot._minima.isVisible(), "minima are marked once"
    lab.click(switch(lab))
    assert lab.experiment.overlays == ()
    assert count_near(picture(lab.plot), mark_colour(lab.window.theme, "saddle")) == 0
    assert lab.plot._minima.isVisible()


def test_the_panel_lists_what_is_published_for_himmelblau(lab):
    panel = open_points(lab)
    assert panel.summary.text() == "9 critical points: 4 minima, 1 maximum, 4 saddles."
    cells = panel.table.rows()
    assert [row[0] for row in cells] == ["Minimum"] * 4 + ["Saddle"] * 4 + ["Maximum"]
    top = cells[-1]  # Himmelblau's maximum: (-0.270845, -0.923039), 181.617
    assert top[1:4] == ["−0.2708", "−0.923", "181.6"]
    assert {tuple(row[1:3]) for row in cells[:4]} == {
        ("3", "2"), ("−2.805", "3.131"), ("−3.779", "−3.283"), ("3.584", "−1.848")
    }  # fmt: skip


@pytest.mark.parametrize(
    ("formula", "sentence"),
    [
        ("x + y", "no critical point"),
        ("3.0", "The gradient is 0 everywhere"),
        ("(1 - x*y)**2", "whole lines of critical points"),
        ("sin(40*x)*sin(40*y)", "too many"),
        ("sqrt(x) + y**2", "no finite value"),
    ],
)
def test_odd_surfaces_get_their_sentence(open_laboratory, formula, sentence):
    spec = SurfaceSpec(formula=formula)
    lab = open_laboratory(small_experiment().with_surface(spec))
    panel = open_points(lab)
    assert sentence in panel.summary.text()
    assert len(panel.table.rows()) == len(critical_points(surface(spec)).points)
    lab.press(Qt.Key.Key_C)
    picture(lab.plot)


def test_another_surface_brings_other_points_and_a_mark_never_stays(lab):
    open_points(lab)
    lab.press(Qt.Key.Key_C)
    click_row(lab, 0)
    land(lab)
    lab.choose(lab.window.surface.chooser, "two_pits")
    assert layer(lab).points() == (), "no mark of the surface before"
    assert lab.laboratory.survey.chosen is None
    lab.until_surveyed()
    found = critical_points(surface(SurfaceSpec("two_pits")))
    assert layer(lab).points() == found.points
    assert len(lab.points.table.rows()) == len(found.points)


# ---------------------------------------------------------------- the table


def test_columns_sort_by_click_and_by_key(lab):
    panel = open_points(lab)
    header = panel.table.horizontalHeader()
    x = QPoint(header.sectionPosition(1) + 20, header.height() // 2)
    lab.qtbot.mouseClick(header.viewport(), LEFT, pos=x)
    numbers = [float(row[1].replace("−", "-")) for row in panel.table.rows()]
    assert numbers == sorted(numbers)
    panel.table.setFocus()
    lab.key(Qt.Key.Key_2, panel.table)
    numbers = [float(row[1].replace("−", "-")) for row in panel.table.rows()]
    assert numbers == sorted(numbers, reverse=True), "once more turns the order"
    lab.key(Qt.Key.Key_1, panel.table)
    kinds = [KINDS.index(row[0].lower()) for row in panel.table.rows()]
    assert kinds == sorted(kinds)
    assert panel.table.model().headerData(0, Qt.Orientation.Horizontal) == "kind ▴"


def test_numbers_fit_their_columns(open_laboratory):
    for name in ("himmelblau", "goldstein_price", "ackley"):
        lab = open_laboratory(small_experiment().with_surface(SurfaceSpec(name)))
        table = open_points(lab).table
        metrics = table.fontMetrics()
        for cells in table.rows():
            for column, text in enumerate(cells[1:], 1):
                assert metrics.horizontalAdvance(text) + 6 <= table.columnWidth(column), text


def test_the_arrow_keys_fly_and_the_map_of_the_view_follows(lab):
    panel = open_points(lab)
    panel.table.setFocus()
    lab.key(Qt.Key.Key_Down, panel.table)
    first = lab.laboratory.survey.chosen
    assert first is not None
    assert lab.experiment.overlays == ("critical_points",), "what one flies to is marked"
    land(lab)
    x_low, x_high, y_low, y_high = lab.plot.shown_range()
    assert ((x_low + x_high) / 2, (y_low + y_high) / 2) == pytest.approx((first.x, first.y))
    assert (x_high - x_low, y_high - y_low) == pytest.approx((2.5, 2.5))
    lab.key(Qt.Key.Key_Down, panel.table)
    assert lab.laboratory.survey.chosen != first
    land(lab)
    lab.click(panel.whole)
    land(lab)
    assert lab.plot.shown_range() == (-5.0, 5.0, -5.0, 5.0)


def test_a_flight_goes_step_by_step_and_ends_when_someone_takes_the_view(lab):
    panel = open_points(lab)
    beat = lab.laboratory.clock.beat
    click_row(lab, row_of(lab, "Maximum"))
    lab.laboratory.clock._timer.stop()  # its beats are ours
    spans = []
    for _ in range(4):
        beat.emit(0.02)
        x_low, x_high, *_ = lab.plot.shown_range()
        spans.append(x_high - x_low)
    assert 10.0 > spans[0] > spans[1] > spans[2] > spans[3] > 2.5
    lab.wheel(lab.plot.viewport(), lab.plot.viewport().rect().center(), -1)
    taken = lab.plot.shown_range()
    for _ in range(20):
        beat.emit(0.02)
    assert lab.plot.shown_range() == taken, "the flight has ended where it was interrupted"
    assert "flight" not in lab.laboratory.clock._needs
    assert panel.detail.text().startswith("Maximum")


def test_the_chosen_mark_stands_out(lab):
    open_points(lab)
    click_row(lab, row_of(lab, "Maximum"))
    land(lab)
    colour = mark_colour(lab.window.theme, "maximum")
    chosen = count_near(picture(lab.plot), colour)
    lab.laboratory.survey.choose(None)
    assert count_near(picture(lab.plot), colour) < chosen / 2


# ---------------------------------------------------------------- starting


def test_start_here_puts_every_path_on_the_point(lab):
    panel = open_points(lab)
    assert not panel.start.isEnabled()
    click_row(lab, row_of(lab, "Maximum"))
    lab.click(panel.start)
    top = critical_points(surface(SurfaceSpec("himmelblau"))).points[-1]
    assert lab.experiment.starts[0] == (top.x, top.y)
    assert all(path[0] == (top.x, top.y) for path in lab.paths())
    assert lab.laboratory.playback.playing


def test_return_in_the_table_starts_there(lab):
    panel = open_points(lab)
    click_row(lab, 2)
    lab.key(Qt.Key.Key_Return, panel.table)
    chosen = lab.laboratory.survey.chosen
    assert lab.experiment.starts[0] == (chosen.x, chosen.y)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_saddle_is_left_by_either_way_and_the_loss_falls(lab, sign):
    panel = open_points(lab)
    assert not panel.ways[sign].isVisible()
    click_row(lab, row_of(lab, "Saddle"))
    saddle = lab.laboratory.survey.chosen
    lab.click(panel.ways[sign])
    x, y = lab.experiment.starts[0]
    away = np.array([x - saddle.x, y - saddle.y])
    assert away / np.hypot(*away) == pytest.approx(sign * np.array(saddle.way_out))
    assert 0.0 < math.hypot(*away) < 0.2
    assert surface(SurfaceSpec("himmelblau")).loss(x, y) < saddle.loss
    runs = lab.laboratory.descents.result.runs
    assert all(run.losses[-1] < saddle.loss for run in runs), "every optimizer gets away from it"


def test_ways_out_that_leave_the_surface_are_not_offered(open_laboratory):
    spec = SurfaceSpec(formula="x**2 - y**2", domain=(-1.0, 1.0, -0.005, 1.0))
    lab = open_laboratory(small_experiment().with_surface(spec))
    panel = open_points(lab)
    click_row(lab, 0)
    saddle = lab.laboratory.survey.chosen
    up = 1 if saddle.way_out[1] > 0 else -1
    assert panel.ways[up].isEnabled()
    assert not panel.ways[-up].isEnabled()


def test_marks_and_arrows_are_clicked_on_the_surface(lab):
    lab.press(Qt.Key.Key_C)
    lab.until_surveyed()
    marks = layer(lab)
    index = next(i for i, point in enumerate(marks.points()) if point.kind == "saddle")
    saddle = marks.points()[index]
    click_plot(lab, QPointF(*marks.to_pixels(np.array([(saddle.x, saddle.y)]))[0]))
    assert lab.laboratory.survey.chosen == saddle
    lab.until(lambda: lab.points is not None and lab.points.table.current() == index)
    assert lab.points.detail.text().startswith("Saddle: the loss falls along")
    click_plot(lab, marks.arrow_tip(index, -1))
    x, y = lab.experiment.starts[0]
    along = (x - saddle.x) * saddle.way_out[0] + (y - saddle.y) * saddle.way_out[1]
    assert along < 0.0
    start = lab.experiment.starts
    click_plot(lab, QPointF(5.0, 5.0))
    assert lab.experiment.starts == start, "elsewhere a click takes nothing"


def test_pointing_at_a_mark_says_what_it_is(lab):
    lab.press(Qt.Key.Key_C)
    lab.until_surveyed()
    lab.hover(lab.pixel_of(3.0, 2.0))
    assert layer(lab).toolTip() == "Minimum at (3, 2), loss 0. Click to choose it."
    lab.hover(lab.pixel_of(1.0, 1.5))
    assert layer(lab).toolTip() == ""


# ---------------------------------------------------------------- in other processes


class HeldExecutor(Executor):
    """Calls that end when the test says so."""

    calls: list[tuple[Future, object, tuple]]

    def __init__(self):
        self.calls = []

    def submit(self, function, /, *arguments, **named):
        future = Future()
        self.calls.append((future, function, arguments))
        return future

    def finish(self, number):
        future, function, arguments = self.calls[number]
        future.set_result(function(*arguments))


def test_a_late_result_never_appears(open_laboratory):
    held = HeldExecutor()
    lab = open_laboratory(executor=lambda: held)
    survey = lab.laboratory.survey
    lab.laboratory.diagnoses._quiet.stop()
    surface(SurfaceSpec("himmelblau")).hessian(0.0, 0.0)
    surface(SurfaceSpec("two_pits")).hessian(0.0, 0.0)
    lab.window.show_panel("points")
    lab.until(lambda: len(held.calls) == 1)
    assert lab.points.summary.text() == "Looking for critical points …"
    lab.choose(lab.window.surface.chooser, "two_pits")
    held.finish(0)
    lab.until(lambda: len(held.calls) == 2)
    assert survey.found is None, "Himmelblau's points came late"
    assert lab.points.table.rows() == []
    held.finish(1)
    lab.until_surveyed()
    assert len(lab.points.table.rows()) == 3


def test_a_real_worker_derives_and_finds(open_laboratory):
    spec = SurfaceSpec(formula="sin(x*cos(y)) + 0.37*x**2 + y**2")
    lab = open_laboratory(small_experiment().with_surface(spec), executor=None)
    assert not surface(spec).has_hessian
    lab.hover(lab.pixel_of(1.0, 1.0))
    assert lab.reading()["condition"] == "…"
    lab.until(lambda: lab.reading()["condition"] != "…", 60.0)  # a process starts for it
    open_points(lab)
    expected = critical_points(surface(spec))
    assert lab.laboratory.survey.found == expected


def test_a_worker_that_dies_is_said_and_asked_again(open_laboratory):
    held = HeldExecutor()
    lab = open_laboratory(executor=lambda: held)
    lab.laboratory.diagnoses._quiet.stop()
    surface(SurfaceSpec("himmelblau")).hessian(0.0, 0.0)
    lab.window.show_panel("points")
    lab.until(lambda: len(held.calls) == 1)
    held.calls[0][0].set_exception(MemoryError("There is no memory left for this."))
    lab.until(lambda: "no memory" in lab.points.summary.text())
    lab.window.network_dock.raise_()
    lab.until(lambda: not lab.laboratory.survey._wishes)
    lab.window.show_panel("points")
    lab.until(lambda: len(held.calls) == 2)
    held.finish(1)
    lab.until_surveyed()


# ---------------------------------------------------------------- layout


@pytest.mark.parametrize("name", ["himmelblau", "two_weight_chain"])
def test_nothing_in_the_panel_is_cut_off_and_everything_has_a_name(open_laboratory, name):
    lab = open_laboratory(small_experiment().with_surface(SurfaceSpec(name)))
    panel = open_points(lab)
    click_row(lab, row_of(lab, "Saddle"))
    land(lab)
    assert (lab.window.width(), lab.window.height()) == (1280, 720)
    assert cut_off(panel) == cut_off(lab.window.statusBar()) == []
    assert panel.detail.heightForWidth(panel.detail.width()) <= panel.detail.height(), "two lines are seen"
    for button in (panel.start, *panel.ways.values(), panel.whole):
        assert button.toolTip()
        assert button.text()
    assert panel.table.accessibleName()
    reached = set()
    panel.table.setFocus()
    for _ in range(5):
        lab.key(Qt.Key.Key_Tab)
        reached.add(lab.window.focusWidget())
    assert {panel.start, *panel.ways.values(), panel.whole} <= reached
