"""The view in space, in a real window: what it draws, how it is turned, where it stands."""

from functools import partial

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
from tests.app.space_views import settled, space, switch
from tests.app.window_widgets import cut_off

window = pytest.mark.window


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


ANY = [SurfaceSpec(formula=text) for text in ("sqrt(x)*y", "1/x", "log(x*y)", "0*x + 3", "abs(x) + abs(y)")]
ANY += [SurfaceSpec(key) for key in ("rosenbrock", "easom", "rastrigin")]


@window
def test_any_surface_is_drawn(open_laboratory, tried, subtests):
    lab = open_laboratory(default_experiment(), size=(1280, 720))
    lab.click(switch(lab))
    settled(lab)
    for spec in ANY:
        with subtests.test(spec.id or spec.formula):
            document, before = lab.laboratory.document, space(lab).plot.content.body
            document.replace(replace(document.experiment, surface=spec, starts=((1.0, 1.0),)))
            lab.until(lambda before=before: space(lab).plot.content.body is not before)
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
