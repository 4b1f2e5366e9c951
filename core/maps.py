"""Maps: what happens from every start point, or for every pair of two hyperparameters.

A frozen spec goes in, a frozen result comes out. A map is cut into tiles that need nothing of each
other, so that an executor can share them out. Every pixel is the run that `core.descent` makes from the
pixel's centre; one that diverges has no end: its values are NaN, its mark is in the mask.
"""

from collections.abc import Hashable, Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from core.descent import Point
from core.errors import InputError
from core.loops import can_compile
from core.map_code import (
    Plan,
    array_code,
    code_text,
    compiled_code,
    is_compiled,
    plan,
    shared_values,
)
from core.map_minima import reached
from core.map_spec import MapSpec
from core.rule import settings_of
from core.schedule import learning_rates
from core.surface import Surface, surface

Array = NDArray[np.float64]
Engine = Literal["auto", "numpy", "compiled"]

_TILE = 32_768
"""Pixels of a tile: ten milliseconds of work."""
_BLOCK = 8_192
"""Pixels that NumPy takes at once: the vectors fit into the second-level cache."""
_CHUNK = 512
"""Steps whose shared values are made at once."""
_SHARED = 1 << 20
"""Shared values of a column or row that are made at once."""


@dataclass(frozen=True)
class Tile:
    """A part of a map: its first row and column, and its size in pixels."""

    row: int
    column: int
    rows: int
    columns: int

    @property
    def place(self) -> tuple[slice, slice]:
        """Rows and columns that it covers."""
        return slice(self.row, self.row + self.rows), slice(self.column, self.column + self.columns)


@dataclass(frozen=True)
class TileResult:
    """What became of a tile's pixels; the arrays are as in `MapResult`."""

    tile: Tile
    points: Array
    losses: Array
    converged_at: NDArray[np.int32]
    diverged: NDArray[np.bool_]
    undefined: NDArray[np.bool_]


@dataclass(frozen=True)
class MapResult:
    """What happens from every pixel of a map. Row 0 is the lowest.

    Attributes
    ----------
    spec
        What was asked for, checked.
    x, y
        (columns,), (rows,): the values at the pixels' centres.
    points, losses
        (rows, columns, 2), (rows, columns): where each run ends; NaN for one that diverged.
    converged_at
        (rows, columns): step from which the gradient norm stays below the tolerance; -1: it does not.
    diverged
        (rows, columns): runs that met a value that is not finite.
    undefined
        (rows, columns): starts at which the formula has no finite value or gradient.
    minimum
        (rows, columns): index in `minima` of the one that the run ended at; -1: at none.
    minima
        Minima that are known, in their order, and others that the runs found.
    """

    spec: MapSpec
    x: Array
    y: Array
    points: Array
    losses: Array
    converged_at: NDArray[np.int32]
    diverged: NDArray[np.bool_]
    undefined: NDArray[np.bool_]
    minimum: NDArray[np.intp]
    minima: tuple[Point, ...]

    def share(self, mask: NDArray[np.bool_]) -> float:
        """Share of all pixels that a mask marks."""
        return float(np.count_nonzero(mask)) / mask.size

    def values(self, quantity: str = "") -> Array:
        """The shown quantity (rows, columns), the spec's unless named; NaN where there is none."""
        quantity = quantity or self.spec.quantity
        if quantity == "loss":
            return self.losses
        whole = self.converged_at if quantity == "steps" else self.minimum
        return np.where(whole < 0, np.nan, whole)


# ---------------------------------------------------------------- what a map is made of


def levels(spec: MapSpec, divisors: Iterable[int] = (8, 4, 2, 1)) -> tuple[MapSpec, ...]:
    """The same map from coarse to fine: a sharper one can take the place of the one before."""
    sizes = dict.fromkeys((max(spec.columns // d, 1), max(spec.rows // d, 1)) for d in divisors)
    return tuple(replace(spec, columns=columns, rows=rows) for columns, rows in sizes)


def tiles(spec: MapSpec, most: int = _TILE) -> tuple[Tile, ...]:
    """A checked map's parts of at most so many pixels, from its lowest row up."""
    columns = min(spec.columns, most)
    rows = max(most // columns, 1)
    return tuple(
        Tile(row, column, min(rows, spec.rows - row), min(columns, spec.columns - column))
        for row in range(0, spec.rows, rows)
        for column in range(0, spec.columns, columns)
    )


def compute_map(spec: MapSpec, engine: Engine = "auto", executor: Executor | None = None) -> MapResult:
    """Compute a whole map, here or by an executor.

    Raises
    ------
    InputError
        For anything in the spec that is wrong; never for runs that diverge.
    """
    spec = spec.checked()
    return assemble(spec, computed_tiles(spec, engine, executor))


def computed_tiles(
    spec: MapSpec, engine: Engine = "auto", executor: Executor | None = None
) -> Iterator[TileResult]:
    """The tiles of a checked map, one after the other, as they are computed."""
    compute = partial(compute_tile, spec, engine=engine)
    return map(compute, tiles(spec)) if executor is None else executor.map(compute, tiles(spec))


def assemble(spec: MapSpec, parts: Iterable[TileResult]) -> MapResult:
    """Join the tiles of a checked spec, and say which minimum every run reached."""
    shape = (spec.rows, spec.columns)
    points, losses = np.full((*shape, 2), np.nan), np.full(shape, np.nan)
    converged_at = np.full(shape, -1, np.int32)
    diverged, undefined = np.zeros(shape, bool), np.zeros(shape, bool)
    for part in parts:
        points[part.tile.place], losses[part.tile.place] = part.points, part.losses
        converged_at[part.tile.place] = part.converged_at
        diverged[part.tile.place], undefined[part.tile.place] = part.diverged, part.undefined
    minimum, minima = reached(surface(spec.surface), points.reshape(-1, 2), spec.minima or ())
    x, y = spec.axes
    return MapResult(
        spec, x.values(spec.columns), y.values(spec.rows), points, losses, converged_at, diverged, undefined,
        minimum.reshape(shape), minima,
    )  # fmt: skip


def prepare(spec: MapSpec) -> None:
    """Compile what a map needs, so that "auto" finds it: for a worker process, since it takes seconds."""
    spec = spec.checked()
    compiled_code(surface(spec.surface), _plan(spec))


def is_prepared(spec: MapSpec) -> bool:
    """Whether this process has compiled what a checked map needs."""
    return is_compiled(surface(spec.surface), _plan(spec))


def code_key(spec: MapSpec) -> Hashable:
    """The same for checked maps that the same compiled code can draw."""
    return code_text(surface(spec.surface), _plan(spec))


# ---------------------------------------------------------------- one tile


def compute_tile(spec: MapSpec, tile: Tile, engine: Engine = "auto") -> TileResult:
    """Compute one tile of a checked spec.

    Parameters
    ----------
    engine
        "compiled" compiles where it must. "auto" takes what this process has compiled already, else
        NumPy, and so never keeps anybody waiting.

    Raises
    ------
    InputError
        When "compiled" is asked for without Numba.
    """
    place, planned = surface(spec.surface), _plan(spec)
    compiled = _is_compiled(engine, place, planned)
    work, undefined = _begin(spec, tile, place, planned)
    # Pixels that share nothing but the step are one long row.
    flat = work.reshape(len(work), 1, -1) if not planned.row + planned.column else work
    threshold = max(spec.tolerance**2, 5e-324 if spec.tolerance > 0 else 0.0)
    with np.errstate(all="ignore"):
        for first, shared in _shared_by_chunk(spec, tile, planned):
            if compiled:
                _advance_compiled(flat, place, planned, shared, first, threshold)
            else:
                _advance_arrays(flat, place, planned, shared, first, threshold)
        return _end(spec, tile, place, work, undefined, threshold)


def _is_compiled(engine: Engine, place: Surface, planned: Plan) -> bool:
    if engine == "compiled" and not can_compile():
        raise InputError("Compiled maps need Numba: pip install numba; without it maps are drawn by NumPy.",
                         "engine")  # fmt: skip
    return engine == "compiled" or (engine == "auto" and is_compiled(place, planned))


def _plan(spec: MapSpec) -> Plan:
    settings = settings_of(spec.method.values())
    x, y = spec.axes
    names = (x.name, y.name) if spec.kind == "hyperparameters" else ("", "")
    return plan(spec.method.optimizer.id, settings, *names)


def _begin(spec: MapSpec, tile: Tile, place: Surface, planned: Plan) -> tuple[Array, NDArray[np.bool_]]:
    work = np.zeros((len(planned.work), tile.rows, tile.columns))
    x, y = _axis_values(spec, tile)
    if spec.kind == "hyperparameters":
        assert spec.start is not None
        x, y = np.array(spec.start[0]), np.array(spec.start[1])
    work[0], work[1], work[-2] = x, y, -1.0
    if spec.kind == "hyperparameters":
        return work, np.zeros(work.shape[1:], bool)
    loss, *gradient = place.loss_and_gradient(work[0], work[1])
    return work, ~(np.isfinite(loss) & np.isfinite(np.hypot(*gradient)))


def _axis_values(spec: MapSpec, tile: Tile) -> tuple[Array, Array]:
    """The tile's part of both axes, as a row and as a column."""
    rows, columns = tile.place
    x, y = spec.axes
    return x.values(spec.columns)[None, columns], y.values(spec.rows)[rows, None]


def _shared_by_chunk(spec: MapSpec, tile: Tile, planned: Plan) -> Iterator[tuple[int, dict[str, Array]]]:
    """The first step (from 0) and the shared values of every chunk of steps."""
    values: dict[str, Any] = {k: v for k, v in spec.method.values().items() if not isinstance(v, int | str)}
    if spec.kind == "hyperparameters":
        values |= dict(zip((axis.name for axis in spec.axes), _axis_values(spec, tile), strict=True))
    rate = values["learning_rate"]
    varies = np.ndim(rate) > 0
    rates = learning_rates(spec.method.schedule, 1.0 if varies else rate, spec.steps)
    numbers = {name: np.reshape(value, (1, *(np.shape(value) or (1, 1)))) for name, value in values.items()}
    momenta = spec.method.momenta(spec.steps)
    chunk = min(_CHUNK, max(_SHARED // max(tile.rows, tile.columns), 16))
    for first in range(0, spec.steps, chunk):
        some = np.array(rates[first : first + chunk]).reshape(-1, 1, 1)
        numbers["learning_rate"] = np.reshape(rate, (1, *np.shape(rate))) * some if varies else some
        if momenta is not None:
            some_momenta = np.array(momenta[first : first + chunk])
            numbers[spec.method.scheduled_momentum] = some_momenta.reshape(-1, 1, 1)
        numbers["t"] = np.arange(first + 1.0, first + len(some) + 1.0).reshape(-1, 1, 1)
        shared = shared_values(planned, numbers)
        yield first, {k: np.broadcast_to(v, (len(some), *v.shape[1:])) for k, v in shared.items()}


def _advance_compiled(
    work: Array, place: Surface, planned: Plan, shared: dict[str, Array], first: int, threshold: float
) -> None:
    steps = len(next(iter(shared.values())))
    step = np.array([shared[name][:, 0, 0] for name in planned.step]).reshape(-1, steps)
    row = np.array([shared[name][:, :, 0] for name in planned.row]).reshape(-1, steps, work.shape[1])
    column = np.array([shared[name][:, 0, :] for name in planned.column]).reshape(-1, steps, work.shape[2])
    compiled_code(place, planned)(work, step, row, column, float(first), threshold)


def _advance_arrays(
    work: Array, place: Surface, planned: Plan, shared: dict[str, Array], first: int, threshold: float
) -> None:
    advance = array_code(place, planned)
    _, rows, columns = work.shape
    height = max(_BLOCK // columns, 1)
    for top in range(0, rows, height):
        for left in range(0, columns, _BLOCK):
            block = slice(top, top + height), slice(left, left + _BLOCK)
            values = [
                *(shared[name][:, 0, 0].tolist() for name in planned.step),
                *(shared[name][:, block[0]] for name in planned.row),
                *(shared[name][:, :, block[1]] for name in planned.column),
            ]
            after = advance(*(each[block] for each in work), zip(*values, strict=True), first, threshold)
            for each, value in zip(work, after, strict=True):
                each[block] = value


def _end(
    spec: MapSpec, tile: Tile, place: Surface, work: Array, undefined: NDArray[np.bool_], threshold: float
) -> TileResult:
    """What became of the pixels, seen from their last points."""
    x, y, *states, above, poison = work
    loss, gradient_x, gradient_y = place.loss_and_gradient(x, y)
    poison = poison + 0.0 * x + 0.0 * y + 0.0 * (loss + gradient_x + gradient_y)
    for state in states:
        poison = poison + 0.0 * state
    settled = gradient_x**2 + gradient_y**2 < threshold
    lost = np.isnan(poison)
    converged_at = np.where(settled & ~lost, above + 1.0, -1.0).astype(np.int32)
    return TileResult(
        tile,
        points=np.where(lost[:, :, None], np.nan, np.stack([x, y], axis=-1)),
        losses=np.where(lost, np.nan, loss),
        converged_at=converged_at,
        diverged=lost & ~undefined,
        undefined=undefined,
    )
