"""Helpers that train some of a run's networks: no number depends on them, nor on their end."""

import itertools

import pytest
from msgspec.structs import replace

import core.training.spec
from core.choice import Choice
from core.optimizer import MethodSpec
from core.training import NetworkSpec, Recorder, TrainingRun, TrainingSpec, Variant
from core.training.crew import HelperLostError
from core.training.lanes import shares_of
from core.training.portion import Portion
from tests.core.recorded_runs import everything, state, states


class InlineHelper:
    """A helper in this process, which ends before it carries out its `last`-th call."""

    def __init__(self, spec, places, last=None):
        self._portion, self._left = Portion(spec, places), last
        self._answers, self.asked = [], []

    def ask(self, name, snapshot):
        assert not self._answers, "one thing at a time"
        self.asked.append(name)
        self._answers.append(None)
        if self._left is None or len(self.asked) < self._left:
            self._answers[-1] = getattr(self._portion, name)(snapshot)

    def answer(self):
        (answer,) = self._answers
        if answer is None:
            raise HelperLostError("as if it had been killed")
        self._answers = []
        return answer


NETWORK = NetworkSpec(layers=2, units=8, activation=Choice("relu"), batch_norm="before")
HE = Choice("he_normal")
VARIANTS = (
    Variant(NETWORK, HE),
    Variant(replace(NETWORK, batch_norm="off", dropout=0.3), HE),
    Variant(replace(NETWORK, batch_norm="off"), Choice("large_normal", {"std": 1e25})),
    Variant(NETWORK, HE, MethodSpec(Choice("momentum", {"learning_rate": 0.1})), mixup=0.4),
    Variant(replace(NETWORK, batch_norm="after"), Choice("xavier_normal"), preprocessing="whitening"),
    Variant(NETWORK, HE),
)
SPEC = TrainingSpec(Choice("moons", {"samples": 125}), VARIANTS, batch_size=30, epochs=4)
SPLITS = (((1, 3),), ((0, 2, 5), (4,)))


def helped(splits=SPLITS[1], from_step=0, spec=SPEC, last=None):
    run = TrainingRun(spec)
    while run.step_index < from_step:
        run.step()
    helpers = [InlineHelper(run.spec, places, last) for places in splits]
    run.share(list(zip(helpers, splits, strict=True)))
    return run, helpers


def finish(run):
    while not run.finished:
        run.step()


@pytest.fixture(scope="module")
def alone():
    """What there is to a run after each of its steps."""
    return states(SPEC, everything)


@pytest.mark.parametrize("splits", SPLITS)
@pytest.mark.parametrize("from_step", [0, 2, 4])
def test_no_number_depends_on_helpers(alone, splits, from_step):
    run, helpers = helped(splits, from_step)
    finish(run)
    assert everything(run) == alone[-1]
    assert run.trainees[2].outcome == "diverged"
    assert run.shared
    assert all(helper.asked.count("step") == len(alone) - 1 - from_step for helper in helpers)


def test_every_step_can_be_looked_at(alone):
    run, _ = helped()
    for step in range(1, len(alone)):
        run.step()
        assert everything(run) == alone[step]


def test_looks_see_the_networks_of_this_step():
    run, _ = helped()
    plain = TrainingRun(SPEC)
    for each in (run, plain):
        for _ in range(6):
            each.step()
    for place in (0, 4):
        assert repr(run.norms(place)) == repr(plain.norms(place))
    assert repr(run.learned(4)) == repr(plain.learned(4))


@pytest.mark.parametrize("back_to", [0, 3, 5])
def test_going_back_gives_the_same_numbers_again(alone, back_to):
    run, _ = helped(from_step=1)
    plain = TrainingRun(SPEC)
    while plain.step_index < back_to:
        plain.step()
    for _ in range(8):
        run.step()
    run.restore(plain.snapshot())
    assert state(run) == state(plain)
    finish(run)
    assert everything(run) == alone[-1]


def test_a_recorded_run_is_taken_back_with_helpers(alone):
    run, _ = helped()
    recorder = Recorder(run, clock=itertools.count(step=0.001).__next__)
    while not run.finished:
        recorder.step()
    for step in (9, 3, 0, 11):
        recorder.go(step)
        assert state(run).items() <= alone[step].items()
    recorder.close()


def test_training_on_after_going_back_gives_the_same_numbers(alone):
    run, _ = helped()
    recorder = Recorder(run, clock=itertools.count(step=0.001).__next__)
    for back in (1, 5, 3):
        while not run.finished:
            recorder.step()
        assert everything(run) == alone[-1]
        recorder.go(back)
    recorder.step()
    assert everything(run) == alone[4]
    recorder.close()


def test_sharing_again_loses_nothing(alone):
    run, _ = helped()
    for _ in range(5):
        run.step()
    again = [(InlineHelper(run.spec, places), places) for places in SPLITS[0]]
    run.share(again)
    finish(run)
    assert everything(run) == alone[-1]


def test_without_snapshots_little_has_to_be_made_up(alone):
    """As on the command line, which looks after every epoch."""
    run, helpers = helped(SPLITS[0])
    made = []
    step = run.trainees[0].step
    run._trainees[0].step = lambda x, labels, t: (made.append(t), step(x, labels, t))
    epoch = run.steps_per_epoch
    while run.step_index < 3 * epoch:
        run.step()
        if run.step_index % epoch == 0:
            run.frame()
    helpers[0]._left = 0
    run.step()
    assert not run.shared
    assert min(made[3 * epoch :]) > 2 * epoch, "not from the first step"
    finish(run)
    assert everything(run) == alone[-1]


def test_every_end_of_a_helper_is_made_up_for(alone):
    """It ends before each of its calls in turn: at a step, an evaluation and a look."""
    kinds = set()
    for last in range(1, 100):
        run, helpers = helped(last=last)
        while not run.finished:
            run.step()
            if run.step_index % 3 == 0:
                run.snapshot()
            elif run.step_index % 3 == 1:
                run.frame()
        assert everything(run) == alone[-1]
        if run.shared:
            break
        kinds |= {helper.asked[-1] for helper in helpers if len(helper.asked) == last}
    else:
        pytest.fail("helpers never live to the end")
    assert kinds == {"step", "evaluate", "give"}


def test_a_run_whose_networks_all_diverge_ends_with_helpers_too():
    wild = Variant(NETWORK, Choice("large_normal", {"std": 1e25}))
    spec = replace(SPEC, variants=(replace(wild, network=replace(NETWORK, batch_norm="off")),) * 3)
    run, _ = helped(((1, 2),), spec=spec)
    plain = TrainingRun(spec)
    finish(run)
    finish(plain)
    assert everything(run) == everything(plain)


def test_images_are_moved_alike_by_helpers():
    moved = Variant(NETWORK, HE, shift=1.0)
    spec = replace(
        SPEC, dataset=Choice("digits"), variants=(Variant(NETWORK, HE), moved), epochs=1, batch_size=200
    )
    run, _ = helped(((1,),), spec=spec)
    plain = TrainingRun(spec)
    finish(run)
    finish(plain)
    assert everything(run) == everything(plain)


# ---------------------------------------------------------------- who gets what


def test_small_networks_are_shared_where_it_pays():
    narrow = NetworkSpec(layers=10, units=64)
    assert shares_of([narrow] * 8, 128, processes=2) == ((0, 2, 4, 6), (1, 3, 5, 7))
    assert [len(share) for share in shares_of([narrow] * 8, 128, processes=3)] == [3, 3, 2]
    assert len(shares_of([narrow] * 3, 128, processes=8)) == 3, "nobody without a network"
    assert shares_of([narrow] * 8, 128, processes=1) == (tuple(range(8)),)
    assert shares_of([narrow], 128, processes=4) == ((0,),)
    tiny = NetworkSpec(layers=2, units=4)
    assert shares_of([tiny] * 3, 10, processes=2) == ((0, 1, 2),), "to ask would take longer than it saves"
    wide = NetworkSpec(layers=4, units=300)
    assert shares_of([wide] * 4, 128, processes=4) == ((0, 1, 2, 3),), "threads do as well"
    deep = replace(narrow, layers=30)
    assert shares_of([narrow, deep, narrow, narrow], 128, processes=2) == ((1,), (0, 2, 3))


def test_helpers_that_do_not_fit_into_memory_are_not_begun(monkeypatch):
    monkeypatch.setattr("core.training.lanes.os.cpu_count", lambda: 2)
    large = Variant(replace(NETWORK, layers=20, units=100), HE)
    run = TrainingRun(replace(SPEC, variants=(large, large)))
    assert run.shares == ((0,), (1,))
    needed = core.training.spec._memory(run.spec, run.data, (0, 0))
    monkeypatch.setattr(core.training.spec, "_MOST_MEMORY", 1.2 * needed)
    assert run.shares == ((0, 1),)


def test_a_helper_uses_no_threads(monkeypatch):
    monkeypatch.setattr("core.training.lanes.os.cpu_count", lambda: 2)
    spec = TrainingSpec(variants=(Variant(replace(NETWORK, units=180), HE),) * 4)
    assert set(TrainingRun(spec)._lanes) == {0, 1}
    assert set(Portion(spec, (1, 3)).run._lanes) == {0}


def test_a_run_whose_last_batch_depends_on_who_is_there_is_not_shared(monkeypatch):
    """81 training samples in batches of 40: a batch of one is left out as long as one has batch norm."""
    monkeypatch.setattr("core.training.lanes.os.cpu_count", lambda: 2)
    large = replace(NETWORK, layers=20, units=100)
    normed, plain = Variant(large, HE), Variant(replace(large, batch_norm="off"), HE)
    spec = TrainingSpec(Choice("moons", {"samples": 101}), (normed, plain), batch_size=40)
    run = TrainingRun(spec)
    assert run.data.training_samples % 40 == 1
    assert run.shares == ((0, 1),)
    assert TrainingRun(replace(spec, variants=(normed, normed))).shares == ((0,), (1,))
