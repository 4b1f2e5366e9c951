"""`optiscope render`: an experiment's file as films."""

import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from PIL import Image
from PySide6.QtGui import QColor

from app.exporters.canvas import TITLE_HEIGHT
from app.exporters.film import Film, evenly
from app.exporters.sheet import Sheet
from app.theme import LIGHT
from core.choice import Choice
from core.experiment import FORMS
from core.experiment_file import Saved, View
from core.network.initializer import INITIALIZERS
from core.network.spec import NetworkSpec
from core.optimizer import MethodSpec
from core.training import TrainingRun, TrainingSpec, alike
from tests.app.cli_runner import Optiscope
from tests.app.lessons import pixels, small, written


@pytest.fixture
def lesson(optiscope: Optiscope) -> str:
    return written(small())


@pytest.mark.parametrize("ending", [".gif", ".apng", ".webp"])
def test_films_have_their_frames_and_their_length(qapp, optiscope, lesson, ending) -> None:
    words = ("--fps", "8", "--seconds", "1", "--size", "240x180", "--out", f"a{ending}", "last.png")
    done = optiscope("render", lesson, *words, "--scale", "1", "--step", "40")
    assert done.status == 0, done.err
    with Image.open(f"a{ending}") as film:
        assert (film.size, film.n_frames) == ((240, 180), 8)
        durations = [(film.seek(index), film.load(), film.info["duration"])[2] for index in range(8)]
        assert sum(durations) == 1000
        last = np.asarray(film.convert("RGB")).astype(int)
    still = pixels("last.png")[:, :, :3]
    assert np.abs(last - still).mean() < 4.0, "it ends where the paths end"
    if ending != ".webp":
        assert (last[:3] == QColor(LIGHT.panel).getRgb()[:3]).all(), (
            "the ground is the slide's, to the last bit"
        )


def frames_of(name: str) -> list[np.ndarray]:
    """(height, width, 3) each."""
    with Image.open(name) as film:
        return [
            np.asarray((film.seek(index), film.convert("RGB"))[1]).astype(int)
            for index in range(film.n_frames)
        ]


SHORT = ("--fps", "4", "--seconds", "1", "--size", "400x240", "--scale", "1")
"""Four pictures."""


@pytest.mark.parametrize("form", FORMS)
def test_networks_train_in_a_film_of_their_distributions(qapp, optiscope, form) -> None:
    experiment = small().experiment
    chosen = replace(experiment, distributions=replace(experiment.distributions, form=form))
    render = ("render", written(Saved(chosen)), "--view", "network", *SHORT)
    assert optiscope(*render, "--out", "a.apng").status == 0
    frames, last = frames_of("a.apng"), TrainingRun(experiment.training.checked()).steps
    assert len(frames) == 4
    for place, step in enumerate(evenly(last, 4)):
        if form != "ridges" or place == 0:  # a picture's ridges are of other moments
            assert optiscope(*render, "--step", str(step), "--out", "still.png").status == 0
            assert (frames[place] == pixels("still.png")[:, :, :3]).all(), step
    for one, other in pairwise(frames):
        assert (one[:TITLE_HEIGHT] != other[:TITLE_HEIGHT]).any(), "the title tells the step"
        assert (one[TITLE_HEIGHT:] != other[TITLE_HEIGHT:]).any()


def test_a_film_of_networks_ends_where_they_are_trained_to(qapp, optiscope) -> None:
    render = ("render", written(replace(small(), view=View(trained=7))), "--view", "network", *SHORT)
    assert optiscope(*render, "--out", "a.apng", "same.png").status == 0
    assert optiscope(*render, "--step", "7", "--out", "still.png").status == 0
    assert optiscope(*render, "--step", "8", "--out", "other.png").status == 0
    (*_, last), still = frames_of("a.apng"), pixels("still.png")
    assert (last == still[:, :, :3]).all()
    assert (pixels("same.png") == still).all()
    assert (pixels("other.png") != still).any()


def test_a_line_moves_along_the_curves_of_the_training(qapp, optiscope, lesson) -> None:
    assert (
        optiscope("render", lesson, "--view", "training", *SHORT, "--out", "a.apng", "still.png").status == 0
    )
    *before, last = frames_of("a.apng")
    assert (last == pixels("still.png")[:, :, :3]).all(), "at the end there is none"
    places = [np.argwhere((frame != last).any(axis=2))[:, 1] for frame in before]
    assert all(np.ptp(columns) <= 2 for columns in places), "nothing but the line"
    steps = evenly(TrainingRun(small().experiment.training.checked()).steps, 4)
    moved = np.diff([columns.mean() for columns in places]) / np.diff(steps[:3])
    assert moved[0] == pytest.approx(moved[1], rel=0.1)
    assert moved[0] > 5


def test_paths_move_in_a_film_of_the_whole_window(qapp, optiscope, lesson) -> None:
    style = qapp.styleSheet(), qapp.palette()
    done = optiscope("render", lesson, "--view", "window", *SHORT, "--out", "a.apng")
    assert (qapp.styleSheet(), qapp.palette()) == style, "what is painted later looks as before"
    assert (done.status, done.err.count("picture")) == (0, 4), done.err
    frames = frames_of("a.apng")
    assert frames[0].shape == (240, 400, 3)
    for one, other in pairwise(frames):
        assert (one != other).any(axis=2)[:150, :240].sum() > 20, "on the surface"
        assert (one[:100, 260:] == other[:100, 260:]).all(), "the panels rest, and are there"
    assert len(np.unique(frames[0][:100, 260:].reshape(-1, 3), axis=0)) > 40, "not cut off"


@pytest.mark.parametrize("form", FORMS)
def test_networks_that_all_diverge_are_seen_on_their_way(qapp, optiscope, form) -> None:
    experiment = small().experiment
    wild = MethodSpec(Choice("sgd", {"learning_rate": 1e5}))
    variants = tuple(
        replace(each, method=wild, network=replace(each.network, activation=Choice("relu")))
        for each in experiment.training.variants
    )
    training = replace(experiment.training, variants=variants, epochs=100)
    run = TrainingRun(training.checked())
    while not run.finished:
        run.step()
    assert 2 <= run.step_index < 10, "a film of all 700 steps would show one of these"
    chosen = replace(experiment, training=training,
                     distributions=replace(experiment.distributions, form=form))  # fmt: skip
    render = ("render", written(Saved(chosen)), "--view", "network", *SHORT)
    assert optiscope(*render, "--out", "a.apng").status == 0
    titles = [frame[:TITLE_HEIGHT].tobytes() for frame in frames_of("a.apng")]
    assert len(set(titles)) == len(set(evenly(run.step_index, 4)))


def test_a_film_of_paths_ends_with_the_step_that_is_named(qapp, optiscope, lesson) -> None:
    render = ("render", lesson, *SHORT, "--step", "5", "--out")
    assert optiscope(*render, "a.apng", "still.png").status == 0
    frames = frames_of("a.apng")
    apart = [(np.abs(frame - pixels("still.png")[:, :, :3]).max(axis=2) > 24).sum() for frame in frames]
    assert apart[-1] < 20, "but for how the pieces of a path are joined"
    assert apart[-2] > 100


def test_about_how_large_a_film_becomes_is_told(qapp, optiscope, lesson) -> None:
    for view in ("surface", "curves", "network", "training", "window"):
        words = ("--view", view, "--fps", "6", "--seconds", "1", "--size", "640x445", "--scale", "1")
        assert optiscope("render", lesson, *words, "--out", "a.gif", "a.apng", "a.webp").status == 0
        for ending in (".gif", ".apng", ".webp"):
            about = Film(view, Sheet((640, 445), 1.0), 6, 1.0).about(ending)
            assert 0.25 < about / Path(f"a{ending}").stat().st_size < 4, (view, ending)


def test_a_film_of_more_distributions_than_fit_is_refused(optiscope) -> None:
    network = NetworkSpec(layers=20, units=4)
    variants = alike(tuple(Choice(key) for key in list(INITIALIZERS)[:8]), network=network)
    large = replace(small().experiment, training=TrainingSpec(Choice("xor"), variants))
    words = ("--view", "network", "--fps", "60", "--seconds", "60", "--out", "a.webp")
    complaint = optiscope("render", written(Saved(large)), *words).complaint
    assert "in 160 layers has at most 1,250 pictures; this has 3,600" in complaint


def test_films_can_be_transparent(qapp, optiscope, lesson) -> None:
    words = (
        "--fps",
        "5",
        "--seconds",
        "1",
        "--size",
        "240x180",
        "--transparent",
        "--out",
        "a.apng",
        "a.webp",
    )
    assert optiscope("render", lesson, *words).status == 0
    for name in ("a.apng", "a.webp"):
        with Image.open(name) as film:
            film.seek(4)
            picture = film.convert("RGBA")
            assert (picture.getpixel((0, 0))[3], picture.getpixel((120, 100))[3]) == (0, 255)


class _Pipe:
    """An ffmpeg that keeps what it is given."""

    def __init__(self, command: list[str], **_: object) -> None:
        self.stdin, self.fed = self, 0
        self.command = command
        Path(command[-1]).write_bytes(b"film")

    def write(self, content) -> None:
        self.fed += content.nbytes

    def close(self) -> None:
        pass

    def wait(self) -> int:
        return 0

    def poll(self) -> int:
        return 0


def test_ffmpeg_is_fed_every_frame(qapp, optiscope, lesson, monkeypatch) -> None:
    made: list[_Pipe] = []
    monkeypatch.setattr("app.exporters.ffmpeg.shutil.which", lambda _: "/bin/ffmpeg")
    monkeypatch.setattr(
        "app.exporters.film.subprocess.Popen", lambda *a, **k: made.append(_Pipe(*a, **k)) or made[-1]
    )
    words = ("--fps", "4", "--seconds", "1", "--size", "101x77", "--out", "a.mp4")
    assert optiscope("render", lesson, *words).status == 0
    assert made[0].fed == 4 * 101 * 77 * 3
    assert "101x77" in made[0].command
    assert Path("a.mp4").read_bytes() == b"film"


def test_without_ffmpeg_what_to_install_is_said(optiscope, lesson, monkeypatch) -> None:
    monkeypatch.setattr("app.exporters.ffmpeg.shutil.which", lambda _: None)
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    complaint = optiscope("render", lesson, "--out", "a.mp4").complaint
    for words in ("install ffmpeg", "optiscope[video]", ".gif, .apng or .webp"):
        assert words in complaint
