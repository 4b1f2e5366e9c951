"""The panel of batch norm: live figures of one network, made only while they are seen."""

from itertools import product

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPointF, Qt

from app.presenters.norm_presenter import NormHistory
from app.training_job import ProcessChannel
from app.training_server import Load, Train, TrainingServer, Watch, Watched
from core.choice import Choice
from core.training import TrainingRun
from tests.app.laboratory_driver import picture, small_experiment
from tests.app.run_panels import bring_up, check_looks, kill_and_train, listening, train
from tests.app.window_widgets import cut_off
from tests.core.training_runs import run_to_the_end
from tests.training_specs import training

SECTIONS = ("parameters", "statistics", "modes", "noise")


def on(batch_norm="before", dataset="moons", epochs=3, **network):
    experiment = small_experiment()
    shape = replace(experiment.training.variants[0].network, batch_norm=batch_norm, **network)
    spec = training(experiment.training, dataset=Choice(dataset), epochs=epochs, network=shape)
    return replace(experiment, training=spec)


def show(lab):
    """Bring the panel to the front, and wait until it says something."""
    return bring_up(lab, "norm", lambda panel: panel.parameters.rows())


def section(lab, panel, key):
    lab.click(panel.section.buttons[key])
    lab.process_events()


def test_gamma_and_beta_are_drawn_over_every_epoch(open_laboratory):
    lab = open_laboratory(on(epochs=4))
    panel = show(lab)
    train(lab)
    moment = run_to_the_end(lab.experiment.training).norms(0).moment
    rows = panel.parameters.rows()
    assert [row.label for row in rows] == ["layer 1", "layer 2"]
    assert len(panel.parameters._x) >= 5, "the start and each epoch"
    np.testing.assert_array_equal(np.diff(panel.parameters._x) > 0, True)
    for layer, row in enumerate(rows):
        for (strand,), quantiles in zip(row.cells, (moment.gamma, moment.beta), strict=True):
            assert strand.y[-1] == quantiles[layer, 2]
            assert strand.bands[0][0][-1] == quantiles[layer, 0]
            assert strand.bands[1][1][-1] == quantiles[layer, 3]
    assert rows[0].cells[0][0].y[0] == 1.0
    assert panel.status.text() == "epoch 4 · step 52"
    assert panel.parameters.text_at(panel.parameters._cell(1, 0).center()).startswith("γ of layer 2: median")
    assert panel.parameters.text_at(QPointF(1, 1)) == ""


def test_who_begins_to_look_late_sees_the_run_from_its_first_step(open_laboratory):
    lab = open_laboratory(on(epochs=4))
    train(lab)
    panel = show(lab)
    lab.until(lambda: lab.laboratory.training.is_settled)
    steps = panel.parameters._x
    assert (steps[0], steps[-1]) == (0, 52)
    assert len(steps) >= 5
    watched = TrainingRun(lab.experiment.training)
    for place, step in enumerate(steps.tolist()):
        while watched.step_index < step:
            watched.step()
        moment = watched.norm_moment(0)
        for layer, row in enumerate(panel.parameters.rows()):
            assert [cell[0].y[place] for cell in row.cells] == [moment.gamma[layer, 2], moment.beta[layer, 2]]


def test_statistics_modes_and_noise_are_as_computed(open_laboratory):
    lab = open_laboratory(on(epochs=2))
    panel = show(lab)
    train(lab)
    run = run_to_the_end(lab.experiment.training)
    expected = run.norms(0, noise=True)
    section(lab, panel, "statistics")
    running, batch, between = panel.statistics.rows()[1].cells[0]
    assert running.y[-1] == expected.moment.running_from_whole[1, 0]
    assert batch.y[-1] == expected.moment.batch_from_whole[1, 0]
    assert between.y[-1] == expected.moment.running_from_batch[1, 0]
    assert "over 800 training samples" in panel.sentence.text()
    section(lab, panel, "modes")
    assert panel.histograms.isVisible()
    for row, mode in zip(panel.histograms.rows(), expected.modes, strict=True):
        for cell, other in zip(row.cells, mode.cells, strict=True):
            np.testing.assert_array_equal(cell.counts, other.counts)
    texts = [[panel.table.item(row, column).text() for column in range(6)] for row in range(3)]
    assert texts[0][1] == f"{expected.modes[0].loss:.3g}"
    assert texts[0][3:] == ["–", "–", "–"]
    assert texts[2][3] == f"{expected.modes[2].validation_loss:.3g}"
    section(lab, panel, "noise")
    lab.until(lambda: panel.noise.mean.lines() is not None)
    sizes = expected.noise.sizes
    for plot, noise, theory in (
        (panel.noise.mean, expected.noise.of_mean, sizes**-0.5),
        (panel.noise.variance, expected.noise.of_variance, (2 / (sizes - 1)) ** 0.5),
    ):
        np.testing.assert_array_equal(plot.lines().noise, noise)
        ideal, first, second = plot.curves()
        np.testing.assert_allclose(10**ideal.y, theory)
        np.testing.assert_allclose(10**first.y, noise[:, 0])
        assert len(second.y) == len(sizes)
    lab.until(lambda: panel.sentence.text().startswith("Means of 64 samples wander by"))


def test_without_batch_norm_a_button_switches_it_on_for_this_network(open_laboratory):
    lab = open_laboratory(on("off", epochs=0))
    panel = lab.window.show_panel("norm")
    lab.until(lambda: panel.switch_on.isVisible())
    assert "no batch norm" in panel.off.text()
    assert not panel.section.isVisible()
    lab.choose(panel.network, "He")
    lab.until(lambda: panel.network.currentText() == "He")
    lab.click(panel.switch_on)
    lab.until(lambda: panel.parameters.rows())
    places = [variant.network.batch_norm for variant in lab.experiment.training.variants]
    assert places == ["off", "off", "off", "before"]
    assert panel.section.isVisible()
    lab.choose(panel.network, panel.network.itemText(0))
    lab.until(lambda: panel.switch_on.isVisible())


@pytest.mark.parametrize(
    ("network", "words"),
    [
        ({}, "The dense layers have no bias"),
        ({"bias": "on"}, "Adding 1 to every hidden bias changes the outputs in training mode by at most"),
        ({"batch_norm": "after"}, "the dense layers' biases do have an effect"),
    ],
)
def test_what_biases_do_is_said(open_laboratory, network, words):
    lab = open_laboratory(on(**{"epochs": 0, **network}))
    panel = show(lab)
    assert words in panel.sentence.text()


def test_the_sections_are_reached_with_the_keyboard(open_laboratory):
    lab = open_laboratory(on(epochs=0))
    panel = show(lab)
    panel.section.buttons["parameters"].setFocus()
    lab.key(Qt.Key.Key_Right, panel.section.buttons["parameters"])
    lab.until(lambda: panel.section.value() == "statistics" and panel.statistics.isVisible())
    assert panel.statistics.rows()


def test_nothing_is_computed_while_nobody_looks(open_laboratory):
    orders, heard = listening()
    lab = open_laboratory(on(epochs=1), heard)
    lab.until_initialized()
    assert not [order for order in orders if isinstance(order, Watch)]
    assert lab.window.panel_host("norm").content is None, "made when it is first seen"
    panel = show(lab)
    assert orders[-1].watched == Watched(norms=0), "noise takes a while"
    lab.window.show_panel("step")
    lab.until(lambda: isinstance(orders[-1], Watch) and orders[-1].watched.norms is None)
    before = panel.parameters.rows()
    train(lab)
    assert panel.parameters.rows() is before
    lab.window.show_panel("norm")
    lab.until(lambda: panel.parameters.rows() is not before)
    assert panel.status.text() == "epoch 1 · step 13"


def test_the_server_sends_a_moment_for_every_epoch():
    server = TrainingServer()
    spec = on(epochs=3).training
    (report,) = server.handle(Load(1, 1, spec))
    assert report.norms is None
    (report,) = server.handle(Watch(2, Watched(norms=1, noise=True)))
    assert report.norms.noise is not None
    assert report.norms.moment.name == "large_normal"
    reports = server.handle(Train(3))
    while reports[-1].running:
        reports += server.work(1.0)
    assert [m.step for report in reports for m in report.moments] == [13, 26, 39]
    (report,) = server.handle(Watch(4, Watched(norms=7)))
    assert report.norms is None, "there are only four"
    (report,) = server.handle(Load(5, 2, on("off").training))
    assert report.norms is None


def test_a_process_that_is_started_again_is_asked_again(open_laboratory):
    lab = open_laboratory(on(epochs=1), ProcessChannel)
    panel = show(lab)
    kill_and_train(lab)
    lab.until(lambda: panel.status.text().startswith("epoch 1") and panel.parameters._x[-1] == 13, 30.0)


def test_a_spec_that_is_refused_is_said_and_the_next_one_shown(open_laboratory):
    lab = open_laboratory(on(epochs=0))
    panel = show(lab)
    wrong = on(epochs=0)
    lab.laboratory.document.replace(replace(wrong, training=replace(wrong.training, batch_size=100_000)))
    lab.until(lambda: "batch size must be at most 800" in panel.off.text())
    lab.laboratory.document.replace(on(epochs=0, units=6))
    lab.until(lambda: panel.parameters.isVisible())


def test_a_network_that_diverged_says_so(open_laboratory):
    experiment = on(epochs=2)
    spec = experiment.training.with_variants(
        lambda v: v.with_choice("optimizer", v.choice("optimizer").with_value("learning_rate", 1e30))
    )
    lab = open_laboratory(replace(experiment, training=spec))
    panel = show(lab)
    train(lab)
    lab.until(lambda: panel.sentence.text().startswith("Diverged at step"))
    for key in SECTIONS:
        section(lab, panel, key)
        picture(panel)


def test_the_history_is_bounded_and_keeps_both_ends():
    moment = TrainingRun(on(epochs=0).training).norms(0).moment
    history = NormHistory()
    for step in range(2_000):
        history.remember("one", replace_step(moment, step))
    steps = history.steps(1_999)
    assert 100 <= len(steps) <= 400
    assert (steps[0], steps[-1]) == (0, 1_999)
    assert history.parameters(1_999).shape == (len(steps), 2, 2, 5)
    assert history.steps(100)[-1] <= 100
    assert history.steps(1_999) == steps, "going back loses nothing"
    history.remember("other", replace_step(moment, 4))
    assert history.steps(1_999) == [4]


def replace_step(moment, step):
    from dataclasses import replace as changed

    return changed(moment, step=step)


@pytest.mark.parametrize("size", [(1280, 720), (2560, 1440)])
def test_nothing_is_cut_off_and_every_control_says_what_it_is(open_laboratory, subtests, size):
    lab = open_laboratory(on(epochs=1, layers=9), size=size)
    panel = show(lab)
    train(lab)
    for look, key in product(("light", "dark"), SECTIONS):
        with subtests.test(f"{key}, {look}"):
            lab.window.choose_look(look)
            section(lab, panel, key)
            assert cut_off(panel) == []
    for part in (panel.network, panel.parameters, panel.statistics, panel.histograms, panel.table,
                 panel.noise.mean, panel.noise.variance, panel.switch_on):  # fmt: skip
        assert part.toolTip()
        assert part.accessibleName() or part.text()


def test_of_many_layers_an_even_choice_is_shown(open_laboratory):
    lab = open_laboratory(on(epochs=0, layers=30))
    panel = show(lab)
    shown = panel.parameters.shown()
    assert 3 <= len(shown) < 30
    assert (shown[0], shown[-1]) == (0, 29)


def test_it_follows_the_look(open_laboratory):
    lab = open_laboratory(on(epochs=0))
    check_looks(lab, show(lab))
