"""Every pixel of a map is a single descent; the engines agree; bad specs are refused in sentences."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import numpy as np
import pytest

from core.choice import Choice
from core.descent import DescentSpec, Trajectory, descend
from core.errors import InputError
from core.hyperparameter import Scale
from core.loops import can_compile
from core.map_spec import MAX_PIXELS, MapAxis, MapSpec
from core.maps import MapResult, assemble, compute_map, compute_tile, computed_tiles, levels, prepare, tiles
from core.optimizer import OPTIMIZERS, MethodSpec
from core.schedule import SCHEDULES
from core.surface import SurfaceSpec, surfaces

EXACT = ("rosenbrock", "himmelblau", "goldstein_price", "toy_quadratic", "monkey_saddle")
"""Surfaces of products and sums: NumPy gives every bit as floats do."""
FORMULAS = (
    "abs(x) + abs(y)", "sqrt(x) + y**2", "log(x*y) + x*x", "max(x, y)**2 + 0.3*min(x, y)**2 + x**2",
    "x**9*1e-3 + y**2", "atan2(y, x) + x**2 + y**2", "x", "3", "exp(3*x*y)", "tan(x) + y**2", "x**y",
    "1/x + x*x + y*y", "sign(x)*y**2 + asin(x/5)",
)  # fmt: skip
needs_numba = pytest.mark.skipif(not can_compile(), reason="needs the extra 'fast'")


def starts(place: SurfaceSpec, key: str = "adam", rate: float = 0.03, **changes: Any) -> MapSpec:
    method = MethodSpec(Choice(key, {"learning_rate": rate}), Choice("cosine", {"warmup_steps": 3}))
    blank = MapSpec(place, method, columns=7, rows=5, steps=40, tolerance=1e-3)
    return msgspec.structs.replace(blank, **changes).checked()


def pairs(key: str, first: str, second: str, **changes: Any) -> MapSpec:
    known = {each.name: each for each in OPTIMIZERS[key].hyperparameters}
    x, y = (
        MapAxis(
            name, max(known[name].low, 1e-8 * (known[name].scale is Scale.LOG)), min(known[name].high, 0.9)
        )
        for name in (first, second)
    )
    blank = MapSpec(SurfaceSpec("himmelblau"), MethodSpec(Choice(key)), "hyperparameters", x=x, y=y,
                    columns=5, rows=4, steps=60, tolerance=1e-2)  # fmt: skip
    return msgspec.structs.replace(blank, **changes).checked()


def single(spec: MapSpec, row: int, column: int) -> Trajectory | None:
    """The run of a pixel; None where it cannot start."""
    method, start = spec.at_pixel(row, column)
    wanted = DescentSpec(spec.surface, (method,), (start,), spec.steps, tolerance=spec.tolerance)
    try:
        return descend(wanted).runs[0]
    except InputError:
        return None


def check_pixels(result: MapResult, exact: bool) -> None:
    """Every pixel is as the single run from there, its outcome too."""
    spec = result.spec
    for row, column in itertools.product(range(spec.rows), range(spec.columns)):
        run, here = single(spec, row, column), (row, column)
        assert result.undefined[here] == (run is None)
        if run is None:
            continue
        assert result.diverged[here] == (run.outcome == "diverged"), run.message
        if run.outcome == "diverged":
            assert np.isnan([*result.points[here], result.losses[here]]).all()
            assert (result.converged_at[here], result.minimum[here]) == (-1, -1)
            continue
        assert result.converged_at[here] == (run.step if run.outcome == "converged" else -1)
        if exact:
            assert result.points[here].tolist() == run.points[-1].tolist()
            assert result.losses[here] == run.losses[-1]
        else:
            np.testing.assert_allclose(result.points[here], run.points[-1], rtol=1e-7, atol=1e-9)
            np.testing.assert_allclose(result.losses[here], run.losses[-1], rtol=1e-7, atol=1e-9)


def check_equal(one: MapResult, other: MapResult, **tolerance: float) -> None:
    for name in ("diverged", "undefined", "converged_at", "minimum"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    np.testing.assert_allclose(one.points, other.points, **tolerance)
    np.testing.assert_allclose(one.losses, other.losses, **tolerance)


# ---------------------------------------------------------------- pixels are single descents


@pytest.mark.parametrize("rate", [0.01, 3.0])
@pytest.mark.parametrize("place", EXACT)
@pytest.mark.parametrize("key", OPTIMIZERS)
def test_a_map_of_starts_is_single_descents_to_the_last_bit(key: str, place: str, rate: float) -> None:
    check_pixels(compute_map(starts(SurfaceSpec(place), key, rate), "numpy"), exact=True)


@pytest.mark.parametrize("place", surfaces())
def test_on_every_surface(place: str) -> None:
    rate = 0.3 * float(surfaces()[place].learning_rates["adam"])
    check_pixels(compute_map(starts(SurfaceSpec(place), rate=rate), "numpy"), exact=False)


@pytest.mark.parametrize("key", ["sgd", "adam", "newton"])
@pytest.mark.parametrize("formula", FORMULAS)
def test_on_formulas_with_kinks_holes_and_poles(formula: str, key: str) -> None:
    check_pixels(compute_map(starts(SurfaceSpec(formula=formula), key), "numpy"), exact=False)


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_with_every_schedule(schedule: str) -> None:
    method = MethodSpec(Choice("momentum", {"learning_rate": 0.003}), Choice(schedule))
    check_pixels(compute_map(starts(SurfaceSpec("himmelblau"), method=method), "numpy"), exact=True)


NUMBERS = {
    key: [p.name for p in entry.hyperparameters if p.scale in (Scale.LINEAR, Scale.LOG, Scale.ONE_MINUS_LOG)]
    for key, entry in OPTIMIZERS.items()
}
PAIRS = [(key, *pair) for key, names in NUMBERS.items() for pair in itertools.permutations(names, 2)]


@pytest.mark.parametrize(("key", "first", "second"), PAIRS)
def test_a_map_of_any_two_numbers_is_single_descents(key: str, first: str, second: str) -> None:
    check_pixels(compute_map(pairs(key, first, second), "numpy"), exact=False)


def test_the_rate_on_an_axis_follows_the_schedule() -> None:
    method = MethodSpec(Choice("momentum"), Choice("cosine", {"warmup_steps": 10}))
    check_pixels(
        compute_map(pairs("momentum", "learning_rate", "momentum", method=method), "numpy"), exact=False
    )


@pytest.mark.parametrize("key", [key for key, entry in OPTIMIZERS.items() if entry.momentum_name])
def test_with_a_momentum_that_changes(key: str) -> None:
    method = MethodSpec(Choice(key, {"learning_rate": 0.003}), momentum_schedule=Choice("linear"))
    check_pixels(compute_map(starts(SurfaceSpec("himmelblau"), method=method), "numpy"), exact=True)


def test_a_state_that_overflows_is_a_divergence_though_the_point_stands_still() -> None:
    spec = starts(SurfaceSpec(formula="1e12**15*x"), "adam", 0.1)
    assert compute_map(spec, "numpy").diverged.all()
    check_pixels(compute_map(spec, "numpy"), exact=True)


def test_a_value_that_is_lost_for_one_step_is_not_forgotten() -> None:
    """The first step is as long as floats go, where the loss overflows; the second leads back to 0."""
    method = MethodSpec(Choice("sgd", {"learning_rate": 1e160}), Choice("step", {"every": 1, "drop": 5e-161}))
    result = compute_map(starts(SurfaceSpec("sphere"), method=method, columns=6, rows=4), "numpy")
    assert result.diverged.all()
    check_pixels(result, exact=True)


# ---------------------------------------------------------------- parts and levels


def test_one_pixel_is_the_centre() -> None:
    result = compute_map(starts(SurfaceSpec("sphere"), columns=1, rows=1, domain=(1.0, 3.0, -1.0, 0.0)))
    assert (result.x.tolist(), result.y.tolist()) == ([2.0], [-0.5])
    check_pixels(result, exact=True)


def test_blocks_tiles_and_chunks_of_steps_leave_no_trace() -> None:
    spec = starts(SurfaceSpec("booth"), "momentum", 0.01, columns=210, rows=340, steps=600)
    result = compute_map(spec, "numpy")
    assert len(tiles(spec)) > 2
    for row, column in ((0, 0), (339, 209), (38, 100), (39, 5), (156, 209), (200, 64)):
        run = single(spec, row, column)
        assert run is not None
        assert result.points[row, column].tolist() == run.points[-1].tolist()
        assert result.converged_at[row, column] == (run.step if run.outcome == "converged" else -1)


@pytest.mark.parametrize("size", [(1, 40_000), (40_000, 1), (300, 200), (1, 1)])
def test_tiles_cover_every_pixel_once(size: tuple[int, int]) -> None:
    spec = starts(SurfaceSpec("sphere"), columns=size[0], rows=size[1])
    seen = np.zeros((spec.rows, spec.columns), int)
    for tile in tiles(spec):
        seen[tile.place] += 1
    assert (seen == 1).all()


def test_an_executor_makes_the_same_map() -> None:
    spec = starts(SurfaceSpec("rosenbrock"), columns=200, rows=200, steps=5)
    with ThreadPoolExecutor(2) as executor:
        shared = compute_map(spec, "numpy", executor)
    check_equal(shared, compute_map(spec, "numpy"), rtol=0.0)


def test_tiles_may_come_in_any_order() -> None:
    spec = starts(SurfaceSpec("rosenbrock"), columns=200, rows=200, steps=5)
    parts = [compute_tile(spec, tile) for tile in reversed(tiles(spec))]
    check_equal(assemble(spec, parts), assemble(spec, computed_tiles(spec)), rtol=0.0)


def test_levels_go_from_coarse_to_the_whole() -> None:
    spec = starts(SurfaceSpec("sphere"), columns=64, rows=40)
    sizes = [(level.columns, level.rows) for level in levels(spec)]
    assert sizes == [(8, 5), (16, 10), (32, 20), (64, 40)]
    assert levels(spec)[-1] == spec
    assert len(levels(starts(SurfaceSpec("sphere"), columns=1, rows=1))) == 1


def test_the_three_quantities_are_there_whatever_is_shown() -> None:
    result = compute_map(starts(SurfaceSpec("himmelblau"), rate=1.0, steps=200, quantity="loss"))
    assert result.values() is result.losses
    steps, minimum = result.values("steps"), result.values("minimum")
    assert (np.isnan(steps) == (result.converged_at < 0)).all()
    assert np.nanmax(minimum) <= 3
    assert result.share(result.minimum >= 0) == pytest.approx(np.isfinite(minimum).mean())


def test_axes_space_their_pixels_as_their_scale_says() -> None:
    x = MapAxis("learning_rate", 1e-4, 1.0, "log").values(4)
    np.testing.assert_allclose(np.log10(x), [-3.5, -2.5, -1.5, -0.5])
    np.testing.assert_allclose(
        MapAxis("momentum", 0.0, 0.99, "one_minus_log").values(2), 1 - 10 ** -np.array([0.5, 1.5])
    )
    np.testing.assert_allclose(MapAxis("x", -1.0, 1.0, "linear").values(2), [-0.5, 0.5])


# ---------------------------------------------------------------- compiled


@needs_numba
@pytest.mark.parametrize("key", OPTIMIZERS)
def test_compiled_maps_are_numpy_s_maps(key: str) -> None:
    for rate in (0.01, 3.0):
        spec = starts(SurfaceSpec("himmelblau"), key, rate, columns=37, rows=23)
        check_equal(compute_map(spec, "compiled"), compute_map(spec, "numpy"), rtol=1e-12, atol=1e-12)


@needs_numba
def test_compiled_maps_of_numbers_are_numpy_s_maps() -> None:
    spec = pairs("adam", "beta1", "learning_rate", columns=33, rows=9)
    check_equal(compute_map(spec, "compiled"), compute_map(spec, "numpy"), rtol=1e-9, atol=1e-12)


@needs_numba
@pytest.mark.parametrize(
    "formula", ["max(x, y)**2 + sign(x) + log(abs(x) + sqrt(y))", "x**y + 1/x + atan2(y, x)"]
)
def test_compiled_formulas_are_numpy_s(formula: str) -> None:
    spec = starts(SurfaceSpec(formula=formula), columns=20, rows=20)
    check_equal(compute_map(spec, "compiled"), compute_map(spec, "numpy"), rtol=1e-9, atol=1e-12)


@needs_numba
def test_auto_never_compiles_but_takes_what_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    import core.map_code

    compiled: list[object] = []
    real = core.map_code._compile
    monkeypatch.setattr(core.map_code, "_compile", lambda *code: compiled.append(code) or real(*code))
    spec = starts(SurfaceSpec(formula="x**2 + 7*y**2"), "sgd")
    compute_map(spec, "auto")
    assert not compiled
    prepare(spec)
    own_view = SurfaceSpec(formula="x**2 + 7*y**2", domain=(-1.0, 1.0, -1.0, 1.0))
    compute_map(starts(own_view, "sgd"), "compiled")
    assert len(compiled) == 1, "the view changes nothing in the code"


def test_without_numba_everything_but_compiling_works(monkeypatch: pytest.MonkeyPatch) -> None:
    import core.maps

    monkeypatch.setattr(core.maps, "can_compile", lambda: False)
    spec = starts(SurfaceSpec("sphere"))
    assert compute_map(spec, "auto").points.shape == (5, 7, 2)
    with pytest.raises(InputError, match="need Numba"):
        compute_map(spec, "compiled")


# ---------------------------------------------------------------- bad specs

RATE, MOMENTUM = MapAxis("learning_rate", 1e-4, 0.1), MapAxis("momentum", 0.0, 0.9)
BLANK = MapSpec(SurfaceSpec("sphere"), MethodSpec(Choice("momentum")))
NUMBERS_MAP = msgspec.structs.replace(BLANK, kind="hyperparameters", x=RATE, y=MOMENTUM)

BAD: dict[str, tuple[MapSpec, dict[str, Any]]] = {
    "at most 4,000,000 pixels; 4,000 x 2,500 are 10,000,000": (BLANK, {"columns": 4000, "rows": 2500}),
    "columns must be a number from 1": (BLANK, {"columns": 0}),
    "steps must be a number from 1": (BLANK, {"steps": 0}),
    "kind value 'start'; did you mean 'starts'": (BLANK, {"kind": "start"}),
    "no quantity value 'los'": (BLANK, {"quantity": "los"}),
    "x goes from 1 to 1": (BLANK, {"domain": (1.0, 1.0, 0.0, 1.0)}),
    "y goes from 2 to -inf": (BLANK, {"domain": (0.0, 1.0, 2.0, float("-inf"))}),
    "longer than floats hold": (BLANK, {"domain": (-1e308, 1e308, 0.0, 1.0)}),
    "needs two of them": (NUMBERS_MAP, {"y": None}),
    "Both axes are momentum": (NUMBERS_MAP, {"x": MOMENTUM}),
    "hyperparameter of Momentum 'beta1'": (NUMBERS_MAP, {"x": MapAxis("beta1", 0.0, 0.9)}),
    "learning rate must be a number above 0": (NUMBERS_MAP, {"x": MapAxis("learning_rate", 0.0, 1.0)}),
    "learning rate goes from 1 to 0.1": (NUMBERS_MAP, {"x": MapAxis("learning_rate", 1.0, 0.1)}),
    "logarithmic axis begins above 0; momentum begins at 0": (
        NUMBERS_MAP, {"y": MapAxis("momentum", 0.0, 0.9, "log")},
    ),
    "no scale 'lgo'; did you mean 'log'": (NUMBERS_MAP, {"y": MapAxis("momentum", 0.1, 0.9, "lgo")}),
    "outside the surface's domain": (NUMBERS_MAP, {"start": (99.0, 0.0)}),
    "momentum follows its schedule": (
        NUMBERS_MAP, {"method": MethodSpec(Choice("momentum"), momentum_schedule=Choice("linear"))},
    ),
    "cannot be an axis": (
        NUMBERS_MAP,
        {"method": MethodSpec(Choice("adam")), "y": MapAxis("bias_correction", 0.0, 1.0)},
    ),
}  # fmt: skip


@pytest.mark.parametrize("sentence", BAD)
def test_what_is_wrong_with_a_spec_is_said(sentence: str) -> None:
    spec, changes = BAD[sentence]
    with pytest.raises(InputError) as error:
        compute_map(msgspec.structs.replace(spec, **changes))
    assert sentence in str(error.value)


def test_the_largest_map_is_taken() -> None:
    assert MapSpec(SurfaceSpec("sphere"), BLANK.method, columns=MAX_PIXELS, rows=1).checked().rows == 1
