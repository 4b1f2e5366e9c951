"""The window's looks: everything is redrawn, texts are readable, colours tell apart, other scales."""

import itertools
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QToolButton

from app.theme import DARK, LIGHT, THEMES
from core.experiment import default_experiment
from core.network.initializer import INITIALIZERS
from core.optimizer import OPTIMIZERS, basic_optimizers
from tests.app.laboratory_driver import as_array, contrast, picture

PROJECT = Path(__file__).parents[2]


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


def test_icons_are_drawn_on_every_button_without_a_text(lab):
    for button in lab.window.findChildren(QToolButton):
        if button.isVisible() and not button.text() and not button.objectName().startswith("qt_"):
            assert not button.icon().isNull(), button.accessibleName()


SCRIPT = """
import sys
from PySide6.QtCore import QSettings
from app.main import Laboratory, application
from app.training_job import InlineChannel
from tests.app.laboratory_driver import small_experiment
from tests.app.window_widgets import cut_off

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


def test_the_look_that_is_there_already_is_not_put_on_again(lab):
    told = []
    lab.window.theme_changed.connect(told.append)
    lab.window.choose_look("light")
    assert not told
    lab.window.choose_look("dark")
    assert [theme.name for theme in told] == ["dark"]
