"""The window's start: what is not seen yet is not imported, and the collector waits."""

import gc
import os
import subprocess
import sys
import weakref
from pathlib import Path

import pytest

from app.collector import collector_waits
from app.event_collector import EventCollector, collect_what_is_due
from app.parts import PANELS

PROJECT = Path(__file__).parent.parent.parent

LAUNCH = """
import os, sys
from app.qt_binding import load_binding
load_binding()
from PySide6.QtCore import QSettings
from app.main import Laboratory, application
qt = application(["optiscope"])
lab = Laboratory(settings=QSettings(sys.argv[1], QSettings.Format.IniFormat))
lab.start()
qt.processEvents()
print(*sys.modules, flush=True)
lab.window.close()
lab.close()
os._exit(0)
"""

LATER = {
    "packages": ("numba", "OpenGL", "PIL", "imageio_ffmpeg", "torch"),
    "training": (
        "app.training_server", "core.training.run", "core.training.recorder", "core.training.trainee",
        "core.training.learned", "core.training.norms", "core.training.feed", "core.network.pictures",
    ),
    "panels": tuple(f"app.views.{panel.name}_panel" for panel in PANELS),
    "presenters": (
        "app.presenters.watched_network", "app.presenters.checks_presenter",
        "app.presenters.health_presenter", "app.presenters.landscape_presenter",
        "app.presenters.learned_presenter", "app.presenters.norm_presenter",
        "app.presenters.start_map_presenter", "app.presenters.number_map_presenter",
        "app.presenters.tune_presenter", "app.presenters.step_presenter",
        "app.presenters.critical_presenter", "app.presenters.starts_panel_presenter",
        "app.presenters.space_presenter", "app.presenters.vector_presenter",
        "app.presenters.cloud_presenter", "app.presenters.picture_presenter",
        "app.presenters.film_presenter",
    ),
    "other forms of what is shown": (
        "app.views.distribution_pages", "app.plots.ridge_plot", "app.plots.depth_plot",
        "app.plots.space_plot", "app.plots.confusion_plot", "app.plots.strand_grid",
    ),
    "dialogs": (
        "app.views.own_data_dialog", "app.views.export_dialogs", "app.views.formula_editor",
        "app.views.gallery_dialog", "app.views.describe_dialog", "app.views.command_palette",
        "app.views.help_page", "app.report",
    ),
    "computations": ("core.checks", "core.landscape", "core.maps", "core.critical_points", "core.diagnosis",
                     "app.map_server", "app.tune_server", "app.film_server", "app.film_job",
                     "app.watched_server", "app.watched_job"),
    "command line": ("app.commands", "app.exporters", "app.options"),
}  # fmt: skip


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Names of the modules that a window has imported when it is first seen."""
    settings = tmp_path_factory.mktemp("start") / "settings.ini"
    done = subprocess.run(
        [sys.executable, "-c", LAUNCH, str(settings)], cwd=PROJECT, capture_output=True, text=True,
        env=os.environ | {"PYTHONPATH": str(PROJECT), "QT_QPA_PLATFORM": "offscreen"}, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


@pytest.mark.xdist_group("start")
@pytest.mark.parametrize("kind", LATER)
def test_what_is_not_seen_at_the_start_is_not_imported(loaded, kind):
    assert "app.main_window" in loaded
    assert sorted(loaded & set(LATER[kind])) == []


READING = """\
import linecache
from app.qt_binding import load_binding
load_binding()
linecache.clearcache()
import csv, PySide6.QtWidgets, pyqtgraph
print(*linecache.cache)
"""


def test_qt_s_binding_reads_no_source():
    """It would look for names of its own in all that is imported after it, and keep what it read."""
    done = subprocess.run(
        [sys.executable, "-c", READING], cwd=PROJECT, capture_output=True, text=True, check=True, timeout=60,
        env=os.environ | {"PYTHONPATH": str(PROJECT), "QT_QPA_PLATFORM": "offscreen"},
    )  # fmt: skip
    assert done.stdout.split() == []


@pytest.mark.parametrize(
    "name", [name for names in LATER.values() for name in names if name.startswith(("app", "core"))]
)
def test_what_is_not_imported_at_the_start_is_there(name):
    path = PROJECT / name.replace(".", "/")
    assert path.with_suffix(".py").exists() or path.is_dir()


class Pair:
    """One of two that know each other, so that only the collector ends them."""

    def __init__(self):
        self.other = None


def lost_pair() -> weakref.ref:
    one, two = Pair(), Pair()
    one.other, two.other = two, one
    return weakref.ref(one)


@pytest.fixture
def collecting(lab):
    with collector_waits():
        collector = EventCollector(lab.laboratory)
        collector.begin()
        yield
        collector.stop()
    gc.unfreeze()


def test_garbage_is_collected_between_events_only(lab, collecting):
    gone = lost_pair()
    many = [[] for _ in range(5 * gc.get_threshold()[0])]
    assert gone() is not None  # which the interpreter would have ended by now
    lab.until(lambda: gone() is None)
    assert not gc.isenabled()
    del many


def test_old_garbage_is_collected_when_its_turn_comes(collecting):
    keeper = Pair()
    keeper.other = keeper
    gone = weakref.ref(keeper)
    gc.collect(1)  # what is reachable now is of the oldest generation
    del keeper
    for _ in range(gc.get_threshold()[2] - 1):
        gc.collect(1)
        collect_what_is_due()
        assert gone() is not None
    gc.collect(1)
    collect_what_is_due()
    assert gone() is None


def test_the_collector_works_again_after_a_start_that_failed():
    gc.enable()
    with pytest.raises(ImportError), collector_waits():
        raise ImportError
    assert gc.isenabled()
    gc.disable()
