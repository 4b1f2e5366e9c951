"""A trial of reliability: whichever process dies, the window lives, says so, and starts another."""

import contextlib
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from app.server_processes import map_process
from app.training_job import ProcessChannel
from core.training import NetworkSpec
from tests.app.laboratory_driver import Driver, small_experiment
from tests.app.window_run import descendants
from tests.training_specs import training
from tests.trials import Trial

SEED = 40


def workers() -> list[int]:
    """The processes that compute; not the one that looks after what they share."""
    found = []
    for pid in descendants(os.getpid()):
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            continue
        if b"spawn_main" in command:
            found.append(pid)
    return found


def sentences(lab: Driver) -> list[str]:
    """Everything that is said of a death from now on."""
    heard: list[str] = []
    laboratory = lab.laboratory
    laboratory.training.died.connect(heard.append)
    say = lab.window.say
    lab.window.say = lambda text: (heard.append(text), say(text))  # type: ignore[method-assign]
    return heard


def begin_all(lab: Driver, folder: Path) -> None:
    """Train, map, tune and encode, whatever of it is not under way."""
    window, job = lab.window, lab.laboratory.training
    if not job.running:
        job.reset()
        job.train()
    if not window.surface.tools.switches["map"].isChecked():
        window.surface.tools.switches["map"].click()
    tune = window.show_panel("tune")
    if tune.tune.text() != "Stop":
        tune.tune.click()
    films = lab.laboratory.exports.films
    if not films.job.busy:
        films._begin(".apng", folder / "film.apng")


@pytest.mark.trial
@pytest.mark.timeout(3600)
@pytest.mark.logs_errors
@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux")
def test_killed_workers_are_said_and_replaced(
    open_laboratory: Callable[..., Any], tmp_path: Path, trial: Trial
) -> None:
    times, draw = trial.times(3, 100), random.Random(SEED)
    small = small_experiment()
    network = NetworkSpec(layers=10, units=64)  # worth a helper of the training process
    long = replace(small, training=training(small.training, network=network, epochs=100_000))
    lab = open_laboratory(long, channel=ProcessChannel, executor=None, open_maps=map_process, playing=True)
    heard = sentences(lab)
    killed = 0
    while killed < times:
        begin_all(lab, tmp_path)
        lab.until(workers, 30)
        until = time.monotonic() + draw.uniform(0.0, 0.6)
        while time.monotonic() < until:
            lab.process_events()
        alive = workers()
        if not alive:
            continue
        with contextlib.suppress(ProcessLookupError):  # it may have ended by itself
            os.kill(draw.choice(alive), signal.SIGKILL)
        killed += 1
        lab.process_events()
        lab.laboratory.playback.step_by(1)
        assert lab.window.isVisible()
    begin_all(lab, tmp_path)
    lab.until(lambda: lab.laboratory.training.running and lab.laboratory.training.channel is not None, 30)
    channel = lab.laboratory.training.channel
    said = sum("unexpectedly" in each for each in heard)
    heard.clear()
    with contextlib.suppress(ProcessLookupError):  # killed a moment ago, and not noticed yet
        os.kill(channel.pid, signal.SIGKILL)
    lab.until(lambda: any("ended unexpectedly" in each for each in heard), 30)
    begin_all(lab, tmp_path)
    lab.until(lambda: lab.laboratory.training.channel not in (None, channel), 30)
    job = lab.laboratory.training
    lab.until(lambda: job._answered == job._serial, 60)
    lab.window.close()
    lab.laboratory.close()
    lab.until(lambda: not workers(), 10)
    assert {path.name for path in tmp_path.iterdir()} <= {"film.apng", "settings.ini"}, "no part of a film"
    trial.tell(f"{times} kills from the seed {SEED}, {said} deaths said, no process left, the window alive")
