"""Going back to any step of a run, and on from there with the same numbers to the last bit."""

import math

import msgspec
import numpy as np
import pytest

from core.choice import Choice
from core.network.layers import batch_norm
from core.optimizer import MethodSpec, network_optimizers
from core.training import TrainingRun, TrainingSpec
from core.training.trainee import Trainee
from tests.core.recorded_runs import (
    NETWORK,
    SPEC,
    changed,
    diverging,
    known,
    record,
    recorder_of,
    state,
    states,
)

SCHEDULES = {
    "constant": {},
    "cosine with warm-up": {"schedule": Choice("cosine", {"warmup_steps": 4})},
    "momentum ramp": {"momentum_schedule": Choice("linear")},
}


def assert_goes_back_exactly(spec: TrainingSpec, seconds: float = 0.01) -> None:
    straight = states(spec)
    recorder = record(spec, seconds)
    everything = known(recorder.run)
    last = len(straight) - 1
    assert recorder.recorded == last
    rng = np.random.default_rng(1)
    for step in [0, last, 1, last // 2, last // 2 + 1, last - 1, *rng.integers(0, last + 1, 8)]:
        recorder.go(int(step))
        assert state(recorder.run) == straight[step]
        assert known(recorder.run) == everything, "what is known of later steps stays"
    recorder.go(last // 3)
    while not recorder.run.finished:
        recorder.step()
        assert state(recorder.run) == straight[recorder.run.step_index]
    assert known(recorder.run) == everything, "the same evaluations and series once more"


@pytest.mark.parametrize("place", ["off", "before", "after"])
@pytest.mark.parametrize("optimizer", network_optimizers())
def test_every_optimizer_goes_back_and_on_exactly(optimizer, place):
    method = MethodSpec(Choice(optimizer, {"learning_rate": 0.02}))
    network = msgspec.structs.replace(NETWORK, batch_norm=place)
    assert_goes_back_exactly(changed(method=method, network=network))


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_schedules_go_back_and_on_exactly(schedule, dtype):
    method = MethodSpec(Choice("momentum", {"learning_rate": 0.05}), **SCHEDULES[schedule])
    assert_goes_back_exactly(changed(method=method, dtype=dtype))


def test_learned_slopes_and_a_penalty_go_back_and_on_exactly():
    network = msgspec.structs.replace(NETWORK, activation=Choice("prelu"))
    assert_goes_back_exactly(changed(network=network, l2=0.01))


NOISY = {
    "dropout": {"network": msgspec.structs.replace(NETWORK, dropout=0.3)},
    "DropConnect": {"network": msgspec.structs.replace(NETWORK, batch_norm="off", drop_connect=0.3)},
    "mixup and clipping": {"mixup": 0.4, "clip": 0.5, "l1": 1e-3},
    "moved images": {"dataset": Choice("digits"), "batch_size": 300, "shift": 1.0, "rotate": 10.0},
    "whitening": {"preprocessing": "whitening"},
}


@pytest.mark.parametrize("what", NOISY)
def test_what_is_drawn_at_random_is_drawn_again(what):
    assert_goes_back_exactly(changed(**NOISY[what]))


@pytest.mark.parametrize("batch_size", [80, 79, 7])
def test_epochs_of_one_and_of_many_steps_go_back_exactly(batch_size):
    assert_goes_back_exactly(changed(batch_size=batch_size))


@pytest.mark.parametrize("seconds", [1e-6, 0.002, 0.5])
def test_whatever_the_spacing_steps_are_the_same(seconds):
    assert_goes_back_exactly(SPEC, seconds)


def test_a_run_goes_back_before_and_after_the_divergence_of_one_network():
    run = TrainingRun(diverging())
    while not run.finished:
        run.step()
    wild, calm = run.frame().networks
    assert (wild.outcome, calm.outcome) == ("diverged", "completed")
    assert 1 < wild.diverged_at < run.steps - 3
    recorder = record(diverging(), 0.01)
    recorder.go(wild.diverged_at - 1)
    assert recorder.run.frame().networks[0].outcome == "training"
    recorder.go(wild.diverged_at)
    assert recorder.run.frame().networks[0].message == wild.message
    assert_goes_back_exactly(diverging())


def test_divergence_seen_in_an_evaluation_is_seen_again_without_one(monkeypatch):
    """A running variance that overflows shows in the evaluation after an epoch."""
    recorder = recorder_of(changed(variants=SPEC.variants[:1]), 1e-6)
    run = recorder.run
    trainee = run._trainees[0]
    at = 2 * run.steps_per_epoch
    evaluate = trainee.network.evaluate
    monkeypatch.setattr(
        trainee.network,
        "evaluate",
        lambda *data: (math.inf, 0.0) if run.step_index == at else evaluate(*data),
    )
    while not run.finished:
        recorder.step()
    assert trainee.diverged_at == at
    message = trainee.message
    recorder.go(at - 1)
    assert trainee.outcome == "training"
    monkeypatch.setattr(trainee.network, "evaluate", lambda *_: pytest.fail("it is known already"))
    recorder.go(at)
    assert (trainee.outcome, trainee.message) == ("diverged", message)


def test_streams_that_training_draws_from_go_back_too(monkeypatch):
    """As masks of dropout do: what a step draws depends on where the stream is."""
    stream, drawn = np.random.default_rng(3), {}
    monkeypatch.setattr(Trainee, "masks", stream)
    recorder = recorder_of(changed(variants=SPEC.variants[:1]), 0.01)
    run = recorder.run
    trainee = run._trainees[0]
    step = trainee.step

    def drawing(x, labels, t):
        drawn.setdefault(t, []).append(stream.random())
        step(x, labels, t)

    monkeypatch.setattr(trainee, "step", drawing)
    while not run.finished:
        recorder.step()
    for target in (5, 14, 2, run.steps):
        recorder.go(target)
    assert any(len(values) > 1 for values in drawn.values())
    assert all(len(set(values)) == 1 for values in drawn.values())


def test_running_averages_are_part_of_it():
    """What evaluation uses, not only what training does."""
    assert batch_norm.MOMENTUM < 1
    recorder = record(SPEC)
    recorder.go(5)
    averages = [t.network.statistics.running_mean.copy() for t in recorder.run._trainees]
    recorder.go(10)
    assert not np.array_equal(averages[0], recorder.run._trainees[0].network.statistics.running_mean)
    recorder.go(5)
    for trainee, before in zip(recorder.run._trainees, averages, strict=True):
        np.testing.assert_array_equal(trainee.network.statistics.running_mean, before)
