"""A million steps, or a hundred paths of ten thousand: memory stays within what is said of it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.trials import Trial

MEASURE = """
import gc, sys
from core.choice import Choice
from core.descent import DescentSpec, descend
from core.optimizer import MethodSpec, basic_optimizers
from core.surface import SurfaceSpec, surfaces

def megabytes(what):
    # Not resource.getrusage: a process begins with the most that its parent had.
    with open("/proc/self/status") as lines:
        return int(next(line.split()[1] for line in lines if line.startswith(what))) / 1024

steps, paths = int(sys.argv[1]), int(sys.argv[2])
rates = surfaces()["rosenbrock"].learning_rates
methods = tuple(MethodSpec(Choice(key, {"learning_rate": rates[key]})) for key in basic_optimizers())
if paths > 1:
    methods = methods[-1:]
starts = tuple((-1.5 + 0.03 * place, 2.0) for place in range(paths))
spec = DescentSpec(SurfaceSpec("rosenbrock"), methods, starts, 100)
descend(spec)
peak, kept = megabytes('VmHWM'), megabytes('VmRSS')
result = descend(DescentSpec(SurfaceSpec("rosenbrock"), methods, starts, steps))
assert all(run.steps == steps for run in result.runs)
gc.collect()
print(len(result.runs), megabytes('VmHWM') - peak, megabytes('VmRSS') - kept)
"""
KEPT = 64
"""Bytes of a point of a path at most: x, y, loss, gradient and its norm, and the rate of its step."""
BESIDE = 400
"""Bytes of a point while its run is computed: Python's numbers, of one run at a time."""


def measured(steps: int, paths: int) -> tuple[int, float, float]:
    """Runs, and megabytes: the most that was ever taken, and what is kept."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(steps), str(paths)],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    runs, peak, kept = done.stdout.split()
    return int(runs), float(peak), float(kept)


@pytest.mark.trial
@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux")
@pytest.mark.parametrize("paths", [1, 100], ids=["long", "many"])
def test_long_runs_take_bounded_memory(paths: int, trial: Trial) -> None:
    steps = trial.times(100_000, 1_000_000) if paths == 1 else trial.times(1_000, 10_000)
    runs, peak, kept = measured(steps, paths)
    points = runs * steps
    slack = 30
    assert points * 40 / 1e6 - slack < kept < points * KEPT / 1e6 + slack
    assert kept <= peak + slack
    assert peak < (points * KEPT + steps * BESIDE) / 1e6 + slack
    trial.tell(f"{runs} runs of {steps:,} steps: {kept:.0f} MB kept, {peak:.0f} MB at most on the way")
