"""Critical points: those of the catalogue against published ones, and lines, areas, kinks."""

import math
import pickle
import time
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from core import formula_code
from core.critical_points import MOST, CriticalPoint, CriticalPoints, critical_points, way_out_start
from core.curvature import curvature, derived_hessian
from core.errors import InputError
from core.surface import Surface, SurfaceSpec, surface, surfaces

HIMMELBLAU = {
    "minimum": [(3.0, 2.0), (-2.805118, 3.131312), (-3.779310, -3.283186), (3.584428, -1.848126)],
    "saddle": [(0.086678, 2.884255), (3.385154, 0.073852), (-0.127961, -1.953715), (-3.073026, -0.081353)],
    "maximum": [(-0.270845, -0.923039)],
}
COUNTS = {
    "sphere": (1, 0, 0), "ill_conditioned_bowl": (1, 0, 0), "rosenbrock": (1, 0, 0), "booth": (1, 0, 0),
    "matyas": (1, 0, 0), "saddle": (0, 1, 0), "himmelblau": (4, 4, 1), "six_hump_camel": (6, 7, 2),
    "three_hump_camel": (3, 2, 0), "styblinski_tang": (4, 4, 1), "mccormick": (2, 1, 0),
    "goldstein_price": (4, 4, 1), "beale": (1, 2, 0), "plateau": (1, 0, 0), "long_valley": (1, 0, 0),
    "two_pits": (2, 1, 0), "rastrigin": (121, 220, 100), "easom": (5, 4, 4),
}  # fmt: skip
"""Minima, saddles and maxima in the domain."""


def own(formula: str, *domain: float) -> Surface:
    return surface(SurfaceSpec(formula=formula, domain=(domain or (-5.0, 5.0, -5.0, 5.0))))  # type: ignore[arg-type]


def of(key: str) -> CriticalPoints:
    return critical_points(surface(SurfaceSpec(key)))


def near(point: CriticalPoint, x: float, y: float, reach: float = 1e-6) -> bool:
    return math.hypot(point.x - x, point.y - y) < reach


def check(place: Surface, found: CriticalPoints) -> None:
    """What holds whatever was found."""
    assert list(found.points) == sorted(found.points, key=lambda p: (p.loss, p.x, p.y))
    x_low, x_high, y_low, y_high = found.domain
    for point in found.points:
        assert x_low - 1e-6 <= point.x <= x_high + 1e-6
        assert y_low - 1e-6 <= point.y <= y_high + 1e-6
        assert math.isfinite(point.loss)
        assert point.loss == pytest.approx(float(place.loss(point.x, point.y)))
        assert (point.note == "") == (point.kind != "degenerate")
        assert (point.way_out is not None) == (point.kind == "saddle")
        if point.kind != "degenerate":
            check_eigenvalues(place, point)


def check_eigenvalues(place: Surface, point: CriticalPoint) -> None:
    xx, xy, yy = (float(value) for value in place.hessian(point.x, point.y))
    matrix = np.array([[xx, xy], [xy, yy]])
    assert point.eigenvalues == pytest.approx(
        np.linalg.eigvalsh(matrix).tolist(), abs=1e-12 * abs(matrix).max()
    )
    assert point.eigenvalues is not None
    assert point.eigenvectors is not None
    for value, vector in zip(point.eigenvalues, point.eigenvectors, strict=True):
        assert math.hypot(*vector) == pytest.approx(1.0)
        np.testing.assert_allclose(matrix @ vector, value * np.array(vector), atol=1e-9 * abs(matrix).max())
    low, high = point.eigenvalues
    assert point.kind == ("minimum" if low > 0 else "maximum" if high < 0 else "saddle")
    if point.way_out is not None:
        x, y = 1e-3 * np.array(point.way_out)
        assert float(place.loss(point.x + x, point.y + y)) < point.loss
        assert float(place.loss(point.x - x, point.y - y)) < point.loss


# ---------------------------------------------------------------- the catalogue


@pytest.mark.parametrize("key", surfaces())
def test_every_known_minimum_is_found(key: str) -> None:
    place, found = surface(SurfaceSpec(key)), of(key)
    check(place, found)
    for x, y in place.entry.minima:
        (point,) = [point for point in found.points if near(point, x, y, 1e-5)]
        assert point.kind in ("minimum", "degenerate")


@pytest.mark.parametrize("key", surfaces())
def test_it_does_not_need_to_know_the_minima(key: str) -> None:
    entry = surfaces()[key]
    blind = critical_points(Surface(replace(entry, minima=())))
    counts = [Counter(point.kind for point in found.points) for found in (blind, of(key))]
    if key != "two_weight_chain":
        assert counts[0] == counts[1]
    for x, y in entry.minima:
        if key not in ("toy_quadratic", "two_weight_chain"):
            assert any(near(point, x, y, 1e-5) for point in blind.points)


@pytest.mark.parametrize(("key", "counts"), COUNTS.items())
def test_as_many_as_there_are(key: str, counts: tuple[int, int, int]) -> None:
    found = of(key)
    kinds = Counter(point.kind for point in found.points)
    assert (kinds["minimum"], kinds["saddle"], kinds["maximum"]) == counts
    assert len(found.points) == found.found == sum(counts)
    assert found.message == ""


def test_himmelblau_has_the_published_points() -> None:
    points = of("himmelblau").points
    for kind, places in HIMMELBLAU.items():
        assert len(places) == sum(point.kind == kind for point in points)
        for x, y in places:
            assert any(near(point, x, y, 2e-6) and point.kind == kind for point in points)
    assert points[-1].loss == pytest.approx(181.617, abs=1e-3)


def test_the_camel_has_the_published_losses() -> None:
    losses = sorted({round(p.loss, 4) for p in of("six_hump_camel").points if p.kind == "minimum"})
    assert losses == [-1.0316, -0.2155, 2.1043]


def test_styblinski_tang_has_the_roots_of_its_cubic() -> None:
    roots = np.roots([2.0, 0.0, -16.0, 2.5]).real
    assert {(round(p.x, 6), round(p.y, 6)) for p in of("styblinski_tang").points} == {
        (round(float(x), 6), round(float(y), 6)) for x in roots for y in roots
    }


def test_the_monkey_saddle_is_degenerate() -> None:
    (point,) = of("monkey_saddle").points
    assert (point.x, point.y, point.kind, point.eigenvalues) == (0.0, 0.0, "degenerate", (0.0, 0.0))
    assert "rises some ways and falls others" in point.note


def test_of_a_line_the_catalogued_minimum_is_listed() -> None:
    (toy,) = of("toy_quadratic").points
    assert (toy.x, toy.y, toy.kind, toy.eigenvalues) == (5.0, 0.0, "degenerate", (0.0, 2.0))
    chain = of("two_weight_chain")
    assert [(p.x, p.y, p.kind) for p in chain.points] == [
        (-1.0, -1.0, "degenerate"), (1.0, 1.0, "degenerate"), (0.0, 0.0, "saddle"),
    ]  # fmt: skip
    assert chain.message.startswith("2 whole lines of critical points")


def test_ackleys_cusp_is_named_honestly() -> None:
    first = of("ackley").points[0]
    assert (first.x, first.y, first.kind) == (0.0, 0.0, "degenerate")
    assert (first.eigenvalues, first.gradient_norm) == (None, None)
    assert "kink" in first.note


@pytest.mark.parametrize("key", surfaces())
def test_it_is_quick(key: str) -> None:
    place = surface(SurfaceSpec(key))
    critical_points(place)
    begin = time.process_time()
    critical_points(place)
    assert time.process_time() - begin < 0.5


# ---------------------------------------------------------------- unlike points


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("x + y", "There is no critical point"),
        ("max(x, y)", "There is no critical point"),
        ("exp(exp(x))", "There is no critical point"),
        ("1/x + 1/y", "no finite value"),
        ("log(x**2 + y**2)", "no finite value"),
        ("-1/(x**2 + y**2)", "no finite value"),
        ("log(x)", "no finite value in 50 %"),
        ("sqrt(x) + 0.1*y", "no finite value in 50 %"),
        ("7", "every point is critical, and none is listed"),
        ("sign(x)", "every point is critical, and none is listed"),
        ("max(x, 0)**2", "0 all over 50 % of the domain"),
    ],
)
def test_without_any(formula: str, message: str) -> None:
    found = critical_points(own(formula))
    assert found.points == ()
    assert message in found.message


@pytest.mark.parametrize("formula", ["x**2", "x**4", "y**2", "(x - y)**2", "abs(x)", "sqrt(x)", "abs(x - y)"])
def test_a_line_is_said_and_stands_as_one_point(formula: str) -> None:
    found = critical_points(own(formula))
    (point,) = found.points
    assert (point.x, point.y, point.kind) == (0.0, 0.0, "degenerate")
    assert found.message.startswith("A whole line of critical points")
    assert "line" in point.note


@pytest.mark.parametrize(
    ("formula", "count"), [("sin(x)", 4), ("sin(10*x)", 32), ("(x**2 + y**2 - 4)**2", 1)]
)
def test_each_line_stands_as_one_point(formula: str, count: int) -> None:
    found = critical_points(own(formula))
    assert sum(point.kind == "degenerate" for point in found.points) == count


@pytest.mark.parametrize(
    "formula",
    [
        "abs(x) + abs(y)",
        "sqrt(x**2 + y**2)",
        "abs(x - 2*y) + 0.1*x**2",
        "sqrt(x) + y**2",
        "max(abs(x), abs(y))",
    ],
)
def test_minima_without_a_gradient(formula: str) -> None:
    (point,) = critical_points(own(formula)).points
    assert (point.x, point.y, point.kind, point.eigenvalues) == (0.0, 0.0, "degenerate", None)
    assert "not one of zero gradient" in point.note


@pytest.mark.parametrize(
    "formula", ["x**4 + y**4", "x**4 + y**2", "x**3 + y**2", "x**20 + y**20", "x**6 - y**4"]
)
def test_degenerate_points_stand_alone_at_their_place(formula: str) -> None:
    (point,) = critical_points(own(formula)).points
    assert (point.x, point.y, point.kind) == (
        pytest.approx(0.0, abs=1e-6),
        pytest.approx(0.0, abs=1e-6),
        "degenerate",
    )


def test_a_narrow_pit_on_a_plain_is_found() -> None:
    found = critical_points(own("-exp(-1000*((x - 0.123)**2 + (y - 0.4)**2))"))
    (point,) = found.points
    assert (point.kind, near(point, 0.123, 0.4)) == ("minimum", True)
    assert "0 all over 97 %" in found.message


@pytest.mark.parametrize("reach", [9.0, 50.0])
def test_too_many_are_counted_and_capped(reach: float) -> None:
    place = surface(SurfaceSpec("rastrigin"))
    begin = time.process_time()
    found = critical_points(place, (-reach, reach, -reach, reach))
    assert time.process_time() - begin < 3.0
    assert len(found.points) == MOST < found.found
    assert f"{found.found:,} critical points" in found.message
    assert found.points[0].loss == pytest.approx(0.0, abs=1e-12)
    if reach == 9.0:
        assert found.found == 37**2


def test_a_domain_is_searched_inside_only() -> None:
    place = surface(SurfaceSpec("himmelblau"))
    found = critical_points(place, (0.0, 5.0, 0.0, 5.0))
    check(place, found)
    assert [point.kind for point in found.points] == ["minimum", "saddle", "saddle"]
    with pytest.raises(InputError, match="each low below its high"):
        critical_points(place, (1.0, 0.0, 0.0, 1.0))


@pytest.mark.parametrize("width", [1e-6, 1e6, 1e100, 1e160])
def test_domains_of_any_size_give_a_result(width: float) -> None:
    found = critical_points(surface(SurfaceSpec("sphere")), (-width, width, -width, width))
    assert len(found.points) <= 1
    if width < 1e100:
        assert near(found.points[0], 0.0, 0.0)


# ---------------------------------------------------------------- random polynomials


def random_polynomial(seed: int) -> str:
    random = np.random.default_rng(seed)
    terms = [
        f"({random.normal() * 4.0 ** -(i + j) * 10:.3f})*x**{i}*y**{j}"
        for i in range(5) for j in range(5) if 0 < i + j <= 4
    ]  # fmt: skip
    return " + ".join([*terms, "x**4/20"]).replace("*x**0", "").replace("*y**0", "")


@pytest.mark.parametrize("seed", range(12))
def test_random_polynomials_against_a_fine_grid(seed: int) -> None:
    place = own(random_polynomial(seed))
    found = critical_points(place)
    check(place, found)
    for point in found.points:
        check_by_differences(place, point)
    brute = brute_force(place)
    assert len(brute) == len(found.points)
    for x, y in brute:
        assert any(near(point, x, y, 1e-6) for point in found.points)


def check_by_differences(place: Surface, point: CriticalPoint) -> None:
    step = 1e-4
    x, y = point.x, point.y
    slope_x = float(place.loss(x + step, y) - place.loss(x - step, y)) / (2 * step)
    slope_y = float(place.loss(x, y + step) - place.loss(x, y - step)) / (2 * step)
    assert math.hypot(slope_x, slope_y) < 1e-5
    corners = sum(
        i * j * float(place.loss(x + i * step, y + j * step)) for i in (-1, 1) for j in (-1, 1)
    ) / (4 * step**2)  # fmt: skip
    middle = 2.0 * point.loss
    xx = float(place.loss(x + step, y) + place.loss(x - step, y) - middle) / step**2
    yy = float(place.loss(x, y + step) + place.loss(x, y - step) - middle) / step**2
    assert point.eigenvalues == pytest.approx(
        np.linalg.eigvalsh([[xx, corners], [corners, yy]]).tolist(), abs=1e-4
    )


def brute_force(place: Surface) -> list[tuple[float, float]]:
    """Plain Newton from every node of a fine grid; only short ways count."""
    nodes = np.linspace(-5.0, 5.0, 401)
    x, y = (axis.ravel() for axis in np.meshgrid(nodes, nodes))
    start_x, start_y = x, y
    for _ in range(40):
        (xx, xy, yy), (gx, gy) = place.hessian(x, y), place.gradient(x, y)
        with np.errstate(all="ignore"):
            area = xx * yy - xy * xy
            x, y = x - (yy * gx - xy * gy) / area, y - (xx * gy - xy * gx) / area
        near_start = np.hypot(x - start_x, y - start_y) < 0.5
        x, y, start_x, start_y = (values[near_start] for values in (x, y, start_x, start_y))
    good = (np.hypot(*place.gradient(x, y)) < 1e-9) & (abs(x) <= 5.0) & (abs(y) <= 5.0)
    rounded = sorted(set(zip(x[good].round(6).tolist(), y[good].round(6).tolist(), strict=True)))
    kept: list[tuple[float, float]] = []
    for place_x, place_y in rounded:
        if all(math.hypot(place_x - a, place_y - b) > 1e-4 for a, b in kept):
            kept.append((place_x, place_y))
    return kept


# ---------------------------------------------------------------- curvature


def test_curvature_names_the_largest_rate() -> None:
    bend = curvature(surface(SurfaceSpec("ill_conditioned_bowl")), 3.0, -1.0)
    assert bend.eigenvalues == (1.0, 25.0)
    assert bend.eigenvectors == ((1.0, 0.0), (0.0, 1.0))
    assert (bend.condition_number, bend.largest_rate) == (25.0, 0.08)


def test_curvature_without_a_rate() -> None:
    top = curvature(own("-x**2 - 2*y**2"), 0.0, 0.0)
    assert (top.eigenvalues, top.largest_rate, top.condition_number) == ((-4.0, -2.0), None, 2.0)
    valley = curvature(own("x**2"), 1.0, 1.0)
    assert (valley.eigenvalues, valley.condition_number) == ((0.0, 2.0), math.inf)
    flat = curvature(own("7"), 0.0, 0.0)
    assert (flat.eigenvalues, flat.condition_number, flat.largest_rate) == ((0.0, 0.0), None, None)
    assert curvature(own("log(x)"), -1.0, 0.0).eigenvalues is None


# ---------------------------------------------------------------- from here on


def test_a_start_beside_a_saddle_lies_on_the_way_out_and_lower() -> None:
    place = surface(SurfaceSpec("himmelblau"))
    found = critical_points(place)
    for point in found.points:
        starts = [way_out_start(point, sign, found.domain) for sign in (1, -1)]
        if point.kind != "saddle":
            assert starts == [None, None]
            continue
        for sign, start in zip((1, -1), starts, strict=True):
            assert start is not None
            away = np.array(start) - (point.x, point.y)
            assert away == pytest.approx(sign * 0.1 * np.array(point.way_out)), "a hundredth of the domain"
            assert place.loss(*start) < point.loss


def test_a_way_out_of_the_domain_is_none() -> None:
    found = critical_points(surface(SurfaceSpec(formula="x**2 - y**2", domain=(-1.0, 1.0, -0.005, 1.0))))
    (saddle,) = found.points
    assert sorted(way_out_start(saddle, sign, found.domain) is None for sign in (1, -1)) == [False, True]


def test_a_hessian_that_another_process_printed_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = SurfaceSpec(formula="sin(x*y) + 0.123*x**2 - y/(1 + x**2)")
    here = surface(spec)
    code = pickle.loads(pickle.dumps(derived_hessian(spec)))
    monkeypatch.setattr(formula_code, "_kept", {})  # as it is in another process
    there = Surface(here.entry)
    assert not there.has_hessian
    there.keep_hessian(code)
    assert there.has_hessian
    assert "hessian" not in vars(there.derivatives), "nothing was derived here"
    x, y = np.linspace(-2, 2, 7), np.linspace(-1, 3, 7)
    for one, other in zip(there.hessian(x, y), here.hessian(x, y), strict=True):
        np.testing.assert_array_equal(one, other)
