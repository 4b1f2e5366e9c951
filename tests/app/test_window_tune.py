"""Fair mode in the window: one button, one edit, and an undo that brings everything back."""

import os
import signal
from typing import Any

from msgspec.structs import replace
from PySide6.QtCore import Qt

from app.tune_job import TuneJob
from app.views.tune_panel import TunePanel
from core.descent import descend
from core.experiment import Experiment, TuneSettings
from core.search import tune
from core.surface import SurfaceSpec
from tests.app.laboratory_driver import Driver, small_experiment


def experiment(**changes: Any) -> Experiment:
    base = small_experiment().with_surface(SurfaceSpec("beale"))
    return replace(base, **{"steps": 60, "tuning": TuneSettings(budget=8), **changes})


def open_panel(lab: Driver) -> TunePanel:
    panel = lab.window.show_panel("tune")
    assert isinstance(panel, TunePanel)
    lab.process_events()
    return panel


def tuned(lab: Driver, panel: TunePanel) -> None:
    lab.click(panel.tune)
    assert panel.tune.text() == "Stop"
    lab.until(lambda: panel.tune.text() != "Stop", 60)


def losses(shown: Experiment) -> dict[str, list[float]]:
    result = descend(shown.descent())
    found: dict[str, list[float]] = {}
    for run in result.runs:
        found.setdefault(run.method.optimizer.id, []).append(float(run.losses[-1]))
    return found


def test_one_edit_sets_what_the_search_found_and_undo_brings_back_what_was(open_laboratory) -> None:
    lab = open_laboratory(experiment())
    panel = open_panel(lab)
    before, edits = lab.experiment, []
    lab.laboratory.document.changed.connect(lambda *pair: edits.append(pair))
    expected = tune(before.tune())
    tuned(lab, panel)
    assert len(edits) == 1
    assert lab.experiment == before.with_methods(expected.methods)
    assert panel.sentence.text() == expected.sentence
    assert panel.table.rowCount() == 6
    assert panel.table.item(0, 0).text() == "SGD"
    assert panel.table.item(0, 5).text() == "8"
    old, new = losses(before), losses(lab.experiment)
    assert all(new[key][0] <= old[key][0] for key in old)
    assert any(new[key][0] < old[key][0] for key in old)
    lab.click(panel.undo)
    assert lab.experiment == before
    assert not panel.undo.isEnabled()


def test_the_curves_mark_what_is_set_now(open_laboratory) -> None:
    lab = open_laboratory(experiment())
    panel = open_panel(lab)
    tuned(lab, panel)
    curves = panel.plot._marks._curves
    assert [curve.name for curve in curves][:2] == ["SGD", "Momentum"]
    assert curves[0].current == lab.experiment.method("sgd").values()["learning_rate"]
    lab.type_into(lab.window.optimizers.rows["sgd"].rate.box, "0.0123")
    assert panel.plot._marks._curves[0].current == 0.0123


def test_several_starts_other_numbers_and_noise(open_laboratory) -> None:
    lab = open_laboratory(experiment(starts=((1.0, 1.0), (-2.0, 2.0)), noise=0.1))
    panel = open_panel(lab)
    lab.click(panel.more)
    lab.click(panel.what["momentum"])
    assert lab.experiment.tuning.what == ("learning_rate", "momentum")
    expected = lab.experiment.with_methods(tune(lab.experiment.tune()).methods)
    tuned(lab, panel)
    assert lab.experiment == expected
    assert panel.table.item(1, 1).text().endswith(" · 0.9")
    assert "momentum" in panel.table.item(1, 1).toolTip()


def test_a_search_can_be_stopped_and_keeps_the_best_so_far(open_laboratory) -> None:
    lab = open_laboratory(experiment(steps=2000, tuning=TuneSettings(budget=400)))
    panel = open_panel(lab)
    before = losses(lab.experiment)
    lab.click(panel.tune)
    lab.until(lambda: panel.progress.value() > 0, 60)
    lab.click(panel.tune)
    lab.until(lambda: panel.tune.text() != "Stop", 60)
    assert panel.sentence.text().startswith("Stopped after")
    after = losses(lab.experiment)
    assert all(after[key][0] <= before[key][0] for key in before)


def test_an_edit_of_what_is_tuned_ends_the_search_and_its_result_never_appears(open_laboratory) -> None:
    lab = open_laboratory(experiment(steps=2000, tuning=TuneSettings(budget=400)))
    panel = open_panel(lab)
    lab.click(panel.tune)
    lab.until(lambda: panel.progress.value() > 0, 60)
    lab.drag_ring(lab.pixel_of(2.0, -2.0))
    assert panel.tune.text() != "Stop"
    assert "changed" in panel.error.text()
    moved = lab.experiment
    lab.laboratory.document.replace(replace(moved, steps=20, tuning=TuneSettings(budget=5)))
    asked = lab.experiment
    tuned(lab, panel)  # the answer to the first search comes before that to the second
    assert lab.experiment == asked.with_methods(tune(asked.tune()).methods)


def test_a_killed_process_is_said_and_the_button_begins_again(open_laboratory) -> None:
    lab = open_laboratory(experiment(steps=2000, tuning=TuneSettings(budget=400)))
    panel = open_panel(lab)
    before = lab.experiment
    lab.click(panel.tune)
    lab.until(lambda: panel.progress.value() > 0, 60)
    os.kill(lab.laboratory.helper(TuneJob, lambda: None).channel.pid, signal.SIGKILL)
    lab.until(lambda: panel.tune.text() != "Stop", 60)
    assert "ended unexpectedly" in panel.error.text()
    assert lab.experiment == before
    lab.laboratory.document.replace(replace(before, steps=20, tuning=TuneSettings(budget=5)))
    tuned(lab, panel)
    assert panel.table.rowCount() == 6


def test_nothing_switched_on_leaves_nothing_to_tune(open_laboratory) -> None:
    lab = open_laboratory(experiment())
    panel = open_panel(lab)
    for row in lab.window.optimizers.rows.values():
        if row.switch.isChecked():
            row.switch.setFocus()
            lab.key(Qt.Key.Key_Space, row.switch)
    assert not any(contender.enabled for contender in lab.experiment.contenders)
    assert not panel.tune.isEnabled()


def test_another_surface_forgets_what_was_found(open_laboratory) -> None:
    lab = open_laboratory(experiment())
    panel = open_panel(lab)
    tuned(lab, panel)
    lab.choose(lab.window.surface.chooser, "sphere")
    assert not panel.undo.isEnabled()
    assert not panel.table.isVisible()
