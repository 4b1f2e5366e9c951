"""The window as a whole: what fits where, docks and panels, and a layout that is remembered."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QTabBar

from app.parts import PANELS
from app.theme import DARK
from app.views.network_groups import network_groups
from core.experiment import default_experiment
from core.training import NETWORK_HYPERPARAMETERS, TRAINING_HYPERPARAMETERS, VARIANT_HYPERPARAMETERS
from tests.app.window_widgets import action, cut_off


@pytest.mark.parametrize("size", [(1280, 720), (1440, 900), (2560, 1440)])
def test_nothing_is_cut_off(open_laboratory, size):
    lab = open_laboratory(default_experiment(), size=size)
    lab.until_initialized()
    lab.process_events()
    assert (lab.window.width(), lab.window.height()) == size, "the window fits this screen"
    assert cut_off(lab.window) == []
    assert not lab.window.optimizers.verticalScrollBar().isVisible(), "all six rows are seen"
    assert lab.window.network.grid.height() >= 100
    assert lab.window.curves.loss.height() >= 70


def test_with_everything_open_the_window_still_fits(open_laboratory):
    lab = open_laboratory(default_experiment())
    lab.until_initialized()
    lab.click(lab.window.optimizers.rows["adam"].expander)
    lab.click(lab.network.setup.expander)
    lab.choose(lab.network.setup.optimizer, "adam")
    lab.process_events()
    assert (lab.window.width(), lab.window.height()) == (1280, 720)
    assert cut_off(lab.window) == []


def test_the_legend_names_everyone_at_the_smallest_size(open_laboratory):
    lab = open_laboratory(default_experiment())
    legend = lab.plot._legend
    box = legend._place(260, 120)
    assert box is not None
    assert legend.boundingRect().contains(box)


def test_the_right_column_leaves_the_surface_its_room(open_laboratory):
    lab = open_laboratory(default_experiment(), size=(1280, 720))
    lab.until_initialized()
    lab.process_events()
    assert lab.window.network_dock.width() <= 500
    bars = [bar for bar in lab.window.findChildren(QTabBar) if bar.isVisible() and bar.count() > 5]
    assert [bar.tabRect(bar.count() - 1).right() < bar.width() for bar in bars] == [True], "all tabs are seen"


def test_the_set_up_is_seen_whole_at_the_smallest_size(open_laboratory):
    lab = open_laboratory(default_experiment(), size=(1280, 720))
    lab.until_initialized()
    lab.process_events()
    setup = lab.network.setup
    for part in (setup.variants, setup.dataset, setup.rate, setup.optimizer, *setup.ticks.values()):
        assert part.visibleRegion().boundingRect() == part.rect(), part.accessibleName()


def test_opening_the_other_numbers_shows_them_under_headings(open_laboratory):
    lab = open_laboratory(default_experiment(), size=(1280, 720))
    lab.until_initialized()
    setup = lab.network.setup
    lab.click(setup.expander)
    lab.process_events()
    titles = [label for label in setup.numbers.run.findChildren(QLabel) if label.property("role") == "title"]
    assert [label.text() for label in titles] == [
        "Run", "Regularization", "Architecture", "Optimizer", "Data",
    ]  # fmt: skip
    assert titles[0].visibleRegion().boundingRect() == titles[0].rect(), "scrolled to"
    below = {
        name: [title.text() for title in titles if title.y() < field.y()][-1]
        for name, field in setup.numbers.run.fields.items()
    }
    assert below["epochs"] == "Run"
    assert below["l2"] == below["dropout"] == "Regularization"
    assert below["residual"] == "Architecture"
    assert below["clip"] == "Optimizer"
    assert below["preprocessing"] == below["rotate"] == "Data"


def test_every_number_of_a_network_is_in_one_group():
    named = [each.name for group in network_groups().values() for each in group]
    tables = (*TRAINING_HYPERPARAMETERS, *VARIANT_HYPERPARAMETERS, *NETWORK_HYPERPARAMETERS)
    assert sorted(named) == sorted({each.name for each in tables} - {"layers", "units", "batch_norm"})


def test_the_names_of_curves_do_not_lie_over_them(open_laboratory):
    lab = open_laboratory(default_experiment(), size=(1280, 720))
    lab.until_initialized()
    lab.process_events()
    for plot in lab.network.plots:
        view = plot.view
        top = plot.mapFromScene(view.mapToScene(view.rect().topLeft())).y()
        assert plot.choice.geometry().bottom() < top


# ---------------------------------------------------------------- docks and panels


@pytest.mark.window  # where there is a screen as large as the window
def test_layout_and_look_are_remembered(open_laboratory):
    lab = open_laboratory(size=(1400, 850))
    lab.window._split.setSizes([300, 400])
    lab.window.resizeDocks([lab.window.network_dock], [640], Qt.Orientation.Horizontal)
    lab.network.split.setSizes([150, 250])
    lab.window.choose_look("dark")
    lab.process_events()
    inner = lab.network.split.sizes()
    curves, width = lab.window._split.sizes()[1], lab.window.network_dock.width()
    lab.window.close()
    again = open_laboratory(size=(1400, 850))
    again.process_events()
    assert again.window.theme is DARK
    assert again.window._split.sizes()[1] == pytest.approx(curves, abs=3)
    assert again.window.network_dock.width() == pytest.approx(width, abs=3)
    assert again.network.split.sizes() == pytest.approx(inner, abs=3)


def test_reset_layout_brings_the_first_layout_back(lab):
    window = lab.window
    first = layout_of(window)
    window.optimizer_dock.hide()
    window.network_dock.setFloating(True)
    window._split.setSizes([100, 600])
    window.network.split.setSizes([80, 300])
    lab.process_events()
    action(lab, "Reset layout").trigger()
    lab.process_events()
    assert window.optimizer_dock.isVisible()
    assert not window.network_dock.isFloating()
    assert layout_of(window) == first


def test_there_is_one_row_of_tabs_however_often_the_layout_is_reset(lab):
    for _ in range(3):
        tabs = lab.window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
        shown = [bar for bar in tabs if bar.isVisible() and not bar.visibleRegion().isEmpty()]
        assert [bar.count() for bar in shown] == [1 + sum(panel.at_start for panel in PANELS)]
        action(lab, "Reset layout").trigger()
        lab.process_events()


def layout_of(window):
    docks = (window.network_dock.geometry(), window.optimizer_dock.geometry())
    return *docks, window._split.sizes(), window.network.split.sizes()


def test_a_dock_floats_lives_on_and_comes_back(lab):
    dock = lab.window.network_dock
    lab.until_initialized()
    dock.setFloating(True)
    lab.process_events()
    assert dock.isWindow()
    lab.click(lab.network.epoch)
    lab.until(lambda: "epoch 1" in lab.network.status.text())
    assert dock.grab().width() > 100
    dock.setFloating(False)
    lab.process_events()
    assert not dock.isWindow()
    assert dock.isVisible()


def test_keys_reach_a_slider_in_a_floating_dock(lab):
    dock = lab.window.optimizer_dock
    dock.setFloating(True)
    lab.process_events()
    dock.activateWindow()
    slider = lab.window.optimizers.rows["adam"].rate.slider
    slider.setFocus()
    before = slider.value()
    lab.key(Qt.Key.Key_Left, slider)
    assert slider.value() < before
    assert lab.laboratory.playback.step == 0, "the key did not step the playback instead"


def test_a_closed_panel_comes_back_from_the_menu(lab):
    lab.window.network_dock.close()
    lab.process_events()
    assert not lab.network.isVisible()
    action(lab, "Network").trigger()
    assert lab.network.isVisible()


def test_a_damaged_layout_is_no_obstacle(open_laboratory, tmp_path):
    from PySide6.QtCore import QByteArray, QSettings

    settings = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    for key in ("geometry", "state", "surface_split", "network_split"):
        settings.setValue(key, QByteArray(b"\x00\x01nonsense"))
    settings.setValue("look", "plaid")
    settings.sync()
    lab = open_laboratory()
    assert lab.window.optimizer_dock.isVisible()
    assert cut_off(lab.window) == []
