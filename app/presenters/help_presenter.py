"""Help: finding commands, keys, "What's this?", the log, a report, what this is."""

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtCore import QObject, Qt, QUrl
from PySide6.QtGui import QAction, QDesktopServices, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QApplication, QMessageBox, QWhatsThis

from app import __version__
from app.jobs import CallJob
from app.language import tr
from core.examples import examples
from core.experiment import Experiment, default_experiment
from core.experiment_file import write_experiment
from core.resource import resource_path
from core.surface import SurfaceSpec, surfaces

if TYPE_CHECKING:
    from app.main import Laboratory
    from app.views.command_palette import Command
    from app.views.help_page import HelpPage

ABOUT = (
    "<h3>Optiscope {version}</h3><p>A laboratory that shows how optimizers behave, on loss surfaces and on a"
    " small network in training.</p><p>It never uses the internet: nothing is sent, nothing is fetched,"
    " nothing is looked up. What you make stays in the files that you save.</p><p>MIT licence.</p>"
)

_PIECE = re.compile(r"(?<=<h3>).*?(?=</h3>)|(?<=<td>).*?(?=</td>)", re.DOTALL)
"""Of the page of keys and mouse: what is translated at a time."""


class HelpPresenter(QObject):
    """What the menu Help does. Its pages are made when they are asked for."""

    def __init__(self, laboratory: "Laboratory", log: Path | None = None) -> None:
        """`log` is the file that faults are written to, where there is one."""
        super().__init__(laboratory)
        self._lab, self._log = laboratory, log
        self._page: HelpPage | None = None
        self._job: CallJob | None = None
        self._tips: QObject | None = None

    def actions(self) -> dict[str, Callable[[], object]]:
        """By the names of the menu's entries."""
        return {
            "palette": self.find_command, "whats_this": self.ask_what, "help": self.show_keys,
            "log": self.open_log, "report": self.copy_report, "about": self.show_about,
        }  # fmt: skip

    # Commands

    def find_command(self) -> None:
        """Open the palette over the window."""
        from app.views.command_palette import CommandPalette

        CommandPalette(self.commands(), self._lab.window).open_over(self._lab.window)

    def commands(self) -> list["Command"]:
        """Everything the menus do, and every surface, in the chosen language."""
        from app.views.command_palette import Command

        lab = self._lab
        entries = [
            Command(way, _keys(action), action.trigger)
            for way, action in lab.menus.ways()
            if action.isEnabled()
        ]
        entries += [
            Command(f"{tr('Open')} › {path.name}", "", partial(lab.files.open, str(path)))
            for path in lab.files.recent.paths()
        ]
        entries += [
            Command(f"{tr('Example')} › {tr(each.title)}", "", partial(lab.files.show_example, key))
            for key, each in examples().items()
        ]
        return entries + [
            Command(f"{tr('Surface')} › {tr(entry.name)}", "", partial(self._choose_surface, key))
            for key, entry in surfaces().items()
        ]

    def _choose_surface(self, key: str) -> None:
        document = self._lab.document
        document.replace(document.experiment.with_surface(SurfaceSpec(key)))

    # Explanations

    def ask_what(self) -> None:
        """The next click explains what is there."""
        from app.views.whats_this import TipsAsHelp

        if self._tips is None:
            self._tips = TipsAsHelp(self)
        application = QApplication.instance()
        assert application is not None
        application.installEventFilter(self._tips)
        QWhatsThis.enterWhatsThisMode()

    def show_keys(self) -> None:
        """Keys and mouse, on a page beside the window."""
        from app.views.help_page import HelpPage, keys_table

        if self._page is None:
            rows = [(way, _keys(action)) for way, action in self._lab.menus.ways()]
            text = _translated(resource_path("help.html").read_text(encoding="utf-8"))
            keys = keys_table([row for row in rows if row[1]])
            self._page = HelpPage("Keys and mouse", text + keys, self._lab.window)
        self._page.show()
        self._page.raise_()
        self._page.activateWindow()

    def show_about(self) -> None:
        """What this is."""
        box = QMessageBox(self._lab.window)
        box.setWindowTitle(tr("About Optiscope"))
        box.setText(tr(ABOUT.format(version=__version__)))
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()

    # For a report of a fault

    def open_log(self) -> None:
        """Show the log in the program that the desktop has for texts."""
        say = self._lab.window.say
        if self._log is None or not self._log.is_file():
            say("There is no log file: nothing has been written, or it cannot be.")
        elif not QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._log))):
            say(f"No program is known that opens {self._log}.")

    def copy_report(self) -> None:
        """Put what is installed and what is on the screen on the clipboard; it takes a moment."""
        if self._job is None:
            self._job = CallJob(self._lab.clock, "report", self._lab.executor, parent=self)
            self._job.finished.connect(self._take_report)
            self._job.failed.connect(self._lab.window.say)
        self._lab.window.say("The report is being put together …")
        self._job.submit("report", report_text)

    def _take_report(self, text: str) -> None:
        saved = self._lab.files.saved()
        shown = write_experiment(replace(saved, experiment=_without_data(saved.experiment))).decode()
        QGuiApplication.clipboard().setText(f"{text}\n\n{shown}")
        self._lab.window.say("The report is on the clipboard. Data of your own are not in it.")

    def close(self) -> None:
        """End the process that makes reports."""
        if self._job is not None:
            self._job.close()


def _keys(action: QAction) -> str:
    return ", ".join(key.toString(QKeySequence.SequenceFormat.NativeText) for key in action.shortcuts())


def _translated(page: str) -> str:
    """A page of help in the chosen language, heading by heading and cell by cell."""
    return _PIECE.sub(lambda piece: tr(piece[0]), page)


def _without_data(experiment: Experiment) -> Experiment:
    """A person's own samples are nobody else's business."""
    training = replace(experiment.training, own=None)
    plain = default_experiment().surface if experiment.surface.data is not None else experiment.surface
    return replace(experiment, training=training, surface=plain)


def report_text() -> str:
    """In another process: what `optiscope doctor` prints."""
    from app.report import as_text, findings

    return as_text(findings())
