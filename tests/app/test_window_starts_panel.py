"""The panel of start points: its list, the patterns that place them, and the minima that are reached."""

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractButton, QAbstractSlider, QComboBox, QLineEdit

from app.plots.map_colours import HATCH
from core.clouds import shares
from core.descent import descend
from core.experiment import default_experiment
from core.start_pattern import START_PATTERNS
from core.surface import SurfaceSpec, surface, surfaces
from tests.app.laboratory_driver import LEFT, count_near, picture
from tests.app.starts_panel import THREE, cloud
from tests.app.window_widgets import controls, cut_off


@pytest.fixture
def panel(lab):
    content = lab.window.show_panel("starts")
    lab.until(lambda: lab.window.panel_host("starts").is_seen)
    lab.process_events()
    return content


def runs_in(bar):
    return sum(piece.count for piece in bar.pieces)


def choose_pattern(lab, panel, key):
    lab.choose(panel.pattern.combo, key)
    lab.process_events()


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
