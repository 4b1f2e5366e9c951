"""Networks trained at the same time, in threads: which are, and that no number depends on it."""

import threading

import numpy as np
import pytest

import core.training.lanes
import core.training.run
import core.training.spec
from core.choice import Choice
from core.network.spec import NetworkSpec
from core.training import TrainingRun, TrainingSpec, Variant
from core.training.lanes import for_each, lanes_of

WIDE = NetworkSpec(layers=6, units=256)


def test_small_networks_stay_in_one_thread():
    assert lanes_of([NetworkSpec(layers=10, units=100)] * 8, 128, threads=4) == (0,) * 8
    assert lanes_of([NetworkSpec(units=4)] * 8, 10, threads=4) == (0,) * 8
    assert set(lanes_of([NetworkSpec(units=128)] * 8, 128, threads=4)) == {0, 1, 2, 3}
    assert lanes_of([WIDE], 128, threads=4) == (0,), "there is nothing to train beside it"
    assert lanes_of([WIDE] * 8, 128, threads=1) == (0,) * 8


def test_wide_networks_are_spread_evenly_the_largest_first():
    assert sorted(lanes_of([WIDE] * 8, 128, threads=4)) == [0, 0, 1, 1, 2, 2, 3, 3]
    deep = NetworkSpec(layers=18, units=256)
    assert lanes_of([WIDE, WIDE, deep, WIDE], 128, threads=2) == (1, 1, 0, 1)
    assert max(lanes_of([WIDE] * 3, 128, threads=8)) == 2, "no lane is empty"


def test_results_come_in_the_networks_order_and_lanes_run_at_the_same_time():
    both_there = threading.Barrier(2, timeout=30)

    def meet(name: str) -> str:
        both_there.wait()  # breaks if the lanes took turns
        return name.upper()

    assert for_each(meet, ["a", "b", "c", "d"], (1, 0, 0, 1)) == ["A", "B", "C", "D"]


def test_an_error_in_a_lane_is_raised():
    with pytest.raises(ZeroDivisionError):
        for_each(lambda number: 1 / number, [1, 0], (0, 1))


def test_no_number_depends_on_the_lanes(monkeypatch):
    """Several shapes, one of them diverging (NumPy's warnings would fail the test in any thread)."""
    shapes = [
        NetworkSpec(layers=2, units=16, activation=Choice("relu"), batch_norm=place)
        for place in ("before", "after", "off", "off", "before")
    ]
    variants = [Variant(shape, Choice("he_normal")) for shape in shapes]
    variants[2] = Variant(shapes[2], Choice("large_normal", {"std": 1e25}))
    variants[4] = Variant(shapes[4], Choice("xavier_normal"))
    spec = TrainingSpec(Choice("xor"), tuple(variants), batch_size=50, epochs=2)

    def end() -> tuple[TrainingRun, list]:
        run = TrainingRun(spec)
        while not run.finished:
            run.step()
        return run, run.frame().networks

    alone, expected = end()
    monkeypatch.setattr(core.training.lanes, "_ENOUGH", 1)
    monkeypatch.setattr(core.training.lanes.os, "cpu_count", lambda: 3)
    lanes, found = end()
    assert set(lanes._lanes) == {0, 1, 2}
    assert not any(alone._lanes)
    assert repr(lanes.records) == repr(alone.records), "a diverged network's loss is not a number"
    for ours, theirs in zip(lanes._trainees, alone._trainees, strict=True):
        np.testing.assert_array_equal(ours.network.vector.values, theirs.network.vector.values)
        assert ours.message == theirs.message
    for ours, theirs in zip(found, expected, strict=True):
        for cell, other in zip(ours.statistics, theirs.statistics, strict=True):
            np.testing.assert_array_equal(cell.counts, other.counts)
    assert found[2].outcome == "diverged"


def test_lanes_whose_buffers_do_not_fit_are_given_up(monkeypatch):
    monkeypatch.setattr(core.training.lanes.os, "cpu_count", lambda: 8)
    spec = TrainingSpec(Choice("xor"), (Variant(WIDE),) * 8)
    data = core.training.spec.prepare(spec.dataset, spec.seed)
    assert len(set(core.training.spec.lanes_within_memory(spec, data))) == 8
    together = core.training.spec._memory(spec, data, (0,) * 8)
    monkeypatch.setattr(core.training.spec, "_MOST_MEMORY", together)
    assert set(core.training.spec.lanes_within_memory(spec, data)) == {0}
