"""The gallery: experiments that come with the program, each a file that shows one thing.

They are files of the usual format in `resources/examples`, in the order of their names ("03_saddle_escape").
A new one is one more file there; `tests/core/test_examples.py` wants its claim in numbers.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from core.errors import InputError
from core.experiment_file import Saved, read_experiment, read_words
from core.resource import resource_path


@dataclass(frozen=True)
class Example:
    """An experiment of the gallery; the file is read when it is asked for what is in it.

    Attributes
    ----------
    id
        Name of the file without number and ending, as "saddle_escape".
    path
        The file.
    """

    id: str
    path: Path

    def picture(self, look: str) -> Path:
        """A picture of it in the look "light" or "dark"; the file need not be there."""
        return self.path.with_name(f"{self.path.stem}_{look}.png")

    @property
    def title(self) -> str:
        """What it is called, in one line; raises `InputError` for a damaged file, as all these do."""
        return self._words[0]

    @property
    def text(self) -> str:
        """What there is to see, and to try."""
        return self._words[1]

    @cached_property
    def saved(self) -> Saved:
        """Experiment and view, checked as any file is: that derives its surface and makes its data."""
        return read_experiment(self._content)

    @cached_property
    def _words(self) -> tuple[str, str]:
        return read_words(self._content)

    @property
    def _content(self) -> bytes:
        try:
            return self.path.read_bytes()
        except OSError as error:
            raise InputError(
                f"The example {self.path.name} is missing ({error.strerror}); install again."
            ) from None


@lru_cache(maxsize=1)
def examples() -> dict[str, Example]:
    """The gallery by id, in its order."""
    paths = sorted(resource_path("examples").glob("*.optiscope"))
    found = (Example(path.stem.partition("_")[2], path) for path in paths)
    return {example.id: example for example in found}
