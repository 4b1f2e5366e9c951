"""Where the files beside the code are: data sets, surfaces, icons."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent / "resources"
"""The folder `resources`, installed beside `core`."""


def resource_path(name: str) -> Path:
    """Return the path of a resource by its name inside the folder, as "data/digits.npz"."""
    return ROOT / name
