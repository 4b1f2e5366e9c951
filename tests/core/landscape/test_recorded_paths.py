"""Paths read from a recorded run are those that training passes through, wherever the run stands."""

import numpy as np
import pytest
from msgspec.structs import replace

from core.choice import Choice
from core.errors import InputError
from core.landscape import LandscapeSpec, landscape_plane, recorded_paths, remarks
from core.network.spec import NetworkSpec
from core.optimizer import MethodSpec
from core.training import Recorder, TrainingRun
from tests.training_specs import training

TRAINING = training(
    dataset=Choice("moons", {"samples": 200}), initializers=(Choice("xavier_normal"), Choice("he_normal")),
    network=NetworkSpec(layers=2, units=6), batch_size=20, epochs=4, dtype="float64",
)  # fmt: skip
FIRST = TRAINING.variants[0]
WILD = replace(FIRST, method=MethodSpec(Choice("sgd", {"learning_rate": 1e300})), l2=1e6)


def recorded(spec=TRAINING, steps: int | None = None) -> Recorder:
    recorder = Recorder(TrainingRun(spec))
    while not recorder.finished and recorder.recorded != steps:
        recorder.step()
    return recorder


def parameters_by_step(spec) -> list[dict[str, np.ndarray]]:
    run, found = TrainingRun(spec), []
    while True:
        found.append({each.name: each.network.vector.values.copy() for each in run.trainees})
        if run.finished:
            return found
        run.step()


def test_every_point_is_where_training_passes():
    known = parameters_by_step(TRAINING)
    trained = recorded_paths(LandscapeSpec(TRAINING, 1), recorded())
    assert [path.place for path in trained.paths] == [0, 1]
    for path in trained.paths:
        assert path.steps[0] == 0
        assert path.steps[-1] == path.steps[path.at] == len(known) - 1
        for step, parameters in zip(path.steps.tolist(), path.parameters, strict=True):
            np.testing.assert_array_equal(parameters, known[step][path.name])


def test_the_centre_is_where_the_run_was_taken_back_to_and_the_path_goes_on_beyond_it():
    recorder = recorded()
    recorder.go(7)
    trained = recorded_paths(LandscapeSpec(TRAINING, 1), recorder)
    expected = parameters_by_step(TRAINING)[7][trained.centre.name]
    np.testing.assert_array_equal(trained.centre.current, expected)
    assert trained.centre.steps[trained.centre.at] == 7
    assert trained.centre.steps[-1] == recorder.recorded
    assert recorder.run.step_index == 7
    plane = landscape_plane(trained)
    np.testing.assert_array_equal(plane.centre, expected)
    here = plane.paths[1].steps.tolist().index(7)
    assert (plane.paths[1].x[here], plane.paths[1].y[here]) == pytest.approx((0.0, 0.0), abs=1e-12)


def test_one_step_is_enough_and_none_is_refused():
    short = recorded(steps=1)
    plane = landscape_plane(recorded_paths(LandscapeSpec(TRAINING), short))
    assert [path.steps.tolist() for path in plane.paths] == [[0, 1], [0, 1]]
    assert np.isfinite(plane.directions).all()
    with pytest.raises(InputError, match="train the networks first"):
        recorded_paths(LandscapeSpec(TRAINING), Recorder(TrainingRun(TRAINING)))


def test_a_network_that_diverges_stands_aside_and_is_named():
    spec = replace(TRAINING, variants=(WILD, TRAINING.variants[1]))
    recorder = recorded(spec)
    with pytest.raises(InputError, match="diverged at step"):
        recorded_paths(LandscapeSpec(spec, 0), recorder)
    plane = landscape_plane(recorded_paths(LandscapeSpec(spec, 1), recorder))
    assert [path.place for path in plane.paths] == [1]
    assert [reason for _, reason in plane.left_out] == ["diverges"]
    assert "since they diverge: wild" in remarks(plane, ("wild", "calm"))[-1]


def test_before_it_diverges_a_network_has_a_landscape_of_the_way_to_there():
    slower = replace(WILD, method=MethodSpec(Choice("sgd", {"learning_rate": 1e10})))
    spec = replace(TRAINING, variants=(slower,))
    recorder = recorded(spec)
    last = recorder.recorded
    assert recorder.run.trainees[0].diverged_at == last > 2
    recorder.go(2)
    trained = recorded_paths(LandscapeSpec(spec, 0), recorder)
    assert trained.centre.diverged_at == last
    assert trained.centre.steps.max() == 2


def test_networks_of_another_shape_or_other_data_are_left_out_with_their_present_weights():
    other = replace(FIRST, network=replace(FIRST.network, units=7))
    raw = replace(FIRST, preprocessing="none")
    spec = replace(TRAINING, variants=(FIRST, other, raw))
    recorder = recorded(spec)
    trained = recorded_paths(LandscapeSpec(spec, 0), recorder)
    assert [path.place for path in trained.paths] == [0]
    assert [path.place for path in trained.others] == [1, 2]
    for path in trained.others:
        present = recorder.run.trainees[path.place].network.vector.values
        np.testing.assert_array_equal(path.current, present)
        assert len(path.parameters) == 1
    assert [reason for _, reason in landscape_plane(trained).left_out] == ["shape", "shape"]


def test_the_plane_of_its_own_path_holds_the_networks_that_begin_where_it_did():
    other = replace(FIRST, method=MethodSpec(Choice("sgd", {"learning_rate": 0.1})))
    spec = replace(TRAINING, variants=(FIRST, other, TRAINING.variants[1]))
    plane = landscape_plane(recorded_paths(LandscapeSpec(spec, 0, "own"), recorded(spec)))
    assert [path.place for path in plane.paths] == [0, 1]
    assert [reason for _, reason in plane.left_out] == ["start"]
    starts = [(path.x[0], path.y[0]) for path in plane.paths]
    assert starts[0] == pytest.approx(starts[1], abs=1e-9)
    everything = landscape_plane(recorded_paths(LandscapeSpec(spec, 0, "path"), recorded(spec)))
    assert len(everything.paths) == 3
