"""A network's recorded run -> its landscape in the surface view, a level at a time, and its curvature."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.jobs import CallJob
from app.plots.landscape_scene import landscape_surface
from app.presenters.landscape_show import LandscapeShow
from app.training_messages import Laid, Report
from app.views.curvature_table import CurvatureRow
from app.views.landscape_panel import LandscapePanel
from app.views.numbers import shown
from core.experiment import Experiment
from core.landscape import (
    STRIDES,
    Curvature,
    assemble,
    curvature,
    level,
    remarks,
    tiles,
)
from core.training import Variant
from core.training.variant import labels

if TYPE_CHECKING:
    from app.main import Laboratory

_IDLE = (
    "Shows the loss of a network over a plane through its parameters, in the surface view, with the recorded"
    " paths of all networks of its shape. Batch norm takes the samples' own statistics at every point;"
    " dropout is off."
)
_UNTRAINED = "Nothing is trained yet: press Train in the Network panel (T), then Show."
_OLD = "The run has changed since: press Show for its landscape."
_GONE_ON = "The run has gone on since: press Show for the landscape around where it is now."


def make_panel(laboratory: "Laboratory") -> QWidget:
    """The panel, with a process for its landscapes."""
    job = CallJob(laboratory.clock, "landscape", laboratory.executor, parent=laboratory)
    laboratory.window.closing.connect(job.close)
    panel = LandscapePanel()
    presenter = LandscapePresenter(laboratory, job, panel)
    presenter.setParent(panel)
    return panel


class LandscapePresenter(QObject):
    """What is asked for in the panel, and computed; `LandscapeShow` shows it."""

    def __init__(self, laboratory: "Laboratory", job: CallJob, panel: LandscapePanel) -> None:
        super().__init__()
        self._document, self._training = laboratory.document, laboratory.training
        self._job, self._panel, self._lab = job, panel, laboratory
        self._show: LandscapeShow | None = None
        self._awaiting = False
        self._turn = 0
        self._laid: Laid | None = None
        self._recorded = self._recorded_then = 0
        self._parts: list[Any] = []
        self._figures: list[Curvature] = []
        self._document.changed.connect(self._follow)
        self._training.reported.connect(self._watch)
        self._training.laid.connect(self._take_plane)
        self._training.died.connect(lambda _: self._end(_IDLE) if self._awaiting else None)
        laboratory.window.theme_changed.connect(lambda _: self._set_theme())
        job.finished.connect(self._take)
        job.failed.connect(lambda sentence: self._end("", sentence))
        panel.show_asked.connect(self._begin)
        panel.stop_asked.connect(lambda: self._end("Stopped."))
        job.submit("ready", tiles, 2)  # its process starts while a person looks at the panel
        panel.set_words(_IDLE)
        self._show_networks()

    def _follow(self, old: Experiment, new: Experiment) -> None:
        if old.training != new.training:
            self._show_networks()
            if self._awaiting or self._laid is not None:
                self._end(_OLD)

    def _watch(self, report: Report) -> None:
        """Say so when what is shown is no more all of the run, or another run's."""
        before, self._recorded = self._recorded, report.recorded
        if self._laid is None or self._awaiting or self._job.busy:
            return
        if report.generation != self._laid.generation:
            self._panel.set_words(_OLD)
        elif report.recorded > max(self._recorded_then, before):
            self._panel.set_words(_GONE_ON)

    def _show_networks(self) -> None:
        variants = self._document.experiment.training.variants
        colours = self._lab.window.theme.networks([variant.initializer.id for variant in variants])
        self._panel.set_networks(labels(variants), colours)

    def _set_theme(self) -> None:
        self._show_networks()
        self._show_figures()

    # One landscape after the other

    def _begin(self, place: int, directions: str) -> None:
        self._turn += 1
        self._awaiting = True
        self._panel.set_busy(True)
        self._panel.set_words("Reading the recorded run …")
        self._training.lay_plane(place, directions)

    def _end(self, sentence: str, error: str = "") -> None:
        self._awaiting = False
        self._turn += 1
        self._job.drop()
        self._panel.set_busy(False)
        self._panel.set_words(sentence, error)

    def _take_plane(self, laid: Laid) -> None:
        if not self._awaiting:
            return
        self._awaiting = False
        if laid.plane is None:
            self._end("", _UNTRAINED if laid.step == 0 else laid.sentence)
            return
        self._laid, self._parts, self._figures = laid, [], []
        self._recorded_then = self._recorded
        self._show_figures()
        self._ask(STRIDES[0])

    def _ask(self, stride: int) -> None:
        """The next level."""
        assert self._laid is not None
        place = STRIDES.index(stride) + 1
        self._panel.set_words(f"Sharpening: level {place} of {len(STRIDES)} …")
        self._job.submit((self._turn, stride), level, self._laid.plane, stride)

    def _take(self, result: Any) -> None:
        """Show what has come, and ask for what follows: finer levels, then the curvature."""
        if self._laid is None or self._awaiting:
            return
        if isinstance(result, Curvature):
            self._figures.append(result)
            self._show_figures()
        else:
            self._parts += result
            stride = self._show_landscape()
            if stride != STRIDES[-1]:
                self._ask(STRIDES[STRIDES.index(stride) + 1])
                return
        self._measure()

    def _show_landscape(self) -> int:
        assert self._laid is not None
        assert self._laid.plane is not None
        found = assemble(self._laid.plane, self._parts)
        if self._show is None:
            self._show = LandscapeShow(self._lab)
            self._show.setParent(self._panel)
        if found.stride == STRIDES[0]:
            self._show.begin(found.plane, self._laid)
        self._show.set_surface(landscape_surface(found, f"landscape {self._turn}"))
        return found.stride

    # The curvature

    def _measure(self) -> None:
        """One network after the other: each takes a moment."""
        assert self._laid is not None
        networks, plane = self._laid.networks, self._laid.plane
        assert networks is not None
        assert plane is not None
        known = {each.place for each in self._figures}
        for path in sorted((*networks.paths, *networks.others), key=lambda path: path.place):
            if path.diverged_at is None and path.place not in known:
                self._panel.set_words(f"Measuring the curvature around {path.label} …")
                directions = plane.directions if path in networks.paths else None
                subject = (self._turn, "curvature", path.place)
                self._job.submit(subject, curvature, networks, path, directions)
                return
        self._end(" ".join(remarks(plane, labels(plane.spec.training.variants))))

    def _show_figures(self) -> None:
        if self._laid is None or self._laid.plane is None:
            return
        variants = self._laid.plane.spec.training.variants
        called = _short_labels(variants)
        colours = self._lab.window.theme.networks([variant.initializer.id for variant in variants])
        self._panel.set_curvature([
            CurvatureRow(colours[each.place], _texts(called[each.place], variants[each.place], each))
            for each in self._figures
        ])  # fmt: skip


def _texts(label: str, variant: Variant, found: Curvature) -> tuple[str, ...]:
    inputs = variant.preprocessing.replace("_", " ")
    condition = f"{found.condition:,.0f}" if 100.0 <= found.condition < 1e6 else shown(found.condition, 3)
    return label, variant.network.batch_norm, inputs, shown(found.largest, 3), condition


def _short_labels(variants: Sequence[Variant]) -> list[str]:
    """What tells networks apart beside batch norm and preprocessing, which have columns of their own."""
    first = variants[0]
    alike = [
        replace(
            each,
            preprocessing=first.preprocessing,
            network=replace(each.network, batch_norm=first.network.batch_norm),
        )
        for each in variants
    ]
    return [re.sub(r" \(\d+\)$", "", label) for label in labels(alike)]
