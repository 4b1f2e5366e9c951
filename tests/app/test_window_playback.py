"""Playing, stepping, scrubbing, and the curves with their cursor."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor

from app.plots.curve_plot import Curve, CurvePlot
from app.theme import DARK, LIGHT
from core.optimizer import basic_optimizers
from tests.app.laboratory_driver import as_array, count_near, handle_position, picture


def shown_step(lab):
    """The step, as every part of the window shows it: they agree."""
    step = lab.laboratory.playback.step
    bar = lab.window.playback
    assert bar.bar.value() == step
    assert bar.text.text().startswith(f"step {step:,} /")
    assert lab.window.curves.loss.cursor_at() == step
    assert lab.window.curves.gradient.cursor_at() == step
    assert lab.heads() == [path[min(step, len(path) - 1)] for path in lab.paths()]
    return step


def test_play_and_pause(lab):
    bar = lab.window.playback
    lab.click(bar.toggle)
    assert bar.toggle.accessibleName() == "Pause"
    lab.until(lambda: lab.laboratory.playback.step >= 3)
    lab.click(bar.toggle)
    assert bar.toggle.accessibleName() == "Play"
    step = shown_step(lab)
    lab.window.playback.bar.setFocus()
    lab.key(Qt.Key.Key_Space)
    lab.until(lambda: lab.laboratory.playback.step > step)
    lab.key(Qt.Key.Key_Space)
    assert not lab.laboratory.playback.playing
    shown_step(lab)


def test_buttons_step_and_jump(lab):
    bar = lab.window.playback
    presses = [(bar.forward, 1), (bar.forward, 2), (bar.back, 1), (bar.last, 200), (bar.forward, 200)]
    for button, step in [*presses, (bar.first, 0), (bar.back, 0)]:
        lab.click(button)
        assert shown_step(lab) == step


def test_keys_step_and_jump(lab):
    for name, step in [("Right", 1), ("Right", 2), ("Left", 1), ("End", 200), ("Home", 0)]:
        lab.press(Qt.Key[f"Key_{name}"])
        assert shown_step(lab) == step


def test_stepping_pauses(lab):
    lab.laboratory.playback.play()
    lab.until(lambda: lab.laboratory.playback.step >= 2)
    lab.press(Qt.Key.Key_Right)
    assert not lab.laboratory.playback.playing


def test_the_bar_scrubs(lab):
    bar = lab.window.playback.bar
    lab.drag(bar, handle_position(bar, 0.0), handle_position(bar, 0.5))
    assert shown_step(lab) == pytest.approx(100, abs=4)
    lab.drag(bar, handle_position(bar, shown_step(lab) / 200), handle_position(bar, 0.25))
    assert shown_step(lab) == pytest.approx(50, abs=4)


def test_keys_on_the_bar_scrub(lab):
    lab.window.playback.bar.setFocus()
    lab.key(Qt.Key.Key_End)
    assert shown_step(lab) == 200
    lab.key(Qt.Key.Key_Left)
    assert shown_step(lab) == 199
    lab.key(Qt.Key.Key_PageDown)
    assert shown_step(lab) == 189


@pytest.mark.parametrize("name", ["loss", "gradient"])
def test_pressing_and_dragging_a_curve_scrubs(lab, name):
    plot = getattr(lab.window.curves, name)

    def at(step):
        view = plot.view
        x = view.mapViewToScene(QPointF(step, view.viewRect().center().y())).x()
        return QPoint(round(x), plot.height() // 2)

    lab.drag(plot.viewport(), at(60))
    assert shown_step(lab) == pytest.approx(60, abs=2)
    lab.drag(plot.viewport(), at(60), at(140))
    assert shown_step(lab) == pytest.approx(140, abs=2)
    lab.drag(plot.viewport(), at(140), QPoint(-50, 10))
    assert shown_step(lab) == 0, "beyond the axis is its end"


def test_playing_again_from_the_end_begins_anew(lab):
    lab.click(lab.window.playback.last)
    lab.click(lab.window.playback.toggle)
    assert lab.laboratory.playback.step < 100
    assert lab.laboratory.playback.playing


def test_speed_is_chosen_and_obeyed(lab):
    lab.choose(lab.window.playback.speed, "8")
    playback = lab.laboratory.playback
    assert playback.speed == 8.0
    playback.play()
    playback.go(0)
    playback._advance(0.1)
    fast = playback.step
    lab.pause()
    playback.go(0)
    lab.choose(lab.window.playback.speed, "1")
    playback.play()
    playback.go(0)
    playback._advance(0.1)
    assert playback.step == pytest.approx(fast / 8, abs=1)
    assert lab.window.playback.speed.currentText() == "1×"


def test_it_stops_at_the_end_unless_it_loops(lab):
    playback = lab.laboratory.playback
    playback.go(199)
    playback.set_speed(8.0)
    playback.play()
    lab.until(lambda: not playback.playing)
    assert shown_step(lab) == 200
    lab.click(lab.window.playback.loop)
    playback.go(198)
    playback.play()
    lab.until(lambda: playback.step < 150)
    assert playback.playing
    lab.pause()


def test_the_one_clock_rests_when_nothing_needs_it(lab):
    lab.until_initialized()
    lab.until(lambda: not lab.timer_runs)
    lab.click(lab.window.playback.toggle)
    assert lab.timer_runs
    lab.click(lab.window.playback.toggle)
    assert not lab.timer_runs


def test_curves_have_the_trails_colours_and_one_cursor(lab):
    trails = [trail.colour for trail in lab.plot._trails._trails]
    for plot in (lab.window.curves.loss, lab.window.curves.gradient):
        assert [curve.colour for curve in plot.curves()] == trails
        assert all(count_near(picture(plot), colour, 40) > 0 for colour in trails)
    theme = lab.window.theme
    assert trails == [theme.optimizer(key) for key in basic_optimizers()]


def test_losses_are_drawn_on_a_log_axis(lab):
    plot = lab.window.curves.loss
    low, high = plot.view.viewRange()[1]
    assert low < -10, "down to rounding"
    assert 1 < high < 5
    assert plot.left.logMode


@pytest.mark.parametrize(
    "values",
    [
        [1e300, 1e308, np.inf, np.nan],
        [np.nan] * 4,
        [np.inf, -np.inf, np.nan, 1.0],
        [0.0] * 4,
        [1e300, 1e308, 0.0, 1e-300],
        [],
    ],
)
def test_a_curve_of_anything_has_a_finite_range(qtbot, values):
    plot = CurvePlot("loss", log=True)
    qtbot.addWidget(plot)
    plot.resize(300, 120)
    plot.set_theme(DARK)
    plot.show()
    values = np.array(values, float)
    plot.set_curves([Curve(np.arange(len(values), dtype=float), values, QColor("#ff0000"))], len(values))
    for low, high in plot.view.viewRange():
        assert np.isfinite([low, high]).all()
        assert low < high
    plot.grab()


def test_a_curve_longer_than_the_plot_keeps_its_spikes(qtbot):
    plot = CurvePlot("loss", log=False)
    qtbot.addWidget(plot)
    plot.resize(400, 200)
    plot.set_theme(LIGHT)
    plot.show()
    values = np.zeros(50_000)
    red = QColor("#ff0000")
    plot.set_curves([Curve(np.arange(50_000.0), values, red)], 50_000)
    flat = count_near(picture(plot), red, 60)
    values[33_333] = 1.0
    plot.set_curves([Curve(np.arange(50_000.0), values, red)], 50_000)
    rows = np.abs(as_array(picture(plot)).astype(int) - np.array([255, 0, 0])).max(axis=2).min(axis=1) < 80
    assert rows.sum() > 100, "one value in 50,000 is seen"
    assert flat > 100
