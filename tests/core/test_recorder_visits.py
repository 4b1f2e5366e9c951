"""Looking at earlier steps of a run without leaving the present one."""

import pytest

from tests.core.recorded_runs import SPEC, diverging, known, record, state, states


@pytest.mark.parametrize("seconds", [0.0001, 0.01, 1.0], ids=["one snapshot", "some", "one a step"])
@pytest.mark.parametrize("spec", [SPEC, diverging()], ids=["completed", "diverged"])
def test_a_visit_sees_a_step_as_it_was_and_changes_nothing(spec, seconds):
    straight, recorder = states(spec), record(spec, seconds)
    everything = known(recorder.run)
    for home in (recorder.recorded, recorder.recorded // 2):
        recorder.go(home)
        milestones = recorder.milestones(5)
        assert (milestones[0], milestones[-1]) == (0, recorder.recorded)
        assert 2 < len(milestones) <= 5
        assert milestones == sorted(set(milestones))
        for step in milestones:
            with recorder.visiting(step) as run:
                assert state(run) == straight[step]
            assert state(recorder.run) == straight[home]
            assert known(recorder.run) == everything
    recorder.go(recorder.recorded // 3)
    while not recorder.run.finished:
        recorder.step()
        assert state(recorder.run) == straight[recorder.run.step_index]


def test_a_look_that_fails_leaves_the_run_where_it_was():
    recorder = record(SPEC)
    before = state(recorder.run)
    with pytest.raises(RuntimeError), recorder.visiting(1):
        raise RuntimeError
    assert state(recorder.run) == before
