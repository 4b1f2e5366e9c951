"""Outcomes in words: in the legend, at the rows, with a rate that holds; what has left the view is shown."""

import html

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, Qt

from app.plots.event_layers import BurstLayer
from core.choice import Choice
from core.diagnosis import WORDS, diagnose
from core.experiment import default_experiment
from core.optimizer import basic_optimizers
from core.surface import SurfaceSpec
from tests.app.laboratory_driver import count_near, handle_position, picture


def row_of(lab, key):
    return lab.optimizer_row(key)


def on(lab, name, **rates):
    """Another surface, with some rates, played to the end and diagnosed."""
    experiment = lab.experiment.with_surface(SurfaceSpec(name))
    lab.laboratory.document.replace(experiment)
    for key, rate in rates.items():
        lab.type_into(row_of(lab, key).rate.box, f"{rate:g}")
    lab.press(Qt.Key.Key_End)
    lab.until_diagnosed()


def test_the_legend_says_in_a_word_what_each_run_came_to(lab):
    on(lab, "saddle")
    notes = {name: row.note for name, row in lab.legend().items()}
    assert notes["SGD"] == notes["Momentum"] == notes["Nesterov"] == "saddle"
    assert notes["Adam"].startswith("left view ")
    found = {run.method.optimizer.id: diagnose(run) for run in lab.laboratory.descents.result.runs}
    assert notes["Adam"] == f"left view {found['adam'].step}"
    tip = html.unescape(lab.legend()["SGD"].tip).replace("−", "-")
    assert tip == f"<p>{found['sgd'].sentence}</p>"


def test_words_come_when_the_playback_gets_there(lab):
    lab.press(Qt.Key.Key_End)
    lab.until_diagnosed()
    step = int(lab.legend()["SGD"].note.removeprefix("✓ "))
    lab.laboratory.playback.go(step - 1)
    assert lab.legend()["SGD"].note == ""
    lab.laboratory.playback.go(step)
    assert lab.legend()["SGD"].note == f"✓ {step}"
    on(lab, "saddle")
    lab.laboratory.playback.go(lab.laboratory.playback.steps - 1)
    assert lab.legend()["SGD"].note == ""


def test_every_word_is_short():
    assert all(len(word) <= 10 for word in WORDS.values())


def test_a_row_says_why_in_a_line_and_whole_when_it_is_opened(lab):
    on(lab, "saddle")
    row = row_of(lab, "sgd")
    assert row.verdict.isVisible()
    assert row.verdict.text().startswith("Stuck at a saddle: ")
    assert not row.mend.isVisible(), "no rate mends it"
    assert row.verdict.height() < 2 * row.verdict.fontMetrics().height(), "one line"
    assert not row.details.explanation.isVisible()
    row.set_open(True)
    assert row.details.explanation.isVisible()
    assert row.details.explanation.text() == row.verdict.text()


def test_what_converged_needs_no_line_but_says_so_when_opened(lab):
    lab.until_diagnosed()
    row = row_of(lab, "sgd")
    assert not row.verdict.isVisible()
    row.set_open(True)
    assert row.details.explanation.text().startswith("Converged at step ")


def test_the_rate_that_holds_is_set_with_one_click(lab):
    on(lab, "himmelblau", sgd=1.0)
    row = row_of(lab, "sgd")
    assert "exceeds 2 / λmax" in row.verdict.text()
    found = lab.laboratory.diagnoses.of(lab.laboratory.descents.result.runs[0])
    assert row.mend.text() == f"Set {found.learning_rate:g}"
    assert row.mend.toolTip()
    lab.window.optimizers.ensureWidgetVisible(row.mend)
    lab.click(row.mend)
    run = lab.laboratory.descents.result.runs[0]
    assert run.values["learning_rate"] == found.learning_rate
    assert run.outcome != "diverged"
    lab.until_diagnosed()
    assert not row.mend.isVisible()


def test_rows_do_not_jump_while_the_start_is_dragged(lab):
    on(lab, "saddle")
    places = {key: row_of(lab, key).y() for key in basic_optimizers()}
    assert row_of(lab, "sgd").verdict.text()
    lab.drag_ring(lab.ring() + QPoint(40, 30), release=False)
    assert row_of(lab, "sgd").verdict.text() == "", "what was said is of another run"
    assert row_of(lab, "sgd").verdict_line.isVisible()
    lab.process_events()
    assert {key: row_of(lab, key).y() for key in basic_optimizers()} == places
    lab.drag_ring(lab.ring())
    lab.until_diagnosed()


def test_one_rate_leaves_what_is_known_of_the_others(lab):
    on(lab, "saddle")
    slider = row_of(lab, "adam").rate.slider
    here = slider.value() / slider.maximum()
    lab.window.optimizers.ensureWidgetVisible(row_of(lab, "adam").rate)
    lab.drag(slider, handle_position(slider, here), handle_position(slider, here - 0.2))
    assert row_of(lab, "sgd").verdict.text().startswith("Stuck at a saddle")
    assert lab.legend()["SGD"].note == "saddle"
    asked = []
    lab.laboratory.diagnoses_job.finished.connect(asked.append)
    lab.until_diagnosed()
    assert [len(answer) for answer in asked] == [1], "only Adam's run is another"


def test_long_runs_are_diagnosed_too(lab):
    lab.laboratory.document.replace(replace(lab.experiment, steps=3000))
    lab.until(lambda: lab.laboratory.playback.steps == 3000)
    lab.until_diagnosed()
    lab.press(Qt.Key.Key_End)
    assert lab.legend()["SGD"].note.startswith("✓ ")


def test_a_real_worker_diagnoses_as_well(open_laboratory):
    lab = open_laboratory(executor=None)
    lab.until_diagnosed()
    lab.press(Qt.Key.Key_End)
    assert lab.legend()["SGD"].note.startswith("✓ ")


# ---------------------------------------------------------------- out of the view


def test_a_head_outside_the_view_has_an_arrow_at_its_edge(lab):
    lab.press(Qt.Key.Key_End)
    assert lab.plot.departed() == []
    on(lab, "saddle")
    adam = lab.window.theme.optimizer("adam")
    assert lab.plot.departed() == [adam]
    ((colour, place),) = lab.plot._departed.arrows()
    head = lab.plot._departed.to_pixels(lab.plot._trails.ends()[0])[5]
    assert abs(place.x() - head[0]) < 1.0, "right where the head is beyond the edge"
    assert place.y() < 20.0
    assert head[1] < 0.0
    spot = lab.plot.mapFromScene(lab.plot.view.mapToScene(place))
    image = picture(lab.plot)
    part = image.copy(spot.x() - 8, spot.y() - 8, 16, 16)
    assert count_near(part, colour) > 20
    lab.laboratory.playback.go(0)
    assert lab.plot.departed() == [], "at the start it was still here"


def test_arrows_of_several_heads_stand_beside_each_other(lab):
    lab.press(Qt.Key.Key_End)
    lab.plot.show_part((4.5, 4.9, 4.5, 4.9))
    places = [place for _, place in lab.plot._departed.arrows()]
    assert len(places) == 6
    for index, one in enumerate(places):
        assert lab.plot._departed.boundingRect().contains(one)
        for other in places[:index]:
            assert (one - other).manhattanLength() > 9


def test_a_run_that_diverges_is_shown_to_have_gone(lab):
    on(lab, "himmelblau", sgd=1.0)
    assert lab.window.theme.optimizer("sgd") in lab.plot.departed()
    assert lab.legend()["SGD"].note.startswith("diverged ")


# ---------------------------------------------------------------- bursts


def bursting(accumulate_rate=0.05, schedule=None):
    experiment = default_experiment().with_surface(SurfaceSpec("rosenbrock"))
    contenders = []
    for contender in experiment.contenders:
        method = contender.method
        adagrad = method.optimizer.id == "adagrad"
        if adagrad:
            choice = Choice("adagrad", {"accumulate": "mean", "learning_rate": accumulate_rate})
            method = replace(method, optimizer=choice, schedule=schedule or method.schedule)
        contenders.append(replace(contender, method=method, enabled=adagrad))
    return replace(experiment, contenders=tuple(contenders))


def marked(lab):
    return next(part for part in lab.plot._layers if isinstance(part, BurstLayer)).marked()


def test_adagrads_burst_is_marked_where_it_happens_and_decay_cures_it(open_laboratory):
    lab = open_laboratory(bursting())
    lab.until_diagnosed()
    (run,) = lab.laboratory.descents.result.runs
    burst = diagnose(run).burst
    assert burst is not None
    assert marked(lab) == ()
    lab.laboratory.playback.go(burst)
    (mark,) = marked(lab)
    assert mark.begin == tuple(run.points[burst - 1])
    assert mark.end == tuple(run.points[burst])
    assert lab.legend()["Adagrad"].note == f"burst {burst}"
    row = row_of(lab, "adagrad")
    assert row.verdict.text().startswith(f"At step {burst} it burst along ")
    lab.laboratory.playback.go(burst - 1)
    assert marked(lab) == ()
    row.set_open(True)
    lab.window.optimizers.ensureWidgetVisible(row.details.schedule.combo)
    lab.choose(row.details.schedule.combo, "cosine")
    assert marked(lab) == (), "a mark never stays for another run"


@pytest.mark.parametrize("look", ["light", "dark"])
def test_marks_of_bursts_are_drawn(open_laboratory, look):
    lab = open_laboratory(bursting(), look=look)
    lab.until_diagnosed()
    colour = lab.window.theme.optimizer("adagrad")
    (burst,) = lab.plot._bursts._bursts
    lab.laboratory.playback.go(burst.step)
    spot = lab.pixel_of(*burst.begin) + QPoint(-9, -9)

    def ring():
        return count_near(picture(lab.plot).copy(spot.x(), spot.y(), 18, 8), colour, 40)

    drawn = ring()
    lab.plot.set_bursts(())
    assert ring() < drawn
