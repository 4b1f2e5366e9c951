"""Several networks in the panel: duplicated, chosen, edited together or one by one, removed."""

import pytest

from core.choice import Choice
from tests.app.network_panel import open_more, training


@pytest.fixture
def lab(open_laboratory):
    lab = open_laboratory()
    lab.until_initialized()
    return lab


@pytest.fixture
def setup(lab):
    return lab.network.setup


def select(lab, label):
    combo = lab.network.setup.variants.combo
    lab.choose(combo, combo.itemData(combo.findText(label)))
    lab.process_events()


def test_a_network_is_duplicated_and_one_thing_changed(lab, setup):
    select(lab, "Xavier")
    lab.click(setup.variants.duplicate)
    assert setup.variants.combo.currentText() == "Xavier (2)"
    lab.click(setup.batch_norm.buttons["off"])
    lab.until_initialized()
    assert [row for row in lab.rows() if row.startswith("Xavier")] == [
        "Xavier · batch norm before", "Xavier · no batch norm"
    ]  # fmt: skip
    colours = [row.colour.name() for row in lab.network.grid.rows()]
    assert len(set(colours)) == 5, "each network has a colour of its own"
    assert lab.rows()["Xavier · batch norm before"].colour == lab.window.theme.initializer("xavier_normal")
    assert [v.network.batch_norm for v in training(lab).variants] == ["before"] * 3 + ["off", "before"]


def test_with_all_chosen_an_edit_goes_to_all_and_keeps_what_differs(lab, setup):
    select(lab, "He")
    lab.click(setup.batch_norm.buttons["off"])
    select(lab, "all 4 networks")
    lab.choose(setup.activation, "relu")
    assert {v.network.activation.id for v in training(lab).variants} == {"relu"}
    assert [v.network.batch_norm for v in training(lab).variants] == ["before"] * 3 + ["off"]


def test_the_network_chosen_is_the_one_whose_numbers_are_shown(lab, setup):
    select(lab, "Normal 1")
    lab.type_into(setup.rate.box, "0.5")
    select(lab, "all 4 networks")
    assert setup.rate.box.value() == 0.03
    select(lab, "Normal 1 · rate 0.5")
    assert setup.rate.box.value() == 0.5
    assert [key for key, tick in setup.ticks.items() if tick.isChecked()] == ["large_normal"]
    lab.click(setup.ticks["orthogonal"])
    assert training(lab).variants[1].initializer == Choice("orthogonal")
    assert [key for key, tick in setup.ticks.items() if tick.isChecked()] == ["orthogonal"]


def test_a_network_is_removed_but_never_the_last(lab, setup):
    assert not setup.variants.remove.isEnabled(), "which one?"
    for label in ("Normal 0.01", "Normal 1", "Xavier"):
        select(lab, label)
        lab.click(setup.variants.remove)
    lab.until_initialized()
    assert list(lab.rows()) == ["He"]
    select(lab, "He")
    assert not setup.variants.remove.isEnabled()


def test_there_are_at_most_eight(lab, setup):
    for _ in range(4):
        assert setup.variants.duplicate.isEnabled()
        lab.click(setup.variants.duplicate)
    assert len(training(lab).variants) == 8
    assert not setup.variants.duplicate.isEnabled()
    select(lab, "all 8 networks")
    lab.click(setup.ticks["zeros"])
    assert "8 networks are as many" in setup.error.text()
    assert not setup.ticks["zeros"].isChecked()
    lab.until_initialized()
    assert len(lab.rows()) == 8


def test_numbers_of_what_is_chosen_are_set(lab):
    setup = open_more(lab)
    assert not setup.numbers.forms["initializer"].fields, "of several each has numbers of its own"
    select(lab, "Normal 1")
    lab.type_into(setup.numbers.forms["initializer"].fields["std"].box, "0.2")
    assert training(lab).variants[1].initializer == Choice("large_normal", {"std": 0.2})
    assert setup.variants.combo.currentText() == "Normal 0.2"
    select(lab, "all 4 networks")
    lab.choose(setup.activation, "leaky_relu")
    lab.process_events()
    lab.type_into(setup.numbers.forms["activation"].fields["slope"].box, "0.25")
    assert {v.network.activation.values["slope"] for v in training(lab).variants} == {0.25}


def test_with_different_optimizers_each_keeps_its_own_numbers(lab):
    setup = open_more(lab)
    select(lab, "He")
    lab.choose(setup.optimizer, "adam")
    select(lab, "all 4 networks")
    lab.type_into(setup.numbers.forms["optimizer"].fields["momentum"].box, "0.5")
    lab.type_into(setup.rate.box, "0.01")
    values = [v.method.values() for v in training(lab).variants]
    assert [v["learning_rate"] for v in values] == [0.01] * 4
    assert [v.get("momentum") for v in values] == [0.5, 0.5, 0.5, None]
    lab.until_initialized()
    assert not setup.error.isVisible()
