"""Maps in the window: on the surface and in the panel, by mouse and keys, and what is late never appears."""

import itertools
import os
import signal
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor

from app.map_job import MapJob
from app.map_server import Drawn
from app.plots.map_colours import coloured
from app.presenters.number_map_presenter import NumbersPresenter
from app.presenters.start_map_presenter import StartsPresenter
from app.server_processes import map_process
from app.views.map_panel import MapPanel
from core.choice import Choice
from core.experiment import MapSettings
from core.map_grades import graded
from core.maps import compute_map
from core.surface import SurfaceSpec
from tests.app.laboratory_driver import (
    Driver,
    as_array,
    count_near,
    handle_position,
    picture,
    small_experiment,
)

SMALL = MapSettings(columns=32, rows=24)


def experiment(surface: str = "himmelblau", **maps: Any):
    base = small_experiment().with_surface(SurfaceSpec(surface))
    return replace(base, steps=60, maps=replace(SMALL, **maps))


def starts(lab: Driver) -> StartsPresenter:
    presenter = lab.laboratory.overlay("map")
    assert isinstance(presenter, StartsPresenter)
    return presenter


def switch_on(lab: Driver) -> StartsPresenter:
    lab.click(lab.window.surface.tools.switches["map"])
    presenter = starts(lab)
    lab.until(lambda: presenter.shown is not None and presenter.shown.last)
    return presenter


def open_panel(lab: Driver) -> tuple[MapPanel, NumbersPresenter]:
    panel = lab.window.show_panel("map")
    presenter = next(child for child in panel.children() if isinstance(child, NumbersPresenter))
    lab.until(lambda: presenter.shown is not None and presenter.shown.last)
    lab.process_events()
    return panel, presenter


def map_pixel(panel: MapPanel, x: float, y: float) -> QPoint:
    """Where values of the two numbers are on the panel's map."""
    assert panel.plot._axes is not None
    place = QPointF(*(float(a.to_scale(v)) for a, v in zip(panel.plot._axes, (x, y), strict=True)))
    return panel.plot.plot.mapFromScene(panel.plot.view.mapViewToScene(place))


# ---------------------------------------------------------------- on the surface


@pytest.mark.parametrize("look", ["light", "dark"])
def test_the_surface_shows_the_map_of_what_is_seen_in_its_colours(open_laboratory, look: str) -> None:
    lab = open_laboratory(experiment(), look=look)
    presenter = switch_on(lab)
    shown = presenter.shown.map
    assert (shown.grades == graded(compute_map(shown.spec)).grades).all()
    (x_low, x_high), (y_low, y_high) = lab.plot.view.viewRange()
    assert shown.spec.domain == (x_low, x_high, y_low, y_high)
    colours = coloured(shown, lab.window.theme, 0.62)
    lab.process_events()
    image = picture(lab.plot)
    for row in colours.rows:
        assert (
            count_near(image, QColor(row.colour), within=2) > 0.3 * row.share * image.width() * image.height()
        )


def test_each_pixel_on_the_screen_has_the_colour_of_its_run(open_laboratory) -> None:
    lab = open_laboratory(experiment())
    presenter = switch_on(lab)
    lab.process_events()
    shown, pixels = presenter.shown.map, as_array(picture(lab.plot.viewport()))
    table = coloured(shown, lab.window.theme, 0.62).pixels
    agree = []
    for row, column in itertools.product(range(0, 24, 3), range(0, 32, 3)):
        x = float(shown.spec.axes[0].values(32)[column])
        y = float(shown.spec.axes[1].values(24)[23 - row])
        at = lab.pixel_of(x, y)
        wanted = int(table[row, column])
        rgb = [(wanted >> 16) & 255, (wanted >> 8) & 255, wanted & 255]
        agree.append(np.abs(pixels[at.y(), at.x()].astype(int) - rgb).max() <= 2)
    assert np.mean(agree) > 0.7  # the others lie below a contour, a path or the legend


def test_the_map_follows_zoom_rate_and_surface_and_goes_away(open_laboratory) -> None:
    lab = open_laboratory(experiment())
    presenter = switch_on(lab)
    first = presenter.shown.map.spec
    lab.wheel(lab.plot.viewport(), lab.plot.viewport().rect().center(), 3)
    lab.until(lambda: presenter.shown.last and presenter.shown.map.spec.domain != first.domain)
    lab.click(lab.window.surface.tools.switches["map"])
    assert presenter.shown is None
    lab.click(lab.window.surface.tools.switches["map"])
    lab.choose(lab.window.surface.chooser, "beale")
    assert presenter.shown is None  # a map of another surface means nothing here
    lab.until(lambda: presenter.shown is not None and presenter.shown.last)
    assert presenter.shown.map.spec.surface.id == "beale"


def test_a_map_stays_while_a_parameter_of_the_formula_is_dragged(open_laboratory) -> None:
    place = SurfaceSpec(formula="(x**2 - a)**2 + y**2", domain=(-3.0, 3.0, -2.0, 2.0), parameters={"a": 1.0})
    lab = open_laboratory(replace(experiment().with_surface(place), steps=60))
    presenter = switch_on(lab)
    for value in (1.5, 2.0):
        moved = replace(lab.experiment, surface=replace(place, parameters={"a": value}))
        lab.laboratory.document.replace(moved)
        assert presenter.shown is not None
    lab.until(lambda: presenter.shown.last and presenter.shown.map.spec.surface.parameters == {"a": 2.0})
    assert (presenter.shown.map.grades == graded(compute_map(presenter.shown.map.spec)).grades).all()


def test_the_key_names_what_is_shown(open_laboratory) -> None:
    lab = open_laboratory(experiment())
    presenter = switch_on(lab)
    strip = presenter._strip
    assert strip.isVisible()
    assert strip.toolTip().startswith("Adam: minimum reached")
    assert "(3, 2)" in strip.accessibleDescription()
    lab.press(Qt.Key.Key_M)
    assert not strip.isVisible()
    assert lab.experiment.overlays == ()


def test_a_map_of_one_pixel_works(open_laboratory) -> None:
    lab = open_laboratory(experiment(columns=1, rows=1))
    presenter = switch_on(lab)
    assert presenter.shown.map.grades.shape == (1, 1)
    _, numbers = open_panel(lab)
    assert numbers.shown.map.grades.shape == (1, 1)


# ---------------------------------------------------------------- the panel


def test_a_click_a_drag_and_the_arrow_keys_set_the_values_and_the_path_follows(open_laboratory) -> None:
    lab = open_laboratory(experiment())
    panel, presenter = open_panel(lab)
    before = lab.path("Adam")
    canvas = panel.plot.plot.viewport()
    lab.qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=map_pixel(panel, 0.05, 0.8))
    values = lab.experiment.method("adam").values()
    assert values["learning_rate"] == pytest.approx(0.05, rel=0.1)
    assert values["beta1"] == pytest.approx(0.8, abs=0.02)
    assert lab.path("Adam") != before
    assert len(lab.window.optimizers.rows) > 0
    lab.drag(canvas, map_pixel(panel, 0.05, 0.8), map_pixel(panel, 0.5, 0.5))
    dragged = lab.experiment.method("adam").values()
    assert dragged["learning_rate"] == pytest.approx(0.5, rel=0.1)
    panel.plot.plot.setFocus()
    lab.key(Qt.Key.Key_Left, panel.plot.plot)
    nudged = lab.experiment.method("adam").values()
    axis = panel.plot._axes[0]
    step = 10.0 ** (0.01 * np.log10(axis.high / axis.low))
    assert dragged["learning_rate"] / nudged["learning_rate"] == pytest.approx(step, rel=0.01)
    assert nudged["beta1"] == pytest.approx(dragged["beta1"], rel=1e-3)
    # What is set on the axes asks for no other map.
    assert presenter.shown.last
    assert not lab.laboratory.helper(MapJob, lambda: None).busy


def test_the_optimizer_that_is_picked_for_is_switched_on(open_laboratory) -> None:
    lab = open_laboratory(experiment(optimizer="qhm"))
    panel, _ = open_panel(lab)
    assert not next(c for c in lab.experiment.contenders if c.method.optimizer.id == "qhm").enabled
    lab.qtbot.mouseClick(
        panel.plot.plot.viewport(), Qt.MouseButton.LeftButton, pos=map_pixel(panel, 0.01, 0.5)
    )
    assert next(c for c in lab.experiment.contenders if c.method.optimizer.id == "qhm").enabled


def test_the_map_of_numbers_follows_the_start(open_laboratory) -> None:
    lab = open_laboratory(experiment())
    _, presenter = open_panel(lab)
    lab.drag_ring(lab.pixel_of(2.0, -3.0))
    lab.until(lambda: presenter.shown.last and presenter.shown.map.spec.start == lab.experiment.starts[0])
    expected = graded(compute_map(lab.experiment.map_of_numbers(lab.experiment.starts[0])))
    assert (presenter.shown.map.grades == expected.grades).all()


def test_axes_ranges_quantities_and_sizes_are_part_of_the_experiment(open_laboratory) -> None:
    lab = open_laboratory(experiment())
    panel, presenter = open_panel(lab)
    lab.choose(panel.optimizer, "rmsprop")
    lab.choose(panel.axes["y"], "epsilon")
    lab.type_into(panel.ends["x", "low"], "0.001")
    lab.click(panel.by["numbers"].buttons["steps"])
    lab.type_into(panel.sizes["rows"], "20")
    maps = lab.experiment.maps
    assert (maps.optimizer, maps.numbers_by, maps.rows) == ("rmsprop", "steps", 20)
    assert (maps.x.name, maps.x.low, maps.y.name) == ("learning_rate", 0.001, "epsilon")
    lab.until(lambda: presenter.shown and presenter.shown.last and presenter.shown.map.spec.rows == 20)
    assert presenter.shown.map.bar.title == "steps until converged"
    lab.choose(panel.axes["x"], "epsilon")  # the other axis's: they change places
    assert [axis.name for axis in (lab.experiment.maps.x, lab.experiment.maps.y)] == [
        "epsilon",
        "learning_rate",
    ]


def test_what_cannot_be_mapped_is_said_in_the_panel(open_laboratory) -> None:
    lab = open_laboratory(experiment())
    panel, presenter = open_panel(lab)
    lab.type_into(panel.sizes["columns"], "4000")
    lab.until(lambda: presenter.shown is not None)
    lab.type_into(panel.sizes["rows"], "2500")
    assert "at most 4,000,000 pixels; 4,000 x 2,500 are 10,000,000" in panel.message.text()
    assert (lab.experiment.maps.columns, lab.experiment.maps.rows) == (4000, 24)
    lab.type_into(panel.sizes["columns"], "32")
    assert not panel.message.isVisible()
    lab.type_into(panel.ends["x", "low"], "20")
    assert "from 20 to 10" in panel.message.text()
    lab.choose(panel.optimizer, "sgd")
    assert "one number only" in panel.message.text()
    assert presenter.shown is None


def test_a_tab_behind_others_computes_nothing(open_laboratory) -> None:
    lab = open_laboratory(experiment())
    _, presenter = open_panel(lab)
    lab.window.show_panel(
        "network"
    ) if "network" in lab.window.panel_docks else lab.window.network_dock.raise_()
    lab.until(lambda: presenter.shown is None)
    assert not lab.laboratory.helper(MapJob, lambda: None).busy


# ---------------------------------------------------------------- its process


def test_a_slider_dragged_back_and_forth_during_a_map_shows_nothing_late(open_laboratory) -> None:
    """The shorter form of a minute: sixty moves of Adam's rate, then the end of the drag is what stays."""
    shown_experiment = replace(
        experiment().with_overlay("map", True), maps=MapSettings(columns=128, rows=128)
    )
    lab = open_laboratory(replace(shown_experiment, steps=200), open_maps=map_process)
    presenter = starts(lab)
    seen: list[Drawn] = []
    lab.laboratory.helper(MapJob, lambda: None).drawn.connect(lambda _, answer: seen.append(answer))
    lab.until(lambda: presenter.shown is not None, 60)
    slider = lab.window.optimizers.rows["adam"].rate.slider
    rates = [lab.experiment.method("adam").values()["learning_rate"]]
    for move in range(60):
        part = 0.6 + 0.25 * abs((move % 20) - 10) / 10
        lab.drag(
            slider, handle_position(slider, slider.value() / slider.maximum()), handle_position(slider, part)
        )
        rates.append(lab.experiment.method("adam").values()["learning_rate"])
        lab.process_events()
    during = len(seen)
    lab.until(
        lambda: (
            presenter.shown.last and presenter.shown.map.spec.method.values()["learning_rate"] == rates[-1]
        ),
        60,
    )
    serials = [answer.serial for answer in seen]
    assert during > 1
    assert serials == sorted(serials)
    final = presenter.shown.map
    assert (final.grades == graded(compute_map(final.spec)).grades).all()
    assert final.spec.method == lab.experiment.method("adam")


def test_a_killed_process_is_said_and_the_map_comes_all_the_same(open_laboratory) -> None:
    lab = open_laboratory(experiment().with_overlay("map", True), open_maps=map_process)
    presenter = starts(lab)
    lab.until(lambda: presenter.shown is not None and presenter.shown.last, 60)
    job = lab.laboratory.helper(MapJob, lambda: None)
    os.kill(job.channel.pid, signal.SIGKILL)
    lab.wheel(lab.plot.viewport(), lab.plot.viewport().rect().center(), 2)
    domain = starts(lab)._asked.domain
    lab.until(lambda: presenter.shown.last and presenter.shown.map.spec.domain == domain, 60)
    assert "ended unexpectedly" in lab.status()


def test_the_settings_are_saved_with_the_experiment() -> None:
    from core.experiment_file import Saved, read_experiment, write_experiment

    changed = replace(experiment(), maps=replace(SMALL, optimizer="lion", starts_by="steps"))
    assert read_experiment(write_experiment(Saved(changed))).experiment == changed
    assert Choice(changed.maps.optimizer).id == "lion"


def test_a_number_of_the_optimizer_before_is_not_put_on_an_axis(open_laboratory):
    """A click that comes before the panel shows that the optimizer has changed."""
    lab = open_laboratory(experiment(optimizer="adam"))
    panel, _ = open_panel(lab)
    lab.laboratory.document.replace(
        replace(lab.experiment, maps=replace(lab.experiment.maps, optimizer="sgd", x=None, y=None))
    )
    before = lab.experiment
    panel.axis_chosen.emit("x", "beta1")
    panel.end_typed.emit("x", "low", 0.5)
    assert lab.experiment == before
