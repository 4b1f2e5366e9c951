"""Files of experiments: what they hold, how they are written, and how files of any age are read.

A file is JSON that a person can read and edit: `format`, `version`, `title` and `text` (what there is to
see; either may be left out), `experiment` (all that shapes a result) and `view` (how it was looked at).
Everything in it is checked before anything is done with it.
"""

import math
import re
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from typing import Any, TypeVar

import msgspec
import numpy as np

from core.data.own_samples import OwnSamples
from core.errors import InputError, quoted, unknown_name
from core.experiment import Experiment, Words
from core.json_text import Lines, json_pieces, read_json

FORMAT = "optiscope experiment"
VERSION = 2
"""Of the files that are written. What older ones lack or call by another name is in `_MIGRATIONS`."""
LONGEST_TITLE, LONGEST_TEXT = 100, 2_000
"""Characters."""
LARGEST = 64_000_000
"""Bytes of a file at most: 100,000 samples with 30 features take about as much."""
_MANY, _LONG = 400_000, 1_000_000
"""Values that a file may have, and characters from which on they are counted before they are read."""
_PIECE = 1_000
"""Rows of samples that are written in one go."""
_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\Z)'
T = TypeVar("T")
_WHAT = "an experiment of Optiscope"


CURVES = ("loss", "accuracy", "rate", "gradient")
"""What each of the two plots of a training can show."""
AVERAGES = (0, 1, 10, 50, 200)
"""Steps over which they average the values of single batches; 0 shows none."""


class View(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How an experiment was looked at; no result depends on it.

    Attributes
    ----------
    area
        x low, x high, y low, y high of the part of the surface that is seen; None is the whole.
    step
        Step of the descents that is shown, or None for the last.
    playing, loop, speed
        Whether the paths are being drawn by and by, over and over, and how fast (1 takes 8 s).
    panel
        Name of the panel in front, beside the surface.
    trained
        Steps that the networks have been trained.
    curves
        What the left and the right plot of the training show, each one of `CURVES`.
    average
        Steps over which they average the values of single batches, one of `AVERAGES`.
    """

    area: tuple[float, float, float, float] | None = None
    step: int | None = None
    playing: bool = False
    loop: bool = False
    speed: float = 1.0
    panel: str = ""
    trained: int = 0
    curves: tuple[str, str] = ("loss", "accuracy")
    average: int = 10

    def checked(self) -> "View":
        """Return the view; raises `InputError` for what cannot be looked at."""
        if self.area is not None:
            x_low, x_high, y_low, y_high = self.area
            if not (x_low < x_high and y_low < y_high and math.isfinite((x_high - x_low) * (y_high - y_low))):
                raise InputError("An area is x low, x high, y low, y high, with low below high.", "area")
        if self.speed <= 0 or self.trained < 0 or (self.step or 0) < 0:
            raise InputError("Speed is above 0; step and trained are from 0.", "view")
        for name in self.curves:
            if name not in CURVES:
                raise unknown_name("curve", name, CURVES)
        if self.average not in AVERAGES:
            *others, last = AVERAGES
            known = f"{', '.join(map(str, others))} or {last}"
            raise InputError(
                f"Values of batches are averaged over {known} steps, not {self.average}.", "view"
            )
        return self


class Saved(msgspec.Struct, frozen=True):
    """What a file holds.

    Attributes
    ----------
    title, text
        What it is called, in one line, and what there is to see and to try; "" where nobody said.
    """

    experiment: Experiment
    view: View = View()
    title: str = ""
    text: str = ""

    @property
    def words(self) -> Words:
        """Title and text."""
        return Words(self.title, self.text)


def write_experiment(saved: Saved) -> bytes:
    """Text of a file, UTF-8; equal content gives equal bytes."""
    return b"".join(experiment_pieces(saved))


def experiment_pieces(saved: Saved) -> Iterator[bytes]:
    """The same in pieces: a thread that writes one after the other never holds up others for long."""
    training = saved.experiment.training
    small = msgspec.structs.replace(training, own=None)  # the samples are written in another way
    experiment = _shortened(msgspec.to_builtins(msgspec.structs.replace(saved.experiment, training=small)))
    if training.own is None:
        _rows.cache_clear()
    else:
        experiment["training"]["own"] = _readable(training.own)
    words = {"title": saved.title, "text": saved.text}
    data = {
        "format": FORMAT,
        "version": VERSION,
        **{key: said for key, said in words.items() if said},
        "experiment": experiment,
        "view": msgspec.to_builtins(saved.view),
    }
    return (piece.encode() for piece in json_pieces(data))


def _shortened(value: Any) -> Any:
    """The same without the empty list of numbers of every choice that leaves all at their defaults."""
    if isinstance(value, dict):
        return {key: _shortened(each) for key, each in value.items() if key != "values" or each}
    return [_shortened(each) for each in value] if isinstance(value, list | tuple) else value


def read_experiment(text: bytes | str) -> Saved:
    """Read the text of a file of this version or an older one.

    Raises
    ------
    InputError
        For text that is no experiment, that a newer program wrote, or with something in it that this
        program does not know or that no run would take.
    """
    if len(text) > LARGEST:
        raise InputError(
            f"The file has {len(text) / 1e6:,.0f} MB; experiments have at most {LARGEST / 1e6:.0f} MB."
        )
    _check_values(text)
    data = _current(read_json(text, _WHAT))
    unknown = data.keys() - {"format", "version", "title", "text", "experiment", "view"}
    if unknown:
        raise InputError(f"There is no field {quoted(min(unknown))} in {_WHAT}.")
    experiment = data.get("experiment")
    if not isinstance(experiment, dict):
        raise InputError(f"This is not {_WHAT}: it has no 'experiment' in it.")
    training = experiment.get("training")
    if isinstance(training, dict) and isinstance(training.get("own"), dict):
        experiment = {**experiment, "training": {**training, "own": _samples(training["own"])}}
    return Saved(
        _converted(experiment, Experiment).checked(),
        _converted(data.get("view", {}), View).checked(),
        *_words(data),
    )


def read_words(text: bytes | str) -> tuple[str, str]:
    """Only the title and the text of a file, which takes no time; raises `InputError`."""
    return _words(_current(read_json(text, _WHAT)))


def _words(data: dict[str, Any]) -> tuple[str, str]:
    return check_words(data.get("title", ""), data.get("text", ""))


def check_words(title: Any, text: Any) -> tuple[str, str]:
    """Return title and text; raises `InputError` for what is not of plain characters, as people read them."""
    if not isinstance(title, str) or len(title) > LONGEST_TITLE or not title.isprintable():
        raise InputError(f"The title is one line of at most {LONGEST_TITLE} characters.", "title")
    if not isinstance(text, str) or len(text) > LONGEST_TEXT or not text.replace("\n", "").isprintable():
        raise InputError(f"The text is at most {LONGEST_TEXT:,} characters and line breaks.", "text")
    return title, text


def _check_values(text: bytes | str) -> None:
    """Refuse millions of values, which take long to read and much memory; there are commas between them."""
    if len(text) < _LONG:
        return
    count = _count(text, '"') // 2
    if count <= _MANY:
        outside = re.sub(_STRING, "", text) if isinstance(text, str) else re.sub(_STRING.encode(), b"", text)
        count = _count(outside, ",")
    if count > _MANY:
        raise InputError(f"The file has {count:,} values; experiments have at most {_MANY:,}.")


def _count(text: bytes | str, mark: str) -> int:
    return text.count(mark) if isinstance(text, str) else text.count(mark.encode())


def _current(data: Any) -> dict[str, Any]:
    """The data as this version writes them."""
    if not isinstance(data, dict):
        raise InputError(f"This is not {_WHAT}: it holds {_kind(data)} and not an object in braces.")
    _check_format(data)
    version = data.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise InputError("The format's version must be a whole number from 1.", "version")
    if version > VERSION:
        raise InputError(
            f"The file has format version {version}, from a newer Optiscope; this one reads up to version"
            f" {VERSION}. Open it with the newer program.",
            "version",
        )
    current: dict[str, Any] = data
    for each in range(version, VERSION):
        current = _MIGRATIONS[each](current)
    return current


def _check_format(data: dict[str, Any]) -> None:
    if "format" not in data and "surface" not in data:  # version 1 had no format
        raise InputError(f'This is not {_WHAT}: it does not begin with "format": "{FORMAT}".')
    if (named := data.get("format", FORMAT)) != FORMAT:
        raise InputError(f"This is not {_WHAT}: its format is {named!r:.60}.")


def _from_1(data: dict[str, Any]) -> dict[str, Any]:
    """Version 1 was the experiment alone, with the version in it."""
    experiment = {key: value for key, value in data.items() if key != "version"}
    return {"format": FORMAT, "version": 2, "experiment": experiment}


_MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {1: _from_1}
"""From a version to the next one."""


# ---------------------------------------------------------------- samples of one's own, readable


def _readable(own: OwnSamples) -> dict[str, Any]:
    """Samples as rows of text: numbers, then the number of the class."""
    return {
        "name": own.name,
        "features": own.features,
        "classes": own.classes,
        "rows": Lines(partial(_rows, own)),
        "notes": own.notes,
    }


@lru_cache(maxsize=1)
def _rows(own: OwnSamples, line: str) -> tuple[str, ...]:
    """JSON text of the rows, a string on each line, in pieces.

    It takes a fifth of a second for 100,000 rows, so the latest is kept: the same samples are saved again
    and again, with every change of anything else.
    """
    inputs, labels = own.arrays()
    between = f'",{line}"'
    pieces: list[str] = []
    for first in range(0, own.rows, _PIECE):
        part = slice(first, first + _PIECE)
        pairs = zip(inputs[part].tolist(), labels[part].tolist(), strict=True)
        text = msgspec.json.encode([(*row, label) for row, label in pairs]).decode()  # [[1.0,2.0,0],[3.0,…
        pieces += between, text[2:-2].replace(",", ", ").replace("], [", between)
    return '"', *pieces[1:], '"'


def _samples(own: dict[str, Any]) -> dict[str, Any]:
    """The inverse: the fields of `OwnSamples`."""
    rows, features = own.get("rows"), own.get("features")
    if not isinstance(rows, list) or not isinstance(features, list):
        raise InputError("Samples in an experiment have a list of 'features' and a list of 'rows'.", "csv")
    inputs: list[float] = []
    labels = bytearray()
    for place, row in enumerate(rows):
        try:
            *numbers, label = row.split(",")
            if len(numbers) != len(features):
                raise ValueError
            inputs += map(float, numbers)
            labels.append(int(label))
        except (AttributeError, ValueError):
            count = f"{len(features)} number{'s' * (len(features) != 1)}"
            raise InputError(
                f"Row {place + 1} of the experiment's samples must have {count} and the number of a class,"
                f" with commas between, not {str(row)!r:.60}.",
                "csv",
            ) from None
    rest = {key: value for key, value in own.items() if key != "rows"}
    return {**rest, "inputs": np.array(inputs, "<f8").tobytes(), "labels": bytes(labels)}


# ---------------------------------------------------------------- types, in sentences


def _converted(data: Any, kind: type[T]) -> T:
    try:
        return msgspec.convert(data, kind, builtin_types=(bytes,))
    except msgspec.ValidationError as error:
        raise InputError(_sentence(str(error))) from None


def _sentence(error: str) -> str:
    """`Expected `int`, got `str` - at `$.steps`` as one would say it."""
    message, _, path = error.partition(" - at ")
    place = path.strip("`").removeprefix("$").lstrip(".") or "the experiment"
    if unknown := re.fullmatch("Object contains unknown field `(.*)`", message, re.DOTALL):
        return f"There is no field {quoted(unknown[1])} in {place}."
    if missing := re.fullmatch("Object missing required field `(.*)`", message):
        return f"The field '{missing[1]}' is missing in {place}."
    if types := re.fullmatch("Expected `(.*)`, got `(.*)`", message):
        return f"In {place} there must be {_said(types[1])}, not {_said(types[2])}."
    if lengths := re.fullmatch("Expected `array` of length (.*), got (.*)", message):
        return f"In {place} there must be a list of {lengths[1]}, not of {lengths[2]}."
    return f"In {place}: {message[0].lower()}{message[1:].replace('`', chr(39))}."


_TYPES = {
    "int": "a whole number", "float": "a number", "str": "text", "bool": "true or false", "null": "null",
    "array": "a list in brackets", "object": "an object in braces", "bytes": "bytes",
}  # fmt: skip


def _said(types: str) -> str:
    return " or ".join(_TYPES.get(each, f"'{each}'") for each in types.split(" | "))


def _kind(value: Any) -> str:
    kinds = {list: "array", str: "str", bool: "bool", int: "int", float: "float", type(None): "null"}
    return _TYPES[kinds[type(value)]]
