"""The panel of what is learned: live pictures of one network, made only while they are seen."""

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor

from app.training_job import ProcessChannel
from app.training_server import Load, Train, TrainingServer, Watch, Watched
from core.choice import Choice
from core.data.sample_reader import read_own_samples
from core.training import TrainingRun
from tests.app.laboratory_driver import count_near, picture, small_experiment
from tests.app.run_panels import bring_up, check_looks, kill_and_train, listening, train
from tests.app.window_widgets import cut_off
from tests.core.training_runs import run_to_the_end


def on(dataset, **changes):
    experiment = small_experiment()
    return replace(experiment, training=replace(experiment.training, dataset=Choice(dataset), **changes))


def show(lab):
    """Bring the panel to the front, and wait for its pictures."""
    return bring_up(lab, "learned", lambda panel: panel.confusion.counts().size)


def test_digits_bring_weights_mistakes_and_the_confusion_as_computed(open_laboratory):
    lab = open_laboratory(on("digits", epochs=2))
    panel = show(lab)
    assert panel.left.currentWidget() is panel.weights
    train(lab)
    expected = run_to_the_end(lab.experiment.training).learned(0)
    np.testing.assert_array_equal(panel.confusion.counts(), expected.confusion)
    np.testing.assert_array_equal(panel.weights.images().pixels, expected.weights.reshape(-1, 8, 8))
    np.testing.assert_array_equal(panel.mistakes.images().pixels, expected.wrong_inputs.reshape(-1, 8, 8))
    first = expected.wrong[0]
    assert panel.mistakes.images().captions[0] == f"{first.true} as {first.predicted}"
    assert panel.gap.text() == expected.gap.sentence
    assert panel.mistakes.isVisible()
    assert panel.mistakes.shown() >= 5
    assert panel.status.text() == "epoch 2 · step 46"


def test_two_dimensional_data_brings_the_boundary_with_its_points(open_laboratory):
    lab = open_laboratory(on("moons", epochs=3))
    panel = show(lab)
    assert panel.left.currentWidget() is panel.boundary
    assert not panel.mistakes.isVisible()
    before = panel.boundary.plane.boundary.confidence.copy()
    train(lab)
    plane, expected = panel.boundary.plane, run_to_the_end(lab.experiment.training).learned(0)
    np.testing.assert_array_equal(plane.boundary.classes, expected.boundary.classes)
    assert (plane.boundary.confidence != before).any(), "live"
    np.testing.assert_array_equal(plane.points, expected.points)
    np.testing.assert_array_equal(plane.wrong, expected.wrong_inputs)
    image = picture(panel.boundary)
    theme = lab.window.theme
    for label in (0, 1):
        assert count_near(image, QColor(theme.minima[label]), 20) > 100, "points of both classes"


def test_another_network_is_looked_at(open_laboratory):
    lab = open_laboratory(on("moons", epochs=0))
    panel = show(lab)
    assert [panel.network.itemText(i) for i in range(panel.network.count())] == [
        "Normal 0.01", "Normal 1", "Xavier", "He",
    ]  # fmt: skip
    lab.choose(panel.network, "He")
    expected = run_to_the_end(lab.experiment.training).learned(3)
    lab.until(lambda: np.array_equal(panel.boundary.plane.boundary.classes, expected.boundary.classes))
    assert panel.network.currentText() == "He"


def test_a_network_that_is_there_no_more_makes_room_for_the_first(open_laboratory):
    lab = open_laboratory(on("moons", epochs=0))
    panel = show(lab)
    lab.choose(panel.network, "He")
    lab.until(lambda: panel.network.currentText() == "He")
    spec = lab.experiment.training
    lab.laboratory.document.replace(
        replace(lab.experiment, training=replace(spec, variants=spec.variants[:2]))
    )
    lab.until(lambda: panel.network.count() == 2)
    assert panel.network.currentText() == "Normal 0.01"


def test_samples_of_one_s_own_have_their_names(open_laboratory):
    rows = "".join(f"{i % 7},{i % 5},{('red', 'blue')[i % 7 > 3]}\n" for i in range(70))
    own = read_own_samples("own.csv", f"width,height,colour\n{rows}".encode())
    experiment = on("moons", epochs=20)
    lab = open_laboratory(replace(experiment, training=experiment.training.with_own(own)))
    panel = show(lab)
    train(lab)
    assert panel.boundary.plane.names == ("width", "height")
    corner = panel.confusion._cell(0, 0).center()
    assert panel.confusion.text_at(corner) == "6 of 6 samples of 'blue' are right."


def test_many_features_bring_weights_and_mistakes_in_words(open_laboratory):
    values = np.random.default_rng(0).standard_normal((200, 5)).round(2)
    rows = "\n".join(f"{','.join(map(str, row))},{int(row[0] > 0)}" for row in values.tolist())
    own = read_own_samples("own.csv", f"a,b,c,d,e,kind\n{rows}".encode())
    experiment = on("moons", epochs=0)
    lab = open_laboratory(replace(experiment, training=experiment.training.with_own(own)))
    panel = show(lab)
    assert panel.weights.images().row_names == ("a", "b", "c", "d", "e")
    expected = run_to_the_end(lab.experiment.training).learned(0)
    np.testing.assert_array_equal(panel.weights.images().pixels[0], expected.weights.T)
    assert " taken for " in panel.listed.text()
    assert panel.listed.isVisible()


def test_nothing_is_computed_while_nobody_looks(open_laboratory):
    orders, heard = listening()
    lab = open_laboratory(on("moons", epochs=1), heard)
    lab.until_initialized()
    assert not [order for order in orders if isinstance(order, Watch)]
    assert lab.window.panel_host("learned").content is None, "made when it is first seen"
    panel = show(lab)
    lab.window.show_panel("step")
    lab.until(lambda: not lab.window.panel_host("learned").is_seen)
    lab.process_events()
    lab.until(lambda: orders[-1].watched.pictures is None)
    before = panel.boundary.plane
    train(lab)
    assert panel.boundary.plane is before
    lab.window.show_panel("learned")
    lab.until(lambda: panel.boundary.plane is not before)
    assert panel.status.text() == "epoch 1 · step 13"


def test_the_server_sends_pictures_when_asked_and_stops_when_told():
    server = TrainingServer()
    spec = on("moons", epochs=1).training
    (report,) = server.handle(Load(1, 1, spec))
    assert report.learned is None
    (report,) = server.handle(Watch(2, Watched(pictures=1)))
    assert (report.serial, report.learned.name) == (2, "large_normal")
    (report,) = server.handle(Load(3, 2, replace(spec, variants=spec.variants[:1])))
    assert report.learned is None, "there is no second network now"
    (report,) = server.handle(Load(4, 3, spec))
    assert report.learned.name == "large_normal"
    (report,) = server.handle(Watch(5, Watched()))
    assert report.learned is None
    (report,) = server.handle(Train(6))
    assert report.running


def test_a_process_that_is_started_again_is_asked_again(open_laboratory):
    lab = open_laboratory(on("moons", epochs=1), ProcessChannel)
    panel = show(lab)
    before = panel.boundary.plane
    kill_and_train(lab)
    lab.until(lambda: panel.boundary.plane is not before and panel.status.text().startswith("epoch 1"), 30.0)


def test_a_spec_that_is_refused_is_said_and_the_next_one_shown(open_laboratory):
    lab = open_laboratory(on("moons", epochs=0))
    panel = show(lab)
    lab.laboratory.document.replace(on("moons", batch_size=100_000))
    lab.until(lambda: panel.error.isVisible())
    assert "batch size must be at most 800" in panel.error.text()
    lab.laboratory.document.replace(on("blobs", epochs=0))
    lab.until(lambda: not panel.error.isVisible())
    assert panel.boundary.isVisible()


@pytest.mark.parametrize("size", [(1280, 720), (2560, 1440)])
@pytest.mark.parametrize("dataset", ["digits", "spirals"])
def test_nothing_is_cut_off_and_every_control_says_what_it_is(open_laboratory, subtests, size, dataset):
    lab = open_laboratory(on(dataset, epochs=1), size=size)
    panel = show(lab)
    train(lab)
    for look in ("light", "dark"):
        with subtests.test(look):
            lab.window.choose_look(look)
            lab.process_events()
            assert cut_off(panel) == []
            for part in (panel.network, panel.boundary, panel.weights, panel.confusion, panel.mistakes):
                assert part.toolTip()
                assert part.accessibleName()


def test_it_follows_the_look(open_laboratory):
    lab = open_laboratory(on("moons", epochs=0))
    check_looks(lab, show(lab))


def test_tips_name_the_picture_under_the_pointer(open_laboratory):
    lab = open_laboratory(on("digits", epochs=0))
    panel = show(lab)
    (cell, *_) = panel.weights._cells()
    assert panel.weights.text_at(cell.center()) == "Unit 1 of the first layer"
    assert panel.weights.text_at(QPointF(-5, -5)) == ""
    (cell, *_) = panel.mistakes._cells()
    assert ", taken for a " in panel.mistakes.text_at(cell.center())


def test_the_data_are_seen_before_and_after_preprocessing(open_laboratory):
    experiment = on("moons", epochs=0)
    training = experiment.training.with_variants(lambda v: v.with_number("preprocessing", "whitening"))
    lab = open_laboratory(replace(experiment, training=training))
    panel = show(lab)
    assert not panel.data.isVisible()
    lab.click(panel.what.buttons["data"])
    assert panel.data.isVisible()
    assert not panel.boundary.isVisible()
    data = TrainingRun(training).learned(0).data
    np.testing.assert_array_equal(panel.data.picture().after, data.after)
    assert panel.data_words.text().startswith("Before: means up to ")
    assert "standard deviations 1 to 1, condition 1." in panel.data_words.text()
    image, theme = picture(panel.data), lab.window.theme
    for label in (0, 1):
        assert count_near(image, QColor(theme.minima[label]), 20) > 100, "points of both classes"
    assert panel.data.toolTip()
    assert cut_off(panel) == []
    lab.click(panel.what.buttons["network"])
    assert panel.boundary.isVisible()
