"""The files that were opened or saved last: a list that survives restarts."""

from pathlib import Path

import msgspec
from PySide6.QtCore import QSettings

MOST = 10
_KEY = "recent_files"


class RecentFiles:
    """Paths, the newest first.

    Parameters
    ----------
    settings
        Where they are kept. Another window may add to them at any time, so they are read when asked for.
    """

    def __init__(self, settings: QSettings) -> None:
        self._settings = settings

    def paths(self) -> list[Path]:
        """The files that are still there."""
        return [path for path in self._read() if path.is_file()]

    def add(self, path: Path) -> None:
        """A file was opened or saved."""
        self._write([path, *(other for other in self._read() if other != path)])

    def clear(self) -> None:
        """Forget all."""
        self._write([])

    def _read(self) -> list[Path]:
        try:
            text = str(self._settings.value(_KEY, "[]", type=str))
            return [Path(name) for name in msgspec.json.decode(text, type=list[str])]
        except (msgspec.DecodeError, ValueError):  # somebody has edited it
            return []

    def _write(self, paths: list[Path]) -> None:
        self._settings.setValue(_KEY, msgspec.json.encode([str(path) for path in paths[:MOST]]).decode())
