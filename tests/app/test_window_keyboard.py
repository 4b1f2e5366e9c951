"""The window for those who do not see it or use no mouse: names, tips, keys, menus."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QAbstractSlider, QComboBox, QLineEdit, QMessageBox

from app.views.help_page import HelpPage
from core.experiment import default_experiment
from core.optimizer import basic_optimizers
from tests.app.window_widgets import action, actions, controls


def test_every_control_teaches_and_has_a_name(open_laboratory):
    lab = open_laboratory(default_experiment())
    lab.window.optimizers.rows["adam"].set_open(True)
    lab.network.setup.set_open(True)
    lab.window.optimizers.set_run_open(True)
    lab.window.optimizers.set_more_open(True)
    lab.process_events()
    silent = []
    for widget in controls(lab.window, QAbstractButton | QLineEdit | QComboBox | QAbstractSlider):
        tip = widget.toolTip() or widget.parentWidget().toolTip()
        name = widget.accessibleName() or (widget.text() if isinstance(widget, QAbstractButton) else "")
        if not tip or not name:
            silent.append(
                f"{type(widget).__name__} {name!r} in {type(widget.parentWidget()).__name__}: tip {tip!r}"
            )
    assert silent == []


def test_every_control_is_reached_with_tab(lab):
    lab.window.playback.bar.setFocus()
    seen, names = set(), []
    for _ in range(200):
        lab.key(Qt.Key.Key_Tab)
        focus = lab.window.focusWidget()
        if focus in seen:
            break
        seen.add(focus)
        names.append(focus.accessibleName())
    assert lab.plot in seen
    assert lab.window.surface.chooser in seen
    assert lab.network.train in seen
    panel = lab.window.optimizers
    assert {panel.rows[key].switch for key in basic_optimizers()} <= seen
    assert {panel.rows[key].rate.slider for key in basic_optimizers()} <= seen
    assert panel.more_expander in seen
    assert set(lab.network.setup.ticks.values()) <= seen
    assert {lab.window.playback.toggle, lab.window.playback.speed} <= seen


def test_tab_goes_on_into_what_was_made_when_it_was_opened(lab):
    lab.until_initialized()
    panel, setup = lab.window.optimizers, lab.network.setup
    panel.rows["adam"].set_open(True)
    panel.set_more_open(True)
    setup.set_open(True)
    lab.process_events()
    first = next(iter(panel.rows[key] for key in panel.rows if not panel.rows[key].optimizer.basic))
    for before, inside in (
        (panel.rows["adam"].expander, panel.rows["adam"].details),
        (panel.run_expander, first),
        (setup.expander, setup.numbers),
    ):
        before.setFocus()
        lab.key(Qt.Key.Key_Tab)
        assert inside.isAncestorOf(lab.window.focusWidget())


def test_no_two_actions_share_a_key(lab):
    keys = [a.shortcut().toString() for a in actions(lab) if not a.shortcut().isEmpty()]
    assert len(keys) == len(set(keys)) > 10


def test_letters_typed_on_a_list_choose_there_and_do_nothing_else(lab):
    lab.until_initialized()
    lab.click(lab.network.epoch)
    lab.until(lambda: "epoch 1" in lab.network.status.text())
    lab.until(lambda: not lab.timer_runs)
    asked = lab.laboratory.training._serial
    lab.window.surface.chooser.setFocus()
    for letter in (Qt.Key.Key_R, Qt.Key.Key_T, Qt.Key.Key_E):
        lab.key(letter)
        assert lab.laboratory.training._serial == asked, "the networks are neither trained nor reset"


@pytest.mark.parametrize(
    ("text", "word", "kind"),
    [("Keys and mouse", "Space", HelpPage), ("About Optiscope", "Optiscope", QMessageBox)],
)
def test_help_opens_and_closes(lab, text, word, kind):
    action(lab, text).trigger()
    lab.process_events()
    (box,) = lab.window.findChildren(kind)
    assert word in (box.text() if kind is QMessageBox else box.page.toPlainText())
    box.close()
