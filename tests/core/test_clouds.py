"""Many starts: the medians of a cloud, the minima it reaches, and runs that are kept when others change."""

import numpy as np
import pytest
from msgspec.structs import replace

from core.choice import Choice
from core.clouds import Cloud, clouds, shares
from core.descent import DescentSpec, Trajectories, descend, work
from core.optimizer import MethodSpec
from core.rerun import joined, missing
from core.start_pattern import place_starts
from core.surface import SurfaceSpec, surface, surfaces

HIMMELBLAU = SurfaceSpec("himmelblau")
GRID = place_starts(Choice("grid", {"columns": 4, "rows": 3}), surface(HIMMELBLAU), (0.0, 0.0)).points


def method(key: str, rate: float) -> MethodSpec:
    return MethodSpec(Choice(key, {"learning_rate": rate}))


SPEC = DescentSpec(HIMMELBLAU, (method("sgd", 0.01), method("adam", 0.1)), GRID, steps=200)


def same(one: Trajectories, other: Trajectories) -> bool:
    """Whether two results are equal, number by number."""
    return one.spec == other.spec and all(
        a.start == b.start
        and a.start_index == b.start_index
        and a.method == b.method
        and a.outcome == b.outcome
        and np.array_equal(a.points, b.points)
        and np.array_equal(a.losses, b.losses)
        for a, b in zip(one.runs, other.runs, strict=True)
    )


# ---------------------------------------------------------------- clouds


def test_a_cloud_holds_the_runs_of_one_method() -> None:
    for cloud, entry in zip(clouds(descend(SPEC)), SPEC.methods, strict=True):
        assert cloud.method == entry
        assert [run.start for run in cloud.runs] == list(GRID)
        assert {run.method for run in cloud.runs if run.method != entry} == set()


def test_quartiles_are_those_of_numpy_where_all_runs_are_whole() -> None:
    steps = np.array([0, 1, 7, 200])
    for cloud in clouds(descend(SPEC)):
        table = np.array([run.losses[steps] for run in cloud.runs])
        np.testing.assert_allclose(
            cloud.quartiles("losses", steps), np.quantile(table, (0.25, 0.5, 0.75), axis=0), rtol=1e-12
        )
        assert cloud.median("gradient_norms", 7) == pytest.approx(
            float(np.median([run.gradient_norms[7] for run in cloud.runs]))
        )


def test_a_run_that_diverged_counts_as_infinite() -> None:
    bowl = SurfaceSpec(formula="x**4 + y**2", domain=(-9.0, 9.0, -9.0, 9.0))
    cloud = far_and_near(bowl, ((0.1, 0.0), (0.2, 0.0), (8.0, 0.0), (9.0, 0.0)))
    assert [run.outcome for run in cloud.runs[2:]] == ["diverged"] * 2
    low, middle, high = cloud.quartiles("losses", np.array([0, 40]))[:, 1]
    assert np.isfinite(low)
    assert middle == high == np.inf
    assert cloud.ended(0)["diverged"] == 0
    assert cloud.ended(40)["diverged"] == 2
    assert cloud.sentence == "Of 4 runs, 2 diverged and 2 made all 40 steps without converging."
    assert far_and_near(bowl, ((8.0, 0.0), (9.0, 0.0))).sentence == "All 2 runs diverged."


def far_and_near(place: SurfaceSpec, starts: tuple[tuple[float, float], ...]) -> Cloud:
    spec = DescentSpec(place, (method("sgd", 0.1),), starts, steps=40)
    return clouds(descend(spec))[0]


# ---------------------------------------------------------------- shares


def test_each_basin_of_himmelblau_gets_the_starts_in_it() -> None:
    """From near each of the four published minima; plain descent with small steps stays in its basin."""
    minima = surfaces()["himmelblau"].minima
    offsets = ((0.1, 0.0), (0.0, 0.1), (-0.1, 0.0))
    starts = tuple((x + dx, y + dy) for (x, y), n in zip(minima, (3, 2, 1, 0), strict=True)
                   for dx, dy in offsets[:n])  # fmt: skip
    found = shares(descend(replace(SPEC, starts=starts)))
    assert found.minima == minima
    for row in found.rows:
        assert row.counts == (3, 2, 1, 0)
        assert (row.elsewhere, row.diverged, row.total) == (0, 0, 6)
    assert found.minimum == (0, 0, 0, 1, 1, 2) * 2


def test_runs_on_their_way_are_elsewhere_and_lost_ones_diverged() -> None:
    spec = replace(SPEC, methods=(method("sgd", 1e-6), method("sgd", 10.0)), starts=((0.0, 0.0),))
    slow, lost = shares(descend(spec)).rows
    assert (sum(slow.counts), slow.elsewhere, slow.diverged) == (0, 1, 0)
    assert (sum(lost.counts), lost.elsewhere, lost.diverged) == (0, 0, 1)


def test_no_methods_have_no_clouds_and_no_shares() -> None:
    result = descend(replace(SPEC, methods=()))
    assert clouds(result) == ()
    assert shares(result).rows == ()
    waiting = Trajectories(SPEC, ())
    assert clouds(waiting) == ()
    assert shares(waiting).rows == ()


# ---------------------------------------------------------------- runs that are kept

MOVED = (*GRID[:3], (0.123, -0.4), *GRID[4:])


@pytest.mark.parametrize("noise", [0.0, 0.5])
@pytest.mark.parametrize(
    "change",
    [
        {"starts": MOVED},
        {"starts": GRID[1:]},
        {"starts": (*GRID, (1.0, 1.0))},
        {"starts": GRID[::-1]},
        {"starts": (GRID[0], GRID[0], GRID[1])},
        {"methods": SPEC.methods[::-1]},
        {"methods": (SPEC.methods[0], method("adam", 0.2))},
        {"methods": (*SPEC.methods, method("momentum", 0.001)), "starts": MOVED},
        {"steps": 50},
        {"surface": SurfaceSpec("beale"), "starts": ((1.0, 1.5),)},
    ],
    ids=["moved", "removed", "added", "reversed", "twice", "swapped", "rate", "both", "steps", "surface"],
)
def test_what_is_kept_and_what_is_run_give_the_same_as_all_anew(noise: float, change: dict) -> None:  # type: ignore[type-arg]
    before = replace(SPEC, noise=noise)
    after = replace(before, **change)
    earlier = descend(before)
    part = missing(after, earlier)
    fresh = descend(part) if part is not None else None
    assert same(joined(after, earlier, fresh), descend(after))


def test_only_what_changed_is_run() -> None:
    earlier = descend(SPEC)
    assert missing(SPEC, earlier) is None
    assert missing(replace(SPEC, starts=GRID[::-1], methods=SPEC.methods[::-1]), earlier) is None
    assert work(missing(replace(SPEC, starts=MOVED), earlier)) == 2 * 200
    assert work(missing(replace(SPEC, methods=(SPEC.methods[0], method("adam", 0.2))), earlier)) == 12 * 200
    assert missing(replace(SPEC, tolerance=1e-3), earlier) == replace(SPEC, tolerance=1e-3)
    assert missing(SPEC, None) == missing(SPEC, Trajectories(SPEC, ())) == SPEC


@pytest.mark.parametrize("size", [0, 7])
@pytest.mark.parametrize("change", [{"starts": ((1.0, 0.5), (0.3, 0.2))}, {"methods": SPEC.methods[:1]}])
def test_runs_over_samples_are_kept_too(size: int, change: dict) -> None:  # type: ignore[type-arg]
    """The paths over samples are computed side by side: which others are beside one changes nothing."""
    place = SurfaceSpec("linear_regression_raw")
    before = replace(SPEC, surface=place, starts=((1.0, 0.5), (0.1, -0.2)), steps=40, batch_size=size)
    after = replace(before, **change)
    earlier = descend(before)
    part = missing(after, earlier)
    fresh = descend(part) if part is not None else None
    assert same(joined(after, earlier, fresh), descend(after))
