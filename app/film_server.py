"""What the process of the films does: paints and writes one, with news of how far it is, until told to stop.

It writes a file that nobody looks at yet; the window gives it its name once it is whole. Where the window
has died meanwhile, the process takes the file away itself.
"""

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app import watched_server
from app.exporters.experiment_files import Results
from app.exporters.film import CancelledError, Film, write_film
from app.qt_binding import load_without_screen
from app.watched_server import Failed, Watch
from core.errors import InputError
from core.experiment_file import read_experiment
from core.training import TrainingRun

TRAINING = "training"
"""What has its turn while networks are trained, before the first frame."""


@dataclass(frozen=True)
class Make:
    """Make this film of an experiment, given as the text of its file, at `path`, with words in a language."""

    experiment: bytes
    film: Film
    ending: str
    path: Path
    language: str


@dataclass(frozen=True)
class Made:
    """The film is whole."""


def serve(connection: Any) -> None:
    """The body of the films' process: makes them until the pipe closes or says `Quit`."""
    watched_server.serve(connection, _film)


def _film(order: Make, watch: Watch) -> Made | Failed:
    whole = False
    try:
        _make(order, watch)
        whole = True
    except CancelledError:
        return Failed("")
    except InputError as error:
        return Failed(str(error))
    except MemoryError:
        return Failed("This film does not fit into the memory; make it smaller or shorter.")
    except BrokenPipeError:  # the window is gone
        raise
    except OSError as error:
        return Failed(f"The film cannot be written: {error.strerror or error}.")
    finally:
        if not whole:
            order.path.unlink(missing_ok=True)
    return Made()


def _make(order: Make, watch: Watch) -> None:
    def tell(run: TrainingRun, last: int) -> None:
        if not watch(run.step_index, last, TRAINING):
            raise CancelledError

    def attend() -> None:
        if not watch(0, order.film.frames):
            raise CancelledError

    saved, film = read_experiment(order.experiment), order.film
    results = Results(saved, film.view, pictures=film.frames, tell=tell)
    load_without_screen()
    from app.exporters.canvas import start_qt
    from app.exporters.film_painter import FilmPainter
    from app.language import use_language

    start_qt()
    use_language(order.language)
    with closing(FilmPainter(film, results, attend)) as painter:
        write_film(order.ending, film, painter.frame, order.path, watch)
