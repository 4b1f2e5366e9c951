"""The one place that holds what a person set up."""

from PySide6.QtCore import QObject, Signal

from core.experiment import Experiment


class Document(QObject):
    """Owns the experiment. Every edit replaces it whole.

    Attributes
    ----------
    experiment
        What is set up now; immutable.

    Signals
    -------
    changed(object, object)
        The experiment before and after an edit.
    settled(object, object)
        The same, when everything that shows the document shows it: what is computed from it begins here.
    """

    changed = Signal(object, object)
    settled = Signal(object, object)

    def __init__(self, experiment: Experiment, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._experiment = experiment

    @property
    def experiment(self) -> Experiment:
        """The current experiment."""
        return self._experiment

    def replace(self, experiment: Experiment) -> None:
        """Make another experiment the current one; nothing is told when they are equal."""
        before = self._experiment
        if experiment == before:
            return
        self._experiment = experiment
        self.changed.emit(before, experiment)
        if self._experiment is experiment:  # nobody has edited it further on the way
            self.settled.emit(before, experiment)
