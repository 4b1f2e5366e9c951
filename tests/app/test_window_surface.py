"""The surface half of the window: the start point, the pointer, zoom, and which surface."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from app.views.readout import FIELDS
from core.experiment import default_experiment
from core.optimizer import OPTIMIZERS
from core.surface import SurfaceSpec, surfaces
from tests.app.laboratory_driver import count_near, picture, small_experiment

NAMES = [entry.name for entry in OPTIMIZERS.values() if entry.basic]


def test_the_first_start_is_alive(open_laboratory):
    lab = open_laboratory(default_experiment(), playing=True)
    assert lab.laboratory.playback.playing
    before = lab.heads()
    lab.until(lambda: lab.laboratory.playback.step > 3)
    assert lab.heads() != before, "the heads move by themselves"
    assert list(lab.legend()) == NAMES
    assert len(lab.paths()) == 6
    step = lab.laboratory.playback.step
    assert {row.step for row in lab.legend().values()} == {f"{step:,}"}
    assert all(float(row.loss.replace("−", "-")) >= 0 for row in lab.legend().values())
    assert len(lab.window.curves.loss.curves()) == 6
    assert len(lab.window.curves.gradient.curves()) == 6
    assert lab.window.surface.formula.text().startswith("f (x, y) = ")


def test_the_first_start_shows_distributions_before_any_training(open_laboratory):
    lab = open_laboratory(default_experiment())
    lab.until_initialized()
    experiment = lab.experiment.training
    assert len(lab.rows()) == len(experiment.variants) == 4
    for row in lab.rows().values():
        assert len(row.cells) == experiment.variants[0].network.layers
        assert all(cell.kind == "activation" and cell.counts.sum() > 0 for cell in row.cells)
    assert "epoch 0 / 20" in lab.network.status.text()
    assert "step 0" in lab.network.status.text()
    assert lab.network.train.text() == "Train"
    theme = lab.window.theme
    for row in lab.rows().values():
        assert count_near(picture(lab.network.grid), row.colour) > 50, f"{row.label} is drawn"
    assert count_near(picture(lab.plot), theme.optimizer("adam")) >= 50


def test_paths_follow_the_ring_under_the_pointer(lab):
    start = lab.ring()
    seen = []
    target = start + QPoint(90, 60)
    for part in (QPoint(30, 20), QPoint(60, 40), QPoint(90, 60)):
        lab.drag_ring(start + part, release=False)
        seen.append(lab.paths())
    lab.drag_ring(target)
    x, y = lab.experiment.starts[0]
    assert (x, y) != default_experiment().starts[0]
    assert all(path[0] == (x, y) for path in lab.paths()), "every path begins at the new start"
    assert (lab.ring() - target).manhattanLength() <= 2, "the ring is under the pointer"
    assert seen[0] != seen[1] != seen[2], "the paths follow while the button is down"
    assert lab.laboratory.playback.step == lab.laboratory.playback.steps, "whole paths are seen"
    assert lab.heads() == [path[-1] for path in lab.paths()]
    assert lab.window.surface.box("x").text() == f"{x:.6g}"


def test_the_ring_stays_at_the_domains_edge(lab):
    x_low, _, _, y_high = surfaces()["himmelblau"].domain
    lab.drag_ring(lab.pixel_of(-4, 4), QPoint(-400, -300))
    assert lab.experiment.starts[0] == (x_low, y_high)
    assert all(path[0] == (x_low, y_high) for path in lab.paths())


def test_a_drag_keeps_the_spot_where_the_ring_was_grabbed(lab):
    grabbed = lab.ring() + QPoint(7, -5)
    lab.drag(lab.plot.viewport(), grabbed, grabbed + QPoint(50, 50))
    assert (lab.ring() - grabbed - QPoint(43, 55)).manhattanLength() <= 2


def test_a_double_click_places_the_start(lab):
    lab.double_click(lab.pixel_of(2.0, -3.0))
    x, y = lab.experiment.starts[0]
    assert (x, y) == pytest.approx((2.0, -3.0), abs=0.03)
    assert all(path[0] == (x, y) for path in lab.paths())


def test_arrow_keys_move_the_start_on_the_plot_and_step_elsewhere(lab):
    start = lab.experiment.starts[0]
    lab.window.playback.loop.setFocus()
    lab.key(Qt.Key.Key_Right)
    assert lab.laboratory.playback.step == 1
    assert lab.experiment.starts[0] == start
    lab.plot.setFocus()
    lab.key(Qt.Key.Key_Right)
    lab.key(Qt.Key.Key_Up)
    x, y = lab.experiment.starts[0]
    assert x - start[0] == pytest.approx(0.01 * 10.0)
    assert y - start[1] == pytest.approx(0.01 * 10.0)
    assert lab.laboratory.playback.step == 1, "the keys did not step as well"
    lab.key(Qt.Key.Key_Left, None, Qt.KeyboardModifier.ShiftModifier)
    assert lab.experiment.starts[0][0] - x == pytest.approx(-0.001 * 10.0)


def test_coordinates_can_be_typed(lab):
    lab.type_into(lab.window.surface.box("x"), "1.5")
    lab.type_into(lab.window.surface.box("y"), "-2")
    assert lab.experiment.starts[0] == (1.5, -2.0)
    assert all(path[0] == (1.5, -2.0) for path in lab.paths())
    assert (lab.ring() - lab.pixel_of(1.5, -2.0)).manhattanLength() <= 2


def test_typing_one_coordinate_leaves_the_other_as_it_is(lab):
    lab.drag_ring(lab.ring() + QPoint(31, 17))
    x = lab.experiment.starts[0][0]
    lab.type_into(lab.window.surface.box("y"), "2")
    assert lab.experiment.starts[0] == (x, 2.0), "not even its last digits change"


def test_a_bad_coordinate_is_said_beside_and_nothing_is_lost(lab, subtests):
    first_of_all = lab.experiment
    for text, word in [("abc", "abc"), ("nan", "nan"), ("99", "99"), ("", "number")]:
        with subtests.test(text):
            lab.laboratory.document.replace(first_of_all)
            before, paths = lab.experiment, lab.paths()
            box, error = lab.window.surface.box("x"), lab.window.surface.error
            lab.type_into(box, text)
            assert error.isVisible()
            assert word in error.text()
            assert box.property("wrong") == "true"
            lab.key(Qt.Key.Key_Return, box)
            assert error.isVisible(), "pressing Return again does not make it right"
            assert lab.experiment is before
            assert lab.paths() == paths
            lab.type_into(box, "2.5")
            assert not error.isVisible()
            assert lab.experiment.starts[0][0] == 2.5


def test_one_wrong_coordinate_does_not_hold_up_the_other(lab):
    lab.type_into(lab.window.surface.box("x"), "99")
    lab.type_into(lab.window.surface.box("y"), "2")
    assert lab.experiment.starts[0] == (-0.3, 2.0)


def test_text_of_a_person_is_never_read_as_rich_text(lab):
    lab.type_into(lab.window.surface.box("x"), "<b>7</b>")
    error = lab.window.surface.error
    assert "<b>7</b>" in error.text()
    assert error.textFormat() == Qt.TextFormat.PlainText
    assert "&lt;b&gt;7" in lab.window.surface.box("x").toolTip(), "tooltips read rich text: it is escaped"


def test_boxes_step_in_the_surfaces_own_span(lab):
    lab.choose(lab.window.surface.chooser, "rosenbrock")
    box = lab.window.surface.box("x")
    box.setFocus()
    x = lab.experiment.starts[0][0]
    lab.key(Qt.Key.Key_Up, box)
    assert lab.experiment.starts[0][0] - x == pytest.approx(0.04), "a hundredth of the domain"


def test_the_wheel_zooms_about_the_pointer(lab):
    place = lab.pixel_of(1.0, 1.0)
    (x0, x1), _ = lab.plot.view.viewRange()
    lab.wheel(lab.plot.viewport(), place, 2)
    (a0, a1), _ = lab.plot.view.viewRange()
    assert a1 - a0 < 0.9 * (x1 - x0)
    assert (lab.pixel_of(1.0, 1.0) - place).manhattanLength() <= 3
    lab.plot.setFocus()
    lab.key(Qt.Key.Key_F)
    assert lab.plot.view.viewRange()[0] == pytest.approx([x0, x1])


def test_dragging_the_background_pans(lab):
    start = lab.experiment.starts[0]
    place = lab.pixel_of(2.5, 3.5)
    lab.drag(lab.plot.viewport(), place, place + QPoint(-80, 40))
    assert (lab.pixel_of(2.5, 3.5) - place - QPoint(-80, 40)).manhattanLength() <= 3
    assert lab.experiment.starts[0] == start, "the start point stays"
    lab.click(next(b for b in lab.window.surface.findChildren(type(lab.window.playback.first))
                   if b.accessibleName() == "Show the whole surface"))  # fmt: skip
    assert lab.plot.view.viewRange()[0] == pytest.approx([-5.0, 5.0])


def test_zooming_redraws_surface_and_trails(lab):
    before = picture(lab.plot)
    lab.key(Qt.Key.Key_Plus)
    assert picture(lab.plot) != before
    lab.key(Qt.Key.Key_F)
    assert picture(lab.plot) == before


def test_the_pointer_reads_the_surface(lab):
    lab.hover(lab.pixel_of(3.0, 2.0))
    x, y = number(lab, "x"), number(lab, "y")
    assert (x, y) == pytest.approx((3.0, 2.0), abs=0.03)
    assert number(lab, "loss") < 0.2, "near a minimum the loss is near 0"
    lab.until(lambda: lab.reading()["condition"] != "…")
    slopes, exact = derivatives(lambda a, b: (a * a + b - 11) ** 2 + (a + b * b - 7) ** 2, x, y)
    low, high = np.linalg.eigvalsh(exact)
    gradient = [float(part) for part in plain(lab.reading()["gradient"]).strip("()").split(", ")]
    assert gradient == pytest.approx(slopes, abs=0.2), "x and y are read with four digits"
    assert number(lab, "norm") == pytest.approx(float(np.hypot(*gradient)), abs=0.1)
    eigenvalues = [float(part) for part in plain(lab.reading()["eigenvalues"]).split(", ")]
    assert eigenvalues == pytest.approx([low, high], rel=0.01)
    assert number(lab, "condition") == pytest.approx(high / low, rel=0.01)
    assert number(lab, "largest_rate") == pytest.approx(2 / high, rel=0.01)
    assert lab.window.readout.where.text() == "pointer"


def test_beside_the_surface_the_start_point_is_read(lab):
    lab.hover(lab.pixel_of(3.0, 2.0))
    lab.hover(QPoint(2, lab.plot.height() - 2))
    assert lab.window.readout.where.text() == "start"
    assert (number(lab, "x"), number(lab, "y")) == lab.experiment.starts[0]
    lab.plot.setFocus()
    lab.key(Qt.Key.Key_Right)
    assert number(lab, "x") == pytest.approx(lab.experiment.starts[0][0], rel=1e-3), "keys read it too"
    assert number(lab, "loss") == pytest.approx(loss_of(lab), rel=1e-3)


def test_the_readout_has_room_for_every_number_and_for_a_sentence(lab):
    readout = lab.window.readout
    for name, _, widest, _ in FIELDS:
        value = readout.values[name]
        assert value.fontMetrics().horizontalAdvance(widest) <= value.width(), name
    assert readout.geometry().right() < 1280 - 120
    lab.window.say("A sentence that is too long for what is left of the status bar " * 3)
    lab.process_events()
    assert lab.window.width() == 1280
    assert "A sentence" in lab.window._status.toolTip()


def test_where_the_formula_has_no_value_there_are_dashes(open_laboratory):
    spec = SurfaceSpec(formula="sqrt(x) + y**2", domain=(-1.0, 3.0, -2.0, 2.0))
    lab = open_laboratory(small_experiment().with_surface(spec))
    lab.hover(lab.pixel_of(-0.5, 1.0))
    lab.until(lambda: lab.reading()["condition"] != "…")
    assert lab.reading()["loss"] == "–"
    assert lab.reading()["eigenvalues"] == "–"
    lab.hover(lab.pixel_of(1.0, 1.0))
    assert number(lab, "loss") == pytest.approx(2.0, abs=0.05)
    assert number(lab, "largest_rate") == pytest.approx(1.0)


def plain(text):
    return text.replace("−", "-")


def number(lab, name):
    return float(plain(lab.reading()[name]))


def loss_of(lab):
    x, y = lab.experiment.starts[0]
    return (x * x + y - 11) ** 2 + (x + y * y - 7) ** 2


def derivatives(loss, x, y, h=1e-4):
    """Gradient and Hessian by central differences."""
    slopes = [(loss(x + h, y) - loss(x - h, y)) / (2 * h), (loss(x, y + h) - loss(x, y - h)) / (2 * h)]
    xx = (loss(x + h, y) - 2 * loss(x, y) + loss(x - h, y)) / h**2
    yy = (loss(x, y + h) - 2 * loss(x, y) + loss(x, y - h)) / h**2
    xy = (loss(x + h, y + h) - loss(x + h, y - h) - loss(x - h, y + h) + loss(x - h, y - h)) / (4 * h * h)
    return slopes, np.array([[xx, xy], [xy, yy]])


def test_another_surface_brings_its_own_everything(lab):
    lab.window.optimizers.set_more_open(True)
    lab.choose(lab.window.surface.chooser, "rosenbrock")
    entry = surfaces()["rosenbrock"]
    view = lab.window.surface
    assert view.formula.text() == "f (x, y) = (1 − x)² + 100 (y − x²)²"
    assert view.chooser.currentText() == "Rosenbrock"
    assert lab.experiment.starts == (entry.starts[0],)
    assert all(path[0] == entry.starts[0] for path in lab.paths())
    assert lab.laboratory.playback.steps == entry.steps == lab.window.playback.bar.maximum()
    assert lab.window.playback.text.text().endswith("/ 600")
    assert lab.plot._minima._minima == entry.minima
    x_low, x_high, _, _ = entry.domain
    assert lab.plot.view.viewRange()[0] == pytest.approx([x_low, x_high])
    assert set(lab.window.optimizers.rows) == set(OPTIMIZERS)
    for key, row in lab.window.optimizers.rows.items():
        assert row.rate.box.value() == entry.learning_rates[key]
    assert lab.laboratory.playback.playing, "and its paths begin to run"


def test_every_surface_is_drawn_without_a_complaint(open_laboratory, subtests):
    lab = open_laboratory(default_experiment())
    for key in surfaces():
        with subtests.test(key):
            lab.choose(lab.window.surface.chooser, key)
            assert lab.experiment.surface == SurfaceSpec(key)
            lab.pause()
            lab.laboratory.playback.go(0)
            image = picture(lab.plot)
            theme = lab.window.theme
            assert count_near(image, theme.optimizer("adam")) > 40
            shades = {image.pixel(x, image.height() // 2) for x in range(60, image.width() - 20, 7)}
            assert len(shades) > 5, "colours show the surface"
            assert not lab.window.surface.error.isVisible()
