"""Reads a file of the person's own, with the file's name in every sentence about it."""

from pathlib import Path

from core.data.own_samples import OwnSamples
from core.data.sample_reader import MOST_BYTES, read_own_samples
from core.errors import InputError


def read_own_file(path: str) -> OwnSamples:
    """Samples from a CSV file; takes a second for 100,000 rows, so the window has a worker call it.

    Raises
    ------
    InputError
        For a file that cannot be read, and for what is wrong in it.
    """
    file = Path(path)
    try:
        if file.stat().st_size > MOST_BYTES:  # said before it fills the memory
            size = file.stat().st_size / 1e6
            raise InputError(
                f"The file has {size:,.0f} MB; at most {MOST_BYTES / 1e6:.0f} MB are taken.", "csv"
            )
        return read_own_samples(file.name, file.read_bytes())
    except OSError as error:
        raise InputError(f"{path or 'The file'} cannot be read: {error.strerror}.", "csv") from None
    except InputError as error:
        raise InputError(f"{file.name}: {error}", "csv") from None
