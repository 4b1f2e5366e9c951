"""What the process of the maps does: draws each from coarse to fine, a tile at a time. Knows nothing of Qt.

An order that comes while a map is drawn takes its place after the tile that is being computed. The
first level is as fine as its time allows, by what levels of that map took before. Where Numba is there
its code is compiled beside the drawing, which NumPy does until then.
"""

import logging
import math
import os
import time
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from msgspec.structs import replace

from app import channels
from app.background import Background
from core.critical_points import critical_points
from core.descent import Point
from core.errors import InputError
from core.loops import can_compile
from core.map_grades import GradedMap, graded
from core.map_minima import REACH, nearest
from core.map_spec import MapSpec
from core.maps import TileResult, assemble, code_key, compute_tile, is_prepared, levels, prepare, tiles
from core.surface import Surface, SurfaceSpec, surface

COARSEST = 16
"""Pixels along the longer side of the coarsest level, about."""
FIRST = 0.004
"""Seconds that the first level may take: two frames are painted meanwhile, and 33 ms are to hold it all."""
_NUMPY_WORK, _COMPILED_WORK = 2_000_000, 1_000_000
"""Pixels times steps of a tile: some ten milliseconds."""
_LEAST = 256
"""Pixels of a tile at least."""
_STEADY = 0.25
"""Seconds for which the same code must be wanted before it is compiled."""
_REST = 0.03
"""Seconds between two looks at what goes on in the background."""
_log = logging.getLogger("optiscope")


@dataclass(frozen=True)
class Draw:
    """Order: draw this map in place of the one of the same name; the spec is that of its finest level."""

    name: str
    serial: int
    spec: MapSpec


@dataclass(frozen=True)
class Forget:
    """Order: nobody looks at the map of that name any more."""

    name: str


@dataclass(frozen=True)
class Drawn:
    """A level of a map is ready.

    Attributes
    ----------
    name, serial
        Of the order.
    first, last
        Whether it is the order's coarsest level, and its finest.
    compiled
        Whether compiled code drew it.
    map
        What is to be shown.
    """

    name: str
    serial: int
    first: bool
    last: bool
    compiled: bool
    map: GradedMap


@dataclass(frozen=True)
class Refused:
    """A map that cannot be drawn, and why."""

    name: str
    serial: int
    sentence: str


@dataclass(frozen=True)
class Compiling:
    """Code is being compiled, or no longer."""

    busy: bool


class Pace:
    """What levels have taken, and how fine one may begin."""

    def __init__(self) -> None:
        self._taken: dict[tuple[Hashable, int], float] = {}

    def note(self, code: Hashable, spec: MapSpec, seconds: float) -> None:
        """A level has taken so long; a busy moment counts for a third."""
        key, each = (code, spec.columns * spec.rows), seconds / max(spec.steps, 1)
        before = self._taken.get(key, each)
        self._taken[key] = min(each, before) * 2 / 3 + max(each, before) / 3

    def begin(self, code: Hashable, ladder: tuple[MapSpec, ...]) -> int:
        """Place of the finest level that fits into `FIRST`, the coarsest where none is known to."""
        known = {pixels: each for (key, pixels), each in self._taken.items() if key == code}
        fits = [place for place, spec in enumerate(ladder) if _predicted(known, spec) <= FIRST]
        return max(fits, default=0)


def _predicted(known: dict[int, float], spec: MapSpec) -> float:
    """Seconds for a level: as many times more than the nearest known one as it has pixels, never less."""
    pixels = spec.columns * spec.rows
    if not known:
        return float("inf")
    nearest = min(known, key=lambda size: abs(size - pixels))
    return known[nearest] * max(pixels / nearest, 1.0) * spec.steps


@dataclass
class _Drawing:
    """An order being carried out."""

    order: Draw
    code: Hashable
    ladder: tuple[MapSpec, ...]
    place: int
    first: bool = True
    spent: float = 0.0
    parts: list[TileResult] = field(default_factory=list)
    work: Iterator[TileResult] | None = None

    @property
    def is_long(self) -> bool:
        """Whether the next level takes NumPy more than a tile."""
        spec = self.ladder[self.place]
        return not self.first and spec.columns * spec.rows * spec.steps > _NUMPY_WORK

    @property
    def urgency(self) -> tuple[bool, int]:
        """What is least in the drawing that is to go on: coarse levels go first."""
        return not self.first, self.place


class MapServer:
    """Carries out orders in slices: a slice is a tile."""

    def __init__(self, background: Background | None = None) -> None:
        """Without a background nothing is compiled, and minima are known from the runs alone."""
        self._background = background
        self._drawings: dict[str, _Drawing] = {}
        self._pace = Pace()
        self._place: SurfaceSpec | None = None
        self._minima: tuple[Point, ...] | None = None
        self._unsearched: float | None = None
        self._searching = False
        self._wanted: dict[Hashable, tuple[float, MapSpec]] = {}
        self._given_up: set[Hashable] = set()
        self._compiling: Hashable | None = None

    @property
    def wait(self) -> float | None:
        """Rests shortly while something goes on in the background, else until the next order."""
        if self._at_work():
            return 0.0
        pending = self._drawings or self._wanted or self._searching or self._unsearched is not None
        return _REST if pending or self._compiling is not None else None

    def handle(self, order: Draw | Forget) -> list[Any]:
        """Take an order; a spec that is wrong is refused at once."""
        if isinstance(order, Forget):
            self._drawings.pop(order.name, None)
            return []
        try:
            spec = self._known(order.spec.checked())
            code = code_key(spec)
        except InputError as error:
            self._drawings.pop(order.name, None)
            return [Refused(order.name, order.serial, str(error))]
        self._want(code, spec)
        ladder = levels(spec, _divisors(spec))
        begin = self._pace.begin((code, is_prepared(spec)), ladder)
        self._drawings[order.name] = _Drawing(order, code, ladder, begin)
        return []

    def work(self, seconds: float) -> list[Any]:
        """Compute a tile, and answer when a level is whole."""
        answers: list[Any] = [*self._look_back()]
        drawing = min(self._at_work(), key=lambda each: each.urgency, default=None)
        if drawing is not None:
            try:
                answers += self._go_on(drawing)
            except (ValueError, ArithmeticError, MemoryError) as error:
                del self._drawings[drawing.order.name]
                sentence = str(error) or f"The map failed ({type(error).__name__})."
                answers.append(Refused(drawing.order.name, drawing.order.serial, sentence))
        return answers

    def _at_work(self) -> list[_Drawing]:
        """What can go on: levels that take NumPy long wait for the code that is being compiled for them."""
        awaited = {self._compiling, *self._wanted} - {None}
        return [each for each in self._drawings.values() if each.code not in awaited or not each.is_long]

    def _known(self, spec: MapSpec) -> MapSpec:
        """With the minima that earlier maps of the surface have found: each keeps its colour."""
        if spec.surface != self._place:
            self._place, self._minima = spec.surface, None
            self._unsearched = time.monotonic() if not spec.minima and self._background else None
        return replace(spec, minima=self._minima or spec.minima)

    def _go_on(self, drawing: _Drawing) -> list[Drawn]:
        """A tile more; or the level, when all are there: a newer order may come between the two."""
        spec = self._known(drawing.ladder[drawing.place])
        compiled = is_prepared(spec)
        begin = time.perf_counter()
        if drawing.work is None:
            drawing.work, drawing.parts = _tiles(spec, compiled), []
        part = next(drawing.work, None)
        if part is not None:
            drawing.parts.append(part)
        whole = sum(part.losses.size for part in drawing.parts) == spec.columns * spec.rows
        ready = whole and (part is None or drawing.first)
        answer = [self._level(drawing, spec, compiled)] if ready else []
        drawing.spent += time.perf_counter() - begin
        if ready:
            self._pace.note((drawing.code, compiled), spec, drawing.spent)
            self._next_level(drawing)
        return answer

    def _next_level(self, drawing: _Drawing) -> None:
        drawing.first, drawing.spent, drawing.work = False, 0.0, None
        drawing.place += 1
        if drawing.place == len(drawing.ladder):
            del self._drawings[drawing.order.name]

    def _level(self, drawing: _Drawing, spec: MapSpec, compiled: bool) -> Drawn:
        result = assemble(spec, drawing.parts)
        self._minima = result.minima
        last = drawing.place == len(drawing.ladder) - 1
        return Drawn(drawing.order.name, drawing.order.serial, drawing.first, last, compiled, graded(result))

    # Compiling

    def _want(self, code: Hashable, spec: MapSpec) -> None:
        """Compile this code if it is still wanted in a moment: what is dragged may change it all the time."""
        if self._background is None or not can_compile() or is_prepared(spec):
            return
        if code == self._compiling or code in self._given_up:
            return
        since, _ = self._wanted.get(code, (time.monotonic(), spec))
        kept = {key: value for key, value in self._wanted.items() if value[1].kind != spec.kind}
        self._wanted = {**kept, code: (since, spec)}

    def _look_back(self) -> list[Compiling]:
        """Take what has been done in the background, and begin there what is still wanted."""
        if self._background is None:
            return []
        answers = []
        for (kind, key), outcome in self._background.done():
            if kind == "code":
                self._compiling = None
                answers.append(Compiling(False))
            else:
                self._searching = False
            if isinstance(outcome, Exception):
                _log.warning("a map's %s failed: %s", kind, outcome)
                self._given_up.add(key)
            elif kind == "minima" and key == self._place:
                self._minima = _refined(surface(key), self._minima or (), outcome)
        return answers + self._begin_what_is_due(self._background)

    def _begin_what_is_due(self, background: Background) -> list[Compiling]:
        """What has been wanted for a moment: code to compile, and the minima of an own formula."""
        before = time.monotonic() - _STEADY
        due = [key for key, (since, _) in self._wanted.items() if since <= before]
        answers = []
        if due and self._compiling is None:
            self._compiling, (_, spec) = due[0], self._wanted.pop(due[0])
            background.begin(("code", due[0]), prepare, spec)
            answers.append(Compiling(True))
        if self._unsearched is not None and self._unsearched <= before and not self._searching:
            self._searching, self._unsearched = True, None
            background.begin(("minima", self._place), _found_minima, self._place)
        return answers


def _divisors(spec: MapSpec) -> list[int]:
    """Powers of two, from the coarsest level down to 1."""
    most = max(spec.columns, spec.rows) // COARSEST
    return [1 << power for power in reversed(range(max(most.bit_length(), 1)))]


def _tiles(spec: MapSpec, compiled: bool) -> Iterator[TileResult]:
    work = _COMPILED_WORK if compiled else _NUMPY_WORK
    most = max(work // max(spec.steps, 1), _LEAST)
    return (compute_tile(spec, tile) for tile in tiles(spec, most))


def _found_minima(spec: SurfaceSpec) -> tuple[Point, ...]:
    """The minima of a surface of which the catalogue knows none, the lowest first."""
    points = [point for point in critical_points(surface(spec)).points if point.kind == "minimum"]
    return tuple((point.x, point.y) for point in sorted(points, key=lambda point: point.loss))


def _refined(place: Surface, known: tuple[Point, ...], exact: tuple[Point, ...]) -> tuple[Point, ...]:
    """Minima that runs found, in their order, where they are exactly; then those that no run has reached."""
    if not exact or not known:
        return exact or known
    x_low, x_high, y_low, y_high = place.entry.domain
    reach = REACH * math.hypot(x_high - x_low, y_high - y_low)
    owners = nearest(np.array(known), np.array(exact), reach).tolist()
    moved = [exact[owner] if owner >= 0 else point for owner, point in zip(owners, known, strict=True)]
    return tuple(dict.fromkeys([*moved, *exact]))


def serve(connection: Any) -> None:
    """The body of the maps' process."""
    channels.serve(connection, MapServer(Background()))
    os._exit(0)  # a thread in the middle of compiling would be torn down with the interpreter
