"""What only surfaces made of data have: batch size, costs of a run, condition number, tables of one's own."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace
from PySide6.QtCore import QObject

from app.document import Document
from app.views import file_dialogs as dialogs
from app.views.data_bar import DataBar
from app.views.surface_view import SurfaceView
from core.curvature import curvature
from core.data.table import decode, read_table
from core.errors import InputError
from core.experiment import Experiment
from core.regression import OwnData, own_data
from core.surface import SurfaceSpec, surface

if TYPE_CHECKING:
    from app.views.own_data_dialog import OwnDataDialog


class DataPresenter(QObject):
    """Document <-> the data bar and the dialog for a table of one's own.

    Parameters
    ----------
    document, view
        What is set up, and the surface's part of the window.
    """

    def __init__(self, document: Document, view: SurfaceView, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document, self._view = document, view
        self._own: dict[str, OwnData] = {}
        self._dialog: OwnDataDialog | None = None
        self._connected = False
        document.changed.connect(self._changed)
        view.own_data_asked.connect(self.ask)
        view.own_chosen.connect(self._choose_own)
        view.file_dropped.connect(self.load)

    def start(self) -> None:
        """Show the document as it is."""
        self._show(self._document.experiment)

    def _changed(self, old: Experiment, new: Experiment) -> None:
        if (old.surface, old.batch_size, old.measure) != (new.surface, new.batch_size, new.measure):
            self._show(new)

    def _show(self, experiment: Experiment) -> None:
        place = surface(experiment.surface)
        self._view.set_data_shown(place.mean is not None)
        if place.mean is None:
            return
        bar, count = self._bar(), place.mean.samples.count
        bar.set_samples(count, condition_number(experiment.surface))
        bar.set_batch_size(experiment.batch_size or count)
        bar.set_measure(experiment.measure)
        if experiment.surface.data is not None:
            self._offer(experiment.surface.data)

    def _bar(self) -> DataBar:
        bar = self._view.data_bar()
        if not self._connected:
            self._connected = True
            bar.batch_size_edited.connect(self._edit_batch_size)
            bar.measure_chosen.connect(lambda measure: self._edit(measure=measure))
        return bar

    def _edit_batch_size(self, size: int) -> None:
        mean = surface(self._document.experiment.surface).mean
        if mean is not None:
            self._edit(batch_size=size if size < mean.samples.count else 0)

    def _edit(self, **changes: object) -> None:
        self._document.replace(replace(self._document.experiment, **changes))

    # A table of one's own

    def ask(self) -> None:
        """Let a person choose a file."""
        dialogs.ask_for_table(self._view, "Own data from CSV", self.load)

    def load(self, path: str) -> None:
        """Read a file and let a person choose its columns; what is wrong is said above the surface."""
        name = Path(path).name
        try:
            text = decode(Path(path).read_bytes())
            table = read_table(text)
        except OSError as error:
            self._view.set_error(f"{name} cannot be read: {error.strerror}.")
            return
        except InputError as error:
            self._view.set_error(f"{name}: {error}")
            return
        self._view.set_error("")
        self._open(name, text, table.names, table.numeric())

    def _open(self, name: str, text: str, columns: tuple[str, ...], numeric: tuple[int, ...]) -> None:
        from app.views.own_data_dialog import OwnDataDialog  # seen by few, and not at the start

        dialog = self._dialog = OwnDataDialog(name, columns, numeric, self._view.window())
        read = _reader(name, text)

        def check() -> None:
            try:
                data = read(*dialog.choice())
                dialog.set_summary(_summary(data))
            except InputError as error:
                dialog.set_error(str(error))

        def take() -> None:
            self._use(read(*dialog.choice()))

        dialog.edited.connect(check)
        dialog.accepted.connect(take)
        dialog.finished.connect(dialog.deleteLater)
        check()
        dialog.open()

    def _use(self, data: OwnData) -> None:
        self._document.replace(self._document.experiment.with_surface(SurfaceSpec(data=data)))

    def _offer(self, data: OwnData) -> None:
        """Both scalings of a table stand in the list of surfaces."""
        for standardized in (False, True):
            each = msgspec.structs.replace(data, standardized=standardized)
            entry = surface(SurfaceSpec(data=each)).entry
            self._own[entry.name] = each
            self._view.offer(entry.name, entry.name, entry.summary)
        self._view.chooser.set_value(surface(SurfaceSpec(data=data)).entry.name)

    def _choose_own(self, key: str) -> None:
        self._use(self._own[key])


def _reader(name: str, text: str) -> Callable[[tuple[str, ...], str, bool], OwnData]:
    """What a choice of columns makes of a table; the same choice is read once."""

    @lru_cache(maxsize=8)
    def read(features: tuple[str, ...], target: str, standardized: bool) -> OwnData:
        return own_data(name, text, features, target, standardized)

    return read


def _summary(data: OwnData) -> str:
    """How many samples, and what standardizing does to the surface."""
    place = surface(SurfaceSpec(data=data))
    assert place.mean is not None
    number = condition_number(SurfaceSpec(data=data))
    shape = "" if number is None else f" · condition number {number:,.4g}"
    return f"{place.mean.samples.count:,} samples{shape}"


@lru_cache(maxsize=32)
def condition_number(spec: SurfaceSpec) -> float | None:
    """Of the Hessian at the minimum of a surface made of data."""
    place = surface(spec)
    return curvature(place, *place.entry.minima[0]).condition_number if place.entry.minima else None
