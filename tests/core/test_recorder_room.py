"""What is kept of a run: how far apart snapshots are, and where older ones go while there is room."""

import errno
import itertools
import subprocess
import sys
import threading

import numpy as np
import pytest

from core.training import TrainingRun, TrainingSpec, snapshot_store
from core.training.snapshot import Snapshot
from core.training.snapshot_store import SnapshotStore
from tests.core.recorded_runs import SPEC, changed, record, recorder_of, state, states


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


LONG = changed(epochs=100)


def filled(store: SnapshotStore, count: int, spec: TrainingSpec = LONG) -> list[Snapshot]:
    """Snapshots before each of the first steps of a run, which the store has."""
    run, taken = TrainingRun(spec), []
    for _ in range(count):
        taken.append(run.snapshot())
        store.add(taken[-1])
        run.step()
    return taken


def size() -> int:
    return TrainingRun(SPEC).snapshot().numbers.nbytes


def test_what_is_being_written_can_be_read_and_nobody_waits_for_it(tmp_path, monkeypatch):
    write = snapshot_store._write
    may_write = threading.Event()

    def slowly(file, numbers):
        assert may_write.wait(10)
        write(file, numbers)

    monkeypatch.setattr(snapshot_store, "_write", slowly)
    store = SnapshotStore(memory=2 * size(), disk=100 * size(), folder=tmp_path)
    taken = filled(store, 3, SPEC)
    assert not may_write.is_set(), "the third is taken in before the first is written"
    may_write.set()
    for snapshot in taken:
        assert store.at_or_before(snapshot.step).numbers.tobytes() == snapshot.numbers.tobytes()
    assert store.seconds > 0
    store.close()


def test_older_snapshots_move_to_a_file_and_come_back_as_they_were(tmp_path):
    store = SnapshotStore(memory=3 * size(), disk=100 * size(), folder=tmp_path)
    taken = filled(store, 10, SPEC)
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
    recorder._store._settle()  # else the last one would be written beyond the end, after a gap
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
