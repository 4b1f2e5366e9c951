"""Presentation mode: large, the whole screen, nothing that distracts; and back."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from app.plots.critical_layer import CriticalLayer
from app.plots.map_strip import MapStrip
from app.plots.marks_layer import LegendLayer
from app.plots.vector_key import VectorKey
from app.presentation import SCALE
from core.surface import SurfaceSpec
from tests.app.laboratory_driver import Driver, count_near, picture, small_experiment


def legend_width(lab: Driver) -> float:
    (legend,) = (item for item in lab.plot.view.childItems() if isinstance(item, LegendLayer))
    return legend.box.width()


def test_presenting_and_back(lab: Driver) -> None:
    window, adam = lab.window, QColor(lab.window.theme.optimizer("adam"))
    lab.press(Qt.Key.Key_End)
    before, width, ink = window.size(), legend_width(lab), count_near(picture(lab.plot), adam)
    docks = {dock.objectName() for dock in (window.optimizer_dock, window.network_dock) if dock.isVisible()}
    lab.press(Qt.Key.Key_F11)
    lab.until(window.isFullScreen)
    lab.process_events()
    for distracting in (window.menuBar(), window.statusBar(), window.optimizer_dock, window.surface.tools):
        assert not distracting.isVisible()
    assert legend_width(lab) > 1.3 * width
    assert count_near(picture(lab.plot), adam) > 1.3 * ink
    assert window.playback.font().pixelSize() == round(12 * SCALE)
    lab.press(Qt.Key.Key_Home)
    assert lab.laboratory.playback.step == 0, "keys of the hidden menus work"
    window.choose_look("dark")
    assert (window.theme.name, window.theme.scale) == ("dark", SCALE)
    lab.press(Qt.Key.Key_Escape)
    lab.until(lambda: not window.isFullScreen())
    lab.process_events()
    assert window.theme.scale == 1.0
    assert window.size() == before
    assert {d.objectName() for d in (window.optimizer_dock, window.network_dock) if d.isVisible()} == docks
    assert window.menuBar().isVisible()
    assert window.front_panel() == "network"


def test_f11_leaves_too(lab: Driver) -> None:
    for on in (True, False, True):
        lab.press(Qt.Key.Key_F11)
        lab.until(lambda on=on: lab.window.isFullScreen() == on)
        assert lab.laboratory.presentation.on == on


def test_keys_formula_and_notes_on_the_surface_grow_too(lab: Driver) -> None:
    for key in ("step", "map"):
        lab.click(lab.window.surface.tools.switches[key])
    surface = lab.window.surface
    lab.until(lambda: surface.findChildren(MapStrip))
    (strip,) = surface.findChildren(MapStrip)
    lab.until(strip.isVisible)
    (key,) = (item for item in surface.plot.view.childItems() if isinstance(item, VectorKey))
    before = strip.height(), surface.formula.sizeHint().height()
    lab.process_events()
    assert key._picture is not None
    box = key._picture.size()
    lab.press(Qt.Key.Key_F11)
    lab.process_events()
    lab.window.showNormal()
    lab.window.resize(1280, 720)
    lab.until(lambda: key._picture is not None)
    for now, then in zip((strip.height(), surface.formula.sizeHint().height()), before, strict=True):
        assert now == pytest.approx(SCALE * then, rel=0.15)
    assert key._picture.width() == pytest.approx(SCALE * box.width(), rel=0.05)
    lab.press(Qt.Key.Key_F11)
    lab.process_events()
    assert (strip.height(), surface.formula.sizeHint().height()) == before


def test_a_formula_with_a_fraction_is_seen_whole(open_laboratory) -> None:
    lab = open_laboratory(small_experiment().with_surface(SurfaceSpec("six_hump_camel")))
    formula = lab.window.surface.formula
    for _ in range(2):
        lab.process_events()
        assert formula.sizeHint().height() <= formula.height()
        lab.press(Qt.Key.Key_F11)


def test_marks_of_critical_points_grow_and_are_taken_where_they_are_seen(open_laboratory) -> None:
    lab = open_laboratory(small_experiment().with_surface(SurfaceSpec("himmelblau")))
    lab.press(Qt.Key.Key_C)
    (layer,) = (item for item in lab.plot.view.childItems() if isinstance(item, CriticalLayer))
    lab.until_surveyed()
    lab.until(layer.points)
    saddle = next(index for index, point in enumerate(layer.points()) if point.kind == "saddle")

    def arrow() -> float:
        tips = [layer.arrow_tip(saddle, sign) for sign in (1, -1)]
        return (tips[0] - tips[1]).manhattanLength()

    warning = QColor(lab.window.theme.warning)
    reach, ink = arrow(), count_near(picture(lab.plot), warning)
    lab.press(Qt.Key.Key_F11)
    lab.until(lab.window.isFullScreen)
    lab.process_events()
    assert arrow() > 1.3 * reach
    assert count_near(picture(lab.plot), warning) > 1.5 * ink
    taken = []
    layer.way_out_taken.connect(lambda index, sign: taken.append((index, sign)))
    place = lab.plot.mapFromScene(layer.mapToScene(layer.arrow_tip(saddle, 1)))
    lab.drag(lab.plot.viewport(), place)
    assert taken == [(saddle, 1)]
