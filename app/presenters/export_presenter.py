"""Pictures, films, tables and scripts of what is shown; what makes them is imported when asked for."""

import io
from collections.abc import Callable
from contextlib import redirect_stderr
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.jobs import CallJob
from app.views import file_dialogs as dialogs
from core.experiment_file import read_experiment, write_experiment

if TYPE_CHECKING:
    from app.channels import Channel
    from app.main import Laboratory
    from app.presenters.film_presenter import FilmPresenter
    from app.presenters.picture_presenter import PicturePresenter

_TABLES = {
    "paths": ("surface", "Save the paths as a table"),
    "histograms": ("network", "Save the histograms as a table"),
    "training": ("training", "Save losses and accuracies as a table"),
}
"""By the word in the entry's name: the view whose table it is, and the dialog's title."""


_ENDINGS = (".csv", ".json", ".npz")


class ExportPresenter(QObject):
    """What the export entries of the menus do."""

    def __init__(self, laboratory: "Laboratory") -> None:
        super().__init__(laboratory)
        self._lab = laboratory
        self._pictures: PicturePresenter | None = None
        self._films: FilmPresenter | None = None
        self._job: CallJob | None = None

    def actions(self) -> dict[str, Callable[[], object]]:
        """By the names of the menu's entries."""
        return {
            "export_picture": lambda: self.pictures.ask(),
            "copy_picture": lambda: self.pictures.copy_surface(),
            "export_film": lambda: self.films.ask(),
            **{f"export_{word}": partial(self.ask_table, word) for word in _TABLES},
            "script_surface": partial(self.ask_script, "surface"),
            "script_network": partial(self.ask_script, "network"),
        }

    @property
    def pictures(self) -> "PicturePresenter":
        """What asks for pictures and paints them."""
        from app.presenters.picture_presenter import PicturePresenter

        self._pictures = self._pictures or PicturePresenter(self._lab, self._name)
        return self._pictures

    @property
    def films(self) -> "FilmPresenter":
        """What asks for films and has them made."""
        from app.film_job import film_process
        from app.presenters.film_presenter import FilmPresenter

        self._films = self._films or FilmPresenter(self._lab, self._name, film_process)
        return self._films

    @property
    def channel(self) -> "Channel | None":
        """The way to the process that makes films, if there is one."""
        return self._films.job.channel if self._films is not None else None

    def ask_table(self, word: str) -> None:
        """Ask where a table is to be saved; its ending says of which kind."""
        view, title = _TABLES[word]
        dialogs.ask_for_file(
            self._lab.window, title, "Tables (*.csv *.json *.npz)", ".csv",
            lambda path: self._write(view, path, _ENDINGS), saved_as=self._name(".csv", word),
        )  # fmt: skip

    def ask_script(self, view: str) -> None:
        """Ask where a script is to be saved that does what the window shows."""
        dialogs.ask_for_file(
            self._lab.window, "Save as PyTorch script", "Python (*.py)", ".py",
            lambda path: self._write(view, path, (".py",)), saved_as=self._name(".py"),
        )  # fmt: skip

    def _write(self, view: str, path: str, endings: tuple[str, ...]) -> None:
        """Compute and write in another process: the numbers are those of the file that would be saved."""
        if self._job is None:
            self._job = CallJob(self._lab.clock, "export", self._lab.executor, parent=self)
            self._job.finished.connect(self._lab.window.say)
            self._job.failed.connect(lambda sentence: dialogs.say_not_exported(self._lab.window, sentence))
        text = write_experiment(self._lab.files.saved())
        self._lab.window.say(f"{Path(path).name} is being written …")
        self._job.submit("export", write_result, text, view, self._trained(view), path, endings)

    def _trained(self, view: str) -> int | None:
        """The step that the networks are shown at, for their tables."""
        return self._lab.network_presenter.shown_step() if view in ("network", "training") else None

    def _name(self, ending: str, word: str = "") -> str:
        """A first name: beside the experiment's file, where it has one."""
        path = self._lab.files.path
        folder = path.parent if path is not None else Path()
        stem = path.stem if path is not None else self._lab.document.experiment.surface.id or "own surface"
        return str(folder / f"{stem}{f' {word}' * bool(word)}{ending}")

    def close(self) -> None:
        """End what is being made."""
        if self._job is not None:
            self._job.close()
        if self._films is not None:
            self._films.close()


def write_result(text: bytes, view: str, step: int | None, name: str, endings: tuple[str, ...]) -> str:
    """In another process: write a table or a script of an experiment; returns what to say."""
    from app.exporters.experiment_files import Results, script_files, table_writers
    from app.exporters.files import check_files, write_file

    (path,) = check_files([name], endings)
    results = Results(read_experiment(text), view, step, complete=path.suffix.lower() == ".json")
    if path.suffix.lower() == ".py":
        files = script_files(results, path)
    else:
        files = {path: table_writers(results)[path.suffix.lower()]}
    with redirect_stderr(io.StringIO()):  # nobody looks there
        for each, write in files.items():
            write_file(each, write)
    return f"{' and '.join(each.name for each in files)}: saved."
