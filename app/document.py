"""The one place that holds what a person set up."""

from PySide6.QtCore import QObject, Signal

from core.experiment import Experiment, Words


class Document(QObject):
    """Owns the experiment and the words about it. Every edit replaces them whole.

    Attributes
    ----------
    experiment
        What is set up now; immutable.
    words
        Its title and its text.

    Signals
    -------
    changed(object, object)
        The experiment before and after an edit.
    described(object)
        Other `Words`; before `changed` where the experiment changes with them.
    settled(object, object)
        Like `changed`, when everything that shows the document shows it: what is computed from it begins
        here.
    edited()
        The experiment or its words are others, and everything has been told.
    """

    changed = Signal(object, object)
    described = Signal(object)
    settled = Signal(object, object)
    edited = Signal()

    def __init__(self, experiment: Experiment, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._experiment = experiment
        self._words = Words()

    @property
    def experiment(self) -> Experiment:
        """The current experiment."""
        return self._experiment

    @property
    def words(self) -> Words:
        """Its title and its text."""
        return self._words

    def describe(self, words: Words) -> None:
        """Make other words the current ones."""
        self.replace(self._experiment, words)

    def replace(self, experiment: Experiment, words: Words | None = None) -> None:
        """Make another experiment the current one, with other words if given.

        Nothing is told when they are equal.
        """
        before, said = self._experiment, self._words
        self._words = said if words is None else words
        if experiment != before:
            self._experiment = experiment
        if self._words != said:
            self.described.emit(self._words)
        if self._experiment is not before:
            self._tell(before, experiment)
        elif self._words != said:
            self.edited.emit()

    def _tell(self, before: Experiment, experiment: Experiment) -> None:
        self.changed.emit(before, experiment)
        if self._experiment is experiment:  # nobody has edited it further on the way
            self.settled.emit(before, experiment)
        if self._experiment is experiment:
            self.edited.emit()
