"""`optiscope render`: an experiment's file as picture, film, table or script."""

from argparse import Namespace
from contextlib import closing
from functools import partial
from pathlib import Path

from app import drawing
from app.experiment_store import load
from app.exporters.experiment_files import (
    PICTURES,
    SCRIPT,
    TABLES,
    Results,
    picture_writers,
    script_files,
    table_writers,
)
from app.exporters.files import Writer, check_files, write_file
from app.exporters.film import FILMS, FPS, SECONDS, Film, write_film
from app.exporters.sheet import LOOKS, SIZES, VIEWS, Sheet, read_size
from app.options import Parser
from app.progress import progress, training_progress
from core.errors import InputError, unknown_name
from core.experiment_file import Saved
from core.hyperparameter import Hyperparameter, Scale

ENDINGS = (*PICTURES, *FILMS, *TABLES, SCRIPT)
STEP = Hyperparameter(name="step", default=0, minimum=0, maximum=1e9, scale=Scale.INTEGER)

SCALE = 2.0
FILM_SIZE = Film().sheet.size

EXAMPLES = """\
The views: `surface`, `3d` and `curves` show the optimizers' paths, `network` the distributions of every layer
in the form that is chosen, `training` the losses and accuracies of the networks, `window` all of the window.
A table holds the numbers of its view, a script runs what the view shows. A film shows the run from its first
step on: to the one that --step names, else to the last of the paths, or as far as the file's networks are
trained. Pages (.svg, .pdf) are made of lines and texts. On the surface stand the arrows, critical points,
noise and map of starts that are switched on. 3-D needs OpenGL 3.3, on Linux through X or XWayland.

examples:
  optiscope render lesson.optiscope --out lesson.png
  optiscope render lesson.optiscope --out slide.svg --out slide.pdf --size 1600x900 --transparent
  optiscope render lesson.optiscope --view network --step 200 --out histograms.png --out histograms.csv
  optiscope render lesson.optiscope --out lesson.mp4 --fps 30 --seconds 6 --size 1280x720
  optiscope render lesson.optiscope --out lesson.py
"""


def parser() -> Parser:
    """The options of `optiscope render`."""
    result = Parser(
        "optiscope render",
        usage="optiscope render FILE --out FILE [--view VIEW] [options]",
        summary="Write what an experiment shows into files: pictures, films, tables, a script.",
        epilog=EXAMPLES,
    )
    result.add_argument("file", nargs="?", metavar="FILE", help="an experiment")
    result.files(ENDINGS, "lesson.png")
    result.option("--view", metavar="|".join(VIEWS), example="curves", default="surface",
                  help="what is shown. Default: surface")  # fmt: skip
    result.option(
        "--size", metavar="WxH", example="1600x900",
        help="width and height of a picture, in pixels of a window. Default: what suits the view",
    )  # fmt: skip
    result.option(
        "--scale", metavar="S", example="2",
        help=f"pixels of a .png or a film for each of those. Default: {SCALE:g}, of films 1",
    )  # fmt: skip
    result.option("--transparent", action="store_true", help="leave out what is behind plots and texts")
    result.option("--look", metavar="|".join(LOOKS), example="dark", default="light", help="Default: light")
    result.option(
        "--step", metavar="N", example="50",
        help="step of the paths, or of the training; of a film the last one. Default: as the file was looked"
        " at, or the last",
    )  # fmt: skip
    result.option("--fps", metavar="N", example="25", default="25", help=f"{FPS.help} Default: 25")
    result.option("--seconds", metavar="T", example="8", default="8", help=f"{SECONDS.help} Default: 8")
    return result


def run(options: Namespace) -> None:
    """Carry out `optiscope render`."""
    saved, paths = _read(options), check_files(options.out, ENDINGS)
    sheet, film = _sheet(options), _film(options)
    step = None if options.step is None else int(STEP.check(options.step))
    filmed = [path.suffix.lower() for path in paths if path.suffix.lower() in FILMS]
    for ending in filmed:
        film.checked(ending)
    if not paths:
        raise InputError("Say where to write, for example: --out lesson.png.", "out")
    with training_progress() as tell:
        complete = any(path.suffix.lower() == ".json" for path in paths)
        results = Results(saved, options.view, step, film.frames if filmed else 1, complete, tell)
        drawing.prepare(paths)
        for path, write in _files(results, sheet, film, paths):
            write_file(path, write)
            print(f"{path.name}: {_size(path)}")


def _files(results: Results, sheet: Sheet, film: Film, paths: list[Path]) -> list[tuple[Path, Writer]]:
    """What is written by whom; a script may have data beside it."""
    films: dict[str, Writer] = {ending: partial(_write_film, results, film, ending) for ending in FILMS}
    writers: dict[str, Writer] = {**picture_writers(results, sheet), **films, **table_writers(results)}
    files: list[tuple[Path, Writer]] = []
    for path in paths:
        if path.suffix.lower() == SCRIPT:
            files += script_files(results, path).items()
        else:
            files.append((path, writers[path.suffix.lower()]))
    check_files([str(path) for path, _ in files], ENDINGS)  # the data beside a script too
    return files


def _write_film(results: Results, film: Film, ending: str, path: Path) -> None:
    from app.exporters.film_painter import FilmPainter  # brings Qt with it

    with closing(FilmPainter(film, results)) as painter, progress(film.frames) as bar:

        def watch(done: int, total: int) -> bool:
            bar.show(done, f"picture {done:,} of {total:,}")
            return True

        write_film(ending, film, painter.frame, path, watch)


def _film(options: Namespace) -> Film:
    size = FILM_SIZE if options.size is None else read_size(options.size)
    scale = 1.0 if options.scale is None else _scale(options.scale)
    sheet = Sheet(size, scale, options.transparent, options.look)
    return Film(
        options.view,
        sheet,
        int(FPS.check(options.fps)),
        float(SECONDS.check(options.seconds)),
    )


def _read(options: Namespace) -> Saved:
    if options.file is None:
        raise InputError("Name the experiment, for example: optiscope render lesson.optiscope --out x.png.")
    if options.view not in VIEWS:
        raise unknown_name("view", options.view, VIEWS)
    return load(Path(options.file))


def _sheet(options: Namespace) -> Sheet:
    scale = SCALE if options.scale is None else _scale(options.scale)
    size = SIZES[options.view] if options.size is None else read_size(options.size)
    return Sheet(size, scale, options.transparent, options.look).checked(options.view)


def _scale(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InputError(f"The scale is a number, for example: --scale 2; not '{text}'.") from None


def _size(path: Path) -> str:
    size = path.stat().st_size
    return f"{size / 1e6:,.1f} MB" if size >= 1e6 else f"{size / 1e3:,.1f} kB"
