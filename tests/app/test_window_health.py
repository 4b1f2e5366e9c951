"""The panel of health: every network in a table, verdicts in words, figures against depth."""

import math

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt

from app.plots.depth_plot import DepthPlot
from app.views.health_table import COLUMNS
from core.choice import Choice
from core.experiment import default_experiment
from core.network.health import examine
from tests.app.laboratory_driver import LEFT, count_near, picture
from tests.app.window_widgets import cut_off


def without_batch_norm(experiment):
    plain = experiment.training.with_variants(
        lambda each: replace(each, network=replace(each.network, batch_norm="off"))
    )
    return replace(experiment, training=plain)


@pytest.fixture
def lab(open_laboratory):
    lab = open_laboratory(without_batch_norm(default_experiment()))
    lab.until_initialized()
    return lab


@pytest.fixture
def panel(lab):
    panel = lab.window.show_panel("health")
    lab.process_events()
    return panel


def frame(lab):
    return lab.laboratory.network_presenter.report.frame


def click_row(lab, panel, row):
    place = panel.table.visualRect(panel.table.model().index(row, 2)).center()
    lab.qtbot.mouseClick(panel.table.viewport(), LEFT, pos=place)


def test_the_known_cases_are_told(lab, panel):
    rows = {row[0]: row for row in panel.table.rows()}
    assert {name: row[1] for name, row in rows.items()} == {
        "Normal 0.01": "vanishing", "Normal 1": "saturated", "Xavier": "healthy", "He": "healthy",
    }  # fmt: skip
    assert rows["Normal 1"][3].endswith("%")
    assert {row[5] for row in rows.values()} == {"–"}, "no step was made"
    assert panel.verdicts.text().startswith("Normal 0.01, layers 2–6: activations fade to a spread of ")
    assert panel.verdicts.text().endswith("; try Xavier.")


def test_a_network_is_chosen_with_the_mouse_and_the_keys(lab, panel):
    click_row(lab, panel, 1)
    assert lab.experiment.distributions.network == 1
    assert panel.verdicts.text().startswith("Normal 1, layers 1–6: ")
    assert "% saturated; try Xavier." in panel.verdicts.text()
    lab.key(Qt.Key.Key_Down, panel.table)
    assert lab.experiment.distributions.network == 2
    assert panel.verdicts.text().startswith("Xavier: No layer is dead")


def test_digits_sort_by_a_column_worst_first_and_once_more_turns_it(lab, panel):
    panel.table.setFocus()
    lab.key(Qt.Key.Key_4, panel.table)
    shares = [int(row[3].split()[0]) for row in panel.table.rows()]
    assert shares == sorted(shares, reverse=True)
    assert panel.table.rows()[0][0] == "Normal 1"
    lab.key(Qt.Key.Key_4, panel.table)
    assert [int(row[3].split()[0]) for row in panel.table.rows()] == shares[::-1]
    lab.key(Qt.Key.Key_1, panel.table)
    names = [row[0] for row in panel.table.rows()]
    assert names == sorted(names, reverse=True)
    header = panel.table.model().headerData
    for column in range(len(COLUMNS)):
        assert "to sort" in header(column, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)


def test_it_follows_the_training_and_keeps_the_chosen_row(lab, panel):
    lab.window.network_dock.raise_()
    lab.process_events()
    lab.click(lab.network.epoch)
    lab.until(lambda: frame(lab).epoch == 1 and lab.laboratory.training.is_settled, 30)
    lab.window.show_panel("health")
    lab.until(lambda: all(row[5] != "–" for row in panel.table.rows()))
    panel.table.setFocus()
    lab.key(Qt.Key.Key_4, panel.table)
    click_row(lab, panel, 0)
    assert lab.experiment.distributions.network == 1, "the place of the network, not of the row"
    for plot, figure in ((panel.gradients, "gradient_norm"), (panel.ratios, "update_ratio")):
        for line, network in zip(plot.lines(), frame(lab).networks, strict=True):
            health = examine(network.statistics, network.variant.network, network.variant.initializer)
            assert line.values.tolist() == [getattr(layer, figure) for layer in health.layers]
            assert not any(map(math.isnan, line.values))


def test_the_guide_is_drawn_and_told(lab, panel):
    ratios = panel.ratios
    assert not any(line.values.size and line.values[0] > 0 for line in ratios.lines())
    told = ratios.text_at(ratios.spots()[0].center())
    assert "about 0.001, between 0.0001 and 0.01" in told
    shares = panel.findChildren(DepthPlot)[0]
    assert "%" in shares.text_at(shares.spots()[0].center())
    assert count_near(picture(shares), lab.window.theme.networks(["large_normal"])[0]) > 5


@pytest.mark.parametrize("look", ["light", "dark"])
def test_nothing_is_cut_off_with_eight_networks(lab, panel, look):
    lab.window.choose_look(look)
    training = lab.experiment.training
    lab.laboratory.document.replace(
        replace(lab.experiment, training=replace(training, variants=training.variants * 2))
    )
    lab.until(lambda: len(panel.table.rows()) == 8)
    lab.process_events()
    assert (lab.window.width(), lab.window.height()) == (1280, 720)
    assert cut_off(panel) == []
    assert panel.ratios.height() >= 84


def test_a_network_that_diverged_says_so_first(open_laboratory):
    experiment = without_batch_norm(default_experiment())
    wild = experiment.training.with_variants(
        lambda each: replace(
            each,
            network=replace(each.network, activation=Choice("relu")),
            initializer=Choice("large_normal", {"std": 1e25}),
        ),
        1,
    )
    lab = open_laboratory(replace(experiment, training=wild))
    lab.until_initialized()
    panel = lab.window.show_panel("health")
    lab.process_events()
    assert panel.table.rows()[1][1] == "diverged"
    click_row(lab, panel, 1)
    assert "Diverged before the first step" in panel.verdicts.text()


def test_going_back_in_the_run_goes_back_here_too(lab, panel):
    first = panel.table.rows()
    lab.window.network_dock.raise_()
    lab.process_events()
    lab.click(lab.network.epoch)
    lab.until(lambda: frame(lab).epoch == 1 and lab.laboratory.training.is_settled, 30)
    lab.click(lab.network.distributions.form.buttons["ridges"])
    plot = lab.network.distributions.ridges().plot
    assert plot.ridges()[-1].step == frame(lab).step > 0
    lab.network.progress.setFocus()
    lab.key(Qt.Key.Key_Home, lab.network.progress)
    lab.until(lambda: frame(lab).step == 0, 30)
    assert [ridge.step for ridge in plot.ridges()] == [0]
    lab.window.show_panel("health")
    lab.until(lambda: panel.table.rows() == first)
