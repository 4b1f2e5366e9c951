"""Drives a laboratory as a person does, and reads what is shown."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from msgspec.structs import replace
from PySide6.QtCore import QEvent, QPoint, QPointF, QSettings, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QApplication, QComboBox, QSlider, QWidget
from pytestqt.qtbot import QtBot

from app.forms.number_box import NumberBox
from app.main import Laboratory
from app.plots.histogram_grid import HistogramRow
from app.plots.marks_layer import LegendRow
from app.plots.surface_plot import SurfacePlot
from app.views.optimizer_row import OptimizerRow
from core.choice import Choice
from core.experiment import Experiment, default_experiment
from tests.training_specs import training

LEFT = Qt.MouseButton.LeftButton


def small_experiment() -> Experiment:
    """The default surface beside a network that trains in a blink."""
    experiment = default_experiment()
    network = replace(experiment.training.variants[0].network, layers=2, units=8)
    return replace(
        experiment,
        training=training(
            experiment.training, dataset=Choice("blobs"), network=network, batch_size=64, epochs=4
        ),
    )


def long_experiment(epochs: int = 10_000) -> Experiment:
    """The same, with a training that does not end while a test looks at it."""
    experiment = small_experiment()
    return replace(experiment, training=replace(experiment.training, epochs=epochs))


@dataclass
class Driver:
    """One laboratory in one window."""

    laboratory: Laboratory
    qtbot: QtBot
    settings: QSettings

    @property
    def experiment(self) -> Experiment:
        return self.laboratory.document.experiment

    @property
    def window(self):
        return self.laboratory.window

    @property
    def plot(self) -> SurfacePlot:
        return self.window.surface.plot

    @property
    def network(self):
        return self.window.network

    def optimizer_row(self, key: str) -> OptimizerRow:
        """That of an optimizer, whose section is opened if need be."""
        panel = self.window.optimizers
        if key not in panel.rows:
            panel.set_more_open(True)
        return panel.rows[key]

    @property
    def timer_runs(self) -> bool:
        return self.laboratory.clock._timer.isActive()

    # What is shown

    def legend(self) -> dict[str, LegendRow]:
        return {row.name: row for row in self.plot.legend_rows()}

    def heads(self) -> list[tuple[float, float]]:
        return self.plot.head_positions()

    def paths(self) -> list[list[tuple[float, float]]]:
        return [[tuple(point) for point in trail.points.tolist()] for trail in self.plot._trails._trails]

    def path(self, name: str) -> list[tuple[float, float]]:
        return self.paths()[[row.name for row in self.plot.legend_rows()].index(name)]

    def ring(self) -> QPoint:
        return self.plot.start_in_window()

    def pixel_of(self, x: float, y: float) -> QPoint:
        """Where a point of the surface is, in the plot's pixels."""
        return self.plot.mapFromScene(self.plot.view.mapViewToScene(QPointF(x, y)))

    def rows(self) -> dict[str, HistogramRow]:
        return {row.label: row for row in self.network.grid.rows()}

    def status(self) -> str:
        return self.window.status()

    def reading(self) -> dict[str, str]:
        """What the status bar says of the point under the pointer, or of the start point."""
        return self.window.readout.texts()

    @property
    def points(self):
        """The content of the panel of critical points."""
        return self.window.panel_host("points").content

    # What is done

    def process_events(self) -> None:
        QApplication.processEvents()

    def pause(self) -> None:
        self.laboratory.playback.pause()

    def until(self, condition: Callable[[], object], seconds: float = 10.0) -> None:
        self.qtbot.waitUntil(lambda: bool(condition()), timeout=round(1000 * seconds))

    def until_diagnosed(self) -> None:
        """Let the moment of quiet pass at once, and wait for what is then found out."""
        diagnoses = self.laboratory.diagnoses
        if diagnoses._quiet.isActive():
            diagnoses._quiet.start(0)
        self.until(lambda: not diagnoses._quiet.isActive() and not self.laboratory.diagnoses_job.busy, 60.0)

    def until_surveyed(self) -> None:
        """Wait for the critical points of the surface that is shown."""
        self.until(lambda: self.laboratory.survey.found is not None, 60.0)

    def until_initialized(self) -> None:
        """Wait for the answer to the newest training order, and until every panel has it."""
        self.until(lambda: self.laboratory.training.is_settled and self.network.grid.rows())

    def click(self, widget: QWidget) -> None:
        assert widget.isVisible(), "nobody can click what is hidden"
        assert widget.isEnabled(), "nobody can click what is disabled"
        self.qtbot.mouseClick(widget, LEFT)

    def key(self, key: Qt.Key, widget: QWidget | None = None, *modifiers: Qt.KeyboardModifier) -> None:
        target = widget or QApplication.focusWidget() or self.window
        held = Qt.KeyboardModifier.NoModifier
        for modifier in modifiers:
            held |= modifier
        QTest.keyClick(target, key, held)

    def press(self, key: Qt.Key, *modifiers: Qt.KeyboardModifier) -> None:
        """Press a key while the focus is on no control that uses it."""
        self.window.player.forward.setFocus()
        self.key(key, None, *modifiers)

    def type_into(self, box: NumberBox, text: str, enter: bool = True) -> None:
        """Click into a box, select all, type, press Return."""
        assert box.isVisible(), "nobody can type into what is hidden"
        box.setFocus(Qt.FocusReason.MouseFocusReason)
        self.qtbot.keyClick(box, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        self.qtbot.keyClick(box, Qt.Key.Key_Delete)
        self.qtbot.keyClicks(box, text)
        if enter:
            self.qtbot.keyClick(box, Qt.Key.Key_Return)

    def choose(self, combo: QComboBox, key: str) -> None:
        """Open a list and click the entry with a key (or a text)."""
        index = combo.findData(key)
        index = combo.findText(key) if index < 0 else index
        assert index >= 0, f"{key} is not offered"
        combo.showPopup()
        view: QAbstractItemView = combo.view()
        self.until(lambda: view.isVisible())
        item = combo.model().index(index, 0)
        view.scrollTo(item)
        self.qtbot.mouseClick(view.viewport(), LEFT, pos=view.visualRect(item).center())
        self.until(lambda: not view.isVisible())

    def drag(self, widget: QWidget, start: QPoint, *stops: QPoint, release: bool = True) -> None:
        """Press at `start`, move by way of `stops`, and let go."""
        mouse(widget, QEvent.Type.MouseMove, start, held=False)
        mouse(widget, QEvent.Type.MouseButtonPress, start)
        here = start
        for stop in stops:
            for part in (0.25, 0.5, 0.75, 1.0):
                mouse(widget, QEvent.Type.MouseMove, here + (stop - here) * part)
            here = stop
        if release:
            mouse(widget, QEvent.Type.MouseButtonRelease, here, held=False)

    def drag_ring(self, *stops: QPoint, release: bool = True) -> None:
        self.drag(self.plot.viewport(), self.ring(), *stops, release=release)

    def double_click(self, position: QPoint) -> None:
        surface = self.plot.viewport()
        mouse(surface, QEvent.Type.MouseMove, position, held=False)
        for kind, held in (
            (QEvent.Type.MouseButtonPress, True),
            (QEvent.Type.MouseButtonRelease, False),
            (QEvent.Type.MouseButtonDblClick, True),
            (QEvent.Type.MouseButtonRelease, False),
        ):
            mouse(surface, kind, position, held)

    def wheel(self, widget: QWidget, position: QPoint, notches: int) -> None:
        wheel(widget, position, notches)

    def hover(self, position: QPoint) -> None:
        mouse(self.plot.viewport(), QEvent.Type.MouseMove, position, held=False)


def mouse(widget: QWidget, kind: QEvent.Type, position: QPoint, held: bool = True) -> None:
    """Send a mouse event, with the left button held or not."""
    moving = kind == QEvent.Type.MouseMove
    place = QPointF(position)
    event = QMouseEvent(
        kind, place, QPointF(widget.mapToGlobal(position)), Qt.MouseButton.NoButton if moving else LEFT,
        LEFT if held else Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)


def wheel(widget: QWidget, position: QPoint, notches: int) -> None:
    """Turn the wheel over a widget."""
    place = QPointF(position)
    event = QWheelEvent(
        place, QPointF(widget.mapToGlobal(position)), QPoint(), QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)


def handle_position(slider: QSlider, part: float) -> QPoint:
    """A place along a horizontal slider's groove."""
    return QPoint(round(8 + part * (slider.width() - 16)), slider.height() // 2)


def picture(widget: QWidget) -> QImage:
    """What a widget looks like now."""
    return widget.grab().toImage()


def count_near(image: QImage, colour: QColor, within: int = 6) -> int:
    """Pixels of about a colour."""
    pixels = as_array(image).astype(int)
    wanted = np.array([colour.red(), colour.green(), colour.blue()])
    return int((np.abs(pixels - wanted).max(axis=2) <= within).sum())


def as_array(image: QImage):
    """(height, width, 3): red, green, blue."""
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    raw = np.frombuffer(image.constBits(), np.uint8)
    table = raw.reshape(image.height(), image.bytesPerLine() // 4, 4)[:, : image.width()]
    return table[:, :, 2::-1].copy()


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, as the accessibility guidelines define it."""

    def luminance(name: str) -> float:
        colour = QColor(name)
        parts = (colour.redF(), colour.greenF(), colour.blueF())
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)
