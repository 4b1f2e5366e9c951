"""What panels about one network in training share: which one it is, and asking only while they are seen."""

from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject
from PySide6.QtGui import QColor

from app.theme import Theme
from app.training_messages import Report
from app.views.network_combo import NetworkCombo

if TYPE_CHECKING:
    from app.main import Laboratory


class NetworkView(Protocol):
    """What the panel of such a presenter has."""

    network: NetworkCombo

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""

    def set_message(self, sentence: str) -> None:
        """Say why there is nothing to show."""


class WatchedNetwork(QObject):
    """The network that a panel is about, and the newest report that is shown of it.

    A panel's own presenter says what is asked of the training (`ask`), which reports are for it
    (`accepts`) and what it shows of them (`show`).
    """

    def __init__(self, laboratory: "Laboratory", name: str, panel: NetworkView) -> None:
        """Follow the training; a presenter calls `begin` when it is built."""
        super().__init__()
        self._view = panel
        self.job = laboratory.training
        self.theme: Theme = laboratory.window.theme
        self.place = 0
        self.report: Report | None = None
        self._host = laboratory.window.panel_host(name)
        self._host.seen.connect(lambda _: self.refresh())
        laboratory.window.theme_changed.connect(self._set_theme)
        self.job.follow(self._take)
        self.job.refused.connect(lambda _field, sentence: panel.set_message(sentence))
        panel.network.place_chosen.connect(self._choose)

    def begin(self) -> None:
        """Dress the panel, and ask for what it shows."""
        self._view.set_theme(self.theme)
        self.refresh()

    def ask(self, place: int | None) -> None:
        """Ask the training for what the panel shows of a network, or for nothing."""
        raise NotImplementedError

    def accepts(self, report: Report) -> bool:
        """Whether a report says something of the network that is looked at."""
        raise NotImplementedError

    def show(self, report: Report) -> None:
        """Show a report."""
        raise NotImplementedError

    def refresh(self) -> None:
        """Ask anew: what is shown costs the training time, so none is asked while nobody looks."""
        self.ask(self.place if self._host.is_seen else None)

    def show_again(self) -> None:
        """Show the newest report once more, unless another network is looked at by now."""
        if self.report is not None and self.accepts(self.report):
            self.show(self.report)

    def show_networks(self, report: Report) -> list[QColor]:
        """Show which networks there are; returns their colours."""
        networks = report.frame.networks
        colours = self.theme.networks([network.variant.initializer.id for network in networks])
        self._view.network.set_networks([network.label for network in networks], colours, self.place)
        return colours

    def _choose(self, place: int) -> None:
        self.place = place
        self.refresh()

    def _set_theme(self, theme: Theme) -> None:
        self.theme = theme
        self._view.set_theme(theme)
        self.show_again()

    def _take(self, report: Report) -> None:
        if self.place >= len(report.frame.networks):
            self.place = 0
            self.refresh()
        elif self._host.is_seen and self.accepts(report):
            self.report = report
            self.show(report)


def progress(report: Report) -> str:
    """How far the run is."""
    return f"epoch {report.frame.epoch} · step {report.frame.step:,}"
