"""The view in space: where OpenGL is missing, and, in a real window, all of it."""

import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QMouseEvent
from PySide6.QtWidgets import QApplication

from app.jobs import CallJob
from app.presenters import space_presenter
from app.views.space_view import ADVICE
from core.experiment import default_experiment
from core.optimizer import OPTIMIZERS, basic_optimizers
from core.surface import SurfaceSpec
from tests.app.inline_executor import InlineExecutor
from tests.app.laboratory_driver import LEFT, as_array, count_near, picture
from tests.app.test_window_layout import cut_off

PROJECT = Path(__file__).parents[2]
window = pytest.mark.window
LONG = 60.0
"""Seconds that the driver's trial may take on a busy machine."""


def switch(lab):
    return lab.window.surface.tools.switches["three_d"]


def space(lab):
    return lab.laboratory._overlays["three_d"].view


def settled(lab):
    """Wait until the driver was tried and the picture is drawn in full."""
    view = space(lab)
    lab.until(lambda: view.plot.isVisible() or ADVICE in view.reason.text(), LONG)
    assert view.plot.isVisible(), view.reason.text()
    lab.until(lambda: view.plot._picture is not None and not view.plot._moving, LONG)
    return view.plot


@pytest.fixture
def tried(monkeypatch):
    """OpenGL works, as another test finds out: its trial takes a second."""
    monkeypatch.setattr(space_presenter, "CallJob", partial(CallJob, executor=InlineExecutor))
    monkeypatch.setattr(space_presenter, "try_graphics", str)


@pytest.fixture
def opened(open_laboratory, tried):
    """A laboratory with the view in space beside the one from above."""
    lab = open_laboratory(default_experiment(), size=(1440, 900))
    lab.click(switch(lab))
    settled(lab)
    return lab


def shot(plot):
    return as_array(picture(plot)).astype(int)


def differs(one, other):
    return one.shape != other.shape or (np.abs(one - other).max(axis=2) > 12).sum() > 200


# ---------------------------------------------------------------- without OpenGL


@pytest.fixture
def refused(open_laboratory, monkeypatch):
    monkeypatch.setattr(space_presenter, "try_graphics", partial(str, "This screen offers no OpenGL."))
    lab = open_laboratory()
    lab.click(switch(lab))
    lab.until(lambda: ADVICE in space(lab).reason.text(), LONG)
    return lab


def test_where_opengl_is_missing_a_sentence_says_so_and_everything_else_works(refused):
    lab, view = refused, space(refused)
    assert "OpenGL 3.3" in view.reason.text()
    assert "This screen offers no OpenGL." in view.reason.text()
    assert "libgl1-mesa-dri" in view.reason.text()
    assert view.reason.isVisible()
    assert not view.plot.isVisible()
    assert not view.height_scale.isVisible()
    assert lab.plot.isVisible()
    before = lab.experiment.starts
    lab.drag_ring(lab.ring() + QPoint(40, -30))
    assert lab.experiment.starts != before
    lab.laboratory.playback.go(5)
    lab.choose(lab.window.surface.chooser, "rosenbrock")
    lab.click(switch(lab))
    assert not view.isVisible()


def test_without_opengl_the_view_from_above_is_never_hidden(refused):
    document = refused.laboratory.document
    document.replace(document.experiment.with_overlay("three_d_alone", True))
    assert refused.plot.isVisible()


@pytest.mark.parametrize("size", [(1280, 720), (2560, 1440)])
def test_the_sentence_is_seen_whole(open_laboratory, monkeypatch, size):
    monkeypatch.setattr(space_presenter, "try_graphics", partial(str, "This screen offers no OpenGL."))
    lab = open_laboratory(default_experiment(), size=size)
    lab.click(switch(lab))
    lab.until(lambda: ADVICE in space(lab).reason.text(), LONG)
    lab.process_events()
    assert cut_off(lab.window) == []
    label = space(lab).reason
    assert label.heightForWidth(label.width()) <= label.height()


def test_a_driver_that_crashes_takes_only_its_trial_along(open_laboratory, monkeypatch):
    monkeypatch.setattr(space_presenter, "try_graphics", partial(os._exit, 7))
    lab = open_laboratory()
    lab.click(switch(lab))
    lab.until(lambda: ADVICE in space(lab).reason.text(), LONG)
    assert "ended the process" in space(lab).reason.text()


def test_the_window_may_close_during_the_trial(open_laboratory):
    lab = open_laboratory()
    lab.click(switch(lab))
    assert "OpenGL" in space(lab).reason.text()
    lab.window.close()


def test_nothing_of_it_is_loaded_before_it_is_asked_for(tmp_path):
    script = (
        "import sys\n"
        "from PySide6.QtCore import QSettings\n"
        "from app.main import Laboratory, application\n"
        "from app.training_job import InlineChannel\n"
        "from tests.app.laboratory_driver import small_experiment\n"
        "qt = application(['optiscope'])\n"
        "settings = QSettings(sys.argv[1], QSettings.Format.IniFormat)\n"
        "lab = Laboratory(small_experiment(), settings, InlineChannel)\n"
        "lab.start()\n"
        "qt.processEvents()\n"
        "print(*(name for name in sys.modules if name.startswith('app.') and '.space' in name))\n"
        "print('OpenGL' in sys.modules)\n"
        "lab.window.close()\n"
        "lab.close()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "settings.ini")], cwd=PROJECT, capture_output=True,
        env=os.environ | {"PYTHONPATH": str(PROJECT), "QT_QPA_PLATFORM": "offscreen"}, text=True, timeout=60,
    )  # fmt: skip
    assert done.stdout.split("\n")[:2] == ["", "False"], done.stderr


# ---------------------------------------------------------------- with OpenGL


@window
@pytest.mark.parametrize("look", ["light", "dark"])
def test_surface_paths_and_heads_are_seen_in_the_optimizers_colours(open_laboratory, look):
    lab = open_laboratory(default_experiment(), size=(1440, 900), look=look)
    lab.click(switch(lab))
    plot = settled(lab)
    images = []
    for step in (3, 8, 20, 60):
        lab.laboratory.playback.go(step)
        images.append(picture(plot))
    for key in basic_optimizers():  # where they run together, one hides another
        assert max(count_near(image, lab.window.theme.optimizer(key)) for image in images) > 15, key
    image = images[-1]
    pixels = as_array(image).reshape(-1, 3)
    assert len(np.unique(pixels // 8, axis=0)) > 60, "shades of the surface"
    assert cut_off(lab.window) == []
    corners = pixels.reshape(image.height(), image.width(), 3)[[2, 2, -3], [2, -3, -3]]
    assert (corners == QColor(lab.window.theme.panel).getRgb()[:3]).all(), "nothing touches the edges"


@window
def test_what_opengl_draws_is_where_the_camera_says(opened):
    plot = space(opened).plot
    start = opened.experiment.starts[0]
    opened.laboratory.playback.go(0)
    for camera in (plot.camera, plot.camera.turned(35.0, 20.0).nearer(0.8)):
        plot.set_camera(camera)
        settled(opened)
        placed = plot.content.body.to_box(np.array([start]))
        height = plot.content.body.on_surface(placed)[0]
        x, y = plot.camera.to_pixels(np.column_stack([placed, height]), plot.width(), plot.height())[0]
        ring = QColor(opened.window.theme.text).getRgb()[:3]
        pixels = shot(plot)
        rows, columns = np.nonzero(np.abs(pixels - ring).max(axis=2) < 60)
        away = np.hypot(rows + 0.5 - y, columns + 0.5 - x)
        rim = away[away < 16]
        assert len(rim) > 40, "the rim of the ring is around the start"
        assert rim.mean() == pytest.approx(10.0, abs=1.2)


@window
def test_it_turns_zooms_moves_and_comes_back(opened):
    plot = space(opened).plot
    first, seen = plot.camera, shot(plot)
    middle = plot.rect().center()
    opened.drag(plot, middle, middle + QPoint(80, 30))
    assert plot.camera.azimuth == pytest.approx(first.azimuth - 32.0)
    assert plot.camera.elevation == pytest.approx(min(first.elevation + 12.0, 90.0))
    turned = shot(plot)
    assert differs(seen, turned)
    opened.wheel(plot, middle, 3)
    assert plot.camera.distance == pytest.approx(first.distance * 0.9**3)
    zoomed = shot(plot)
    assert differs(turned, zoomed)
    drag_with_shift(plot, middle, middle + QPoint(0, 60))
    assert plot.camera.target != first.target
    assert plot.camera.azimuth == pytest.approx(first.azimuth - 32.0), "with Shift it does not turn"
    assert differs(zoomed, shot(plot))
    opened.qtbot.mouseDClick(plot, LEFT, pos=middle)
    assert plot.camera == first
    settled(opened)
    assert not differs(seen, shot(plot))


def drag_with_shift(plot, start, stop):
    kinds = QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove, QEvent.Type.MouseButtonRelease
    for kind, place in zip(kinds, (start, stop, stop), strict=True):
        button = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else LEFT
        event = QMouseEvent(
            kind, QPointF(place), QPointF(plot.mapToGlobal(place)), button, LEFT,
            Qt.KeyboardModifier.ShiftModifier,
        )  # fmt: skip
        QApplication.sendEvent(plot, event)


@window
def test_keys_turn_and_zoom_and_leave_the_playback_alone(opened):
    plot = space(opened).plot
    opened.laboratory.playback.go(40)
    first = plot.camera
    above = opened.plot.view.viewRange()
    plot.setFocus()
    opened.key(Qt.Key.Key_Left)
    assert plot.camera.azimuth < first.azimuth
    opened.key(Qt.Key.Key_Down)
    assert plot.camera.elevation < first.elevation
    opened.key(Qt.Key.Key_Plus)
    assert plot.camera.distance < first.distance
    opened.key(Qt.Key.Key_Minus)
    opened.key(Qt.Key.Key_Minus)
    assert plot.camera.distance > first.distance
    opened.key(Qt.Key.Key_Home)
    assert plot.camera == first
    assert opened.laboratory.playback.step == 40
    assert opened.plot.view.viewRange() == above
    opened.key(Qt.Key.Key_End)
    assert opened.laboratory.playback.step == opened.laboratory.playback.steps, "other keys stay shortcuts"


@window
def test_it_follows_playback_drags_and_switches(opened):
    plot = space(opened).plot
    playback = opened.laboratory.playback
    seen = [shot(plot)]
    for change in (
        lambda: playback.go(30),
        lambda: playback.go(playback.steps),
        lambda: opened.drag_ring(opened.ring() + QPoint(60, 40)),
        lambda: opened.click(opened.window.optimizers.rows["adam"].switch),
        lambda: opened.click(space(opened).height_scale.buttons["loss"]),
        lambda: opened.choose(opened.window.surface.chooser, "beale"),
        lambda: opened.window.choose_look("dark"),
    ):
        change()
        settled(opened)
        seen.append(shot(plot))
        assert differs(seen[-1], seen[-2])
    assert "three_d_by_loss" in opened.experiment.overlays
    assert plot.content.by_loss


@window
def test_it_shows_the_part_that_is_seen_from_above(opened):
    plot = space(opened).plot
    before = shot(plot)
    opened.plot.zoom(0.4)
    opened.until(lambda: plot.content.body.range == pytest.approx(opened.plot.shown_range()))
    settled(opened)
    assert differs(before, shot(plot))
    opened.plot.fit()
    opened.until(lambda: plot.content.body.range == pytest.approx((-5, 5, -5, 5)))
    settled(opened)
    assert not differs(before, shot(plot))


@window
def test_what_leaves_the_view_is_said(opened):
    plot = space(opened).plot
    opened.laboratory.playback.go(opened.laboratory.playback.steps)
    start = opened.experiment.starts[0]
    x, y = start
    opened.plot.view.setRange(xRange=(x - 0.5, x + 0.5), yRange=(y - 0.5, y + 0.5), padding=0)
    opened.until(lambda: len(plot.content.left()) == 6)
    names = [row.name for row in plot._legend.rows if row.colour in plot.content.left()]
    assert names == [OPTIMIZERS[key].name for key in basic_optimizers()]
    settled(opened)
    assert count_near(picture(plot), QColor(opened.window.theme.warning), 40) > 30


@window
def test_alone_it_takes_the_place_and_brings_the_legend(opened):
    view = space(opened)
    narrow = view.width()
    opened.click(view.place.buttons["alone"])
    settled(opened)
    assert not opened.plot.isVisible()
    assert view.width() > 1.8 * narrow
    assert view.plot._with_legend
    assert cut_off(opened.window) == []
    opened.click(view.place.buttons["beside"])
    assert opened.plot.isVisible()
    opened.click(view.place.buttons["alone"])
    opened.press(Qt.Key.Key_D)
    assert opened.plot.isVisible()
    assert not view.isVisible()
    assert not switch(opened).isChecked()
    opened.press(Qt.Key.Key_D)
    assert view.isVisible()
    assert not opened.plot.isVisible(), "it comes back as it was"


@window
@pytest.mark.parametrize("size", [(1280, 720), (1440, 900)])
def test_nothing_is_cut_off(open_laboratory, size):
    lab = open_laboratory(default_experiment(), size=size)
    lab.click(switch(lab))
    settled(lab)
    assert cut_off(lab.window) == []
    assert space(lab).width() == pytest.approx(lab.plot.width(), abs=12)


@window
def test_hidden_it_computes_nothing(opened):
    plot = space(opened).plot
    opened.click(switch(opened))
    content = plot.content
    opened.choose(opened.window.surface.chooser, "sphere")
    opened.laboratory.playback.go(7)
    assert plot.content is content
    opened.click(switch(opened))
    settled(opened)
    assert plot.content is not content
    assert plot.content.step == opened.laboratory.playback.step


@window
@pytest.mark.parametrize(
    "spec",
    [SurfaceSpec(formula=text) for text in ("sqrt(x)*y", "1/x", "log(x*y)", "0*x + 3", "abs(x) + abs(y)")]
    + [SurfaceSpec(key) for key in ("rosenbrock", "easom", "rastrigin")],
    ids=lambda spec: spec.id or spec.formula,
)
def test_any_surface_is_drawn(open_laboratory, tried, spec):
    experiment = default_experiment()
    lab = open_laboratory(replace(experiment, surface=spec, starts=((1.0, 1.0),)), size=(1280, 720))
    lab.click(switch(lab))
    plot = settled(lab)
    for _ in range(2):
        pixels = shot(plot).reshape(-1, 3)
        assert len(np.unique(pixels // 8, axis=0)) > 20
        lab.click(space(lab).height_scale.buttons["loss"])
        settled(lab)


@window
def test_docks_float_and_the_view_lives_on(opened):
    plot = space(opened).plot
    seen = shot(plot)
    opened.window.network_dock.setFloating(True)
    opened.process_events()
    opened.window.network_dock.setFloating(False)
    opened.window.reset_layout()
    settled(opened)
    assert plot.size().isValid()
    plot.set_camera(plot.camera.turned(40.0, 0.0))
    settled(opened)
    assert differs(seen, shot(plot))


@window
def test_a_driver_that_gives_up_is_said(opened):
    scene = space(opened).plot._scene
    scene._context.doneCurrent()
    scene._surface.destroy()
    opened.laboratory.playback.go(3)
    opened.until(lambda: ADVICE in space(opened).reason.text())
    assert "given up" in space(opened).reason.text()
    assert opened.plot.isVisible()


@window
def test_every_control_of_it_teaches(opened):
    view = space(opened)
    buttons = [*view.place.buttons.values(), *view.height_scale.buttons.values(), view.first_view]
    for control in (*buttons, view.plot, switch(opened)):
        assert control.toolTip()
        assert control.accessibleName()
