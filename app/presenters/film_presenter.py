"""Films: what is asked, and how far the one that is being made is."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtCore import QObject

from app.exporters.experiment_files import check_moments
from app.exporters.ffmpeg import find_ffmpeg
from app.exporters.film import CLEAR_FILMS, FPS, SECONDS, Film
from app.exporters.sheet import CLEAR, FILM_HEIGHT, FILM_WIDTH, Sheet
from app.film_job import FilmJob
from app.film_server import TRAINING, Make
from app.language import chosen_language
from app.views import file_dialogs as dialogs
from app.views.export_dialogs import FilmDialog
from core.errors import InputError
from core.experiment_file import write_experiment

if TYPE_CHECKING:
    from app.channels import Channel
    from app.main import Laboratory

_WHAT = (
    ("surface", "Surface and paths", "The paths from the first step to the last, in the part that is seen."),
    ("curves", "Loss and gradient norm", "A line moves along the curves."),
    (
        "3d",
        "Surface and paths in 3-D",
        "The paths from the first step to the last, as one sees them first.",
    ),
    (
        "network",
        "Distributions of the layers",
        "In the form that is chosen, from the first step of the training to the one that it is at; of all its"
        " steps where it has not begun.",
    ),
    ("training", "Losses and accuracies", "A line moves along the curves of the networks' training."),
    ("window", "Whole window", "Everything, while the paths go from the first step to the last."),
)
_FORMS = (
    (".mp4", "MP4", "Small; every player and slide program shows it. Needs the program ffmpeg."),
    (".gif", "GIF", "Shown everywhere; large, with 256 colours."),
    (".apng", "APNG", "Every colour exact; large. Browsers show it."),
    (".webp", "WebP", "Small, with all colours. Browsers show it."),
)
_WITHOUT_FFMPEG = ".gif"
"""What is offered first where films in .mp4 cannot be written."""


class FilmPresenter(QObject):
    """The dialog of films, and the job that makes them.

    Attributes
    ----------
    dialog, job
        The dialog that is open, if there is one, and what makes the films.
    """

    def __init__(
        self, laboratory: "Laboratory", name: Callable[[str], str], open_channel: Callable[[], "Channel"]
    ) -> None:
        """`name` gives a file of an ending its first name."""
        super().__init__(laboratory)
        self._lab, self._name = laboratory, name
        self._film = Film()
        self.dialog: FilmDialog | None = None
        self.job = FilmJob(laboratory.clock, open_channel, self)
        self.job.moved.connect(self._show_progress)
        self.job.done.connect(self._take)
        self.job.failed.connect(self._fail)

    def ask(self) -> None:
        """Ask what film is wanted."""
        numbers = (FILM_WIDTH, FILM_HEIGHT, FPS, SECONDS)
        dialog = self.dialog = FilmDialog(_WHAT, _FORMS, numbers, self._lab.window)
        if find_ffmpeg() is None:
            dialog.form.setCurrentIndex(dialog.form.findData(_WITHOUT_FFMPEG))
        dialog.look.set_value(self._lab.window.theme.name)
        dialog.edited.connect(self._check)
        dialog.save_asked.connect(self._ask_where)
        dialog.stop_asked.connect(self.job.stop)
        dialog.finished.connect(lambda _: self._forget(dialog))
        self._check()
        dialog.open()

    def _forget(self, dialog: FilmDialog) -> None:
        if self.dialog is dialog:
            self.dialog = None

    def _check(self) -> None:
        """Say what the film comes to, or why there can be none."""
        dialog = self.dialog
        assert dialog is not None
        ending = str(dialog.form.currentData())
        view = str(dialog.what.currentData())
        may_be_clear = ending in CLEAR_FILMS and view in CLEAR
        dialog.transparent.setEnabled(may_be_clear)
        width, height, fps, seconds = (box.value() for box in dialog.boxes)
        clear = dialog.transparent.isChecked() and may_be_clear
        colours = self._lab.window.preferences.get("surface_colours")
        sheet = Sheet((int(width), int(height)), 1.0, clear, dialog.look.value(), colours)
        film = Film(view, sheet, int(fps), float(seconds))
        try:
            self._film = film.checked(ending)
            if film.view == "network":
                check_moments(self._lab.document.experiment, film.frames)
        except InputError as error:
            dialog.set_error(str(error))
            return
        size = film.about(ending) / 1e6
        dialog.set_summary(f"{film.frames:,} pictures, {film.seconds:g} s, about {size:.2g} MB")

    def _ask_where(self) -> None:
        dialog = self.dialog
        assert dialog is not None
        ending = str(dialog.form.currentData())
        dialogs.ask_for_file(
            self._lab.window, "Save the animation", f"{ending[1:].upper()} (*{ending})", ending,
            lambda path: self._begin(ending, Path(path)), saved_as=self._name(ending),
        )  # fmt: skip

    def _begin(self, ending: str, path: Path) -> None:
        saved = self._lab.files.saved()
        text = write_experiment(replace(saved, title=""))
        film = self._film
        if self.dialog is not None:
            self.dialog.set_busy(True)
        try:
            self.job.begin(lambda part: Make(text, film, ending, part, chosen_language()), path)
        except InputError as error:
            self._fail(str(error))

    def _show_progress(self, done: int, total: int, turn: str) -> None:
        if self.dialog is not None:
            what = "Training: step" if turn == TRAINING else "Picture"
            self.dialog.set_progress(done, total, f"{what} {done:,} of {total:,} …")

    def _take(self, path: Path) -> None:
        self._lab.window.say(f"{path.name} is saved: {path.stat().st_size / 1e6:,.2g} MB.")
        if self.dialog is not None:
            self.dialog.set_busy(False)
            self.dialog.accept()

    def _fail(self, sentence: str) -> None:
        if self.dialog is None:
            self._lab.window.say(sentence or "The animation was given up.")
            return
        self.dialog.set_busy(False)
        self._check()
        if sentence:
            self.dialog.set_error(sentence)
            self.dialog.save.setEnabled(True)

    def close(self) -> None:
        """End the process; what it was writing goes."""
        self.job.close()
