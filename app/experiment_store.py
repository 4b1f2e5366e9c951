"""Experiments on disk: a file is there whole, old or new, whatever happens while it is written."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from app import SUFFIX
from core.errors import InputError
from core.experiment_file import LARGEST, Saved, experiment_pieces, read_experiment

if TYPE_CHECKING:
    from PySide6.QtCore import QSaveFile

FILTER = f"Experiments (*{SUFFIX})"


def load(path: Path) -> Saved:
    """Read an experiment.

    Raises
    ------
    InputError
        For a file that cannot be read or holds no experiment, with its name.
    """
    try:
        size = path.stat().st_size
        if size > LARGEST:  # said before it fills the memory
            raise InputError(f"it has {size / 1e6:,.0f} MB; experiments have at most {LARGEST / 1e6:.0f} MB.")
        return read_experiment(path.read_bytes())
    except InputError as error:
        raise InputError(f"{path.name}: {error}") from None
    except OSError as error:
        raise InputError(f"{path.name} cannot be opened: {error.strerror or error}.") from None
    except ValueError:  # a NUL in the name
        raise InputError("This is not the name of a file.") from None


def save(path: Path, saved: Saved) -> None:
    """Write an experiment in the place of what is there, in one move; a link's target is what is replaced.

    Raises
    ------
    InputError
        When it cannot be written; what was there is then as it was.
    """
    write_whole(path, experiment_pieces(saved))


def write_whole(path: Path, content: Iterable[bytes]) -> None:
    """Write a file so that at every moment the old one or the new one is there; raises `InputError`."""
    from PySide6.QtCore import QIODevice, QSaveFile  # reading must be possible without Qt

    if not path.parent.is_dir():
        raise InputError(f"{path.name} cannot be saved: there is no folder {path.parent} any more.")
    file = QSaveFile(str(path))
    if not file.open(QIODevice.OpenModeFlag.WriteOnly):
        raise _unwritable(path, file)
    for piece in content:
        if file.write(piece) != len(piece):  # on a full disk this comes back short, without an error
            file.cancelWriting()
            raise InputError(f"{path.name} cannot be saved: the disk is full.")
    if not file.commit():
        raise _unwritable(path, file)


def _unwritable(path: Path, file: "QSaveFile") -> InputError:
    from PySide6.QtCore import QFileDevice

    known = {
        QFileDevice.FileError.ResourceError: "the disk is full",
        QFileDevice.FileError.PermissionsError: "writing there is not allowed",
    }
    reason = known.get(file.error(), file.errorString().strip().rstrip("."))
    return InputError(f"{path.name} cannot be saved: {reason}.")
