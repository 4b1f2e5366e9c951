"""`optiscope render`: an experiment's file as pictures, tables and scripts."""

import csv
import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from PIL import Image
from PySide6.QtCore import QByteArray, QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from app.theme import DARK, LIGHT
from core.choice import Choice
from core.descent import descend
from core.experiment import Contender, default_experiment
from core.experiment_file import Saved, View, write_experiment
from core.network.spec import NetworkSpec
from core.optimizer import MethodSpec
from core.surface import SurfaceSpec
from core.training import TrainingSpec, alike
from tests.app.cli_runner import Optiscope
from tests.app.laboratory_driver import as_array


def small() -> Saved:
    network = NetworkSpec(layers=2, units=6)
    variants = alike((Choice("he_normal"), Choice("small_normal")), network=network)
    experiment = replace(
        default_experiment().with_surface(SurfaceSpec("booth")),
        training=TrainingSpec(Choice("xor"), variants, epochs=2),
        steps=40,
    )
    return Saved(experiment, View(step=30))


@pytest.fixture
def optiscope(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Optiscope:
    monkeypatch.chdir(tmp_path)
    return Optiscope(capsys)


@pytest.fixture
def lesson(optiscope: Optiscope) -> str:
    Path("lesson.optiscope").write_bytes(write_experiment(small()))
    return "lesson.optiscope"


def pixels(path: str) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGBA")).astype(int)


def drawn_again(path: str, width: int, height: int) -> np.ndarray:
    """What a reader of SVG makes of a file."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor("magenta"))
    painter = QPainter(image)
    renderer = QSvgRenderer(QByteArray(Path(path).read_bytes()))
    assert renderer.isValid()
    renderer.render(painter, QRectF(0, 0, width, height))
    painter.end()
    return as_array(image).astype(int)


@pytest.mark.parametrize("view", ["surface", "curves", "network", "training"])
def test_every_view_is_painted_as_pixels_and_as_lines(qapp, optiscope, lesson, view) -> None:
    names = ["a.png", "a.svg", "a.pdf"]
    done = optiscope("render", lesson, "--view", view, "--size", "600x420", "--scale", "1.5", "--out", *names)
    assert done.status == 0, done.err
    assert [line.split(":")[0] for line in done.out.splitlines()] == names
    picture = pixels("a.png")
    assert picture.shape == (630, 900, 4)
    assert len(np.unique(picture.reshape(-1, 4), axis=0)) > 100, "an empty page"
    again = drawn_again("a.svg", 900, 630)
    assert np.abs(picture[:, :, :3] - again).mean() < 3.0
    page = Path("a.pdf").read_bytes()
    assert re.findall(rb"/MediaBox \[([^\]]*)\]", page) == [b"0 0 450.000000 315.000000"], "96 an inch"
    assert page.count(b"/Type /Page\n") == 1
    assert b"/Font" in page, "texts are texts"


def test_looks_and_what_is_behind(qapp, optiscope, lesson) -> None:
    for name, options in {
        "light": (), "dark": ("--look", "dark"), "clear": ("--transparent",),
    }.items():  # fmt: skip
        done = optiscope("render", lesson, "--size", "300x220", "--out", f"{name}.png", *options)
        assert done.status == 0, done.err
    corners = {name: pixels(f"{name}.png")[0, 0].tolist() for name in ("light", "dark", "clear")}
    for name, theme in (("light", LIGHT), ("dark", DARK)):
        assert corners[name] == list(QColor(theme.panel).getRgb())
    assert corners["clear"][3] == 0
    clear, whole = pixels("clear.png"), pixels("light.png")
    assert (clear[220, 300] == whole[220, 300]).all(), "the surface itself is there"


def test_the_step_is_the_files_or_the_one_that_is_asked_for(qapp, optiscope, lesson) -> None:
    for name, options in {"file": (), "same": ("--step", "30"), "last": ("--step", "999")}.items():
        assert optiscope("render", lesson, "--out", f"{name}.png", *options).status == 0
    assert Path("file.png").read_bytes() == Path("same.png").read_bytes()
    assert Path("file.png").read_bytes() != Path("last.png").read_bytes()


def test_tables_hold_the_numbers_of_their_view(optiscope, lesson) -> None:
    for view in ("surface", "network", "training"):
        names = [f"{view}{ending}" for ending in (".csv", ".json", ".npz")]
        assert optiscope("render", lesson, "--view", view, "--out", *names).status == 0
        rows = list(csv.reader(Path(names[0]).read_text(encoding="utf-8").splitlines()))
        with np.load(names[2]) as arrays:
            assert list(arrays) == rows[0]
            for place, name in enumerate(rows[0]):
                assert arrays[name].astype(str).tolist() == [
                    str(arrays[name].dtype.type(row[place])) for row in rows[1:]
                ]
    runs = descend(small().experiment.descent()).runs
    assert [run["points"] for run in json.loads(Path("surface.json").read_bytes())["runs"]] == [
        run.points.tolist() for run in runs
    ]
    histograms = list(csv.DictReader(Path("network.csv").read_text(encoding="utf-8").splitlines()))
    counts: dict[tuple[str, ...], int] = {}
    for row in histograms:
        key = row["network"], row["layer"], row["kind"]
        counts[key] = counts.get(key, 0) + int(row["count"])
    assert len(counts) == 2 * 2 * 5
    assert min(counts.values()) > 0


def test_the_same_file_gives_the_same_bytes(optiscope, lesson) -> None:
    for view in ("surface", "network"):
        for name in ("a.csv", "b.csv"):
            assert optiscope("render", lesson, "--view", view, "--out", name).status == 0
        assert Path("a.csv").read_bytes() == Path("b.csv").read_bytes()


def test_scripts_stand_beside_their_data(optiscope, lesson) -> None:
    assert optiscope("render", lesson, "--out", "a.py").out.startswith("a.py: ")
    compile(Path("a.py").read_text(encoding="utf-8"), "a.py", "exec")
    digits = replace(small().experiment, training=default_experiment().training)
    Path("digits.optiscope").write_bytes(write_experiment(Saved(digits)))
    done = optiscope("render", "digits.optiscope", "--view", "network", "--out", "b.py")
    assert [line.split(":")[0] for line in done.out.splitlines()] == ["b.py", "b.npz"]
    both = optiscope("render", "digits.optiscope", "--view", "network", "--out", "c.py", "c.npz")
    assert "'" in both.complaint
    assert "named twice" in both.complaint
    assert not Path("c.npz").exists()


def test_the_whole_window_is_painted(qapp, optiscope, lesson) -> None:
    style = qapp.styleSheet(), qapp.palette()
    done = optiscope(
        "render", lesson, "--view", "window", "--size", "1280x720", "--scale", "1", "--out", "w.png"
    )
    qapp.setStyleSheet(style[0])
    qapp.setPalette(style[1])
    assert (done.status, done.err) == (0, "")
    picture = pixels("w.png")
    assert picture.shape == (720, 1280, 4)
    adam = QColor(LIGHT.optimizer("adam")).getRgb()
    assert (np.abs(picture - adam).max(axis=2) <= 6).sum() > 100


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "Name the experiment"),
        (("lesson.optiscope",), "Say where to write"),
        (("none.optiscope", "--out", "a.png"), "none.optiscope cannot be opened"),
        (("lesson.optiscope", "--out", "a.bmp"), "ends in .png, .svg"),
        (("lesson.optiscope", "--out", "gone/a.png"), "There is no folder"),
        (("lesson.optiscope", "--out", "a.png", "--view", "surfaces"), "surface"),
        (("lesson.optiscope", "--out", "a.png", "--look", "drak"), "dark"),
        (("lesson.optiscope", "--out", "a.png", "--size", "0x0"), "16 to 16,384 pixels"),
        (("lesson.optiscope", "--out", "a.png", "--size", "100000x100000"), "16 to 16,384 pixels"),
        (("lesson.optiscope", "--out", "a.png", "--size", "8000x8000"), "at most 100 million pixels"),
        (("lesson.optiscope", "--out", "a.png", "--size", "wide"), "--size 1200x834; not 'wide'"),
        (("lesson.optiscope", "--out", "a.png", "--size", "5x"), "--size 1200x834; not '5x'"),
        (("lesson.optiscope", "--out", "a.gif", "--seconds", "0"), "seconds"),
        (("lesson.optiscope", "--out", "a.gif", "--fps", "61"), "60"),
        (
            ("lesson.optiscope", "--out", "a.webp", "--fps", "60", "--seconds", "500"),
            "at most 6,000 pictures",
        ),
        (("lesson.optiscope", "--out", "a.gif", "--size", "4000x3000"), "too much for a .gif"),
        (("lesson.optiscope", "--out", "a.webp", "--view", "network"), "A film shows paths"),
        (("lesson.optiscope", "--out", "a.png", "--scale", "nan"), "from 0.1 to 20"),
        (("lesson.optiscope", "--out", "a.png", "--scale", "big"), "The scale is a number"),
        (("lesson.optiscope", "--out", "a.png", "--step", "-1"), "step"),
    ],
)
def test_what_cannot_be_rendered_is_said(optiscope, lesson, words, sentence) -> None:
    assert sentence in optiscope("render", *words).complaint
    assert sorted(path.name for path in Path().iterdir()) == ["lesson.optiscope"]


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
    assert np.abs(last - pixels("last.png")[:, :, :3]).mean() < 4.0, "it ends where the paths end"


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


def test_without_an_optimizer_there_are_no_paths(optiscope) -> None:
    off = replace(small().experiment, contenders=(Contender(MethodSpec(Choice("adam")), enabled=False),))
    Path("off.optiscope").write_bytes(write_experiment(Saved(off)))
    assert "No optimizer is switched on" in optiscope("render", "off.optiscope", "--out", "a.csv").complaint
    assert not Path("a.csv").exists()
