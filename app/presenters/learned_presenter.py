"""Training reports -> the panel of what is learned, which asks for its pictures while it is seen."""

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from app.language import tr
from app.plots.boundary_plot import Plane, class_colours
from app.plots.image_grid import Images
from app.presenters.watched_network import WatchedNetwork, progress
from app.training_messages import Report
from app.views.learned_panel import LearnedPanel
from core.data.before_after import BeforeAfter
from core.data.dataset import DATASETS
from core.training import Learned, TrainingSpec

if TYPE_CHECKING:
    from app.main import Laboratory

PANEL = "learned"
_MOST_FEATURES = 40
"""Features whose weights are shown where they are no picture."""
_LISTED = 4
"""Mistakes that are told in words where a sample is no picture."""


def make_panel(laboratory: "Laboratory") -> QWidget:
    """The panel, which follows the training."""
    panel = LearnedPanel()
    LearnedPresenter(laboratory, panel).setParent(panel)
    return panel


class LearnedPresenter(WatchedNetwork):
    """The latest pictures of the network that is looked at."""

    def __init__(self, laboratory: "Laboratory", panel: LearnedPanel) -> None:
        super().__init__(laboratory, PANEL, panel)
        self._document, self._panel = laboratory.document, panel
        self.begin()

    def ask(self, place: int | None) -> None:
        """Ask for its pictures."""
        self.job.watch_pictures(place)

    def accepts(self, report: Report) -> bool:
        """Whether there are pictures of that network: another's may still be on their way."""
        seen = report.learned
        return seen is not None and seen.name == report.frame.networks[self.place].name

    def show(self, report: Report) -> None:
        """Show the pictures, and what they say."""
        seen = report.learned
        assert seen is not None
        self.show_networks(report)
        spec = self._document.experiment.training
        names = class_names(spec, len(seen.confusion))
        classes: list[QColor] = []
        if seen.boundary is not None:
            classes = class_colours(self.theme, len(names))
            self._panel.set_plane(_plane(seen, spec, len(names)))
        else:
            self._show_weights(seen, spec, names)
        self._panel.set_confusion(_confusion_title(seen), seen.confusion, names, classes)
        self._panel.set_data(seen.data, class_colours(self.theme, len(names)), data_sentence(seen.data))
        network = report.frame.networks[self.place]
        diverged = network.outcome == "diverged"
        self._panel.set_words(progress(report), network.message if diverged else seen.gap.sentence)

    def _show_weights(self, seen: Learned, spec: TrainingSpec, names: tuple[str, ...]) -> None:
        shape = image_shape(spec, seen.weights.shape[1])
        weights = seen.weights.astype(np.float64)
        if shape is None:
            features = _feature_names(spec, weights.shape[1])[:_MOST_FEATURES]
            table = weights.T[None, : len(features)]
            tip = "A row for each feature, a column for each unit of the first layer."
            self._panel.set_weights(Images(table, "signed", tips=(tip,), row_names=features))
            self._panel.set_mistakes(None, _listed(seen, names))
            return
        tips = tuple(f"Unit {unit} of the first layer" for unit in range(1, len(weights) + 1))
        self._panel.set_weights(Images(weights.reshape(-1, *shape), "signed", tips=tips))
        captions = tuple(f"{names[w.true]} as {names[w.predicted]}" for w in seen.wrong)
        sentences = tuple(
            f"A {names[w.true]}, taken for a {names[w.predicted]} with probability {_percent(w.probability)}."
            for w in seen.wrong
        )
        self._panel.set_mistakes(
            Images(seen.wrong_inputs.reshape(-1, *shape), "ink", captions, sentences),
            "" if seen.wrong else "None: every validation sample is right.",
        )


def data_sentence(picture: BeforeAfter) -> str:
    """What preprocessing did to the features."""
    parts = [
        f"means up to {mean:.2g}, standard deviations {low:.2g} to {high:.2g},"
        f" condition {_condition(condition)}"
        for mean, (low, high), condition in zip(
            (abs(round(mean, 9)) for mean in picture.means), picture.stds, picture.conditions, strict=True
        )
    ]
    where = "Along the first two principal axes. " if picture.principal else ""
    return (
        f"{where}Before: {parts[0]}. After: {parts[1]}. The condition is the largest variance along a"
        " principal axis over the smallest: the nearer to 1, the rounder the valley of the loss."
    )


def _condition(value: float) -> str:
    return f"{value:,.0f}" if 10.0 <= value < 1e7 else f"{value:.3g}"


def class_names(spec: TrainingSpec, count: int) -> tuple[str, ...]:
    """What the classes are called: in one's own data as there, else by their numbers."""
    own = spec.own
    return own.classes if own is not None and len(own.classes) == count else tuple(map(str, range(count)))


def _feature_names(spec: TrainingSpec, count: int) -> tuple[str, ...]:
    own = spec.own
    numbered = tuple(tr(f"feature {place}") for place in range(1, count + 1))
    return own.features if own is not None and len(own.features) >= count else numbered


def image_shape(spec: TrainingSpec, features: int) -> tuple[int, int] | None:
    """Height and width where the features are the pixels of an image."""
    shape = None if spec.own is not None else DATASETS[spec.dataset.id].image_shape
    return shape if shape is not None and shape[0] * shape[1] == features else None


def _plane(seen: Learned, spec: TrainingSpec, classes: int) -> Plane:
    assert seen.boundary is not None
    names = spec.own.features if spec.own is not None and len(spec.own.features) == 2 else ("x", "y")
    labels = np.array([sample.true for sample in seen.wrong], np.uint8)
    return Plane(
        seen.boundary, seen.points, seen.labels, seen.wrong_inputs, labels, classes, (names[0], names[1])
    )


def _confusion_title(seen: Learned) -> str:
    part = f"{seen.samples:,} of {seen.of:,}" if seen.samples < seen.of else f"{seen.of:,}"
    return f"Confusion, {part} validation samples"


def _listed(seen: Learned, names: tuple[str, ...]) -> str:
    lines = [
        f"{names[w.true]} taken for {names[w.predicted]}, probability {_percent(w.probability)}"
        for w in seen.wrong[:_LISTED]
    ]
    return "\n".join(lines) or "None: every validation sample is right."


def _percent(share: float) -> str:
    return f"{100.0 * share:.1f} %"
