"""The network panel: what is set, and what is shown of the distributions."""

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QCheckBox

from core.choice import Choice
from core.data.dataset import DATASETS
from core.experiment import default_experiment
from core.network.activation import ACTIVATIONS
from core.network.initializer import INITIALIZERS
from core.optimizer import OPTIMIZERS, network_optimizers
from tests.app.laboratory_driver import handle_position, picture, small_experiment
from tests.app.network_panel import epochs_seen, first, open_more, scroll_to, spreads, training
from tests.training_specs import training as changed_training


@pytest.fixture
def lab(open_laboratory):
    lab = open_laboratory()
    lab.until_initialized()
    return lab


@pytest.fixture
def setup(lab):
    return lab.network.setup


def test_ticks_add_and_remove_rows_in_the_catalogues_order(lab, setup):
    assert list(lab.rows()) == ["Normal 0.01", "Normal 1", "Xavier", "He"]
    lab.click(setup.ticks["zeros"])
    lab.click(setup.ticks["large_normal"])
    lab.until_initialized()
    assert list(lab.rows()) == ["Zeros", "Normal 0.01", "Xavier", "He"]
    assert len(lab.network.loss.curves()) == 8, "training and validation of each"
    theme = lab.window.theme
    for row, key in zip(
        lab.rows().values(), ("zeros", "small_normal", "xavier_normal", "he_normal"), strict=True
    ):
        assert row.colour == theme.initializer(key)
    assert dot(setup.ticks["zeros"]) == theme.initializer("zeros"), "full when ticked"
    assert dot(setup.ticks["large_normal"]) != theme.initializer("large_normal")


def dot(tick):
    return picture(tick).pixelColor(9, tick.height() // 2)


def test_the_last_tick_stays(lab, setup):
    for key in ("small_normal", "large_normal", "he_normal"):
        lab.click(setup.ticks[key])
    before = lab.experiment
    lab.click(setup.ticks["xavier_normal"])
    assert setup.ticks["xavier_normal"].isChecked()
    assert setup.error.isVisible()
    assert "At least one" in setup.error.text()
    assert lab.experiment is before
    lab.click(setup.ticks["he_normal"])
    assert not setup.error.isVisible()
    lab.until_initialized()
    assert list(lab.rows()) == ["Xavier", "He"]


@pytest.mark.parametrize("place", ["off", "after"])
def test_batch_norm_is_switched(lab, setup, place):
    before = spreads(lab, "Normal 0.01")
    lab.click(setup.batch_norm.buttons[place])
    assert first(lab).network.batch_norm == place
    lab.until_initialized()
    assert setup.batch_norm.value() == place
    assert spreads(lab, "Normal 0.01") != before


def test_without_batch_norm_small_weights_die_and_xavier_lives(open_laboratory):
    lab = open_laboratory(default_experiment())
    lab.until_initialized()
    assert min(spreads(lab, "Normal 0.01")) > 0.3, "batch norm keeps it alive"
    lab.click(lab.network.setup.batch_norm.buttons["off"])
    lab.until_initialized()
    dying = spreads(lab, "Normal 0.01")
    assert dying == sorted(dying, reverse=True), "it fades layer by layer"
    assert dying[-1] < 1e-5
    assert min(spreads(lab, "Xavier")) > 0.2
    grid = lab.network.grid
    cell = grid._cell(0, 5)
    assert "standard deviation" in grid.text_at(cell.center())
    assert f"{dying[-1]:.4g}".replace("-", "−") in grid.text_at(cell.center())


def test_every_activation_is_shown(lab, setup, subtests):
    for key, entry in ACTIVATIONS.items():
        with subtests.test(key):
            lab.choose(setup.activation, key)
            lab.until_initialized()
            assert first(lab).network.activation == Choice(key)
            assert setup.activation.currentText() == entry.name
            assert len(lab.rows()) == 4
            lab.window.grab()


def test_every_data_set_is_learned_from(lab, setup, subtests):
    open_more(lab)
    for key, entry in DATASETS.items():
        with subtests.test(key):
            scroll_to(lab, setup.dataset)
            lab.choose(setup.dataset, key)
            lab.until_initialized()
            assert training(lab).dataset == Choice(key)
            lab.click(lab.network.epoch)
            lab.until(lambda: min(epochs_seen(lab)) == 2)
            assert list(setup.numbers.forms["dataset"].fields) == [h.name for h in entry.hyperparameters]


def test_layers_are_set_in_the_box(lab, setup, subtests):
    for layers, columns in [("1", 1), ("12", 12), ("50", 49)]:
        with subtests.test(layers):
            lab.type_into(setup.shape["layers"].box, layers)
            lab.until_initialized()
            assert first(lab).network.layers == int(layers)
            assert all(len(row.cells) == int(layers) for row in lab.rows().values())
            grid = lab.network.grid
            assert 1 <= len(grid._columns()) <= columns, "of a deep network an even choice is drawn"
            shown = grid._columns()
            assert shown[0] == 0
            assert shown[-1] == int(layers) - 1
            lab.window.grab()


def test_a_network_of_one_unit_trains(lab, setup):
    lab.type_into(setup.shape["units"].box, "1")
    lab.until_initialized()
    lab.click(lab.network.epoch)
    lab.until(lambda: min(epochs_seen(lab)) == 2)


def test_a_senseless_shape_is_refused_beside(lab, setup, subtests):
    first_of_all = lab.experiment
    for name, text, word in [
        ("layers", "0", "from 1"),
        ("layers", "51", "50"),
        ("units", "2.5", "whole"),
        ("units", "x", "'x'"),
    ]:
        with subtests.test(f"{name} {text}"):
            lab.laboratory.document.replace(first_of_all)
            before, rows = lab.experiment, lab.rows()
            lab.type_into(setup.shape[name].box, text)
            assert setup.error.isVisible()
            assert name in setup.error.text()
            assert word in setup.error.text()
            assert lab.experiment is before
            assert lab.rows() == rows
            lab.type_into(setup.shape[name].box, "3")
            assert not setup.error.isVisible()


def test_a_shape_is_dragged(lab, setup):
    slider = setup.shape["units"].slider
    lab.drag(slider, handle_position(slider, slider.value() / slider.maximum()), handle_position(slider, 0.1))
    lab.until_initialized()
    assert first(lab).network.units == setup.shape["units"].box.value() == pytest.approx(26, abs=6)


def test_methods_for_surfaces_only_are_not_offered(setup):
    offered = [setup.optimizer.itemData(row) for row in range(setup.optimizer.count())]
    assert offered == list(network_optimizers())
    assert not {"newton", "lbfgs"} & set(offered)


def test_further_numbers_are_made_when_they_are_opened(lab, setup):
    assert not setup.has_numbers
    setup.clear_errors()
    assert not setup.has_numbers
    lab.click(setup.expander)
    assert setup.has_numbers
    assert setup.numbers.isVisible()
    assert setup.numbers.run.fields["epochs"].box.value() == lab.experiment.training.epochs
    lab.click(setup.expander)
    assert not setup.numbers.isVisible()


def test_every_optimizer_brings_its_numbers(lab, setup, subtests):
    open_more(lab)
    for key in network_optimizers():
        with subtests.test(key):
            scroll_to(lab, setup.optimizer)
            lab.choose(setup.optimizer, key)
            assert first(lab).method.optimizer.id == key
            assert list(setup.numbers.forms["optimizer"].fields) == [
                h.name for h in OPTIMIZERS[key].hyperparameters if h.name != "learning_rate"
            ]
            lab.type_into(setup.rate.box, "0.02")
            assert first(lab).method.values()["learning_rate"] == 0.02
            for name, field in setup.numbers.forms["optimizer"].fields.items():
                switch = field.findChild(QCheckBox)
                if switch is not None:
                    scroll_to(lab, switch)
                    before = first(lab).method.values()[name]
                    lab.click(switch)
                    assert first(lab).method.values()[name] is not before


def test_the_rate_is_refused_in_words(lab, setup):
    before = lab.experiment
    lab.type_into(setup.rate.box, "-1")
    assert "learning rate" in setup.error.text()
    assert setup.error.isVisible()
    assert lab.experiment is before


@pytest.mark.parametrize(
    ("name", "value", "word"), [("batch_size", "100000", "at most"), ("batch_size", "1", "at least 2")]
)
def test_a_batch_that_cannot_be_is_refused_beside_it(lab, setup, name, value, word):
    rows = lab.rows()
    open_more(lab)
    box = setup.numbers.run.fields[name].box
    lab.type_into(box, value)
    lab.until(lambda: setup.numbers.run.error(name))
    assert word in setup.numbers.run.error(name)
    assert setup.numbers.run._errors[name].isVisible()
    assert box.property("wrong") == "true"
    assert lab.rows() == rows, "the old picture stays"
    assert not lab.network.train.isEnabled(), "there is nothing to train"
    lab.until(lambda: not lab.timer_runs)
    lab.choose(lab.network.distributions.kind, "gradient")
    assert not lab.network.train.isEnabled(), "looking at something else mends nothing"
    lab.key(Qt.Key.Key_Return, box)
    assert word in setup.numbers.run.error(name), "nor does Return"
    lab.type_into(box, "32")
    lab.until_initialized()
    assert setup.numbers.run.error(name) == ""
    assert lab.network.train.isEnabled()
    lab.click(lab.network.epoch)
    lab.until(lambda: min(epochs_seen(lab)) == 2)


def test_distributions_of_each_kind(lab, subtests):
    for kind in ["pre_activation", "activation", "gradient"]:
        with subtests.test(kind):
            lab.choose(lab.network.distributions.kind, kind)
            assert all(cell.kind == kind for row in lab.rows().values() for cell in row.cells)
            assert lab.experiment.shown == kind
            grid = lab.network.grid
            assert kind.replace("_", "-") in grid.text_at(grid._cell(1, 1).center())
            assert grid.text_at(QPointF(-5, -5)) == ""


def test_other_numbers_of_the_run_are_set_and_reset(lab, setup):
    open_more(lab)
    lab.type_into(setup.numbers.run.fields["seed"].box, "5")
    lab.type_into(setup.numbers.run.fields["l2"].box, "0.1")
    assert training(lab).seed == 5
    assert first(lab).l2 == 0.1
    lab.until_initialized()
    button = setup.numbers.run.resets["l2"]
    scroll_to(lab, button)
    lab.click(button)
    assert first(lab).l2 == 0.0
    lab.choose(setup.numbers.run.fields["dtype"].box, "float64")
    assert training(lab).dtype == "float64"
    lab.until_initialized()
    assert len(lab.rows()) == 4


def test_a_schedule_of_the_network_is_chosen(lab, setup):
    open_more(lab)
    scroll_to(lab, setup.numbers.schedule.combo)
    lab.choose(setup.numbers.schedule.combo, "cosine")
    assert first(lab).method.schedule == Choice("cosine")
    assert setup.numbers.schedule.form is not None
    lab.until_initialized()


def test_the_network_s_momentum_follows_a_ramp_where_there_is_a_momentum(lab, setup):
    lab.choose(setup.optimizer, "momentum")
    open_more(lab)
    scroll_to(lab, setup.numbers.momentum_schedule.combo)
    lab.choose(setup.numbers.momentum_schedule.combo, "linear")
    assert first(lab).method.momentum_schedule == Choice("linear")
    lab.choose(setup.optimizer, "adagrad")
    assert not setup.numbers.momentum_schedule.isVisible()
    assert first(lab).method.momentum_schedule == Choice("constant")
    lab.until_initialized()


def test_a_network_too_large_for_any_memory_is_refused(lab, setup):
    huge = changed_training(
        training(lab),
        network=replace(first(lab).network, layers=50, units=512),
        initializers=tuple(Choice(key) for key in list(INITIALIZERS)[:8]),
        dataset=Choice("digits"),
        batch_size=1437,
        dtype="float64",
    )
    lab.laboratory.document.replace(replace(lab.experiment, training=huge))
    lab.until(lambda: setup.error.isVisible())
    assert "GB of memory" in setup.error.text()
    assert setup.shape["units"].box.property("wrong") == "true"
    lab.laboratory.document.replace(small_experiment())
    lab.until_initialized()
    assert not setup.error.isVisible()
