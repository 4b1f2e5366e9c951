"""Keeps the code of the list's formulas for the next launch, which then shows its surface sooner."""

import logging
from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path

from PySide6.QtCore import QIODevice, QObject, QSaveFile, QStandardPaths

from app.jobs import CallJob
from app.own_formulas import OwnFormulas
from app.playback import Clock
from core.formula_code import Code
from core.kept_code import MOST_KEPT, code_of_all, pack, use
from core.surface import surfaces

NAME = "formulas.json"
_log = logging.getLogger("optiscope")


def cache_folder() -> Path:
    """Where this program keeps what it could make again."""
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.CacheLocation))


def use_kept_code(folder: Path | None) -> frozenset[str]:
    """Take the code of an earlier launch, before any surface is asked for; the formulas whose it was."""
    try:
        return frozenset() if folder is None else use((folder / NAME).read_bytes())
    except OSError:  # none yet
        return frozenset()


class CodeKeeper(QObject):
    """Has another process derive what was not kept, once the window has nothing better to do.

    Without a folder it does nothing. What cannot be kept is derived again at the next launch.
    """

    def __init__(
        self, folder: Path | None, kept: frozenset[str], own_formulas: OwnFormulas, clock: Clock,
        executor: Callable[[], Executor] | None = None, parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._folder, self._kept, self._own_formulas = folder, kept, own_formulas
        self._job = CallJob(clock, "code", executor, parent=self)
        self._job.finished.connect(self._save)
        self._job.failed.connect(self._fail)

    @property
    def busy(self) -> bool:
        """Whether code is being derived."""
        return self._job.busy

    def begin(self) -> None:
        """Want the code of the catalogue, and of the newest of the person's own formulas."""
        wanted = [entry.formula for entry in surfaces().values() if entry.data is None]
        wanted += [spec.formula for spec in reversed(self._own_formulas.specs)]
        if self._folder is not None and not self._kept.issuperset(wanted[:MOST_KEPT]):
            self._job.submit("code", code_of_all, wanted)

    def close(self) -> None:
        """End the process; what it has not derived is derived at another launch."""
        self._job.close()

    def _save(self, codes: tuple[Code, ...]) -> None:
        self._job.close()
        assert self._folder is not None
        packed = pack(codes)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            self._fail(str(error))
            return
        file = QSaveFile(str(self._folder / NAME))
        if not file.open(QIODevice.OpenModeFlag.WriteOnly) or file.write(packed) != len(packed):
            file.cancelWriting()
        if file.commit():
            self._kept = frozenset(code.formula for code in codes)
        else:
            self._fail(file.errorString())

    def _fail(self, reason: str) -> None:
        _log.info("The formulas' code is not kept: %s", reason)
        self._job.close()
