"""Damages experiment files from a seed: their bytes, and the tree of values in them."""

import copy
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

from tests.core.hostile_formulas import LEGAL, REFUSED

VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2, 7, 50, 512, 1000, 10**6, 2**31, 2**32, 2**53 + 1, 2**63, -(2**63),
    10**30, 0.0, -0.0, 0.5, 0.1, 1.5, -1.5, 1e-6, 1e-12, 1e6, 1e12, 1e300, 1e308, -1e308,
    1.7976931348623157e308, 5e-324, 2.2250738585072014e-308, "", " ", "x", "0", "1", "NaN", "nan",
    "Infinity", "true", "null", "\x00", "\n", "é", "💥", "\u202e", "<b>x</b>", "%s%n", "{}", "${x}",
    "../../../etc/passwd", "/etc/passwd", "..\\..\\x", "C:\\x", "file:///etc/passwd", "/dev/zero", "~", ".",
    "..", "a/b", "a\x00b", "con", "-", "--help", "x" * 300, "x" * 100_000, "9" * 5000, [], [[]], [None],
    [1, 2], [1, 2, 3], [-1.0, 1.0], [1, 0, 0, 1], [[0, 0]] * 1000, [1e308] * 4, ["a"] * 1000, {},
    {"id": "x"}, {"": ""}, {"id": {}}, {"a": {"a": {"a": []}}}, [[[[[[[[]]]]]]]],
)  # fmt: skip
"""What takes the place of something."""
TEXTS = (
    b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-1e999", b"1e308", b"1e-999", b"0x10", b"01", b"1.",
    b".5", b"+1", b"--1", b"9" * 400, b"9" * 5000, b"1" + b"0" * 39, b"null", b"true", b"'x'", b"\"", b"{",
    b"}", b"[", b"]", b",", b":", b"//", b"/*", b"\\u0000", b"\\ud800", b"\\udc00\\ud800", b"\\x41",
    b"\x00", b"\xff", b"\xfe\xff", b"\xef\xbb\xbf", b"\xc0\x80", b"\xed\xa0\x80", b"\xe2\x80\xae",
    b"\xf0\x9f\x92\xa5", b"\r", b"\n", b"\t", b" " * 1000, b"[" * 2000, b"{\"a\":" * 2000, b"],",
    b"\"a\":1,", b"\"id\":\"x\",",
)  # fmt: skip
"""What gets in between."""
FORMULAS = (*LEGAL, *(text for group in REFUSED.values() for text in group if len(text) < 10_000))


class Fuzzer:
    """Damaged files, one after the other; the same seed gives the same.

    Parameters
    ----------
    files
        Whole ones.
    seed
        Of everything that is drawn.
    """

    def __init__(self, files: list[bytes], seed: int) -> None:
        self._files = files
        self._trees = [json.loads(file) for file in files]
        self._random = random.Random(seed)

    def damaged(self, count: int) -> Iterator[bytes]:
        """Half of them have damaged bytes, half another tree."""
        for _ in range(count):
            place = self._random.randrange(len(self._files))
            times = self._random.choice((1, 1, 1, 2, 5))
            if self._random.random() < 0.5:
                yield self._bytes(self._files[place], times)
            else:
                yield self._tree(self._trees[place], times)

    # ------------------------------------------------------------ bytes

    def _bytes(self, file: bytes, times: int) -> bytes:
        ways: tuple[Callable[[bytes], bytes], ...] = (
            self._cut, self._flip, self._lose, self._repeat, self._insert, self._number, self._move,
            self._splice,
        )  # fmt: skip
        for _ in range(times):
            file = self._random.choice(ways)(file)
        return file

    def _span(self, file: bytes, most: int = 200) -> tuple[int, int]:
        begin = self._random.randrange(len(file) + 1)
        return begin, min(len(file), begin + self._random.randint(1, most))

    def _cut(self, file: bytes) -> bytes:
        return file[: self._random.randrange(len(file) + 1)]

    def _flip(self, file: bytes) -> bytes:
        if not file:
            return file
        place = self._random.randrange(len(file))
        return file[:place] + bytes([file[place] ^ (1 << self._random.randrange(8))]) + file[place + 1 :]

    def _lose(self, file: bytes) -> bytes:
        begin, end = self._span(file)
        return file[:begin] + file[end:]

    def _repeat(self, file: bytes) -> bytes:
        begin, end = self._span(file)
        return file[:end] + file[begin:end] * self._random.choice((1, 2, 20)) + file[end:]

    def _insert(self, file: bytes) -> bytes:
        place = self._random.randrange(len(file) + 1)
        return file[:place] + self._random.choice(TEXTS) + file[place:]

    def _number(self, file: bytes) -> bytes:
        """Another text in the place of a number or a word."""
        begin = self._random.randrange(len(file) + 1)
        while begin < len(file) and not chr(file[begin]).isalnum():
            begin += 1
        end = begin
        while end < len(file) and (chr(file[end]) in "0123456789.-+" or file[end : end + 1].isalpha()):
            end += 1
        return file[:begin] + self._random.choice(TEXTS) + file[end:]

    def _move(self, file: bytes) -> bytes:
        begin, end = self._span(file)
        rest = file[:begin] + file[end:]
        place = self._random.randrange(len(rest) + 1)
        return rest[:place] + file[begin:end] + rest[place:]

    def _splice(self, file: bytes) -> bytes:
        other = self._random.choice(self._files)
        return self._cut(file) + other[self._random.randrange(len(other)) :]

    # ------------------------------------------------------------ values

    def _tree(self, tree: dict[str, Any], times: int) -> bytes:
        tree = copy.deepcopy(tree)
        ways: tuple[Callable[[Any, Any, list[Any]], None], ...] = (
            self._replace, self._replace, self._replace, self._remove, self._rename, self._swap, self._scale,
            self._formula, self._multiply,
        )  # fmt: skip
        for _ in range(times):
            places = list(_places(tree))
            if places:
                parent, key = self._random.choice(places)
                self._random.choice(ways)(parent, key, places)
        return self._written(tree)

    def _written(self, tree: Any) -> bytes:
        text = json.dumps(tree, indent=self._random.choice((None, 2)))
        if self._random.random() < 0.1:  # a key twice
            text = text.replace('": ', '": 0, "id": ', 1)
        return text.encode("utf-8", "surrogatepass")

    def _replace(self, parent: Any, key: Any, places: list[Any]) -> None:
        parent[key] = copy.deepcopy(self._random.choice(VALUES))

    def _remove(self, parent: Any, key: Any, places: list[Any]) -> None:
        del parent[key]

    def _rename(self, parent: Any, key: Any, places: list[Any]) -> None:
        if isinstance(parent, dict):
            parent[self._random.choice((f"{key}s", key.upper(), "", "id", "x" * 1000))] = parent.pop(key)

    def _swap(self, parent: Any, key: Any, places: list[Any]) -> None:
        """The value of another place, copied."""
        other, there = self._random.choice(places)
        parent[key] = copy.deepcopy(other[there])

    def _scale(self, parent: Any, key: Any, places: list[Any]) -> None:
        if isinstance(parent[key], int | float):
            parent[key] = parent[key] * self._random.choice((-1, 0, 2, 10, 0.1, 1e3, 1e-3, 1e9))

    def _formula(self, parent: Any, key: Any, places: list[Any]) -> None:
        for other, _ in places:
            if isinstance(other, dict) and "formula" in other:
                other |= {"id": "", "data": None, "formula": self._random.choice(FORMULAS)}

    def _multiply(self, parent: Any, key: Any, places: list[Any]) -> None:
        """A list many times as long."""
        lists = [(other, there) for other, there in places if isinstance(other[there], list)]
        lists = [place for place in lists if len(json.dumps(place[0][place[1]])) < 10_000]
        if lists:
            other, there = self._random.choice(lists)
            other[there] = other[there] * self._random.choice((2, 10, 300))


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a nested value: its container, and key or index."""
    for key, inner in list(value.items() if isinstance(value, dict) else enumerate(value)):
        yield value, key
        if isinstance(inner, dict | list):
            yield from _places(inner)
