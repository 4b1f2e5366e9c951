"""Distributions in the network panel: kinds, forms, axes, heights, and exact figures for mouse and keys."""

from itertools import product

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPointF, Qt

from app.plots.depth_plot import DepthPlot
from app.plots.distribution import bin_under, heights, on_axis
from app.plots.histogram_overlay import HistogramOverlay
from app.plots.ridge_plot import RidgePlot
from app.shown.distribution_history import LEAST, MOST, DistributionHistory
from core.errors import InputError
from core.experiment import FORMS, default_experiment
from core.experiment_file import Saved, read_experiment, write_experiment
from core.network.statistics import KINDS
from core.training import TrainingFrame
from tests.app.laboratory_driver import LEFT, count_near, picture
from tests.app.window_widgets import cut_off


@pytest.fixture
def lab(open_laboratory):
    lab = open_laboratory()
    lab.until_initialized()
    return lab


@pytest.fixture
def view(lab):
    return lab.network.distributions


def settings(lab):
    return lab.experiment.distributions


def frame(lab):
    return lab.laboratory.network_presenter.report.frame


def train(lab, epochs=2):
    for number in range(epochs):
        lab.click(lab.network.epoch)
        lab.until(lambda n=number: frame(lab).epoch == n + 1 and lab.laboratory.training.is_settled)


def cells(lab, place, kind):
    return [cell for cell in frame(lab).networks[place].statistics if cell.kind == kind]


def test_every_kind_is_shown_in_every_form(lab, view, subtests):
    train(lab, 1)
    for form, kind in product(FORMS, KINDS):
        with subtests.test(f"{kind} as {form}"):
            lab.choose(view.kind, kind)
            lab.click(view.form.buttons[form])
            lab.process_events()
            assert (lab.experiment.shown, settings(lab).form) == (kind, form)
            page = view.stack.currentWidget()
            assert page.isVisible()
            image = picture(page)
            colour = lab.rows()["Normal 0.01"].colour
            assert count_near(image, colour) > 5, "drawn in the network's own colour"
            assert cut_off(lab.window) == []


@pytest.mark.parametrize("size", [(1280, 720), (2560, 1440)])
def test_no_form_is_cut_off(open_laboratory, subtests, size):
    lab = open_laboratory(default_experiment(), size=size)
    lab.until_initialized()
    for form in FORMS:
        with subtests.test(form):
            lab.click(lab.network.distributions.form.buttons[form])
            lab.process_events()
            assert (lab.window.width(), lab.window.height()) == size
            assert cut_off(lab.window) == []


def test_what_is_shown_is_part_of_the_experiment(lab, view):
    other = replace(settings(lab), form="depth", own_axes=True, log_counts=True)
    saved = Saved(replace(lab.experiment, shown="weight", distributions=other))
    kept = read_experiment(write_experiment(saved)).experiment
    assert kept.distributions == other
    lab.laboratory.document.replace(kept)
    assert (view.kind.currentText(), view.form.value()) == ("weights", "depth")
    assert view.own_axes.isChecked()
    assert view.log_counts.isChecked()
    lab.laboratory.document.replace(default_experiment())
    assert view.stack.currentWidget() is view.grid
    assert not view.own_axes.isChecked()


@pytest.mark.parametrize("wrong", [{"form": "pie"}, {"network": -1}, {"layer": 0}])
def test_what_cannot_be_shown_is_refused(wrong):
    experiment = default_experiment()
    with pytest.raises(InputError):
        replace(experiment, distributions=replace(experiment.distributions, **wrong)).checked()


def columns_near(image, colour):
    """How many columns of pixels have some in a colour."""
    height = image.height()
    return sum(count_near(image.copy(x, 0, 1, height), colour) > 0 for x in range(image.width()))


def test_own_axes_let_small_values_be_seen(open_laboratory):
    experiment = default_experiment()
    plain = experiment.training.with_variants(
        lambda each: replace(each, network=replace(each.network, batch_norm="off"))
    )
    lab = open_laboratory(replace(experiment, training=plain))
    lab.until_initialized()
    view = lab.network.distributions
    grid, colour = view.grid, lab.rows()["Normal 0.01"].colour
    last = grid._cell(0, 5).toRect()
    narrow = columns_near(picture(grid).copy(last), colour)
    lab.click(view.own_axes)
    lab.process_events()
    assert settings(lab).own_axes
    assert columns_near(picture(grid).copy(last), colour) > 2 * narrow
    told = grid.text_at(QPointF(last.center()))
    assert "e−" in told.splitlines()[-1], "the bin is as small as the values"
    lab.click(view.own_axes)
    assert not settings(lab).own_axes


def test_log_counts_lift_what_is_rare(lab, view):
    before = picture(view.grid)
    lab.click(view.log_counts)
    lab.process_events()
    assert settings(lab).log_counts
    assert picture(view.grid) != before


def test_axes_and_heights_rest_where_they_mean_nothing(lab, view):
    lab.click(view.form.buttons["depth"])
    assert not view.own_axes.isEnabled()
    assert not view.log_counts.isEnabled()


def test_the_tooltip_tells_the_bin_under_the_pointer(lab, view):
    cell = view.grid._cell(2, 1)
    stats = cells(lab, 2, "activation")[1]
    left = view.grid.text_at(cell.topLeft() + QPointF(0.1, 5.0)).splitlines()
    assert left[0] == "Xavier, layer 2, activations"
    assert left[-1].startswith(f"below {stats.edges[1]:.4g}".replace("-", "−"))
    assert f"{stats.counts[0]:,} of {stats.counts.sum():,} values" in left[-1]


def test_arrow_keys_read_the_grid_and_return_opens_a_layer_over_time(lab, view):
    train(lab, 2)
    view.grid.setFocus()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Down):
        lab.key(key, view.grid)
    assert view.grid.accessibleDescription().startswith("Xavier, layer 2, activations")
    lab.key(Qt.Key.Key_Return, view.grid)
    assert (settings(lab).form, settings(lab).network, settings(lab).layer) == ("ridges", 2, 2)
    page = view.stack.currentWidget()
    assert (page.network.currentText(), page.layer.currentText()) == ("Xavier", "layer 2")


def test_a_double_click_opens_a_layer_over_time(lab, view):
    lab.qtbot.mouseDClick(view.grid, LEFT, pos=view.grid._cell(1, 0).center().toPoint())
    assert (settings(lab).form, settings(lab).network, settings(lab).layer) == ("ridges", 1, 1)


def test_ridges_are_the_moments_of_the_run(lab, view):
    lab.click(view.form.buttons["ridges"])
    train(lab, 3)
    page = view.stack.currentWidget()
    plot = page.findChild(RidgePlot)
    steps = [ridge.step for ridge in plot.ridges()]
    assert steps[0] == 0
    assert steps == sorted(set(steps))
    assert steps[-1] == frame(lab).step == 3 * frame(lab).steps_per_epoch
    newest = cells(lab, 0, "activation")[0]
    assert plot.ridges()[-1].stats is newest
    told = plot.text_at(plot.spots()[-1].center())
    assert told.endswith(f"after step {steps[-1]:,}")
    assert f"{newest.std:.4g}" in told
    page.layer.setFocus()
    lab.key(Qt.Key.Key_Down, page.layer)
    assert settings(lab).layer == 2
    assert plot.ridges()[-1].stats.layer == 2
    lab.click(lab.network.reset)
    lab.until(lambda: frame(lab).step == 0)
    assert [ridge.step for ridge in plot.ridges()] == [0], "another run begins"


def test_depth_lines_are_the_figures_of_every_layer(lab, view):
    lab.click(view.form.buttons["depth"])
    spread, mean = view.stack.currentWidget().findChildren(DepthPlot)
    for place, (line, other) in enumerate(zip(spread.lines(), mean.lines(), strict=True)):
        found = cells(lab, place, "activation")
        assert line.values.tolist() == [cell.std for cell in found]
        assert other.values.tolist() == [cell.mean for cell in found]
    told = spread.text_at(spread.spots()[1].center()).splitlines()
    assert told[0] == "standard deviation, layer 2"
    assert told[1] == f"Normal 0.01: {cells(lab, 0, 'activation')[1].std:.4g}".replace("-", "−")
    spread.setFocus()
    lab.key(Qt.Key.Key_Right, spread)
    assert spread.accessibleDescription().startswith("standard deviation, layer 2")


def test_overlay_tells_every_network_in_a_layer(lab, view):
    lab.click(view.form.buttons["overlay"])
    lab.process_events()
    overlay = view.stack.currentWidget()
    assert isinstance(overlay, HistogramOverlay)
    assert len(overlay.spots()) == 2
    told = overlay.text_at(overlay.spots()[1].center())
    assert told.startswith("Layer 2\n")
    for row in lab.rows().values():
        assert f"{row.label}: mean" in told
    overlay.setFocus()
    lab.key(Qt.Key.Key_Right, overlay)
    lab.key(Qt.Key.Key_Return, overlay)
    assert (settings(lab).form, settings(lab).layer) == ("ridges", 2)


def test_before_the_first_step_there_are_no_updates(lab, view):
    lab.choose(view.kind, "update")
    for form in FORMS:
        lab.click(view.form.buttons[form])
        lab.process_events()
        picture(view.stack.currentWidget())


# ---------------------------------------------------------------- parts


def test_heights():
    counts = np.array([0, 1, 100])
    np.testing.assert_allclose(heights(counts, False), [0, 0.1, 1])
    np.testing.assert_allclose(heights(counts, True), [0, np.log(2) / np.log(101), 1])
    np.testing.assert_array_equal(heights(np.zeros(3), True), 0)


def test_bins_on_a_wider_axis_keep_their_places():
    counts, edges = np.array([3, 5]), np.array([-1.0, 0.0, 1.0])
    np.testing.assert_array_equal(on_axis(counts, edges, -2, 2, 8), [0, 0, 3, 3, 5, 5, 0, 0])
    np.testing.assert_array_equal(on_axis(counts, edges, -4, 4, 2), [3, 5])
    np.testing.assert_array_equal(on_axis(counts, edges, -100, 100, 3), [0, 5, 0])


def test_words_for_a_bin():
    counts, edges = np.array([1, 2, 1]), np.array([-3.0, -1.0, 1.0, 3.0])
    assert bin_under(counts, edges, -9.0) == "below −1: 1 of 4 values (25.0%)"
    assert bin_under(counts, edges, 0.5) == "−1 to 1: 2 of 4 values (50.0%)"
    assert bin_under(counts, edges, 9.0) == "from 1 on: 1 of 4 values (25.0%)"
    assert bin_under(np.zeros(3, int), edges, 0.0).endswith("0 of 0 values (0.0%)")


def moment(step, cells=100):
    class Network:
        statistics = (None,) * cells

    return TrainingFrame(step, 10_000, 0, 1, False, (Network(),))


def test_history_is_bounded_and_spread_over_the_run():
    history = DistributionHistory()
    for step in range(0, 5_000, 7):
        history.take(moment(step))
        assert len(history._kept) <= MOST
    steps = np.array(list(history._kept))
    assert steps[0] == 0
    assert len(steps) > MOST / 3
    assert np.diff(steps).max() <= 2.5 * np.median(np.diff(steps)), "evenly"
    assert [frame.step for frame in history.until(moment(1_000))][-1] == 1_000
    assert all(frame.step <= 1_000 for frame in history.until(moment(1_000)))
    large = DistributionHistory()
    for step in range(100):
        large.take(moment(step, 4_000))
    assert len(large._kept) <= LEAST
    large.clear()
    assert large.until(moment(3))[0].step == 3
