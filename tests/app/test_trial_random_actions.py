"""A trial of reliability: nothing that anybody does in any order breaks the window."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog

from app.server_processes import map_process
from app.training_job import ProcessChannel
from tests.app.monkey import Monkey, Watch
from tests.trials import Trial

SEED = 20
LONGEST = 1.0
"""Seconds of the window's own time that an action may take."""
MOST = 5
"""Faults after which one looks into them first."""


@pytest.fixture
def watch() -> Iterator[Watch]:
    result = Watch(LONGEST)
    yield result
    result.close()


@pytest.mark.trial
@pytest.mark.timeout(3600)
def test_random_actions_break_nothing(
    open_laboratory: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    qtlog: Any,
    qtbot: Any,
    watch: Watch,
    trial: Trial,
) -> None:
    """Files are left out: what a dialog of the system would choose is another trial's."""
    monkeypatch.setattr(QFileDialog, "open", _cancel)
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: True)
    times = trial.times(60, 10_000)
    lab = open_laboratory(channel=ProcessChannel, executor=None, open_maps=map_process, playing=True)
    lab.window.may_close = lambda: False
    monkey = Monkey(lab, SEED)
    reports: list[str] = []
    heard: list[Any] = []
    for number in range(times):
        with qtbot.captureExceptions() as faults:
            took = watch.measure(monkey.act)
        said = [each for each in qtlog.records if not each.ignored][len(heard) :]
        heard += said
        if faults or said or took > LONGEST:
            reports.append(_report(monkey, number, took, watch, faults, said))
        if len(reports) == MOST:
            break
        if number % 500 == 499:  # not for ever in the corner where it has got stuck
            lab.window.reset_layout()
    lab.window.may_close = lambda: True
    assert not reports, "\n\n".join(reports)
    trial.tell(f"{times} actions from the seed {SEED}, the longest {1000 * watch.worst:.0f} ms")


def _cancel(dialog: QFileDialog) -> None:
    dialog.reject()
    dialog.deleteLater()


def _report(
    monkey: Monkey, number: int, took: float, watch: Watch, faults: list[Any], said: list[Any]
) -> str:
    import traceback

    lines = [f"Seed {SEED}, action {number + 1}, {took:.2f} s. The last ones:", *monkey.last]
    lines += ["".join(traceback.format_exception(*fault)) for fault in faults]
    lines += [f"Qt says: {record.message}" for record in said]
    return "\n".join([*lines, watch.place])
