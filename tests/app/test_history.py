"""Undo and redo of everything: a drag as one, with names; and what counts as not saved."""

import pytest
from msgspec.structs import replace

from app.document import Document
from app.history import MOST, History
from core.choice import Choice
from core.experiment import Words, default_experiment
from core.surface import SurfaceSpec

START = default_experiment()
pytestmark = pytest.mark.usefixtures("qapp")


class Bench:
    """A document, its history, and a mouse button."""

    def __init__(self) -> None:
        self.document = Document(START)
        self.held = False
        self.history = History(self.document, held=lambda: self.held)
        self.told = 0
        self.history.changed.connect(self._count)

    def _count(self) -> None:
        self.told += 1

    def edit(self, **changes):
        self.document.replace(replace(self.document.experiment, **changes))

    def rate(self, value):
        method = replace(START.method("adam"), optimizer=Choice("adam", {"learning_rate": value}))
        self.document.replace(self.document.experiment.with_methods([method]))

    def names(self):
        return self.history.undo_name, self.history.redo_name


def test_every_edit_is_taken_back_and_done_again_by_name():
    bench = Bench()
    assert bench.names() == ("", "")
    bench.document.replace(START.with_surface(SurfaceSpec("booth")))
    bench.rate(0.5)
    bench.edit(noise=0.1)
    seen = [bench.document.experiment]
    for names in (
        ("Adam learning rate", "noise"), ("surface Booth", "Adam learning rate"), ("", "surface Booth"),
    ):  # fmt: skip
        bench.history.undo()
        seen.append(bench.document.experiment)
        assert bench.names() == names
    assert seen[-1] == START
    bench.history.undo()
    assert bench.document.experiment == START, "there is nothing before the beginning"
    for expected in seen[-2::-1]:
        bench.history.redo()
        assert bench.document.experiment == expected
    bench.history.redo()
    assert bench.names() == ("noise", "")


def test_a_run_of_a_slider_is_one_edit():
    bench = Bench()
    for value in (0.3, 0.4, 0.5):
        bench.rate(value)
    bench.edit(noise=0.5)
    bench.edit(noise=0.6)
    bench.history.undo()
    assert bench.document.experiment.noise == 0.0
    assert bench.document.experiment.method("adam").optimizer.values == {"learning_rate": 0.5}
    bench.history.undo()
    assert bench.document.experiment == START


def test_a_pause_ends_a_run_unless_the_button_is_held(qtbot):
    bench = Bench()
    bench.history._pause.setInterval(0)
    bench.held = True
    bench.edit(noise=0.1)
    qtbot.wait(20)
    bench.edit(noise=0.2)
    bench.held = False
    qtbot.waitUntil(lambda: not bench.history._pause.isActive())
    bench.edit(noise=0.3)
    bench.history.undo()
    assert bench.document.experiment.noise == 0.2
    bench.history.undo()
    assert bench.document.experiment.noise == 0.0


def test_switches_and_choices_are_edits_of_their_own():
    bench = Bench()
    bench.document.replace(bench.document.experiment.with_overlay("gradient", True))
    bench.document.replace(bench.document.experiment.with_overlay("gradient", False))
    bench.history.undo()
    assert bench.document.experiment.overlays == ("gradient",)


def test_a_new_edit_forgets_what_was_taken_back():
    bench = Bench()
    bench.edit(noise=0.1)
    bench.edit(seed=3)
    bench.history.undo()
    bench.edit(steps=50)
    assert bench.names() == ("steps", "")
    bench.history.undo()
    bench.history.undo()
    assert bench.document.experiment == START


def test_a_number_edited_after_undo_is_an_edit_of_its_own():
    bench = Bench()
    bench.edit(noise=0.1)
    bench.history.undo()
    bench.edit(noise=0.2)
    bench.history.undo()
    assert bench.document.experiment.noise == 0.0


def test_modified_is_what_differs_from_the_saved_one():
    bench = Bench()
    assert not bench.history.modified
    bench.edit(noise=0.1)
    assert bench.history.modified
    bench.history.undo()
    assert not bench.history.modified
    bench.history.redo()
    bench.history.mark_saved()
    assert not bench.history.modified
    bench.edit(noise=0.2)
    bench.history.undo()
    assert bench.document.experiment.noise == 0.1, "saving ends a run"
    bench.history.undo()
    assert bench.history.modified, "what is on disk has the noise"


def test_another_experiment_begins_anew():
    bench = Bench()
    bench.edit(noise=0.1)
    other = START.with_surface(SurfaceSpec("booth"))
    bench.history.begin_anew(other)
    assert bench.names() == ("", "")
    assert not bench.history.modified
    bench.history.begin_anew(START, saved=False)
    assert bench.history.modified, "recovered work is not on disk yet"


def test_what_another_part_corrects_at_once_is_part_of_the_edit():
    bench = Bench()

    def correct(_, new):
        if new.seed == 7:
            bench.edit(seed=8, noise=0.5)

    bench.document.changed.connect(correct)
    bench.edit(seed=7)
    assert (bench.document.experiment.seed, bench.document.experiment.noise) == (8, 0.5)
    bench.history.undo()
    assert bench.document.experiment == START


def test_the_oldest_edits_are_forgotten():
    bench = Bench()
    for seed in range(MOST + 20):
        bench.edit(seed=seed)
        bench.history.end_run()
    for _ in range(MOST + 20):
        bench.history.undo()
    assert bench.names()[0] == ""
    assert bench.document.experiment.seed == 19


def test_title_and_text_are_taken_back_by_name():
    bench = Bench()
    bench.document.describe(Words("One"))
    assert bench.history.modified
    bench.edit(noise=0.1)
    bench.document.describe(Words("One", "See."))
    assert bench.told == 3
    assert bench.names() == ("text", "")
    seen = []
    for names in (("noise", "text"), ("title", "noise"), ("", "title")):
        bench.history.undo()
        assert bench.names() == names
        seen.append((bench.document.experiment.noise, bench.document.words))
    assert seen == [(0.1, Words("One")), (0.0, Words("One")), (0.0, Words())]
    assert not bench.history.modified
    for _ in range(3):
        bench.history.redo()
    assert bench.document.words == Words("One", "See.")
    assert bench.document.experiment.noise == 0.1


def test_a_slider_is_a_new_run_after_other_words():
    bench = Bench()
    bench.edit(noise=0.1)
    bench.document.describe(Words("One"))
    bench.edit(noise=0.2)
    bench.history.undo()
    assert (bench.document.experiment.noise, bench.document.words) == (0.1, Words("One"))


def test_the_same_words_again_are_no_edit():
    bench = Bench()
    bench.document.describe(Words("One"))
    bench.document.describe(Words("One"))
    bench.history.undo()
    assert bench.document.words == Words()
    assert bench.names() == ("", "title")


def test_an_experiment_that_comes_with_its_words_is_one_edit():
    bench = Bench()
    bench.document.describe(Words("Mine"))
    bench.document.replace(START.with_surface(SurfaceSpec("booth")), Words("Booth"))
    assert bench.names() == ("surface Booth, title", "")
    bench.history.undo()
    assert (bench.document.experiment, bench.document.words) == (START, Words("Mine"))


def test_a_slider_does_not_go_on_from_an_experiment_that_came_with_its_words():
    bench = Bench()
    bench.document.replace(replace(START, noise=0.1), Words("Pasted"))
    bench.document.replace(replace(START, noise=0.2))
    bench.history.undo()
    assert bench.document.experiment.noise == 0.1


def test_recovered_work_is_not_saved_even_if_it_is_what_was_shown():
    bench = Bench()
    bench.history.begin_anew(START, saved=False)
    assert bench.history.modified
    bench.history.mark_saved()
    assert not bench.history.modified


def test_undo_and_redo_tell_once():
    bench = Bench()
    bench.edit(noise=0.1)
    assert bench.told == 1
    bench.history.undo()
    bench.history.redo()
    assert bench.told == 3
