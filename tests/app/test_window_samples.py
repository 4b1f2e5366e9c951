"""Samples of one's own for the network: chosen or dropped, reported where one looks, and trained on."""

import time

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QMimeData, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog

from app.event_collector import EventCollector
from app.training_job import ProcessChannel
from core.choice import Choice
from tests.app.laboratory_driver import small_experiment
from tests.app.window_widgets import cut_off

FLOWERS = "length;width;kind\n" + "1,5;2;rose\n3,25;1;lily\n" * 30


@pytest.fixture
def lab(open_laboratory):
    lab = open_laboratory()
    lab.until_initialized()
    return lab


@pytest.fixture
def flowers(tmp_path):
    return written(tmp_path, FLOWERS)


def written(folder, text, name="flowers.csv"):
    path = folder / name
    path.write_text(text, encoding="utf-8-sig")
    return path


def choose(lab, path):
    """Press the button beside the list, and choose a file."""
    lab.click(lab.network.setup.open_data)
    (asking,) = lab.window.findChildren(QFileDialog)
    asking.fileSelected.emit(str(path))
    asking.reject()
    QApplication.sendPostedEvents(asking, 0)
    lab.until(lambda: not lab.laboratory.samples_job.busy)
    lab.process_events()


def drop(lab, path, position):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    copy, left, nothing = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(lab.window, QDragEnterEvent(position, copy, data, left, nothing))
    QApplication.sendEvent(lab.window, QDropEvent(QPointF(position), copy, data, left, nothing))
    lab.until(lambda: not lab.laboratory.samples_job.busy)


def report(lab):
    return lab.network.setup.samples


def test_a_file_that_is_chosen_is_reported_and_learned(lab, flowers):
    assert not report(lab).isVisible(), "nothing to say"
    choose(lab, flowers)
    own = lab.experiment.training.own
    assert own.features == ("length", "width")
    assert report(lab).read.text() == "60 rows, 2 features: lily 30, rose 30"
    assert not report(lab).notes.isVisible()
    assert lab.network.setup.dataset.currentText() == "flowers"
    lab.until_initialized()
    lab.click(lab.network.train)
    lab.until(lambda: lab.network.train.text() == "Train again")
    assert max(curve.y[-1] for curve in lab.network.accuracy.curves()) == 1.0


def test_batches_shrink_to_a_small_training_set(lab, flowers):
    assert lab.experiment.training.batch_size == 64
    choose(lab, flowers)
    assert lab.experiment.training.batch_size == 48
    assert not lab.network.setup.error.isVisible()


def test_what_was_left_out_is_said_and_the_rest_on_demand(lab, tmp_path):
    extra = ";1;rose\nwide;1;rose\n1;2\n1;2;tulip\n"
    choose(lab, written(tmp_path, FLOWERS + extra))
    lines = report(lab).notes.text().splitlines()
    assert lines[0] == "1 row left out: 2 cells instead of 3 (line 64)."
    assert len(lines) == 2
    lab.click(report(lab).more)
    assert len(report(lab).notes.text().splitlines()) == 4
    assert "class 'tulip' has fewer than 5 rows" in report(lab).notes.text()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "flowers.csv: There is no table in it: it is empty."),
        (b"u,kind\n", "flowers.csv: There is a header but no row below it."),
        (b"u,kind\n" + b"1,a\n" * 9, "flowers.csv: Every row has the class 'a'"),
        (b"PK\x03\x04", "flowers.csv: The file is not text;"),
    ],
)
def test_a_bad_file_is_refused_below_the_list_and_nothing_is_lost(lab, flowers, content, sentence):
    flowers.write_bytes(content)
    before = lab.experiment
    choose(lab, flowers)
    assert report(lab).error.isVisible()
    assert sentence in report(lab).error.text()
    assert lab.experiment == before
    lab.choose(lab.network.setup.dataset, "moons")
    assert not report(lab).isVisible(), "another choice ends the complaint"


def test_a_file_that_is_gone_is_said(lab, tmp_path):
    choose(lab, tmp_path / "gone.csv")
    assert "gone.csv cannot be read: No such file or directory." in report(lab).error.text()


def test_the_list_goes_back_and_forth(lab, flowers):
    choose(lab, flowers)
    own = lab.experiment.training.own
    setup = lab.network.setup
    lab.choose(setup.dataset, "moons")
    assert lab.experiment.training.own is None
    assert lab.experiment.training.dataset == Choice("moons")
    assert not report(lab).isVisible()
    lab.choose(setup.dataset, "own:flowers.csv")
    assert lab.experiment.training.own is own
    assert report(lab).isVisible()
    lab.click(setup.expander)
    assert not setup.numbers.forms["dataset"].fields, "moons' numbers have no meaning now"


def test_an_experiment_with_samples_opens_with_its_report(open_laboratory, lab, flowers):
    choose(lab, flowers)
    again = open_laboratory(lab.experiment)
    assert report(again).read.text() == report(lab).read.text()
    assert again.network.setup.dataset.currentText() == "flowers"


def test_a_file_dropped_on_the_network_is_for_the_network(lab, flowers):
    centre = lab.network.mapTo(lab.window, lab.network.rect().center())
    drop(lab, flowers, centre)
    assert lab.experiment.training.own.name == "flowers.csv"
    assert lab.experiment.surface == small_experiment().surface


def test_a_key_asks_for_a_file(lab):
    lab.press(Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier)
    (asking,) = lab.window.findChildren(QFileDialog)
    assert asking.windowTitle() == "Own data for the network"
    asking.reject()


@pytest.mark.parametrize("size", [(1280, 720), (2560, 1440)])
def test_nothing_of_it_is_cut_off(open_laboratory, tmp_path, size):
    lab = open_laboratory(size=size)
    choose(lab, written(tmp_path, FLOWERS + ";1;rose\n1;2\n1;2;3;4\n", "a_file_with_a_rather_long_name.csv"))
    assert cut_off(lab.window) == []
    assert report(lab).more.toolTip()


def test_a_hundred_thousand_rows_do_not_hold_up_the_window(open_laboratory, tmp_path):
    """Read in a worker, sent by a thread: the longest wait of the window's own process stays short."""
    values = np.random.default_rng(0).standard_normal((100_000, 6)).round(3)
    path = tmp_path / "large.csv"
    rows = [f"{','.join(map(str, row))},{int(row[0] > 0)}" for row in values.tolist()]
    path.write_text("\n".join(["a,b,c,d,e,f,kind", *rows]), encoding="utf-8")
    experiment = small_experiment()
    lab = open_laboratory(
        replace(experiment, training=replace(experiment.training, epochs=1)), ProcessChannel, executor=None
    )
    lab.until_initialized()
    lab.laboratory.findChild(EventCollector).begin()  # as in a program that has started
    gaps, last = [], [time.thread_time()]

    def tick():
        now = time.thread_time()
        gaps.append(now - last[0])
        last[0] = now

    ticker = QTimer()
    ticker.timeout.connect(tick)
    ticker.start(1)
    lab.laboratory.samples_presenter.load(str(path))
    assert report(lab).read.text() == "Reading large.csv …"
    lab.until(lambda: lab.experiment.training.own is not None, 60.0)
    lab.until_initialized()
    assert report(lab).read.text().startswith("100,000 rows, 6 features: ")
    ticker.stop()
    assert max(gaps) < 0.1, "the window's own thread worked too long at a stretch"
    lab.click(lab.network.train)
    lab.until(lambda: lab.network.train.text() == "Train again", 60.0)
    assert lab.network.accuracy.curves()[0].y[-1] > 0.4
