"""Going back to any step of a run, and on from there with the same numbers to the last bit."""

import errno
import itertools
import math
import subprocess
import sys

import msgspec
import numpy as np
import pytest

from core.choice import Choice
from core.network.layers import batch_norm
from core.optimizer import MethodSpec, network_optimizers
from core.training import NetworkSpec, Recorder, TrainingRun, TrainingSpec, alike
from core.training.snapshot_store import SnapshotStore
from core.training.trainee import Trainee
from tests.training_specs import training

NETWORK = NetworkSpec(layers=2, units=8, activation=Choice("tanh"), batch_norm="before")
SPEC = TrainingSpec(
    dataset=Choice("moons", {"samples": 100}),
    variants=alike(
        (Choice("xavier_normal"), Choice("he_normal")),
        network=NETWORK,
        method=MethodSpec(Choice("momentum", {"learning_rate": 0.05})),
    ),
    batch_size=30,
    epochs=6,
)


def changed(**fields) -> TrainingSpec:
    return training(SPEC, **fields)


class TimedRun(TrainingRun):
    """A run whose steps take a given time, of its own clock; all else takes none."""

    def __init__(self, spec: TrainingSpec, seconds: float) -> None:
        super().__init__(spec)
        self.now, self.seconds = 0.0, seconds

    def advance(self) -> None:
        super().advance()
        self.now += self.seconds

    def clock(self) -> float:
        return self.now


def recorder_of(spec: TrainingSpec, seconds: float = 0.001, **options) -> Recorder:
    """The smaller `seconds` a step takes, the further apart are the snapshots."""
    run = TimedRun(spec, seconds)
    return Recorder(run, clock=run.clock, **options)


def record(spec: TrainingSpec, seconds: float = 0.001, **options) -> Recorder:
    recorder = recorder_of(spec, seconds, **options)
    while not recorder.run.finished:
        recorder.step()
    return recorder


def state(run: TrainingRun):
    """All that there is to a run."""
    snapshot = run.snapshot()
    frame = run.frame()
    return {
        "step": snapshot.step,
        "numbers": snapshot.numbers.tobytes(),
        "shuffles": repr(snapshot.shuffles),
        "fortunes": repr(snapshot.fortunes),
        "frame": repr([(n.outcome, n.message, n.batch_loss, n.record) for n in frame.networks]),
        "statistics": [cell.counts.tolist() for n in frame.networks for cell in n.statistics],
    }


def known(run: TrainingRun):
    return repr(run.records), {name: series.rows.tobytes() for name, series in run.series.items()}


def states(spec: TrainingSpec) -> list:
    """Of every step of a run that is never taken back."""
    run = TrainingRun(spec)
    found = [state(run)]
    while not run.finished:
        run.step()
        found.append(state(run))
    return found


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


def diverging() -> TrainingSpec:
    """The first network overflows after some steps, the second goes on."""
    network = msgspec.structs.replace(NETWORK, batch_norm="off", activation=Choice("leaky_relu"))
    wild, calm = SPEC.variants
    wild = msgspec.structs.replace(
        wild, network=network, initializer=Choice("large_normal", {"std": 1.0}),
        method=MethodSpec(Choice("sgd", {"learning_rate": 10.0})),
    )  # fmt: skip
    return changed(variants=(wild, calm))


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
    monkeypatch.setattr(Trainee, "streams", (stream,))
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


# ------------------------------------------------------------ what is kept


def test_training_on_forgets_what_came_later():
    recorder = record(SPEC)
    recorder.go(7)
    assert recorder.recorded == recorder.run.steps
    recorder.step()
    assert recorder.recorded == recorder.run.step_index == 8
    assert max(r.step for r in recorder.run.records) <= 8
    assert {series.last for series in recorder.run.series.values()} == {8}
    recorder.go(recorder.run.steps)
    assert recorder.run.step_index == 8, "it was not recorded further"


@pytest.mark.parametrize(("step", "least", "most"), [(0.001, 39, 40), (0.01, 3, 4), (0.1, 1, 1), (3.0, 1, 1)])
def test_snapshots_are_as_far_apart_as_the_steps_between_can_be_made_again(step, least, most):
    assert least <= record(SPEC, step).spacing <= most


def test_snapshots_that_take_long_are_fewer_but_not_many_fewer():
    recorder = recorder_of(SPEC, 0.1)
    snapshot, taken = recorder.run.snapshot, 0.025

    def slow():
        recorder.run.now += taken
        return snapshot()

    recorder.run.snapshot = slow
    for _ in range(16):
        recorder._save()
    recorder.step()
    assert recorder.spacing == round(0.025 / (0.1 * 0.1))
    taken = 10.0
    for _ in range(16):
        recorder._save()
    assert recorder.spacing == 4


def test_showing_takes_its_share_of_the_time():
    recorder = record(SPEC, 0.001)
    before = recorder.spacing
    recorder.overhead = 0.02
    assert recorder.spacing == pytest.approx(before / 2, abs=1)


def test_a_computer_that_was_suspended_does_not_change_the_spacing():
    recorder = recorder_of(changed(epochs=20))
    for _ in range(20):
        recorder.step()
    before = recorder.spacing
    recorder.run.seconds = 3600.0
    recorder.step()
    assert recorder.spacing == before


def filled(store: SnapshotStore, count: int) -> TrainingRun:
    run = TrainingRun(changed(epochs=100))
    for _ in range(count):
        store.add(run.snapshot())
        run.step()
    return run


def size() -> int:
    return TrainingRun(SPEC).snapshot().numbers.nbytes


def test_older_snapshots_move_to_a_file_and_come_back_as_they_were(tmp_path):
    run = TrainingRun(SPEC)
    store = SnapshotStore(memory=3 * size(), disk=100 * size(), folder=tmp_path)
    taken = []
    for _ in range(10):
        taken.append(run.snapshot())
        store.add(taken[-1])
        run.step()
    assert store.bytes_in_memory == 3 * size()
    assert store.bytes_on_disk == 7 * size()
    for snapshot in taken:
        found = store.at_or_before(snapshot.step)
        assert found.numbers.tobytes() == snapshot.numbers.tobytes()
        assert (found.step, found.shuffles, repr(found.fortunes)) == (
            snapshot.step, snapshot.shuffles, repr(snapshot.fortunes)
        )  # fmt: skip
    assert not list(tmp_path.iterdir()), "the file has no name: it cannot stay behind"
    store.close()
    assert store.steps == []


def test_what_no_longer_fits_is_thinned_evenly():
    store = SnapshotStore(memory=4 * size(), disk=8 * size())
    filled(store, 200)
    assert store.dropped
    assert len(store.steps) == 12
    assert store.steps[0] == 0
    assert store.steps[-1] == 199
    gaps = np.diff(store.steps)
    assert gaps.max() <= 4 * 200 / 12
    assert store.bytes_in_memory <= 4 * size()
    assert store.bytes_on_disk <= 8 * size()
    store.close()


def test_room_of_forgotten_snapshots_is_used_again():
    store = SnapshotStore(memory=size(), disk=50 * size())
    filled(store, 20)
    before = store.bytes_on_disk
    store.forget_after(4)
    assert store.steps == [0, 1, 2, 3, 4]
    run = TrainingRun(SPEC)
    for _ in range(10):
        run.step()
        if run.step_index > 4:
            store.add(run.snapshot())
    assert store.bytes_on_disk == before
    store.close()


class FullDisk:
    """A file that grows to `room` bytes, takes a part of each write at a time, and then no more."""

    def __init__(self, file, room: int) -> None:
        self._file, self._room = file, room

    def write(self, data):
        taken = min(len(data), 1000, self._room - self._file.tell())
        if not taken:
            raise OSError(errno.ENOSPC, "No space left on device")
        return self._file.write(data[:taken])

    def __getattr__(self, name):
        return getattr(self._file, name)


def full_disk(monkeypatch, room: int) -> None:
    import tempfile

    real = tempfile.TemporaryFile
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda **options: FullDisk(real(**options), room))


KILLED = """
import sys, time
from pathlib import Path
from core.training import TrainingRun, TrainingSpec
from core.training.recorder import Recorder
recorder = Recorder(TrainingRun(TrainingSpec(epochs=1)), memory=1, folder=Path(sys.argv[1]))
while not recorder.bytes_on_disk:
    recorder.step()
print(recorder.bytes_on_disk, flush=True)
time.sleep(60)
"""


def test_a_process_that_is_killed_leaves_no_file(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert int(process.stdout.readline()) > 0
    process.kill()
    process.wait()
    process.stdout.close()
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_said_and_recording_goes_on_coarser(monkeypatch):
    full_disk(monkeypatch, 5 * size() + 7)
    recorder = record(changed(epochs=15), memory=4 * size(), seconds=0.1)
    assert "No space left on device" in recorder.note
    assert recorder.note.endswith(".")
    assert len(recorder._store.steps) == 4 + 5
    straight = states(changed(epochs=15))
    for step in (0, 3, 17, 30, 44, 45):
        recorder.go(step)
        assert state(recorder.run) == straight[step]


def test_a_folder_that_cannot_be_written_to_is_said(tmp_path):
    recorder = record(SPEC, memory=4 * size(), seconds=0.1, folder=tmp_path / "missing")
    assert "No such file" in recorder.note
    recorder.go(5)
    assert recorder.run.step_index == 5


def test_a_file_that_cannot_be_read_any_more_costs_time_only(monkeypatch):
    recorder = record(SPEC, memory=4 * size(), seconds=0.1)
    recorder._store._file.truncate(2 * size())
    straight = states(SPEC)
    for step in (9, 1, 6):
        recorder.go(step)
        assert state(recorder.run) == straight[step]
    assert "cannot be read" in recorder.note


def test_networks_too_large_to_be_kept_at_all_are_said():
    recorder = record(SPEC, memory=10, disk=10)
    assert "too large to be recorded" in recorder.note
    recorder.go(2)
    assert recorder.run.step_index == recorder.run.steps, "it stays where it is"


def test_a_long_way_back_is_said():
    recorder = record(changed(epochs=100), memory=4 * size(), disk=1, seconds=0.01)
    assert "further apart" in recorder.note
    assert record(SPEC).note == ""


def test_a_long_way_is_gone_in_slices_and_a_new_wish_counts_at_once():
    recorder = record(changed(epochs=40), memory=2 * size(), disk=1, seconds=0.01)
    recorder.seek(100)
    recorder.work(0.05)
    assert recorder.seeking
    assert 0 < recorder.run.step_index < 100
    recorder.seek(3)
    for _ in itertools.takewhile(lambda _: recorder.seeking, itertools.count()):
        recorder.work(0.05)
    assert recorder.run.step_index == 3


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
