"""The panel of checks: what it says is what `core.checks` finds, and its rate is one edit."""

from typing import Any

from msgspec.structs import replace
from PySide6.QtCore import Qt

from app.views.checks_panel import ChecksPanel
from core.checks import CHECKS, check_initial_loss, check_variant, find_rate
from core.experiment import Experiment
from tests.app.inline_executor import HeldExecutor, InlineExecutor
from tests.app.laboratory_driver import Driver, small_experiment
from tests.training_specs import training


def experiment(**fields: Any) -> Experiment:
    base = small_experiment()
    return replace(base, training=training(base.training, **fields))


def open_panel(lab: Driver) -> ChecksPanel:
    panel = lab.window.show_panel("checks")
    assert isinstance(panel, ChecksPanel)
    lab.process_events()
    return panel


def done(panel: ChecksPanel) -> bool:
    return panel.all.text() == "Check all"


def said(panel: ChecksPanel, key: str) -> str:
    return panel.rows[key].sentence.text().replace("e−", "e-")


def test_all_checks_are_made_and_said_in_words(open_laboratory) -> None:
    lab = open_laboratory(experiment())
    panel = open_panel(lab)
    assert panel.plot.isHidden()
    assert panel.use.isHidden()
    assert [said(panel, key) for key in CHECKS] == [check.summary for check in CHECKS.values()]
    lab.click(panel.all)
    assert panel.all.text() == "Stop"
    lab.until(lambda: done(panel), 60)
    expected = check_variant(lab.experiment.training, 0)
    for check, verdict in expected.results():
        assert said(panel, check.key) == verdict.sentence
        assert panel.rows[check.key].mark.text() in "✓!✗"
    assert not panel.plot.isHidden()
    assert panel.use.isHidden() == (expected.rate_range.suggested is None)


def test_one_check_by_the_keyboard_of_another_network(open_laboratory) -> None:
    lab = open_laboratory(experiment())
    panel = open_panel(lab)
    last = len(lab.experiment.training.variants) - 1
    lab.key(Qt.Key.Key_End, panel.network)
    assert panel.network.currentData() == str(last)
    panel.rows["initial_loss"].button.setFocus(Qt.FocusReason.TabFocusReason)
    lab.key(Qt.Key.Key_Space)
    lab.until(lambda: done(panel) and panel.rows["initial_loss"].mark.text(), 30)
    assert said(panel, "initial_loss") == check_initial_loss(lab.experiment.training, last).sentence
    assert said(panel, "gradient") == CHECKS["gradient"].summary


def test_the_suggested_rate_is_set_in_one_edit_for_the_network_that_was_checked(open_laboratory) -> None:
    lab = open_laboratory(experiment())
    panel = open_panel(lab)
    before = lab.experiment
    suggested = find_rate(before.training, 0).suggested
    assert suggested is not None
    lab.click(panel.rows["rate_range"].button)
    lab.until(lambda: not panel.use.isHidden(), 30)
    edits: list[Any] = []
    lab.laboratory.document.changed.connect(lambda *pair: edits.append(pair))
    lab.key(Qt.Key.Key_Space, panel.use)
    assert len(edits) == 1
    first, *rest = lab.experiment.training.variants
    assert first.method.optimizer.values["learning_rate"] == float(f"{suggested:.2g}")
    assert tuple(rest) == before.training.variants[1:]
    assert panel.use.isHidden()  # what was found belongs to another rate


def test_checks_can_be_stopped_and_another_run_forgets_them(open_laboratory) -> None:
    lab = open_laboratory(experiment())
    panel = open_panel(lab)
    lab.click(panel.all)
    lab.click(panel.all)
    assert done(panel)
    assert all(not row.mark.text() for row in panel.rows.values())
    lab.click(panel.rows["initial_loss"].button)
    lab.until(lambda: done(panel) and panel.rows["initial_loss"].mark.text(), 30)
    lab.laboratory.document.replace(experiment(seed=7))
    assert not panel.rows["initial_loss"].mark.text()
    assert said(panel, "initial_loss") == CHECKS["initial_loss"].summary


def test_a_check_asked_again_at_once_after_a_stop_is_made_anew(open_laboratory) -> None:
    held: dict[str, HeldExecutor] = {}
    lab = open_laboratory(experiment(), executor=InlineExecutor)
    lab.laboratory.executor = lambda: held.setdefault("checks", HeldExecutor())
    panel = open_panel(lab)
    button = panel.rows["initial_loss"].button
    lab.click(button)
    lab.click(panel.all)
    lab.click(button)
    held["checks"].finish()
    lab.until(lambda: len(held["checks"].calls) == 1)
    assert not done(panel)
    assert panel.rows["initial_loss"].mark.text() == "…"
    held["checks"].finish()
    lab.until(lambda: done(panel))
    assert panel.rows["initial_loss"].mark.text() == "✓"


def test_what_cannot_be_trained_is_said_in_the_panel(open_laboratory) -> None:
    lab = open_laboratory(experiment(batch_size=100_000))
    panel = open_panel(lab)
    lab.click(panel.rows["initial_loss"].button)
    lab.until(lambda: not panel.error.isHidden(), 30)
    assert "batch size must be at most" in panel.error.text()
    assert done(panel)
