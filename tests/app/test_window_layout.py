"""The window as a whole: layout, look, keys, names for those who do not see, menus."""

import itertools
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QFontMetrics
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QComboBox,
    QLabel,
    QLineEdit,
    QMessageBox,
    QScrollArea,
    QScrollBar,
    QTabBar,
    QToolButton,
    QWidget,
)

from app.forms.controls import ElidedLabel
from app.parts import PANELS
from app.theme import DARK, LIGHT, THEMES
from app.views.help_page import HelpPage
from app.views.network_groups import network_groups
from core.experiment import default_experiment
from core.network.initializer import INITIALIZERS
from core.optimizer import OPTIMIZERS, basic_optimizers
from core.training import NETWORK_HYPERPARAMETERS, TRAINING_HYPERPARAMETERS, VARIANT_HYPERPARAMETERS
from tests.app.laboratory_driver import as_array, contrast, picture

PROJECT = Path(__file__).parents[2]
each_look = pytest.mark.parametrize("look", ["light", "dark"])


def inside_a_scroll_area(widget, window):
    while widget is not None and widget is not window:
        widget = widget.parentWidget()
        if isinstance(widget, QScrollArea):
            return True
    return False


def visible_rect(widget, window):
    """The part of a widget that no parent cuts off, in the window's pixels."""
    rect = QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())
    parent = widget.parentWidget()
    while parent is not None:
        rect &= QRect(parent.mapTo(window, QPoint(0, 0)), parent.size())
        if parent is window:
            break
        parent = parent.parentWidget()
    return rect


def text_width(widget, text):
    return max(QFontMetrics(widget.font()).horizontalAdvance(line) for line in text.split("\n"))


def controls(window, kinds):
    """What is visible of some kinds, without the parts that Qt makes for itself."""
    for widget in window.findChildren(QWidget):
        own = not widget.objectName().startswith("qt_") and not isinstance(widget, QScrollBar)
        if own and isinstance(widget, kinds) and widget.isVisible() and not widget.size().isEmpty():
            yield widget


def cut_off(window):
    """Sentences on every control that is not seen whole, or whose text does not fit."""
    complaints = []
    for widget in controls(window, QLabel | QAbstractButton | QLineEdit | QComboBox | QAbstractSlider):
        name = f"{type(widget).__name__} {widget.accessibleName() or getattr(widget, 'text', str)()!r}"
        if not inside_a_scroll_area(widget, window):
            seen = visible_rect(widget, window)
            if seen.size() != widget.size():
                complaints.append(f"{name} is cut off: {widget.size()} but only {seen.size()} seen")
        if missing_room(widget) > 0:
            complaints.append(f"{name} has no room for its text")
    return complaints


def missing_room(widget):
    """Pixels that the text of a control would need beyond those that it has."""
    room = widget.contentsRect().width()
    if isinstance(widget, QLabel):
        free = isinstance(widget, ElidedLabel) or widget.wordWrap()
        return 0 if free else text_width(widget, widget.text()) - room - 1
    if isinstance(widget, QLineEdit):
        return text_width(widget, widget.text()) - room + 6
    if isinstance(widget, QComboBox):
        return text_width(widget, widget.currentText()) - room + 20
    if isinstance(widget, QAbstractButton) and widget.text():
        return widget.sizeHint().width() - widget.width() - 1
    return 0


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


# ---------------------------------------------------------------- layout


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


# ---------------------------------------------------------------- look


def test_switching_the_look_redraws_everything(open_laboratory):
    lab = open_laboratory(default_experiment())
    lab.until_initialized()
    lab.process_events()  # the rows that have come take their room
    parts = (lab.plot, lab.window.curves.loss, lab.network.grid, lab.network.loss, lab.window.playback,
             lab.window.optimizers, lab.network)  # fmt: skip
    light = [as_array(picture(part)).mean() for part in parts]
    lab.window.choose_look("dark")
    lab.process_events()
    for part, before in zip(parts, light, strict=True):
        assert as_array(picture(part)).mean() < before - 60, f"{type(part).__name__} is dark"
    assert [curve.colour for curve in lab.window.curves.loss.curves()] == [
        DARK.optimizer(k) for k in basic_optimizers()
    ]
    assert all(row.colour in map(QColor, DARK.variants) for row in lab.rows().values())
    lab.window.choose_look("light")
    lab.process_events()
    assert [as_array(picture(part)).mean() for part in parts] == pytest.approx(light, abs=2)


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_texts_are_readable(theme):
    for ground in (theme.panel, theme.window, theme.plot):
        assert contrast(theme.text, ground) >= 7
        assert contrast(theme.muted, ground) >= 4.5
        assert contrast(theme.error, ground) >= 4.5
        assert contrast(theme.warning, ground) >= 4.5
    for ground in (theme.control, theme.hover):
        assert contrast(theme.text, ground) >= 4.5
    assert contrast(theme.on_accent, theme.accent) >= 4.5


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_colours_tell_entries_apart(theme):
    for colours in (
        [theme.optimizer(key) for key in OPTIMIZERS],
        [theme.initializer(key) for key in INITIALIZERS],
    ):
        for one, other in itertools.combinations(colours, 2):
            distance = sum(abs(a - b) for a, b in zip(one.getRgb(), other.getRgb(), strict=True))
            assert distance >= 50, f"{one.name()} and {other.name()}"
        for colour in colours:
            assert contrast(colour.name(), theme.panel) >= 2.5
    for key in INITIALIZERS:  # their names are written in them
        assert contrast(theme.initializer(key).name(), theme.panel) >= 4.5


def test_both_looks_name_the_same_roles():
    assert vars(LIGHT).keys() == vars(DARK).keys()
    assert len(LIGHT.series) == len(DARK.series) >= len(OPTIMIZERS)
    assert len(LIGHT.variants) == len(DARK.variants) >= len(INITIALIZERS)


# ---------------------------------------------------------------- names and tips


def test_every_control_teaches_and_has_a_name(open_laboratory):
    lab = open_laboratory(default_experiment())
    lab.window.optimizers.rows["adam"].set_open(True)
    lab.network.setup.set_open(True)
    lab.window.optimizers.set_run_open(True)
    lab.window.optimizers.set_more_open(True)
    lab.process_events()
    silent = []
    for widget in controls(lab.window, QAbstractButton | QLineEdit | QComboBox | QAbstractSlider):
        tip = widget.toolTip() or widget.parentWidget().toolTip()
        name = widget.accessibleName() or (widget.text() if isinstance(widget, QAbstractButton) else "")
        if not tip or not name:
            silent.append(
                f"{type(widget).__name__} {name!r} in {type(widget.parentWidget()).__name__}: tip {tip!r}"
            )
    assert silent == []


def test_every_control_is_reached_with_tab(lab):
    lab.window.playback.bar.setFocus()
    seen, names = set(), []
    for _ in range(200):
        lab.key(Qt.Key.Key_Tab)
        focus = lab.window.focusWidget()
        if focus in seen:
            break
        seen.add(focus)
        names.append(focus.accessibleName())
    assert lab.plot in seen
    assert lab.window.surface.chooser in seen
    assert lab.network.train in seen
    panel = lab.window.optimizers
    assert {panel.rows[key].switch for key in basic_optimizers()} <= seen
    assert {panel.rows[key].rate.slider for key in basic_optimizers()} <= seen
    assert panel.more_expander in seen
    assert set(lab.network.setup.ticks.values()) <= seen
    assert {lab.window.playback.toggle, lab.window.playback.speed} <= seen


# ---------------------------------------------------------------- menus


def actions(lab):
    for top in lab.window.menuBar().actions():
        for item in top.menu().actions():
            if item.menu() is not None:
                yield from item.menu().actions()
            elif not item.isSeparator():
                yield item


def action(lab, text):
    return next(a for a in actions(lab) if a.text().replace("&", "") == text)


def test_no_two_actions_share_a_key(lab):
    keys = [a.shortcut().toString() for a in actions(lab) if not a.shortcut().isEmpty()]
    assert len(keys) == len(set(keys)) > 10


def test_letters_typed_on_a_list_choose_there_and_do_nothing_else(lab):
    lab.until_initialized()
    lab.click(lab.network.epoch)
    lab.until(lambda: "epoch 1" in lab.network.status.text())
    lab.until(lambda: not lab.timer_runs)
    asked = lab.laboratory.training._serial
    lab.window.surface.chooser.setFocus()
    for letter in (Qt.Key.Key_R, Qt.Key.Key_T, Qt.Key.Key_E):
        lab.key(letter)
        assert lab.laboratory.training._serial == asked, "the networks are neither trained nor reset"


@pytest.mark.parametrize(
    ("text", "word", "kind"),
    [("Keys and mouse", "Space", HelpPage), ("About Optiscope", "Optiscope", QMessageBox)],
)
def test_help_opens_and_closes(lab, text, word, kind):
    action(lab, text).trigger()
    lab.process_events()
    (box,) = lab.window.findChildren(kind)
    assert word in (box.text() if kind is QMessageBox else box.page.toPlainText())
    box.close()


def test_icons_are_drawn_on_every_button_without_a_text(lab):
    for button in lab.window.findChildren(QToolButton):
        if button.isVisible() and not button.text() and not button.objectName().startswith("qt_"):
            assert not button.icon().isNull(), button.accessibleName()


# ---------------------------------------------------------------- other scales

SCRIPT = """
import sys
from PySide6.QtCore import QSettings
from app.main import Laboratory, application
from app.training_job import InlineChannel
from tests.app.laboratory_driver import small_experiment
from tests.app.test_window_layout import cut_off

qt = application(["optiscope"])
lab = Laboratory(small_experiment(), QSettings(sys.argv[1], QSettings.Format.IniFormat), InlineChannel)
lab.window.resize(1280, 720)
lab.start()
for _ in range(40):
    qt.processEvents()
picture = lab.window.grab().toImage()
print(picture.devicePixelRatio(), picture.width(), *cut_off(lab.window), sep=chr(10))
lab.window.close()
lab.close()
"""


@pytest.mark.parametrize("scale", ["1.5", "2"])
def test_it_runs_sharp_and_whole_at_other_scales(tmp_path, scale):
    environment = os.environ | {"QT_SCALE_FACTOR": scale, "PYTHONPATH": str(PROJECT)}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path / "settings.ini")],
        cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    ratio, width, *complaints = done.stdout.splitlines()
    assert float(ratio) == float(scale)
    assert int(width) == round(1280 * float(scale)), "every pixel of the screen is drawn"
    assert complaints == []


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
    titles = [label for label in setup.run.findChildren(QLabel) if label.property("role") == "title"]
    assert [label.text() for label in titles] == [
        "Run", "Regularization", "Architecture", "Optimizer", "Data",
    ]  # fmt: skip
    assert titles[0].visibleRegion().boundingRect() == titles[0].rect(), "scrolled to"
    below = {
        name: [title.text() for title in titles if title.y() < field.y()][-1]
        for name, field in setup.run.fields.items()
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
        view = plot.getPlotItem().getViewBox()
        top = plot.mapFromScene(view.mapToScene(view.rect().topLeft())).y()
        assert plot.choice.geometry().bottom() < top


def test_the_look_that_is_there_already_is_not_put_on_again(lab):
    told = []
    lab.window.theme_changed.connect(told.append)
    lab.window.choose_look("light")
    assert not told
    lab.window.choose_look("dark")
    assert [theme.name for theme in told] == ["dark"]
