"""Files of samples of one's own -> the document; they are read in a worker, however large they are."""

from pathlib import Path

from msgspec.structs import replace
from PySide6.QtCore import QObject

from app.document import Document
from app.jobs import CallJob
from app.own_file import read_own_file
from app.views import file_dialogs as dialogs
from app.views.network_setup import NetworkSetup
from core.data.own_samples import OwnSamples
from core.experiment import Experiment


class SamplesPresenter(QObject):
    """Lets a person choose a file for the network, and offers again what was read in this session.

    Parameters
    ----------
    document, job, setup
        What is set up, what reads, and where the list of data sets and the report are.
    """

    def __init__(
        self, document: Document, job: CallJob, setup: NetworkSetup, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._document, self._job, self._setup = document, job, setup
        self._own: dict[str, OwnSamples] = {}
        document.changed.connect(lambda _, new: self._keep(new))
        job.finished.connect(self._use)
        job.failed.connect(self._refuse)
        setup.own_asked.connect(self.ask)
        setup.own_chosen.connect(lambda name: self._use(self._own[name]))
        setup.file_dropped.connect(self.load)
        self._keep(document.experiment)

    def ask(self) -> None:
        """Let a person choose a file."""
        dialogs.ask_for_table(self._setup, "Own data for the network", self.load)

    def load(self, path: str) -> None:
        """Read a file; what is wrong with it is said below the list, and the data stays."""
        self._setup.samples.set_busy(Path(path).name)
        self._job.submit(path, read_own_file, path)

    def _use(self, own: OwnSamples) -> None:
        experiment = self._document.experiment
        self._setup.samples.set_samples(own)
        self._document.replace(replace(experiment, training=experiment.training.with_own(own)))

    def _refuse(self, sentence: str) -> None:
        self._setup.samples.set_error(sentence)
        self._setup.attention.emit(self._setup.samples)

    def _keep(self, experiment: Experiment) -> None:
        if (own := experiment.training.own) is not None:
            self._own[own.name] = own
