"""Finds and classifies the critical points of a surface: where its gradient is 0.

How: `core.critical_search` (Newton's method from many starts at once) and `core.kinks` (minima that have no
gradient). What is decided here:

- The eigenvalues of the Hessian give the kind: both above 0 a minimum, both below a maximum, one of each
  a saddle. An eigenvalue of 0, next to the other one or to those nearby, makes a point degenerate,
  whatever the loss does there; `note` says whether it rises or falls around.
- A minimum without a gradient (Ackley's origin, `abs(x)`, the edge of `sqrt(x)`) is listed as degenerate,
  without gradient or eigenvalues, and its `note` says so. Maxima and saddles of that sort are not.
- Of a line of critical points (`w**2 - 10*w + 25` over the plane, `(1 - x*y)**2`) one point stands for each
  piece: a minimum that the catalogue names, else the one nearest to the middle of the domain.
- Of an area without gradient (a constant, `max(x, 0)`) nothing is listed; the message names its share.
- What lies at the rim of the domain only because the view ends there is not critical.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.critical_search import (
    GRIDS,
    MOST_STARTS,
    Array,
    Domain,
    Flags,
    Plane,
    along_lines,
    components,
    critical,
    degenerate,
    different,
    inside,
    length,
    newton,
    ring,
    rounder,
    starts,
)
from core.curvature import Pair, curvature
from core.kinks import candidates, kinks
from core.surface import Surface, SurfaceSpec, check_domain
from core.surface import surface as surface_of

Kind = Literal["minimum", "maximum", "saddle", "degenerate"]
KINDS: tuple[Kind, ...] = ("minimum", "maximum", "saddle", "degenerate")
MOST = 1000
"""Points that are listed at most: those with the lowest loss."""


@dataclass(frozen=True)
class CriticalPoint:
    """A point where the gradient is 0, or a minimum that has none.

    Attributes
    ----------
    x, y, loss
        Where it is, and the loss there.
    gradient_norm
        What floats leave of 0; None where the surface has no gradient.
    kind
        "minimum", "maximum", "saddle" or "degenerate".
    eigenvalues
        Low and high eigenvalue of the Hessian; None where it is not finite.
    eigenvectors
        Unit vectors (x, y) of the low and of the high eigenvalue, or None.
    way_out
        At a saddle, the unit eigenvector of the negative eigenvalue: the loss falls along it, and against it.
    note
        A sentence about a degenerate point, else "".
    """

    x: float
    y: float
    loss: float
    gradient_norm: float | None
    kind: Kind
    eigenvalues: Pair | None = None
    eigenvectors: tuple[Pair, Pair] | None = None
    way_out: Pair | None = None
    note: str = ""


@dataclass(frozen=True)
class CriticalPoints:
    """What was found.

    Attributes
    ----------
    points
        Sorted by loss.
    found
        How many there are; more than are listed when there are more than `MOST`.
    domain
        x low, x high, y low, y high of where they were looked for.
    message
        What else is to be said: none found, lines and areas of them, too many, places without a value.
    """

    points: tuple[CriticalPoint, ...]
    found: int
    domain: Domain
    message: str = ""


@dataclass(frozen=True)
class _Group:
    """Points that were found in one way, what is said of each, and how many of them stand for a line.

    `smooth` is false where there is no gradient, whatever the formula's one-sided slopes give.
    """

    x: Array
    y: Array
    notes: Sequence[str]
    degenerate: bool = False
    smooth: bool = True
    lines: int = 0


def way_out_start(point: CriticalPoint, sign: int, domain: Domain) -> Pair | None:
    """A start a small step away from a saddle, along its way out (`sign` 1) or against it (-1).

    The step is a hundredth of the domain, measured in its own spans.

    Returns
    -------
    (x, y) or None
        None for what is no saddle, and where the step leads out of the domain.
    """
    if point.way_out is None:
        return None
    (along_x, along_y), (low_x, high_x, low_y, high_y) = point.way_out, domain
    step = 0.01 * sign / math.hypot(along_x / (high_x - low_x), along_y / (high_y - low_y))
    x, y = point.x + step * along_x, point.y + step * along_y
    return (x, y) if low_x <= x <= high_x and low_y <= y <= high_y else None


def critical_points_of(spec: SurfaceSpec) -> CriticalPoints:
    """Find the critical points of a surface by its spec, which is what another process can be sent."""
    return critical_points(surface_of(spec))


def critical_points(surface: Surface, domain: Domain | None = None) -> CriticalPoints:
    """Find the critical points of a surface.

    Parameters
    ----------
    surface
        Any surface.
    domain
        x low, x high, y low, y high; the surface's own when left out.

    Raises
    ------
    InputError
        For a domain that is none.
    """
    plane = Plane(surface, surface.entry.domain if domain is None else domain)
    check_domain(plane.domain)
    points, flat, crowded = _search(plane)
    losses = _losses(plane)
    lowest = candidates(plane, losses, points)
    points = _once(plane, np.concatenate([points, newton(plane, lowest)]))
    ordinary = ~degenerate(plane, points)
    flats = points[~ordinary]
    flats = np.concatenate([flats, _once(plane, along_lines(plane, flats))])
    groups = [
        _ordinary(plane, points[ordinary]),
        _flat_points(plane, flats),
        _kinks(plane, *kinks(plane, lowest, points)),
    ]
    found = sum(len(group.x) for group in groups)
    lines = sum(group.lines for group in groups)
    message = _message(found, lines, float(flat.mean()), crowded, float(np.isfinite(losses).mean()))
    return CriticalPoints(_listed(surface, groups), found, plane.domain, message)


def _search(plane: Plane) -> tuple[Array, Flags, bool]:
    """Critical points, flat cells, and whether there are too many to be told apart."""
    known = _catalogued(plane)
    for cells in GRIDS:
        begin, flat = starts(plane, cells)
        many = len(begin) > MOST_STARTS
        if many and cells < GRIDS[-1]:
            continue
        begin = begin[:: len(begin) // MOST_STARTS + 1]
        points = _once(plane, newton(plane, np.concatenate([known, begin])))
        isolated = len(points) - int(degenerate(plane, points).sum())
        crowded = isolated >= (MOST if many else (cells / 8) ** 2)
        if not crowded:
            break
    return points, flat, crowded


def _once(plane: Plane, points: Array) -> Array:
    """Those that are critical, each once."""
    points = different(points)
    return points[critical(plane, points)]


def _catalogued(plane: Plane) -> Array:
    """The minima that the catalogue names, as far as they lie in the domain."""
    minima = plane.square(*np.reshape(np.array(plane.surface.entry.minima, float), (-1, 2)).T)
    return minima[inside(minima)]


def _losses(plane: Plane) -> Array:
    """At the centres of the coarsest grid's cells."""
    middles = (np.arange(GRIDS[0]) + 0.5) / GRIDS[0]
    return plane.loss(np.stack(np.meshgrid(middles, middles), -1))


# ---------------------------------------------------------------- the three ways


def _ordinary(plane: Plane, points: Array) -> _Group:
    x, y = rounder(plane, points).T
    return _Group(x, y, [""] * len(points))


def _flat_points(plane: Plane, points: Array) -> _Group:
    """Degenerate points: one of each that was found several times, one for each line."""
    chosen, on_line = _representatives(plane, points, length(plane.gradient(points)))
    x, y = rounder(plane, points[chosen]).T
    notes = [_line_note(plane, point) if line else _shape(plane, point)
             for point, line in zip(points[chosen], on_line, strict=True)]  # fmt: skip
    return _Group(x, y, notes, degenerate=True, lines=sum(on_line))


def _kinks(plane: Plane, points: Array, edge: Flags) -> _Group:
    """Minima without a gradient: one of each, one for each line."""
    losses = plane.loss(points)
    spread = 1e-6 * _height(plane)
    chosen, on_line = _representatives(plane, points, losses, spread)
    x, y = plane.place(points[chosen])
    round_x, round_y = np.round(x, 12) + 0.0, np.round(y, 12) + 0.0
    lower = plane.surface.loss(round_x, round_y) <= plane.surface.loss(x, y)
    notes = []
    for index, line in zip(chosen, on_line, strict=True):
        where = "at the edge of where the formula has a value" if edge[index] else "with a kink"
        notes.append(f"A minimum {where}, not one of zero gradient{'; one of a line of them' * line}.")
    x, y = np.where(lower, round_x, x), np.where(lower, round_y, y)
    return _Group(x, y, notes, degenerate=True, smooth=False, lines=sum(on_line))


def _height(plane: Plane) -> float:
    """From the lowest to the highest finite loss of a coarse grid."""
    losses = plane.surface.grid(plane.domain, 17, 17)[2]
    finite = losses[np.isfinite(losses)]
    return float(finite.max() - finite.min()) if finite.size else 0.0


def _representatives(
    plane: Plane, points: Array, badness: Array, spread: float = np.inf
) -> tuple[list[int], list[bool]]:
    """One point of each group that hangs together, and whether the group is a line.

    Where `badness` varies by more than `spread` the group is none, but points on their way to the best.
    """
    cell, chosen, lines = 1.0 / GRIDS[0], [], []
    wished = np.concatenate([_catalogued(plane), [[0.5, 0.5]]])
    for group in components(points, cell):
        members = points[group]
        line = bool(np.ptp(members, axis=0).max() > cell)
        best = group[badness[group].argmin()]
        if line and np.ptp(badness[group]) > spread:
            line = False
            if not inside(points[best], -2 * cell):  # its way leads out of view
                continue
        elif line:
            distances = length(members[:, None] - wished)
            at_wish = np.flatnonzero(distances[:, :-1].min(-1, initial=1.0) < 1e-6)
            best = group[at_wish[0] if at_wish.size else distances[:, -1].argmin()]
        chosen.append(int(best))
        lines.append(line)
    return chosen, lines


def _line_note(plane: Plane, point: Array) -> str:
    return f"One of a line of critical points; {_around(plane, point)}."


def _shape(plane: Plane, point: Array) -> str:
    return f"The Hessian does not tell what this is; {_around(plane, point)}."


def _around(plane: Plane, point: Array) -> str:
    """What the loss does around a degenerate point."""
    middle, near = plane.loss(point), plane.loss(point + 1e-3 * ring(720, 0.001))
    if not np.isfinite(near).all():
        return "it lies at the edge of where the formula has a value"
    small = 1e-15 * float(abs(near).max())
    higher, lower = bool((near > middle + small).any()), bool((near < middle - small).any())
    if higher and lower:
        return "the loss rises some ways and falls others"
    return "the loss falls nowhere" if higher or not lower else "the loss rises nowhere"


# ---------------------------------------------------------------- points and sentences


def _listed(surface: Surface, groups: Sequence[_Group]) -> tuple[CriticalPoint, ...]:
    """The points with the lowest losses, at most `MOST`."""
    x, y = (np.concatenate([getattr(group, name) for group in groups]) for name in "xy")
    owners = [(group, note) for group in groups for note in group.notes]
    chosen = np.lexsort((y, x, surface.loss(x, y)))[:MOST]
    return tuple(_point(surface, float(x[index]), float(y[index]), *owners[index]) for index in chosen)


def _point(surface: Surface, x: float, y: float, group: _Group, note: str) -> CriticalPoint:
    loss, *slopes = surface.at(x, y)
    loss += 0.0  # no -0
    if not group.smooth:
        return CriticalPoint(x, y, loss, None, "degenerate", note=note)
    bend, norm = curvature(surface, x, y), math.hypot(*slopes)
    kind = "degenerate" if group.degenerate or bend.eigenvalues is None else _kind(bend.eigenvalues)
    way_out = bend.eigenvectors[0] if kind == "saddle" and bend.eigenvectors else None
    return CriticalPoint(x, y, loss, norm, kind, bend.eigenvalues, bend.eigenvectors, way_out, note)


def _kind(eigenvalues: Pair) -> Kind:
    low, high = eigenvalues
    if low > 0.0:
        return "minimum"
    return "maximum" if high < 0.0 else "saddle"


def _message(found: int, lines: int, flat: float, crowded: bool, defined: float) -> str:
    return " ".join(sentence for sentence in (
        _amount(found, flat, crowded),
        _lines(lines),
        "" if defined == 1.0 else f"The formula has no finite value in {_share(1 - defined)} of the domain.",
    ) if sentence)  # fmt: skip


def _amount(found: int, flat: float, crowded: bool) -> str:
    if flat == 1.0:
        return "The gradient is 0 everywhere: every point is critical, and none is listed."
    sentences = []
    if flat:
        sentences.append(
            f"The gradient is 0 all over {_share(flat)} of the domain; none of its points is listed."
        )
    if crowded:
        sentences.append(f"There are at least {found:,} critical points, too many to be told apart; take a"
                         " smaller domain.")  # fmt: skip
    elif not found:
        sentences.append(f"There is no {'other ' * (flat > 0.0)}critical point in the domain.")
    elif found > MOST:
        sentences.append(f"There are {found:,} critical points.")
    if found > MOST:
        sentences.append(f"Of those that were found, the {MOST:,} with the lowest loss are listed.")
    return " ".join(sentences)


def _lines(count: int) -> str:
    if not count:
        return ""
    several = f"{count} whole lines of critical points run through the domain; one point of each is listed."
    return several if count > 1 else (
        "A whole line of critical points runs through the domain; one of its points is listed."
    )  # fmt: skip


def _share(part: float) -> str:
    return "less than 1 %" if part < 0.01 else f"{100 * min(part, 0.99):.0f} %"
