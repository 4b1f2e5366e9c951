"""Trials of reliability: hours of use, and very long runs, cost no more than the first minutes."""

import gc
import os
import random
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor

from app.plots.trail_layer import Trail
from app.server_processes import map_process
from app.training_job import ProcessChannel
from tests.app.laboratory_driver import Driver, small_experiment
from tests.trials import Trial

pytestmark = [
    pytest.mark.trial,
    pytest.mark.skipif(sys.platform != "linux", reason="only on Linux"),
    pytest.mark.timeout(3600),
]
SEED = 50
A_MINUTE = 0.2
"""MB that the memory may grow by in a minute."""
AT_ONCE = 3.0
"""MB that it may grow by in the few seconds of the short form: pages that Python and Qt have in reserve."""


def memory() -> float:
    """MB of this process that are in the machine's memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6


def use(lab: Driver, draw: random.Random, seconds: float) -> None:
    """Play, train and drag the start point."""
    lab.laboratory.playback.set_loop(True)
    lab.laboratory.playback.play()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        training = lab.laboratory.training
        if not training.running:
            training.reset()
            training.train()
        size = lab.plot.viewport().size()
        to = QPoint(draw.randrange(60, size.width() - 60), draw.randrange(60, size.height() - 60))
        lab.drag_ring(to)
        for _ in range(20):
            lab.process_events()
        if not lab.laboratory.playback.playing:
            lab.laboratory.playback.play()


def rest(lab: Driver) -> None:
    """Come to rest in the same state every time, so that what is left over can be counted."""
    laboratory = lab.laboratory
    laboratory.playback.pause()
    laboratory.training.reset()
    lab.drag_ring(lab.plot.viewport().rect().center())
    lab.until(lambda: laboratory.training.is_settled and not laboratory.descents.busy)
    lab.until_diagnosed()
    lab.process_events()
    gc.collect()


def state() -> tuple[int, int]:
    """Open files, and threads."""
    return len(list(Path("/proc/self/fd").iterdir())), threading.active_count()


def test_minutes_of_play_training_and_dragging_cost_no_memory(
    open_laboratory: Callable[..., Any], trial: Trial
) -> None:
    lab = open_laboratory(channel=ProcessChannel, executor=None, open_maps=map_process, playing=True)
    draw, seconds = random.Random(SEED), trial.times(3, 600)
    use(lab, draw, trial.times(2, 120))
    rest(lab)
    before, files, nothing = memory(), state(), sys.getrefcount(None)
    use(lab, draw, seconds)
    rest(lab)
    grown, lost = memory() - before, nothing - sys.getrefcount(None)
    trial.tell(
        f"{seconds} s: {60 * grown / seconds:+.2f} MB a minute, files and threads {files} -> {state()},"
        f" references to None {-lost:+}"
    )
    assert grown <= max(A_MINUTE * seconds / 60, 0 if trial.full else AT_ONCE)
    assert state() == files
    assert lost <= 0


def test_a_hundred_long_trails_are_drawn(lab: Driver, trial: Trial) -> None:
    """10,000 points each: bounded memory, and the window answers."""
    count, points = trial.times(20, 100), trial.times(2_000, 10_000)
    draw = np.random.default_rng(SEED)
    walks = [draw.normal(0.0, 0.05, (points, 2)).cumsum(axis=0) for _ in range(count)]
    trails = [Trail(walk, QColor("#0072b2"), place % 6) for place, walk in enumerate(walks)]
    before = memory()
    began = time.thread_time()
    lab.plot.set_trails([], trails)
    slowest = 0.0
    for step in np.linspace(0, points - 1, 20).astype(int):
        frame = time.thread_time()
        lab.plot.set_step(int(step))
        lab.plot.grab()
        lab.process_events()
        slowest = max(slowest, time.thread_time() - frame)
    trial.tell(
        f"{count} paths of {points:,} points: {time.thread_time() - began:.1f} s, the slowest frame"
        f" {1000 * slowest:.0f} ms, {memory() - before:.0f} MB"
    )
    assert slowest < 1.0, "the window answers"
    assert memory() - before < 400


def test_very_many_steps_leave_the_window_alive(open_laboratory: Callable[..., Any], trial: Trial) -> None:
    steps = trial.times(20_000, 1_000_000)
    lab = open_laboratory(replace(small_experiment(), steps=steps), executor=None)
    before = memory()
    lab.until(lambda: lab.laboratory.playback.steps > 0 and not lab.laboratory.descents_job.busy, 600)
    lab.laboratory.playback.go(lab.laboratory.playback.steps)
    lab.plot.grab()
    lab.process_events()
    trial.tell(f"{steps:,} steps asked for, {lab.laboratory.playback.steps:,} shown,"
               f" {memory() - before:.0f} MB")  # fmt: skip
    assert lab.window.isVisible()
    assert memory() - before < 1000
