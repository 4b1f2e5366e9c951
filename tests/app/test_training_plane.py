"""A plane through a recorded run: the order, its answers, and the job that asks."""

import numpy as np
import pytest
from msgspec.structs import replace

from app.training_job import ProcessChannel, TrainingJob
from app.training_server import Laid, LayPlane, Load, Report, Rewind, Seeking, Train, TrainingServer
from core.choice import Choice
from core.landscape import LandscapeSpec, landscape_plane, recorded_paths
from core.training import Recorder, TrainingRun, recorder
from tests.app.job_helpers import Heard, resting, until
from tests.app.laboratory_driver import small_experiment
from tests.app.rewound import said, slowly
from tests.training_specs import training

SPEC = training(small_experiment().training, (Choice("xavier_normal"), Choice("he_normal")), batch_size=16)


@pytest.fixture
def server():
    server = TrainingServer()
    server.handle(Load(1, 1, SPEC))
    return server


def trained(server: TrainingServer) -> TrainingServer:
    server.handle(Train(2))
    said(server)
    return server


def test_the_plane_follows_the_answer_and_is_that_of_the_recorded_run(server):
    (report,) = trained(server).handle(LayPlane(3, 1, "path"))
    assert isinstance(report, Report)
    assert server.wait == 0.0
    (laid,) = said(server)
    assert (laid.serial, laid.generation, laid.step, laid.sentence) == (3, 1, report.recorded, "")
    again = Recorder(TrainingRun(SPEC))
    while not again.finished:
        again.step()
    expected = landscape_plane(recorded_paths(LandscapeSpec(SPEC, 1, "path"), again))
    np.testing.assert_array_equal(laid.plane.centre, expected.centre)
    assert [len(path.parameters) for path in laid.networks.paths] == [1, 1]
    assert server.wait is None


def test_training_goes_on_and_gives_the_same(server):
    server.handle(Train(2))
    while not (answers := server.work(0.001)) or answers[-1].recorded < 8:
        pass
    server.handle(LayPlane(3, 0, "own"))
    answers = said(server)
    assert isinstance(answers[0], Laid)
    straight = TrainingRun(SPEC)
    while not straight.finished:
        straight.step()
    assert answers[-1].frame.finished
    assert [n.record for n in answers[-1].frame.networks] == [n.record for n in straight.frame().networks]


def test_on_the_way_to_a_step_it_waits_until_the_run_is_there(server, monkeypatch):
    monkeypatch.setattr(recorder.Recorder, "spacing", 10)
    trained(server)
    monkeypatch.setattr("app.training_server._PATIENCE", 0.0)
    monkeypatch.setattr(recorder.Recorder, "work", slowly(recorder.Recorder.work))
    assert server.handle(Rewind(3, 8)) == [Seeking(3, 1)]
    assert server.handle(LayPlane(4, 0, "own")) == [Seeking(4, 1)]
    answers = said(server)
    assert [type(answer) for answer in answers] == [Report, Laid]
    assert answers[-1].step == 8


def test_what_cannot_be_laid_is_said_in_a_sentence(server):
    server.handle(LayPlane(2, 0, "own"))
    (laid,) = said(server)
    assert laid.plane is None
    assert "train the networks first" in laid.sentence
    trained(server)
    server.handle(LayPlane(4, 9, "own"))
    (laid,) = said(server)
    assert "no network 10 among 2" in laid.sentence


def test_another_run_or_a_refused_one_drops_it(server):
    trained(server).handle(LayPlane(3, 0, "own"))
    server.handle(Load(4, 2, replace(SPEC, seed=5)))
    assert said(server) == []
    server.handle(Load(5, 3, replace(SPEC, batch_size=0)))
    server.handle(LayPlane(6, 0, "own"))
    assert said(server) == []
    assert server.wait is None


def test_the_job_hears_of_it_from_a_process_and_rests(qtbot, clock):
    job = TrainingJob(clock, ProcessChannel)
    heard = Heard()
    job.laid.connect(heard)
    job.load(SPEC)
    job.train()
    until(qtbot, lambda: not job.running)
    job.lay_plane(1, "random")
    until(qtbot, lambda: heard)
    assert heard[0].plane.spec.place == 1
    until(qtbot, lambda: resting(clock))
    job.lay_plane(0, "own")
    job.lay_plane(1, "own")
    until(qtbot, lambda: len(heard) > 1)
    until(qtbot, lambda: resting(clock))
    assert [laid.plane.spec.place for laid in heard] == [1, 1], "the newest wish counts"
    job.lay_plane(0, "own")
    job.load(replace(SPEC, seed=4))
    until(qtbot, lambda: resting(clock))
    assert len(heard) == 2, "another run drops the wish"
    job.close()
