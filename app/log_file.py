"""The file that faults and warnings of the program are written to, for a person who reports one."""

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

from PySide6.QtCore import QStandardPaths

_LARGEST, _OLDER = 500_000, 1
_log = logging.getLogger("optiscope")


def log_path() -> Path:
    """Where the log is."""
    place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppLocalDataLocation)
    return Path(place) / "optiscope.log"


def write_log(path: Path) -> logging.Handler | None:
    """Write what is logged from now on to a file, beside what it has; None where that cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(
            path, maxBytes=_LARGEST, backupCount=_OLDER, encoding="utf-8", delay=False
        )
    except OSError as error:
        _log.warning("there is no log file: %s", error)
        return None
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    _log.addHandler(handler)
    return handler


def end_log(handler: logging.Handler | None) -> None:
    """Write no more to the file."""
    if handler is not None:
        _log.removeHandler(handler)
        handler.close()
