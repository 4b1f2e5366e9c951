"""Many starts: rings to drag, add and delete, patterns, clouds of paths, and the minima that are reached."""

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QColor, QMouseEvent
from PySide6.QtWidgets import QAbstractButton, QAbstractSlider, QApplication, QComboBox, QLineEdit

from app.descents import MOST_STEPS
from app.plots import strokes
from app.plots.map_colours import HATCH
from app.plots.path_cloud_layer import PathCloudLayer
from app.plots.surface_plot import SurfacePlot
from app.plots.trail_layer import Trail
from app.theme import LIGHT
from core.clouds import clouds, shares
from core.descent import descend
from core.experiment import default_experiment
from core.start_pattern import START_PATTERNS
from core.surface import SurfaceSpec, surface, surfaces
from tests.app.laboratory_driver import LEFT, as_array, count_near, picture
from tests.app.test_window_layout import controls, cut_off

THREE = ((-0.3, -0.9), (2.0, 3.0), (-3.0, 1.0))
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def three(lab):
    lab.laboratory.document.replace(replace(lab.experiment, starts=THREE, steps=60))
    return lab


@pytest.fixture
def panel(lab):
    content = lab.window.show_panel("starts")
    lab.until(lambda: lab.window.panel_host("starts").is_seen)
    lab.process_events()
    return content


def cloud(lab):
    return [[tuple(point) for point in trail.points.tolist()] for trail in lab.plot._cloud.trails()]


def runs_in(bar):
    return sum(piece.count for piece in bar.pieces)


def choose_pattern(lab, panel, key):
    lab.choose(panel.pattern.combo, key)
    lab.process_events()


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


# ---------------------------------------------------------------- the panel


def test_the_list_selects_types_and_deletes(panel, lab):
    lab.laboratory.document.replace(replace(lab.experiment, starts=THREE))
    table = panel.table
    assert table.model().rowCount() == 3
    assert panel.count.text() == "3 starts"
    spot = table.visualRect(table.model().index(1, 1)).center()
    lab.qtbot.mouseClick(table.viewport(), LEFT, pos=spot)
    assert lab.laboratory.starts.selected == 1
    lab.key(Qt.Key.Key_F2, table)
    editor = table.findChild(QLineEdit)
    editor.selectAll()
    lab.qtbot.keyClicks(editor, "-1.25")
    lab.key(Qt.Key.Key_Return, editor)
    lab.process_events()
    assert lab.experiment.starts == (THREE[0], (-1.25, 3.0), THREE[2])
    lab.key(Qt.Key.Key_Delete, table)
    assert lab.experiment.starts == (THREE[0], THREE[2])


@pytest.mark.parametrize(("text", "word"), [("99", "from -5 up to 5"), ("nix", "'nix' is not one")])
def test_a_senseless_coordinate_in_the_list_is_refused_in_words(panel, lab, text, word):
    table = panel.table
    table.setFocus()
    table.edit(table.model().index(0, 2))
    editor = table.findChild(QLineEdit)
    editor.selectAll()
    lab.qtbot.keyClicks(editor, text)
    lab.key(Qt.Key.Key_Return, editor)
    lab.process_events()
    assert panel.message.isVisible()
    assert word in panel.message.text()
    assert lab.experiment.starts == default_experiment().starts
    lab.click(panel.add)
    assert not panel.message.isVisible(), "what is done rightly takes the complaint back"


def test_buttons_add_remove_and_keep_one(panel, lab):
    assert not panel.remove.isEnabled()
    assert not panel.only.isEnabled()
    for _ in range(4):
        lab.click(panel.add)
    assert len(set(lab.experiment.starts)) == 5
    last = lab.experiment.starts[-1]
    lab.click(panel.only)
    assert lab.experiment.starts == (last,)
    lab.click(panel.add)
    lab.click(panel.remove)
    assert lab.experiment.starts == (last,)


@pytest.mark.parametrize(("key", "count"), [("ring", 12), ("grid", 25), ("random", 25)])
def test_each_pattern_is_placed(panel, lab, key, count):
    choose_pattern(lab, panel, key)
    lab.click(panel.place)
    assert len(lab.experiment.starts) == count
    assert lab.window.surface.start_title.text() == f"Start 1 of {count}"
    lab.until(lambda: not lab.laboratory.descents.busy, 60)
    assert len(lab.paths()) == 6
    assert len(cloud(lab)) == 6 * (count - 1)
    lab.until(lambda: [runs_in(bar) for bar in panel.shares.bars()] == [count] * 6, 60)
    found = shares(descend(lab.experiment.descent()))
    for bar, row in zip(panel.shares.bars(), found.rows, strict=True):
        assert [piece.count for piece in bar.pieces] == [
            c for c in (*row.counts, row.elsewhere, row.diverged) if c
        ]
    lab.until(lambda: not lab.timer_runs)


def test_numbers_of_a_pattern_are_followed_while_the_starts_are_as_placed(panel, lab):
    centre = lab.experiment.starts[0]
    box = panel.pattern.form.fields["count"].box
    lab.type_into(box, "4")
    assert lab.experiment.starts == (centre,), "nothing is placed yet"
    lab.click(panel.place)
    assert np.mean(lab.experiment.starts, axis=0) == pytest.approx(centre)
    lab.type_into(box, "6")
    assert len(lab.experiment.starts) == 6
    assert np.mean(lab.experiment.starts, axis=0) == pytest.approx(centre), "the ring keeps its centre"
    lab.click(panel.add)
    lab.type_into(box, "8")
    assert len(lab.experiment.starts) == 7, "starts that were changed by hand are left alone"


def test_a_grid_fills_what_is_in_view(panel, lab):
    lab.plot.view.setRange(xRange=(0.0, 2.0), yRange=(1.0, 2.0), padding=0)
    choose_pattern(lab, panel, "grid")
    lab.click(panel.place)
    x, y = np.array(lab.experiment.starts).T
    assert (x.min(), x.max()) == pytest.approx((0.2, 1.8))
    assert (y.min(), y.max()) == pytest.approx((1.1, 1.9))


def test_what_a_pattern_leaves_out_is_said(panel, lab):
    place = SurfaceSpec(formula="sqrt(x) + y**2")
    start = surface(place).entry.starts
    lab.laboratory.document.replace(replace(lab.experiment, surface=place, starts=start, steps=20))
    choose_pattern(lab, panel, "grid")
    lab.click(panel.place)
    assert panel.message.text().startswith("15 of 25 points of the pattern are left out")
    assert len(lab.experiment.starts) == 10


def test_a_thousand_and_more_starts(panel, lab):
    choose_pattern(lab, panel, "grid")
    lab.type_into(panel.pattern.form.fields["columns"].box, "40")
    lab.type_into(panel.pattern.form.fields["rows"].box, "26")
    lab.click(panel.place)
    assert "1,040 start points are more than the 1,000" in panel.message.text()
    assert lab.experiment.starts == default_experiment().starts
    lab.type_into(panel.pattern.form.fields["rows"].box, "25")
    lab.click(panel.place)
    assert len(lab.experiment.starts) == 1_000
    lab.window.grab()
    lab.until(lambda: len(cloud(lab)) == 6 * 999, 60)
    lab.window.grab()
    lab.click(panel.add)
    assert "1,001 start points are more" in panel.message.text()
    assert len(lab.experiment.starts) == 1_000
    lab.until(lambda: not lab.timer_runs, 60)


def test_more_steps_than_fit_are_refused_in_a_sentence(three):
    three.laboratory.document.replace(replace(three.experiment, steps=1_000_000))
    error = three.window.surface.error
    assert error.isVisible()
    assert error.text().startswith("3 starts × 6 optimizers × 1,000,000 steps make 18,000,000 steps")
    assert f"{MOST_STEPS:,}" in error.text()
    three.laboratory.document.replace(replace(three.experiment, steps=50))
    assert not error.isVisible()


def test_shares_are_drawn_in_the_colours_of_the_minima(panel, lab):
    minima = surfaces()["himmelblau"].minima
    starts = tuple((x + 0.05, y) for x, y in minima)
    lab.laboratory.document.replace(replace(lab.experiment, starts=starts, steps=40))
    lab.until(lambda: len(panel.shares.bars()) == 6, 60)
    lab.until(lambda: len(panel.shares.bars()[0].pieces) == 4)
    lab.until(lambda: panel.shares.height() > 6 * 20)
    image = picture(panel.shares)
    for colour, line in zip(lab.window.theme.minima, panel.shares.key(), strict=False):
        assert line.colour == colour
        assert count_near(image, QColor(colour)) > 1_000
    assert panel.shares.key()[0].text == "(3, 2)"
    lab.type_into(lab.window.optimizers.rows["sgd"].rate.box, "10")
    lab.until(lambda: panel.shares.bars()[0].pieces[-1].colour == HATCH)
    assert panel.shares.bars()[0].pieces[-1].tip == "SGD: 4 of 4 runs diverge."
    lab.until(lambda: not lab.timer_runs)


def test_the_panel_counts_only_while_it_is_seen(panel, lab):
    lab.until(lambda: len(panel.shares.bars()) == 6, 60)
    lab.window.network_dock.raise_()
    lab.until(lambda: not lab.window.panel_host("starts").is_seen)
    before = panel.shares.bars()
    lab.laboratory.starts.add(2.0, 2.0)
    lab.process_events()
    assert panel.shares.bars() is before
    lab.window.show_panel("starts")
    lab.until(lambda: runs_in(panel.shares.bars()[0]) == 2, 60)
    lab.until(lambda: not lab.timer_runs)


@pytest.mark.parametrize("size", [(1280, 720), (2560, 1440)])
def test_nothing_of_the_panel_is_cut_off_and_all_of_it_teaches(open_laboratory, size):
    lab = open_laboratory(size=size)
    panel = lab.window.show_panel("starts")
    lab.laboratory.document.replace(replace(lab.experiment, starts=THREE, steps=40))
    lab.until(lambda: len(panel.shares.bars()) == 6)
    for key in START_PATTERNS:
        choose_pattern(lab, panel, key)
        assert cut_off(panel) == []
        assert not panel.verticalScrollBar().isVisible(), "it is seen at once"
        for control in controls(panel, QAbstractButton | QLineEdit | QComboBox | QAbstractSlider):
            assert control.toolTip() or control.parentWidget().toolTip()
            assert control.accessibleName() or control.text()
    assert panel.shares.accessibleDescription().startswith("SGD: ")
    lab.until(lambda: not lab.timer_runs)


def test_every_control_of_the_panel_is_reached_with_tab(panel, lab):
    lab.laboratory.document.replace(replace(lab.experiment, starts=THREE, steps=40))
    panel.add.setFocus()
    seen = set()
    for _ in range(20):
        seen.add(lab.window.focusWidget())
        lab.key(Qt.Key.Key_Tab)
    fields = panel.pattern.form.fields["count"]
    assert {panel.add, panel.remove, panel.only, panel.table, panel.place} <= seen
    assert {panel.pattern.combo, fields.slider, fields.box} <= seen


# ---------------------------------------------------------------- clouds


@pytest.fixture
def plot(qtbot):
    plot = SurfacePlot()
    qtbot.addWidget(plot)
    plot.set_surface(surface(SurfaceSpec("himmelblau")))
    plot.set_theme(LIGHT)
    plot.resize(500, 400)
    plot.set_starts(((4.5, 4.5),), 0)
    plot.show()
    return plot


def some_trails(count, steps):
    rng = np.random.default_rng(0)
    walks = np.cumsum(rng.normal(0.0, 0.1, (count, steps + 1, 2)), axis=1)
    return [Trail(walk, QColor("#ff0000" if index % 2 else "#0000ff"), 0) for index, walk in enumerate(walks)]


def test_playing_on_paints_the_same_as_drawing_at_once(plot):
    trails = some_trails(20, 60)
    plot.set_trails([], trails)
    for step in (0, 1, 7, 8, 40, 60):
        plot.set_step(step)
        plot.grab()
    stepwise = picture(plot)
    plot.set_step(0)
    plot.grab()
    plot.set_step(60)
    apart = np.abs(as_array(picture(plot)).astype(int) - as_array(stepwise)).max(axis=2)
    assert (apart > 60).mean() < 0.002, "but where paths of two colours cross"
    plot.set_step(30)
    assert (np.abs(as_array(picture(plot)).astype(int) - as_array(stepwise)).max(axis=2) > 60).mean() > 0.01


def test_the_same_paths_are_not_made_anew(plot):
    trails = some_trails(5, 10)
    plot.set_trails([], trails)
    plot.grab()
    layer: PathCloudLayer = plot._cloud
    kept = layer._picture
    plot.set_trails([], [Trail(trail.points, trail.colour, trail.shape) for trail in trails])
    assert layer._picture is kept
    plot.set_trails([], trails[:4])
    assert layer._picture is None


def test_paths_that_leave_the_view_or_stand_still_are_drawn_without_a_complaint(plot):
    far = np.array([[0.0, 0.0], [1e9, -1e300], [1.0, 1.0]])
    still = np.zeros((50, 2))
    one = np.array([[2.0, 2.0]])
    plot.set_trails([], [Trail(points, QColor("#00aa00"), 0) for points in (far, still, one)])
    plot.set_step(49)
    assert count_near(picture(plot), QColor("#00aa00")) > 20, "heads are seen"


def test_many_segments_are_stroked_a_few_at_once(plot, monkeypatch):
    """The cost of stroking one long line grows faster than its length."""
    counts = []
    make = strokes.pg.functions.arrayToQPath
    monkeypatch.setattr(
        strokes.pg.functions,
        "arrayToQPath",
        lambda x, *rest, **how: counts.append(len(x)) or make(x, *rest, **how),
    )
    plot.set_trails([], some_trails(20, 300))
    plot.set_step(299)
    picture(plot)
    assert sum(counts) > 2000
    assert max(counts) <= 96


def test_arrows_and_readout_belong_to_the_selected_start(three):
    three.press(Qt.Key.Key_Home)
    three.laboratory.document.replace(three.experiment.with_overlay("gradient", True))
    three.laboratory.starts.select(1)
    presenter = three.laboratory._overlays["gradient"]
    assert {tuple(vector.origin) for vector in presenter.layer.vectors()} == {THREE[1]}
    assert three.window.readout.texts()["x"] == "2"
    three.laboratory.starts.select(2)
    assert {tuple(vector.origin) for vector in presenter.layer.vectors()} == {THREE[2]}
