"""`optiscope render`: an experiment's file as pictures, tables and scripts."""

import csv
import json
import re
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QByteArray, QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from app.exporters.film import CancelledError
from app.exporters.sheet import Sheet
from app.exporters.window_easel import window_easel
from app.theme import DARK, LIGHT
from core.choice import Choice
from core.descent import descend
from core.errors import InputError
from core.experiment import FORMS, Contender, default_experiment
from core.experiment_file import Saved, View
from core.optimizer import MethodSpec
from tests.app.cli_runner import Optiscope
from tests.app.laboratory_driver import as_array
from tests.app.lessons import pixels, small, written


@pytest.fixture
def lesson(optiscope: Optiscope) -> str:
    return written(small())


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


@pytest.mark.parametrize("view", ["surface", "curves", "network", "training", "window"])
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


@pytest.mark.parametrize("form", FORMS)
def test_distributions_are_painted_in_the_form_that_is_chosen(qapp, optiscope, form) -> None:
    looks = {"plain": {}, "other": {"log_counts": True}, "third": {"network": 1, "layer": 2}}
    for name, changes in looks.items():
        experiment = small().experiment
        chosen = replace(experiment, distributions=replace(experiment.distributions, form=form, **changes))
        written(Saved(chosen))
        words = ("--view", "network", "--size", "600x420", "--scale", "1", "--out", f"{name}.png")
        assert optiscope("render", "lesson.optiscope", *words).status == 0
    first, second = (LIGHT.initializer(key) for key in ("he_normal", "small_normal"))
    seen = {
        (name, place): (np.abs(pixels(f"{name}.png") - colour.getRgb()).max(axis=2) <= 6).sum() > 20
        for name in looks for place, colour in enumerate((first, second))
    }  # fmt: skip
    alone = {"plain": 0, "other": 0, "third": 1} if form == "ridges" else {}
    for (name, place), there in seen.items():
        assert there == (alone.get(name, place) == place), (name, place)
    pictures = {name: Path(f"{name}.png").read_bytes() for name in looks}
    assert (pictures["plain"] == pictures["other"]) == (form == "depth"), "it has no heights"
    assert (pictures["plain"] == pictures["third"]) == (form != "ridges")


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
    written(Saved(digits), "digits.optiscope")
    done = optiscope("render", "digits.optiscope", "--view", "network", "--out", "b.py")
    assert [line.split(":")[0] for line in done.out.splitlines()] == ["b.py", "b.npz"]
    both = optiscope("render", "digits.optiscope", "--view", "network", "--out", "c.py", "c.npz")
    assert "'" in both.complaint
    assert "named twice" in both.complaint
    assert not Path("c.npz").exists()


def test_a_window_has_more_to_show_than_paths(qapp, optiscope) -> None:
    off = replace(small().experiment, contenders=(Contender(MethodSpec(Choice("adam")), enabled=False),))
    words = ("--view", "window", "--scale", "1", "--out", "a.png")
    done = optiscope("render", written(Saved(off)), *words)
    assert (done.status, done.err) == (0, "")
    assert pixels("a.png").shape == (900, 1440, 4)


def test_a_window_comes_to_rest_before_it_is_painted(qapp, monkeypatch: pytest.MonkeyPatch) -> None:
    saved = replace(small(), view=View(trained=14))
    attended: list[None] = []
    sheet = Sheet((1280, 720), 1.0)
    with closing(window_easel(saved, sheet, lambda: attended.append(None))) as painted:
        first = painted.image(1.0)
        for _ in range(20):
            qapp.processEvents()
        assert painted.image(1.0) == first, "nothing is on its way any more"
    assert attended
    monkeypatch.setattr("app.exporters.window_easel._LONGEST", 0.0)
    before = set(qapp.topLevelWidgets())
    with pytest.raises(InputError, match="over ten minutes"):
        window_easel(saved, sheet, lambda: None)
    assert set(qapp.topLevelWidgets()) <= before, "no window is left behind"


def test_a_window_that_nobody_wants_any_more_is_given_up(qapp) -> None:
    def give_up() -> None:
        raise CancelledError

    before = set(qapp.topLevelWidgets())
    with pytest.raises(CancelledError):
        window_easel(replace(small(), view=View(trained=14)), Sheet((1280, 720), 1.0), give_up)
    assert set(qapp.topLevelWidgets()) <= before


def test_a_small_picture_of_the_window_has_all_of_it(qapp, optiscope, lesson) -> None:
    for size, name in (("1280x800", "whole"), ("320x200", "small")):
        words = ("--view", "window", "--size", size, "--scale", "1", "--out", f"{name}.png")
        assert optiscope("render", lesson, *words).status == 0
    whole, small_one = (pixels(f"{name}.png")[:, :, :3].astype(float) for name in ("whole", "small"))
    shrunk = whole.reshape(200, 4, 320, 4, 3).mean(axis=(1, 3))
    assert np.abs(shrunk - small_one).mean() < 6.0


def test_the_whole_window_is_painted(qapp, optiscope, lesson) -> None:
    style = qapp.styleSheet(), qapp.palette()
    done = optiscope(
        "render", lesson, "--view", "window", "--size", "1280x720", "--scale", "1", "--out", "w.png"
    )
    assert (qapp.styleSheet(), qapp.palette()) == style, "what is painted later looks as before"
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
        (
            ("lesson.optiscope", "--out", "a.png", "--view", "3d", "--transparent"),
            "3d has a ground of its own",
        ),
        (("lesson.optiscope", "--out", "a.gif", "--transparent"), "take .apng or .webp"),
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
        (("lesson.optiscope", "--out", "a.png", "--scale", "nan"), "from 0.1 to 20"),
        (("lesson.optiscope", "--out", "a.png", "--scale", "big"), "The scale is a number"),
        (("lesson.optiscope", "--out", "a.png", "--step", "-1"), "step"),
    ],
)
def test_what_cannot_be_rendered_is_said(optiscope, lesson, words, sentence) -> None:
    assert sentence in optiscope("render", *words).complaint
    assert sorted(path.name for path in Path().iterdir()) == ["lesson.optiscope"]


def test_without_an_optimizer_there_are_no_paths(optiscope) -> None:
    off = replace(small().experiment, contenders=(Contender(MethodSpec(Choice("adam")), enabled=False),))
    assert (
        "No optimizer is switched on" in optiscope("render", written(Saved(off)), "--out", "a.csv").complaint
    )
    assert not Path("a.csv").exists()
