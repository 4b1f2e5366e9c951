"""What a run has cost: steps, epochs, gradients, seconds."""

import numpy as np
import pytest

from core.choice import Choice
from core.descent import DescentSpec, Trajectory, descend
from core.effort import MEASURES, effort, gradient_seconds, update_seconds
from core.optimizer import OPTIMIZERS, MethodSpec
from core.surface import SurfaceSpec


def run(key: str = "cross_entropy", size: int = 0, steps: int = 30, optimizer: str = "sgd") -> Trajectory:
    method = MethodSpec(Choice(optimizer, {"learning_rate": 0.01}))
    spec = DescentSpec(SurfaceSpec(key), (method,), ((0.5, 0.5),), steps, batch_size=size)
    return descend(spec).runs[0]


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize(("key", "size"), [("cross_entropy", 0), ("cross_entropy", 7), ("himmelblau", 0)])
def test_every_measure_begins_at_0_and_grows_with_every_step(measure: str, key: str, size: int) -> None:
    cost = effort(run(key, size), measure)
    assert cost.shape == (31,)
    assert cost[0] == 0.0
    assert (np.diff(cost) > 0.0).all()


def test_an_epoch_is_once_through_all_samples() -> None:
    few = run(size=7)  # 60 samples: 8 batches of 7 and one of 4
    assert effort(few, "epochs")[[0, 9, 18, 27]].tolist() == [0.0, 1.0, 2.0, 3.0]
    assert effort(few, "evaluations")[[1, 8, 9, 10]].tolist() == [7.0, 56.0, 60.0, 67.0]
    assert effort(run(), "epochs")[-1] == 30.0
    assert effort(run(), "evaluations")[-1] == 30.0 * 60.0


def test_a_formula_is_evaluated_once_a_step() -> None:
    for measure in ("steps", "epochs", "evaluations"):
        assert effort(run("himmelblau"), measure).tolist() == list(range(31))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_seconds_are_those_of_the_gradients_and_of_the_updates(optimizer: str) -> None:
    for size in (0, 7):
        made = run(size=size, optimizer=optimizer)
        each, update = gradient_seconds(made), update_seconds(made)
        assert 0.0 < each < 1e-3
        assert 0.0 < update < 1e-3
        expected = effort(made, "evaluations") * each + effort(made, "steps") * update
        np.testing.assert_allclose(effort(made, "seconds"), expected, rtol=1e-12)


def test_a_step_with_a_small_batch_is_cheaper_and_an_epoch_of_them_is_not() -> None:
    small, whole = effort(run(size=1, steps=60), "seconds"), effort(run(), "seconds")
    assert small[1] < 0.5 * whole[1]
    assert small[60] > whole[1]
