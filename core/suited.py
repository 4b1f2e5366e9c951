"""What suits a formula of one's own: a view of what is interesting, and a learning rate for each optimizer.

The view is looked for from the origin outwards: the first square that holds critical points, or a lowest
place that is not at its rim, is drawn together around them. Where there is nothing of the kind it is the
usual one. Rates come from the same search as fair mode's, with few trials.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from core.choice import Choice
from core.critical_search import Plane, critical, different, lowest, newton, starts
from core.formula_code import Code, code_of, derive
from core.formula_text import FormulaError
from core.map_minima import nearest
from core.optimizer import OPTIMIZERS, MethodSpec
from core.search import RATE, TuneSpec, tune
from core.surface import DEFAULT_DOMAIN, Domain, Surface, SurfaceSpec, surface

Array = NDArray[np.float64]
TRIALS = 12
"""Rates that are tried for every optimizer."""
_REACHES = (DEFAULT_DOMAIN[1], 50.0, 500.0, 5000.0)
_CELLS = 64
_CROWD = 500
"""Critical points in a view that cannot be told apart any more."""
_SHRINK, _SHRINKS = 3.0, 6
_NEAR = 0.03
"""Part of a view within which a lowest place is taken for the critical point beside it."""
_LONG = 450
"""Characters of a gradient's code from which on its Hessian is not waited for."""
_FLAT = 0.97
"""Share of a view that is level around a pit: from there on it is drawn nearer."""


@dataclass(frozen=True)
class View:
    """Where to look at a formula.

    Attributes
    ----------
    domain
        x low, x high, y low, y high.
    message
        What is special about what is seen there, in sentences; "" for nothing.
    code
        The formula's code, for a process that has not derived it.
    """

    domain: Domain
    message: str
    code: Code


@dataclass(frozen=True)
class Refused:
    """Why a formula cannot be shown: a sentence, and the place in its text or -1."""

    formula: str
    sentence: str
    position: int


def look(formula: str, parameters: Mapping[str, float], domain: Domain | None = None) -> View | Refused:
    """`suited_view`, with what is wrong with the formula as a result: it knows its place in the text."""
    try:
        return suited_view(formula, parameters, domain)
    except FormulaError as error:
        return Refused(formula, str(error), error.position)


def suited_view(formula: str, parameters: Mapping[str, float], domain: Domain | None = None) -> View:
    """A view that shows what is interesting, or what is seen in a view that is given.

    Raises
    ------
    InputError
        For a formula that cannot be read, wrong parameters, or no finite real value in any view.
    """
    domain = _domain(formula, dict(parameters)) if domain is None else domain
    return View(domain, description(_surface(formula, dict(parameters), domain)), code_of(formula))


def with_suited_rates(spec: SurfaceSpec) -> SurfaceSpec:
    """A formula's spec with `suited_rates`."""
    return msgspec.structs.replace(spec, learning_rates=suited_rates(spec))


def suited_rates(spec: SurfaceSpec, steps: int = 300) -> dict[str, float]:
    """For each optimizer's id the best of a few learning rates from the surface's first start.

    An optimizer that diverges at all of them, or never gets enough, is left out: it keeps its default.
    """
    methods = tuple(MethodSpec(Choice(key)) for key in OPTIMIZERS)
    begin = surface(spec).entry.starts[:1]
    found = tune(TuneSpec(spec, methods, begin, steps, TRIALS)).tunings
    rates = {t.method.optimizer.id: float(t.best.values[RATE]) for t in found if not t.best.diverged}
    return {key: float(f"{rate:.2g}") for key, rate in rates.items() if rate <= _highest(key)}


def _highest(key: str) -> float:
    """Of the rates on the slider: where the loss falls without end, any larger one would do better still."""
    return next(each.high for each in OPTIMIZERS[key].hyperparameters if each.name == RATE)


def description(place: Surface) -> str:
    """What is special about a surface in its view, in sentences; "" for nothing."""
    _, _, losses = place.grid(place.entry.domain, 65, 65)
    finite = np.isfinite(losses)
    if not finite.any():
        return "The formula has no finite real value in this view."
    values = losses[finite]
    if np.ptp(values) == 0.0:
        return "The loss is the same everywhere: there is nothing to descend."
    sentences = []
    if not finite.all():
        share = max(round(100 * float(np.mean(~finite))), 1)
        sentences.append(f"The formula has no finite real value in {share}\u00a0% of the view.")
    same_x = bool((losses[:, :1] == losses)[finite].all())
    same_y = bool((losses[:1] == losses)[finite].all())
    if same_x or same_y:
        sentences.append(f"The loss does not depend on {'x' if same_x else 'y'}.")
    elif finite.all() and not _inner(losses, values.min()):
        sentences.append("The loss is lowest at the edge of the view and falls on beyond it.")
    return " ".join(sentences)


def _inner(losses: Array, value: float) -> bool:
    return bool((losses[1:-1, 1:-1] == value).any())


# ---------------------------------------------------------------- the view


def _surface(formula: str, parameters: dict[str, float], domain: Domain) -> Surface:
    return surface(SurfaceSpec(formula=formula, domain=domain, parameters=parameters))


def _domain(formula: str, parameters: dict[str, float]) -> Domain:
    derive(formula)  # what is wrong with the text is said first; from here on it is about values
    nothing: FormulaError | None = None
    usual: Surface | None = None
    for reach in _REACHES:
        try:
            place = _surface(formula, parameters, (-reach, reach, -reach, reach))
        except FormulaError as error:
            nothing = error
            continue
        usual = usual or place
        points = _interesting(place)
        if len(points) > _CROWD:
            return _shrunk(formula, parameters, reach)
        if place is not usual:
            points = points[_different(usual, place.loss(*points.T))]
        if len(points):
            return _around(place, points, reach)
        if _is_constant(place):
            break
    if usual is None:
        assert nothing is not None
        raise nothing
    return _filled(usual)


def _different(usual: Surface, losses: Array) -> NDArray[np.bool_]:
    """Which losses are none of the usual view's: not only a tail that gets ever flatter."""
    seen = usual.grid(usual.entry.domain, 65, 65)[2]
    seen = seen[np.isfinite(seen)]
    slack = 1e-3 * float(np.ptp(seen))
    result: NDArray[np.bool_] = (losses < seen.min() - slack) | (losses > seen.max() + slack)
    return result


def _is_constant(place: Surface) -> bool:
    losses = place.grid(place.entry.domain, 17, 17)[2]
    return bool((losses == losses[0, 0]).all())


def _interesting(place: Surface) -> Array:
    """Critical points, and lowest places inside the view that may have no gradient: (n, 2)."""
    plane = Plane(place, place.entry.domain)
    points = np.zeros((0, 2))
    if _is_short(place):
        points = different(newton(plane, starts(plane, _CELLS)[0]))
        points = points[critical(plane, points)]
    low = lowest(place.grid(place.entry.domain, 2 * _CELLS + 1, 2 * _CELLS + 1)[2])
    low[[0, -1]] = low[:, [0, -1]] = False
    lows = np.argwhere(low)[:, ::-1] / (2 * _CELLS)
    lows = lows[nearest(lows, points, _NEAR) < 0]
    return np.column_stack(plane.place(np.concatenate([points, lows])))


def _is_short(place: Surface) -> bool:
    """Whether second derivatives come in a moment; those of a long product take seconds."""
    lines, results = place.derivatives.float_lines
    return sum(map(len, [*lines, *results])) <= _LONG


def _shrunk(formula: str, parameters: dict[str, float], reach: float) -> Domain:
    """Nearer to the origin until what is there can be told apart."""
    for _ in range(_SHRINKS):
        reach /= _SHRINK
        domain = (-reach, reach, -reach, reach)
        try:
            count = len(_interesting(_surface(formula, parameters, domain)))
        except FormulaError:
            break
        if count <= _CROWD:
            return _rounded(domain)
    return _rounded((-reach, reach, -reach, reach))


def _around(place: Surface, points: Array, reach: float) -> Domain:
    """The view drawn together, or moved, around points that were found within a reach."""
    low, high = points.min(axis=0), points.max(axis=0)
    line = high - low > 1.8 * reach  # it runs through the whole view and says nothing about its size
    centre, extent = np.where(line, 0.0, (low + high) / 2), np.where(line, 0.0, high - low)
    if reach == _REACHES[0] and bool((np.abs(centre) <= 0.5 * reach).all()):
        if 0.04 * reach < extent.max() < 0.3 * reach and not line.any():
            return _rounded(_box(centre, np.maximum(1.25 * extent, 0.6 * extent.max())))
        return _pit(place)
    return _rounded(_box(centre, np.maximum(0.75 * extent, _REACHES[0])))


def _box(centre: Array, half: Array) -> Domain:
    return (
        float(centre[0] - half[0]), float(centre[0] + half[0]),
        float(centre[1] - half[1]), float(centre[1] + half[1]),
    )  # fmt: skip


def _pit(place: Surface) -> Domain:
    """Nearer to a pit in a plain; else the whole view, without what is only a hole."""
    columns, rows, losses = place.grid(place.entry.domain, 2 * _CELLS + 1, 2 * _CELLS + 1)
    finite = np.isfinite(losses)
    if not finite.all():
        return _filled(place)
    level = float(np.median(losses))
    depth = level - losses
    inside = depth > 0.01 * depth.max()
    if depth.max() <= 0.0 or inside.mean() > 1.0 - _FLAT:
        return place.entry.domain
    return _rounded(_bounds(columns, rows, inside, 0.75))


def _filled(place: Surface) -> Domain:
    """The view, drawn together around where the formula has a value if that is less than half of it."""
    columns, rows, losses = place.grid(place.entry.domain, 2 * _CELLS + 1, 2 * _CELLS + 1)
    finite = np.isfinite(losses)
    if finite.mean() > 0.6:
        return place.entry.domain
    return _rounded(_bounds(columns, rows, finite, 0.1))


def _bounds(columns: Array, rows: Array, mask: NDArray[np.bool_], margin: float) -> Domain:
    """The box around marked grid points, with a margin in parts of its size, in the grid's bounds."""
    x, y = columns[mask.any(axis=0)], rows[mask.any(axis=1)]
    wide, high = max(x[-1] - x[0], columns[1] - columns[0]), max(y[-1] - y[0], rows[1] - rows[0])
    x_low, x_high = max(x[0] - margin * wide, columns[0]), min(x[-1] + margin * wide, columns[-1])
    y_low, y_high = max(y[0] - margin * high, rows[0]), min(y[-1] + margin * high, rows[-1])
    return float(x_low), float(x_high), float(y_low), float(y_high)


def _rounded(domain: Domain) -> Domain:
    """Outwards to a step of a hundredth to a twentieth of the width, so that boxes read well."""
    x_low, x_high, y_low, y_high = domain
    return (*_outwards(x_low, x_high), *_outwards(y_low, y_high))


def _outwards(low: float, high: float) -> tuple[float, float]:
    step = 10.0 ** np.floor(np.log10((high - low) / 10.0))
    step *= 5.0 if (high - low) / step > 50.0 else 1.0
    first, last = np.floor(low / step + 1e-9) * step, np.ceil(high / step - 1e-9) * step
    return float(f"{first:.12g}"), float(f"{last:.12g}")
