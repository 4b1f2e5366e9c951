"""Training reports -> the panel of batch norm, which asks for its figures while it is seen."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from app.plots.histogram_grid import HistogramRow
from app.plots.noise_plot import NoiseLines
from app.plots.strand_grid import Strand, StrandRow, number
from app.presenters.watched_network import WatchedNetwork, progress
from app.training_messages import Report
from app.views.norm_panel import NormPanel
from core.network.modes import BIAS_SHIFT
from core.training import NetworkFrame, NormMoment, Norms, Variant

if TYPE_CHECKING:
    from app.main import Laboratory

Array = NDArray[np.float64]
PANEL = "norm"
_MOST_MOMENTS = 400
"""Moments that are remembered: of more every second one is dropped, so that the whole run stays seen."""
_MODES = {
    "batch": ("training: batch", "training\nbatch"),
    "running": ("evaluation: running", "evaluation\nrunning"),
    "whole": ("evaluation: whole set", "evaluation\nwhole set"),
}
_OFF = (
    "This network has no batch norm. With it, every unit's values are normalized over the batch: what comes"
    " out has mean 0 and variance 1, whatever the weights, and is then scaled by γ and shifted by β."
)


def make_panel(laboratory: "Laboratory") -> QWidget:
    """The panel, which follows the training."""
    panel = NormPanel()
    NormPresenter(laboratory, panel).setParent(panel)
    return panel


class NormHistory:
    """What has been seen of one network's batch norm, a bounded number of moments.

    Going back to a step loses nothing: trained on from there, the run gives the same numbers again.
    """

    def __init__(self) -> None:
        self._whose: object = None
        self._moments: dict[int, Array] = {}

    def remember(self, whose: object, seen: NormMoment) -> None:
        """Add a moment; another network or another run begins anew."""
        if whose != self._whose:
            self._whose, self._moments = whose, {}
        if seen.step not in self._moments and len(self._moments) >= _MOST_MOMENTS:
            self._moments = {step: self._moments[step] for step in sorted(self._moments)[::2]}
        distances = seen.running_from_whole, seen.batch_from_whole, seen.running_from_batch
        self._moments[seen.step] = np.concatenate([seen.gamma, seen.beta, *distances], axis=1)

    def steps(self, until: int) -> list[int]:
        """Steps that are remembered, up to one."""
        return sorted(step for step in self._moments if step <= until)

    def parameters(self, until: int) -> Array:
        """(moments, layers, 2, quantiles): of gamma and beta."""
        table = self._table(until)
        return table[:, :, :10].reshape(*table.shape[:2], 2, 5)

    def distances(self, until: int) -> Array:
        """(moments, layers, 3, 2): running from whole, batch from whole, running from batch; mean, std."""
        table = self._table(until)
        return table[:, :, 10:].reshape(*table.shape[:2], 3, 2)

    def _table(self, until: int) -> Array:
        return np.array([self._moments[step] for step in self.steps(until)])


class NormPresenter(WatchedNetwork):
    """What was seen of the network that is looked at, and the section that is shown."""

    def __init__(self, laboratory: "Laboratory", panel: NormPanel) -> None:
        super().__init__(laboratory, PANEL, panel)
        self._document, self._panel = laboratory.document, panel
        self._history = NormHistory()
        panel.section_chosen.connect(self._choose_section)
        panel.switch_on_asked.connect(self._switch_on)
        self.begin()

    def ask(self, place: int | None) -> None:
        """Ask for the figures, and for the noise of many batches only where that is looked at."""
        self.job.watch_norms(place, self._panel.section.value() == "noise")

    def accepts(self, report: Report) -> bool:
        """Remember the moments; without batch norm, there is only that to say."""
        network, seen = report.frame.networks[self.place], report.norms
        if seen is not None and seen.moment.name == network.name:
            for moment in (*report.moments, seen.moment):
                self._history.remember((report.generation, moment.name), moment)
            return True
        return network.variant.network.batch_norm == "off"  # else it is asked for, and on its way

    def _choose_section(self, _: str) -> None:
        self.refresh()
        self.show_again()

    def _switch_on(self) -> None:
        """Batch norm before the activation, for this network."""

        def changed(variant: Variant) -> Variant:
            return variant.with_number("batch_norm", "before")

        experiment = self._document.experiment
        training = experiment.training.with_variants(changed, self.place)
        self._document.replace(replace(experiment, training=training))

    def show(self, report: Report) -> None:
        """Show the section that is chosen, and what it says."""
        frame, seen = report.frame, report.norms
        colours, status = self.show_networks(report), progress(report)
        if seen is None:
            self._panel.set_off(_OFF, status)
            return
        network, section = frame.networks[self.place], self._panel.section.value()
        sections: dict[str, Callable[[Norms, NetworkFrame, QColor], str]] = {
            "parameters": self._show_parameters, "statistics": self._show_statistics,
            "modes": self._show_modes, "noise": self._show_noise,
        }  # fmt: skip
        sentence = sections[section](seen, network, colours[self.place])
        diverged = network.outcome == "diverged"
        self._panel.set_words(status, network.message if diverged else sentence, diverged)

    # The sections: each shows its picture and returns what it says in words

    def _show_parameters(self, seen: Norms, network: NetworkFrame, colour: QColor) -> str:
        table = self._history.parameters(seen.moment.step)
        rows = []
        for layer in range(table.shape[1]):
            cells, tips = [], []
            for place, letter in enumerate("γβ"):
                low, first, median, third, high = table[:, layer, place].T
                cells.append((Strand(median, colour, bands=((low, high), (first, third))),))
                newest = [number(float(each[-1])) for each in (median, first, third, low, high)]
                tips.append(
                    f"{letter} of layer {layer + 1}: median {newest[0]},"
                    f" middle half {newest[1]} to {newest[2]}, all {newest[3]} to {newest[4]}."
                )
            rows.append(StrandRow(f"layer {layer + 1}", tuple(cells), tuple(tips)))
        key = (("median over the units, middle half, range", colour, False),)
        self._panel.parameters.set_rows(self._steps(seen), rows, key)
        return bias_sentence(seen, network)

    def _show_statistics(self, seen: Norms, network: NetworkFrame, colour: QColor) -> str:
        table, theme = self._history.distances(seen.moment.step), self.theme
        pairs = (
            ("running from whole set", colour, False),
            ("batch from whole set", QColor(theme.muted), True),
            ("running from batch", QColor(theme.warning), True),
        )
        rows = []
        for layer in range(table.shape[1]):
            cells = tuple(
                tuple(
                    Strand(table[:, layer, pair, which], tint, dotted)
                    for pair, (_, tint, dotted) in enumerate(pairs)
                )
                for which in (0, 1)
            )
            tips = tuple(
                f"Layer {layer + 1}, {what}: "
                + ", ".join(f"{pairs[p][0]} {number(table[-1, layer, p, which])}" for p in range(3)) + "."
                for which, what in enumerate(("mean (in σ)", "standard deviation (relative)"))
            )  # fmt: skip
            rows.append(StrandRow(f"layer {layer + 1}", cells, tips))
        self._panel.statistics.set_rows(self._steps(seen), rows, pairs)
        return statistics_sentence(seen, network)

    def _show_modes(self, seen: Norms, network: NetworkFrame, colour: QColor) -> str:
        tints = colour, QColor(self.theme.accent), QColor(self.theme.muted)
        heads = (*(f"layer {i}" for i in range(1, len(seen.modes[0].cells))), "outputs")
        rows, lines = [], []
        for mode, tint in zip(seen.modes, tints, strict=True):
            name, label = _MODES[mode.statistics]
            rows.append(HistogramRow(label.replace("\n", " · "), tint, "", name, mode.cells))
            figures = (mode.loss, mode.accuracy, mode.validation_loss, mode.validation_accuracy)
            texts = (number(figures[0]), _percent(figures[1]), number(figures[2]), _percent(figures[3]))
            differ = "–" if mode.statistics == "batch" else number(mode.difference)
            lines.append(((name, *texts, differ), tint))
        self._panel.histograms.set_rows(rows, heads)
        self._panel.set_table(lines)
        return modes_sentence(seen, network)

    def _show_noise(self, seen: Norms, network: NetworkFrame, colour: QColor) -> str:
        if seen.noise is None:
            return ""
        batch, noise = self._document.experiment.training.batch_size, seen.noise
        sizes = noise.sizes.astype(np.float64)
        self._panel.noise.set_lines(
            NoiseLines(noise.sizes, noise.of_mean, sizes**-0.5, "1 / √n", batch),
            NoiseLines(noise.sizes, noise.of_variance, np.sqrt(2 / (sizes - 1)), "√(2 / (n − 1))", batch),
        )
        return noise_sentence(seen)

    def _steps(self, seen: Norms) -> Array:
        return np.array(self._history.steps(seen.moment.step), np.float64)


def bias_sentence(seen: Norms, network: NetworkFrame) -> str:
    """Whether biases have an effect."""
    if network.variant.network.batch_norm == "after":
        return "Here batch norm follows the activation, so the dense layers' biases do have an effect."
    if seen.bias is None:
        return (
            "The dense layers have no bias: batch norm would take it off again. Choose bias: on to see that."
        )
    return (
        f"Adding {BIAS_SHIFT:g} to every hidden bias changes the outputs in training mode by at most"
        f" {seen.bias.training:.0e}".replace("e-0", "e−").replace("e+0", "e")
        + " (rounding): batch norm takes it off again. In evaluation mode it changes them by up to"
        f" {number(seen.bias.evaluation)}, until the running averages have followed."
    )


def statistics_sentence(seen: Norms, network: NetworkFrame) -> str:
    """How far the running averages and the batch are from the whole set, over all layers."""
    running, batch = (
        float(table[:, 0].mean()) for table in (seen.moment.running_from_whole, seen.moment.batch_from_whole)
    )
    whole = f"{seen.of:,}" if seen.samples == seen.of else f"{seen.samples:,} of {seen.of:,}"
    momentum = f"{network.variant.network.batch_norm_momentum:g}"
    return (
        f"Running means (momentum {momentum}) are {number(running)} σ from those over {whole} training"
        f" samples, the means of a batch of {seen.batch} {number(batch)} σ (mean of the layers)."
    )


def modes_sentence(seen: Norms, network: NetworkFrame) -> str:
    """Which statistics serve evaluation better, and what else differs in training mode."""
    _, running, whole = seen.modes
    ratio = running.validation_loss / whole.validation_loss if whole.validation_loss else math.nan
    if not math.isfinite(ratio):
        verdict = "Evaluation gives no finite loss."
    elif abs(ratio - 1.0) < 0.02:
        verdict = "In evaluation, running averages serve as well as whole-set statistics."
    else:
        better, worse = ("whole-set statistics", "running averages")[:: 1 if ratio > 1.0 else -1]
        verdict = f"In evaluation, {better} give a lower validation loss than {worse}."
    dropped = network.variant.network.dropout or network.variant.network.drop_connect
    return verdict + " Training mode drops at random too." * bool(dropped)


def noise_sentence(seen: Norms) -> str:
    """How the noise of the first layer compares with the last one's."""
    noise = seen.noise
    if noise is None or not len(noise.sizes):
        return "These networks are too large to draw many batches."
    place = int(np.abs(np.log(noise.sizes / seen.batch)).argmin())
    size, first, last = int(noise.sizes[place]), noise.of_mean[place, 0], noise.of_mean[place, -1]
    text = f"Means of {size} samples wander by {number(first)} σ in layer 1 (1/√{size} = {size**-0.5:.2g})"
    layers = noise.of_mean.shape[1]
    return f"{text} and by {number(last)} σ in layer {layers}." if layers > 1 else f"{text}."


def _percent(share: float) -> str:
    return f"{100.0 * share:.1f} %" if math.isfinite(share) else "–"
