"""The view in space where OpenGL is missing or its driver fails: a sentence says so, all else works."""

import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint

from app.presenters import space_presenter
from app.views.space_view import ADVICE
from core.experiment import default_experiment
from tests.app.space_views import LONG, space, switch
from tests.app.window_widgets import cut_off

PROJECT = Path(__file__).parents[2]


@pytest.fixture
def refused(open_laboratory, monkeypatch):
    monkeypatch.setattr(space_presenter, "try_graphics", partial(str, "This screen offers no OpenGL."))
    lab = open_laboratory()
    lab.click(switch(lab))
    lab.until(lambda: ADVICE in space(lab).reason.text(), LONG)
    return lab


def test_where_opengl_is_missing_a_sentence_says_so_and_everything_else_works(refused):
    lab, view = refused, space(refused)
    assert "OpenGL 3.3" in view.reason.text()
    assert "This screen offers no OpenGL." in view.reason.text()
    assert "libgl1-mesa-dri" in view.reason.text()
    assert view.reason.isVisible()
    assert not view.plot.isVisible()
    assert not view.height_scale.isVisible()
    assert lab.plot.isVisible()
    before = lab.experiment.starts
    lab.drag_ring(lab.ring() + QPoint(40, -30))
    assert lab.experiment.starts != before
    lab.laboratory.playback.go(5)
    lab.choose(lab.window.surface.chooser, "rosenbrock")
    lab.click(switch(lab))
    assert not view.isVisible()


def test_without_opengl_the_view_from_above_is_never_hidden(refused):
    document = refused.laboratory.document
    document.replace(document.experiment.with_overlay("three_d_alone", True))
    assert refused.plot.isVisible()


@pytest.mark.parametrize("size", [(1280, 720), (2560, 1440)])
def test_the_sentence_is_seen_whole(open_laboratory, monkeypatch, size):
    monkeypatch.setattr(space_presenter, "try_graphics", partial(str, "This screen offers no OpenGL."))
    lab = open_laboratory(default_experiment(), size=size)
    lab.click(switch(lab))
    lab.until(lambda: ADVICE in space(lab).reason.text(), LONG)
    lab.process_events()
    assert cut_off(lab.window) == []
    label = space(lab).reason
    assert label.heightForWidth(label.width()) <= label.height()


def test_a_driver_that_crashes_takes_only_its_trial_along(open_laboratory, monkeypatch):
    monkeypatch.setattr(space_presenter, "try_graphics", partial(os._exit, 7))
    lab = open_laboratory()
    lab.click(switch(lab))
    lab.until(lambda: ADVICE in space(lab).reason.text(), LONG)
    assert "ended the process" in space(lab).reason.text()


def test_the_window_may_close_during_the_trial(open_laboratory):
    lab = open_laboratory()
    lab.click(switch(lab))
    assert "OpenGL" in space(lab).reason.text()
    lab.window.close()


def test_nothing_of_it_is_loaded_before_it_is_asked_for(tmp_path):
    script = (
        "import sys\n"
        "from PySide6.QtCore import QSettings\n"
        "from app.main import Laboratory, application\n"
        "from app.training_job import InlineChannel\n"
        "from tests.app.laboratory_driver import small_experiment\n"
        "qt = application(['optiscope'])\n"
        "settings = QSettings(sys.argv[1], QSettings.Format.IniFormat)\n"
        "lab = Laboratory(small_experiment(), settings, InlineChannel)\n"
        "lab.start()\n"
        "qt.processEvents()\n"
        "print(*(name for name in sys.modules if name.startswith('app.') and '.space' in name))\n"
        "print('OpenGL' in sys.modules)\n"
        "lab.window.close()\n"
        "lab.close()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "settings.ini")], cwd=PROJECT, capture_output=True,
        env=os.environ | {"PYTHONPATH": str(PROJECT), "QT_QPA_PLATFORM": "offscreen"}, text=True, timeout=60,
    )  # fmt: skip
    assert done.stdout.split("\n")[:2] == ["", "False"], done.stderr
