"""The document, the clock and the playback, without a window."""

import pytest
from msgspec.structs import replace

from app.document import Document
from app.playback import Playback
from core.experiment import Words, default_experiment


def heard(signal):
    said = []
    signal.connect(lambda *values: said.append(values))
    return said


def test_an_edit_is_told_with_before_and_after():
    first = default_experiment()
    document = Document(first)
    told = heard(document.changed)
    second = replace(first, steps=42)
    document.replace(second)
    assert told == [(first, second)]
    assert document.experiment is second


def test_an_edit_that_changes_nothing_is_not_told():
    document = Document(default_experiment())
    told = heard(document.changed)
    document.replace(default_experiment())
    assert told == []


def test_other_words_are_told_before_the_experiment_they_come_with():
    document = Document(default_experiment())
    told = []
    document.described.connect(lambda words: told.append(words.title))
    document.changed.connect(lambda _, new: told.append(new.steps))
    document.edited.connect(lambda: told.append("edited"))
    document.describe(Words("One"))
    document.describe(Words("One"))
    document.replace(replace(document.experiment, steps=42), Words("Two"))
    document.replace(replace(document.experiment, steps=43))
    assert told == ["One", "edited", "Two", 42, "edited", 43, "edited"]


def test_who_listens_sees_the_new_experiment():
    document = Document(default_experiment())
    seen = []
    document.changed.connect(lambda old, new: seen.append(document.experiment is new))
    document.replace(replace(document.experiment, noise=1.0))
    assert seen == [True]


def test_the_clock_beats_while_anyone_needs_it(qtbot, clock):
    beats = heard(clock.beat)
    clock.need("one", True)
    clock.need("other", True)
    clock.need("one", False)
    qtbot.waitUntil(lambda: len(beats) >= 3)
    assert all(0 <= seconds <= 0.1 for (seconds,) in beats), "a pause of the computer does not jump"
    clock.need("other", False)
    assert not clock._timer.isActive()
    clock.need("nobody", False)
    assert not clock._timer.isActive()


@pytest.fixture
def playback(clock):
    playback = Playback(clock)
    playback.set_steps(100)
    return playback


def test_steps_stay_inside_the_run(playback):
    moves = heard(playback.moved)
    for asked, given in ((-5, 0), (50, 50), (1000, 100)):
        playback.go(asked)
        assert playback.step == given
    assert [step for (step,) in moves] == [0, 50, 100]


def test_a_shorter_run_takes_the_position_along(playback):
    playback.go(80)
    playback.set_steps(30)
    assert playback.step == 30
    playback.set_steps(60)
    assert playback.step == 60, "who looks at the end goes on looking at the end"
    playback.go(20)
    playback.set_steps(90)
    assert playback.step == 20


def test_a_whole_run_takes_eight_seconds_at_speed_one(playback):
    playback.play()
    for _ in range(40):
        playback._advance(0.1)
    assert playback.step == pytest.approx(50, abs=1)
    for _ in range(41):
        playback._advance(0.1)
    assert playback.step == 100
    assert not playback.playing


def test_the_last_step_is_seen_before_a_loop_begins_again(playback):
    playback.set_loop(True)
    playback.set_speed(8.0)
    playback.go(95)
    moves = heard(playback.moved)
    playback.play()
    for _ in range(3):
        playback._advance(0.1)
    steps = [step for (step,) in moves]
    assert 100 in steps
    assert steps[steps.index(100) + 1] == 0
    playback.pause()


def test_nothing_advances_while_paused(playback):
    moves = heard(playback.moved)
    playback._advance(1.0)
    assert moves == []
    assert playback.step == 0


def test_a_change_of_state_is_told_once(playback):
    told = heard(playback.changed)
    playback.play()
    playback.play()
    playback.pause()
    playback.pause()
    assert len(told) == 2
