"""Builds the objects and ties them together; nothing else does."""

import logging
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Protocol, TypeVar, cast

from PySide6.QtCore import QObject, QSettings, Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication

from app.channels import Channel, dismiss
from app.code_keeper import CodeKeeper, cache_folder, use_kept_code
from app.descents import Descents
from app.diagnoses import Diagnoses
from app.document import Document
from app.event_collector import EventCollector
from app.experiment_store import load
from app.history import History
from app.jobs import CallJob
from app.language import use_language
from app.log_file import end_log, log_path, write_log
from app.main_window import MainWindow
from app.opened_files import OpenedFiles
from app.own_formulas import OwnFormulas
from app.parts import OVERLAYS, PANELS
from app.playback import Clock, Playback
from app.preferences import PREFERENCES, Preferences
from app.presentation import Presentation
from app.presenters.data_presenter import DataPresenter
from app.presenters.export_presenter import ExportPresenter
from app.presenters.file_presenter import FilePresenter
from app.presenters.formula_presenter import FormulaPresenter
from app.presenters.help_presenter import HelpPresenter
from app.presenters.network_presenter import NetworkPresenter
from app.presenters.pointer_presenter import PointerPresenter
from app.presenters.samples_presenter import SamplesPresenter
from app.presenters.start_presenter import StartPresenter
from app.presenters.surface_presenter import SurfacePresenter
from app.recovery import recovery_folder
from app.server_processes import map_process, tuning_process
from app.start_points import StartPoints
from app.survey import Survey
from app.training_job import ProcessChannel, TrainingJob
from app.viewpoint import Viewpoint
from app.views.curves_view import CurvesView
from app.views.network_panel import NetworkPanel
from app.views.optimizer_panel import OptimizerPanel
from app.views.playback_bar import PlaybackBar
from app.views.surface_view import SurfaceView
from app.window_menus import build_menus, overlay_action
from core.descent import DESCENT_HYPERPARAMETERS
from core.errors import InputError
from core.experiment import Experiment, default_experiment
from core.experiment_file import Saved
from core.surface import surfaces

_SETTLED = 1500
"""Milliseconds after which all that the window needs has been made."""
_log = logging.getLogger("optiscope")


class Helper(Protocol):
    """What parts share: a process, perhaps, that ends with the window."""

    @property
    def channel(self) -> Channel | None:
        """The way to its process, if there is one."""

    def close(self) -> None:
        """End its processes."""


H = TypeVar("H", bound=Helper)


class Laboratory(QObject):
    """One window and everything behind it.

    Attributes
    ----------
    settings, document, clock, playback, training, descents, diagnoses, starts, survey, window
        The parts, for tests and scripts.
    executor
        What makes the workers of parts that come later.
    """

    def __init__(
        self,
        experiment: Experiment | None = None,
        settings: QSettings | None = None,
        open_channel: Callable[[], Channel] = ProcessChannel,
        executor: Callable[[], Executor] | None = None,
        open_maps: Callable[[], Channel] = map_process,
        open_tuning: Callable[[], Channel] = tuning_process,
        cache: Path | None = None,
        recovery: Path | None = None,
        log: Path | None = None,
    ) -> None:
        """What trains, computes, draws maps and tunes: processes, but for tests."""
        super().__init__()
        kept = use_kept_code(cache)
        self.settings = settings or QSettings("Optiscope", "Optiscope")
        self.executor = executor
        self.open_maps, self.open_tuning = open_maps, open_tuning
        self._jobs: list[CallJob] = []
        self._overlays: dict[str, object] = {}
        self._helpers: dict[type, Helper] = {}
        self._make_model(experiment or default_experiment(), open_channel)
        self.window = MainWindow(
            SurfaceView(surfaces()), CurvesView(), PlaybackBar(), OptimizerPanel(DESCENT_HYPERPARAMETERS),
            NetworkPanel(), self.settings,
        )  # fmt: skip
        self._make_surface_presenters()
        self._make_network_presenters()
        self._make_files(recovery)
        self.help = HelpPresenter(self, log)
        self.exports = ExportPresenter(self)
        self.presentation = Presentation(self.window, lambda: [action for _, action in self.menus.ways()])
        self.code_keeper = CodeKeeper(cache, kept, self.own_formulas, self.clock, executor, self)
        self._settling = QTimer(self)
        self._settling.setSingleShot(True)
        self._settling.timeout.connect(self.survey.begin)
        self._settling.timeout.connect(self.code_keeper.begin)
        self._add_menus(self._add_parts())
        self._tie()

    def _make_model(self, experiment: Experiment, open_channel: Callable[[], Channel]) -> None:
        """The experiment, the clock, and what computes."""
        self.document = Document(experiment, self)
        self.clock = Clock(self)
        self.playback = Playback(self.clock, self)
        self.training = TrainingJob(self.clock, open_channel, self)
        self.descents_job = CallJob(self.clock, "descents", parent=self)
        self._jobs.append(self.descents_job)
        self.descents = Descents(self.document, self.descents_job, self)
        self.starts = StartPoints(self.document, self)
        self.diagnoses_job = self._job("diagnoses")
        self.diagnoses = Diagnoses(self.descents, self.diagnoses_job, self)
        self.survey_job = self._job("survey")
        self.survey = Survey(self.document, self.survey_job, self)
        self.own_formulas = OwnFormulas(self.settings, self)

    def _job(self, name: str) -> CallJob:
        """Something that computes in a worker, and ends with the window."""
        self._jobs.append(CallJob(self.clock, name, self.executor, parent=self))
        return self._jobs[-1]

    def _make_surface_presenters(self) -> None:
        """What ties the surface, its curves, the optimizers and the readout to the document."""
        window, document = self.window, self.document
        self.surface_presenter = SurfacePresenter(
            document, self.playback, self.descents, self.diagnoses, self.starts, window.surface,
            window.curves, window.optimizers, window.playback,
        )  # fmt: skip
        self.start_presenter = StartPresenter(self.starts, window.surface)
        self.data_presenter = DataPresenter(document, window.surface, self)
        self.formula_job = self._job("formula")
        self.formula_presenter = FormulaPresenter(
            document, self.playback, self.own_formulas, self.formula_job, window.surface, self
        )
        self.pointer_presenter = PointerPresenter(
            document, self.starts, self.survey, window.surface.plot, window.readout
        )

    def _make_network_presenters(self) -> None:
        """What ties the networks' panel to the document and the training."""
        network = self.window.network
        self.network_presenter = NetworkPresenter(self.document, self.training, network)
        self.samples_job = self._job("samples")
        self.samples_presenter = SamplesPresenter(self.document, self.samples_job, network.setup, self)

    def _make_files(self, recovery: Path | None) -> None:
        """What opens, saves, undoes and recovers the experiment."""
        self.history = History(self.document, self)
        self.viewpoint = Viewpoint(
            self.window, self.playback, self.descents, self.training, self.network_presenter, self
        )
        self.files = FilePresenter(
            self.document, self.history, self.window, self.settings, self.viewpoint.look, recovery, self
        )

    def _tie(self) -> None:
        window = self.window
        window.theme_changed.connect(self.surface_presenter.set_theme)
        window.theme_changed.connect(self.network_presenter.set_theme)
        self.playback.changed.connect(window.refresh_icons)
        window.surface.page_changed.connect(self._page_changed)
        window.closing.connect(self.close)
        window.experiment_dropped.connect(self.files.open)
        self.document.changed.connect(lambda _, new: self._make_overlays(new))
        self.files.opened.connect(self.viewpoint.show)
        self.history.changed.connect(self._show_history)
        self._show_history()

    def _show_history(self) -> None:
        self.menus.set_history(self.history.undo_name, self.history.redo_name)

    def _page_changed(self, shown: bool) -> None:
        """The optimizers' runs are out of sight while something else is shown in place of their surface."""
        self.window.show_runs(not shown)
        self.playback.hold(shown)
        self.pointer_presenter.set_away(shown)

    def _add_menus(self, overlays: Iterable[QAction]) -> None:
        """Menus, with what the window itself cannot do."""
        window, files, history = self.window, self.files, self.history
        do: dict[str, Callable[[], object]] = {
            **self.help.actions(),
            **self.exports.actions(),
            "present": self.presentation.toggle,
            "new": files.new,
            "open": files.ask_to_open,
            "save": files.save,
            "save_as": files.ask_where_to_save,
            "examples": files.ask_for_example,
            "describe": files.describe,
            "preferences": self.ask_preferences,
            "undo": history.undo,
            "redo": history.redo,
            "copy": files.copy,
            "paste": files.paste,
            "formula": self.formula_presenter.open,
            "own_data": self.data_presenter.ask,
            "own_samples": self.samples_presenter.ask,
            "toggle": lambda: window.player.toggle.click(),
            "forward": lambda: window.player.forward.click(),
            "back": lambda: window.player.back.click(),
            "first": lambda: window.player.first.click(),
            "last": lambda: window.player.last.click(),
            "train": window.network.train.click,
            "epoch": window.network.epoch.click,
            "reset": self.training.reset,
        }
        menus = self.menus = build_menus(window, do, overlays)
        recent = menus.submenus["recent"]
        recent.aboutToShow.connect(lambda: files.fill_recent(recent))

    def ask_preferences(self) -> None:
        """Let a person say what they prefer."""
        from app.views.preferences_dialog import PreferencesDialog

        values = {each.name: self.window.preferences.get(each.name) for each in PREFERENCES}
        dialog = PreferencesDialog(PREFERENCES, values, self.window)
        dialog.chosen.connect(self._prefer)
        dialog.open()

    def _prefer(self, name: str, value: str) -> None:
        self.window.preferences.set(name, value)
        if name in ("look", "surface_colours"):
            self.window.restore_look()
        elif name == "speed":
            self.playback.set_speed(float(value))

    def _add_parts(self) -> list[QAction]:
        """Panels and overlays, each made when it is first shown; returns what switches the overlays."""
        window, actions = self.window, []
        for panel in PANELS:
            make = partial(panel.make, self)
            window.add_panel(panel.name, panel.title, panel.tip, make, panel.at_start)
        for overlay in OVERLAYS:
            switch = window.surface.tools.add_overlay(overlay.name, overlay.icon, overlay.tip)
            actions.append(overlay_action(window, overlay.tip, overlay.key, switch))
        return actions

    def _make_overlays(self, experiment: Experiment) -> None:
        for overlay in OVERLAYS:
            if overlay.name in experiment.overlays and overlay.name not in self._overlays:
                self._overlays[overlay.name] = overlay.make(self)

    def overlay(self, name: str) -> object:
        """What draws an overlay that has been on."""
        return self._overlays[name]

    def helper(self, kind: type[H], make: Callable[[], H]) -> H:
        """What several parts share, made when the first of them needs it and closed with the window."""
        if kind not in self._helpers:
            self._helpers[kind] = make()
        return cast(H, self._helpers[kind])

    def start(self) -> None:
        """Show the window, alive: paths are moving, distributions are on their way."""
        self.window.preferences.apply_to_processes()
        self.network_presenter.start()  # first, so that its process starts while the window is built
        self.window.restore_look()
        self.window.restore_layout()
        self.start_presenter.start()
        self.surface_presenter.start()
        self.data_presenter.start()
        self._make_overlays(self.document.experiment)
        self.window.playback.bar.setFocus()
        self.window.show()
        self.playback.set_speed(float(self.window.preferences.get("speed")))
        if self.window.preferences.get("play") == "yes":
            self.playback.play()
        self._settling.start(_SETTLED)
        self.files.recovery.begin()

    def close(self) -> None:
        """End the clock and the processes."""
        self.clock.stop()
        self._settling.stop()
        dismiss([self.training.channel, self.exports.channel, *(h.channel for h in self._helpers.values())])
        self.files.close()
        self.help.close()
        self.exports.close()
        self.training.close()
        for job in self._jobs:
            job.close()
        self.own_formulas.close()
        self.code_keeper.close()
        for helper in self._helpers.values():
            helper.close()


def application(arguments: list[str]) -> QApplication:
    """The Qt application with the settings that every window of it needs."""
    QApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)
    QApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    result = QApplication(arguments)
    result.setApplicationName("Optiscope")
    result.setOrganizationName("Optiscope")
    result.setStyle("Fusion")
    return result


def run_window(arguments: list[str], file: Path | None = None) -> int:
    """Open the window, with an experiment from a file, and stay until it is closed."""
    qt = application(arguments)
    settings = QSettings("Optiscope", "Optiscope")
    use_language(Preferences(settings).get("language"))
    log = write_log(log_path())
    saved = _loaded(file) if file is not None else None
    laboratory = Laboratory(
        saved.experiment if saved else None,
        settings,
        cache=cache_folder(),
        recovery=recovery_folder(),
        log=log_path(),
    )
    _catch_faults(laboratory.window)
    laboratory.start()
    if saved is not None and file is not None:
        laboratory.files.adopt(saved, file)
    elif file is not None:
        QTimer.singleShot(0, laboratory.files, lambda: laboratory.files.open(str(file)))  # says what is wrong
    if sys.platform == "darwin":  # elsewhere files come on the command line; it hears every event there is
        OpenedFiles(qt).opened.connect(laboratory.files.open)
    QTimer.singleShot(0, laboratory.files, laboratory.files.offer_left_work)
    QTimer.singleShot(_SETTLED, EventCollector(laboratory).begin)
    status = qt.exec()
    laboratory.close()
    end_log(log)
    return status


def _loaded(file: Path) -> Saved | None:
    try:
        return load(file)
    except InputError:
        return None


def _catch_faults(window: MainWindow) -> None:
    """A fault of the program is logged and said once in the status bar; what was made stays."""

    def hook(kind: type[BaseException], fault: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QApplication.quit()
            return
        _log.error("unexpected fault", exc_info=(kind, fault, trace))
        window.say_fault(
            f"Something went wrong in the program ({kind.__name__}); your work is kept. Please report it."
        )

    sys.excepthook = hook
