"""Pictures, films, tables and scripts out of the window."""

import csv
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMessageBox

from app.channels import ProcessChannel
from app.exporters.experiment_files import Results
from app.exporters.film import Film
from app.exporters.film_painter import FilmPainter
from app.exporters.sheet import Sheet
from app.film_server import TRAINING
from app.theme import DARK, LIGHT
from core.choice import Choice
from core.experiment import default_experiment
from core.experiment_file import Saved, View
from core.network.spec import NetworkSpec
from core.torch_script import surface_script
from core.training import alike
from tests.app.laboratory_driver import Driver
from tests.app.lessons import small

CTRL, SHIFT, ALT = (getattr(Qt.KeyboardModifier, f"{name}Modifier") for name in ("Control", "Shift", "Alt"))


def choose_name(lab: Driver, path: Path) -> None:
    """Give the file dialog that is open a name, and accept it."""
    (dialog,) = lab.window.findChildren(QFileDialog)
    dialog.fileSelected.emit(str(path))
    dialog.close()
    lab.process_events()


def ask_picture(lab: Driver):
    lab.window.activateWindow()
    lab.until(lab.window.isActiveWindow)
    lab.press(Qt.Key.Key_E, CTRL)
    dialog = lab.laboratory.exports.pictures.dialog
    lab.until(dialog.isVisible)
    return dialog


def corner(path: Path) -> tuple[int, ...]:
    with Image.open(path) as picture:
        return picture.convert("RGBA").getpixel((0, 0))


def test_a_picture_of_every_part_of_the_window(lab: Driver, tmp_path: Path) -> None:
    for what in ("surface", "curves", "panel", "window"):
        dialog = ask_picture(lab)
        lab.choose(dialog.what, what)
        lab.type_into(dialog.width_box, "900", enter=False)
        dialog.width_box.editingFinished.emit()
        assert "900 ×" in dialog.summary.text()
        lab.click(dialog.save)
        choose_name(lab, tmp_path / f"{what}.png")
        with Image.open(tmp_path / f"{what}.png") as picture:
            assert picture.width == 900
            assert len(picture.convert("RGB").getcolors(10**7)) > 100
        assert lab.status() == f"{what}.png is saved."


def test_looks_and_ground_are_as_asked_and_the_window_stays(lab: Driver, tmp_path: Path) -> None:
    dialog = ask_picture(lab)
    lab.click(dialog.look.buttons["dark"])
    lab.click(dialog.save)
    choose_name(lab, tmp_path / "dark.png")
    assert corner(tmp_path / "dark.png") == QColor(DARK.panel).getRgb()
    assert lab.window.theme == LIGHT
    dialog = ask_picture(lab)
    dialog.transparent.click()
    lab.click(dialog.save)
    choose_name(lab, tmp_path / "clear.png")
    assert corner(tmp_path / "clear.png")[3] == 0


@pytest.mark.parametrize("ending", [".svg", ".pdf"])
def test_pages_are_written(lab: Driver, tmp_path: Path, ending: str) -> None:
    dialog = ask_picture(lab)
    lab.choose(dialog.form, ending)
    assert not dialog.width_box.isEnabled()
    lab.click(dialog.save)
    choose_name(lab, tmp_path / f"a{ending}")
    assert (tmp_path / f"a{ending}").stat().st_size > 10_000


def test_pictures_are_copied(lab: Driver) -> None:
    lab.press(Qt.Key.Key_C, CTRL, ALT)
    image = QGuiApplication.clipboard().image()
    assert (image.width(), image.height()) == (2 * lab.plot.width(), 2 * lab.plot.height())
    assert "is on the clipboard" in lab.status()
    dialog = ask_picture(lab)
    lab.choose(dialog.what, "curves")
    lab.click(dialog.copy)
    copied = QGuiApplication.clipboard().image()
    assert copied.width() == 2 * (lab.window.curves.loss.width() + lab.window.curves.gradient.width())


def test_a_picture_that_cannot_be_is_said(lab: Driver, tmp_path: Path) -> None:
    dialog = ask_picture(lab)
    lab.choose(dialog.what, "window")
    dialog.width_box.edited.emit(16384.0)
    lab.click(dialog.save)
    choose_name(lab, tmp_path / "gone" / "a.png")
    assert "There is no folder" in dialog.error.text()
    assert list(tmp_path.glob("*.png")) == []
    dialog.reject()


def test_tables_and_scripts(lab: Driver, tmp_path: Path) -> None:
    entries = dict(lab.laboratory.menus.ways())
    menu = "File › Export a table › "
    lab.until_initialized()
    for entry, name in (("Paths of the optimizers…", "paths"), ("Histograms of the networks…", "cells")):
        entries[menu + entry].trigger()
        choose_name(lab, tmp_path / f"{name}.csv")
        lab.until(lambda name=name: lab.status() == f"{name}.csv: saved.")
    rows = list(csv.DictReader((tmp_path / "paths.csv").read_text().splitlines()))
    run = lab.laboratory.descents.result.runs[0]
    first = np.array([(row["x"], row["y"]) for row in rows[: run.steps + 1]], float)
    assert (first == run.points).all()
    assert (tmp_path / "cells.csv").read_text().startswith("network,layer,kind,low,high,count\n")
    entries["File › Export a PyTorch script › Paths of the optimizers…"].trigger()
    choose_name(lab, tmp_path / "run.py")
    lab.until(lambda: lab.status() == "run.py: saved.")
    script = surface_script(lab.laboratory.document.experiment)
    assert (tmp_path / "run.py").read_text(encoding="utf-8") == script.text


def test_a_table_that_cannot_be_written_is_said(lab: Driver, tmp_path: Path) -> None:
    lab.laboratory.exports._write("surface", str(tmp_path / "gone" / "a.csv"), (".csv",))
    lab.until(lambda: lab.window.findChildren(QMessageBox))
    (box,) = lab.window.findChildren(QMessageBox)
    assert "There is no folder" in box.text()
    box.close()


@pytest.mark.parametrize(("program", "first"), [("/bin/ffmpeg", ".mp4"), (None, ".gif")])
def test_what_is_offered_first_can_be_written_here(
    lab: Driver, monkeypatch: pytest.MonkeyPatch, program: str | None, first: str
) -> None:
    monkeypatch.setattr("app.exporters.ffmpeg.shutil.which", lambda _: program)
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    dialog = ask_film(lab, "")
    assert dialog.form.currentData() == first
    assert dialog.summary.text().startswith("200 pictures, 8 s, about")
    assert dialog.save.isEnabled()


def ask_film(lab: Driver, ending: str = ".webp"):
    lab.window.activateWindow()
    lab.until(lab.window.isActiveWindow)
    lab.press(Qt.Key.Key_E, CTRL, SHIFT)
    dialog = lab.laboratory.exports.films.dialog
    lab.until(dialog.isVisible)
    if not ending:
        return dialog
    lab.choose(dialog.form, ending)
    for box, number in zip(dialog.boxes, ("240", "180", "10", "1"), strict=True):
        lab.type_into(box, number, enter=False)
        box.editingFinished.emit()
    assert dialog.summary.text().startswith("10 pictures, 1 s, about 0.0")
    return dialog


def test_a_film_is_made_in_another_process(lab: Driver, tmp_path: Path) -> None:
    dialog = ask_film(lab)
    lab.click(dialog.save)
    choose_name(lab, tmp_path / "a.webp")
    assert not dialog.save.isEnabled()
    lab.until(lambda: not lab.laboratory.exports.films.job.busy, 60.0)
    assert lab.status().startswith("a.webp is saved")
    with Image.open(tmp_path / "a.webp") as film:
        assert film.size == (240, 180)
        seconds = [
            (film.seek(index), film.load(), film.info["duration"])[2] for index in range(film.n_frames)
        ]
        assert sum(seconds) == 1000, "frames that are alike are one that is shown longer"
    assert lab.laboratory.exports.films.dialog is None


def test_networks_train_for_a_film_as_far_as_they_are(open_laboratory, tmp_path: Path) -> None:
    lab: Driver = open_laboratory(small().experiment)
    lab.until_initialized()
    lab.click(lab.network.epoch)
    lab.until(lambda: lab.laboratory.training.step == 7 and not lab.laboratory.training.running)
    told: list[tuple[int, int, str]] = []
    dialog, job = ask_film(lab, ".apng"), lab.laboratory.exports.films.job
    job.moved.connect(lambda *moved: told.append((*moved, dialog.summary.text())))
    lab.choose(dialog.what, "network")
    lab.click(dialog.save)
    choose_name(lab, tmp_path / "a.apng")
    lab.until(lambda: not job.busy, 60.0)
    assert lab.status().startswith("a.apng is saved")
    trained = [each for each in told if each[2] == TRAINING]
    assert trained
    assert all((total, words) == (7, f"Training: step {done} of 7 …") for done, total, _, words in trained)
    assert {total for _, total, turn, _ in told if turn != TRAINING} == {10}
    saved = Saved(small().experiment, View(trained=7))
    film = Film("network", Sheet((240, 180), 1.0), 10, 1.0)
    with closing(FilmPainter(film, Results(saved, "network", pictures=10))) as painter:
        frames = [painter.frame(index) for index in range(10)]
    with Image.open(tmp_path / "a.apng") as made:
        for index, frame in enumerate(frames):
            made.seek(index)
            assert (np.asarray(made.convert("RGB")) == frame).all(), index


def test_a_film_can_be_given_up_while_its_networks_train(open_laboratory, tmp_path: Path) -> None:
    experiment = small().experiment
    long = replace(experiment, training=replace(experiment.training, epochs=2_000))
    lab: Driver = open_laboratory(long)
    dialog, job = ask_film(lab), lab.laboratory.exports.films.job
    lab.choose(dialog.what, "training")
    folder = tmp_path / "films"
    folder.mkdir()
    lab.click(dialog.save)
    choose_name(lab, folder / "a.webp")
    lab.until(lambda: dialog.summary.text().startswith("Training: step "), 60.0)
    lab.click(dialog.cancel)
    lab.until(lambda: not job.busy, 5.0)
    assert list(folder.iterdir()) == []
    assert dialog.summary.text().startswith("10 pictures"), "it can be asked for again"
    dialog.reject()


def test_a_film_of_too_many_distributions_is_refused_before_it_is_named(open_laboratory) -> None:
    experiment = default_experiment()
    variants = alike((Choice("he_normal"), Choice("zeros")), network=NetworkSpec(layers=50, units=2))
    lab: Driver = open_laboratory(
        replace(experiment, training=replace(experiment.training, variants=variants))
    )
    dialog = ask_film(lab)
    for box, number in zip(dialog.boxes[2:], ("60", "100"), strict=True):
        lab.type_into(box, number, enter=False)
        box.editingFinished.emit()
    lab.choose(dialog.what, "network")
    assert "in 100 layers has at most 2,000 pictures" in dialog.error.text()
    assert not dialog.save.isEnabled()
    lab.choose(dialog.what, "training")
    assert dialog.save.isEnabled()
    dialog.reject()


@pytest.mark.parametrize("how", ["cancel", "kill"])
def test_nothing_is_left_of_a_film_that_is_given_up(lab: Driver, tmp_path: Path, how: str) -> None:
    dialog = ask_film(lab)
    dialog.boxes[3].edited.emit(500.0)
    lab.type_into(dialog.boxes[3], "500", enter=False)
    dialog.boxes[3].editingFinished.emit()
    folder = tmp_path / "films"
    folder.mkdir()
    films = lab.laboratory.exports.films
    lab.click(dialog.save)
    choose_name(lab, folder / "a.webp")
    lab.until(lambda: dialog.progress.maximum() > 0, 60.0)
    if how == "cancel":
        lab.click(dialog.cancel)
    else:
        assert isinstance(films.job.channel, ProcessChannel)
        films.job.channel._process.kill()
    lab.until(lambda: not films.job.busy, 20.0)
    assert list(folder.iterdir()) == []
    assert dialog.isVisible()
    assert ("ended unexpectedly" in dialog.error.text()) == (how == "kill")
    dialog.reject()


def test_a_process_that_died_with_nothing_to_do_is_replaced(lab: Driver, tmp_path: Path) -> None:
    job = lab.laboratory.exports.films.job
    for name in ("first.webp", "second.webp"):
        dialog = ask_film(lab)
        lab.click(dialog.save)
        choose_name(lab, tmp_path / name)
        lab.until(lambda: not job.busy, 60.0)
        assert lab.status().startswith(f"{name} is saved")
        with Image.open(tmp_path / name) as film:
            assert film.size == (240, 180)
        assert isinstance(job.channel, ProcessChannel)
        job.channel._process.kill()
        job.channel._process.join()


def test_closing_the_window_ends_the_film(lab: Driver, tmp_path: Path) -> None:
    dialog = ask_film(lab)
    films = lab.laboratory.exports.films
    folder = tmp_path / "films"
    folder.mkdir()
    lab.click(dialog.save)
    choose_name(lab, folder / "a.webp")
    dialog.close()
    lab.laboratory.close()
    assert not films.job.busy
    assert list(folder.iterdir()) == []
