"""Mini-batches: torch takes the same steps; gradients average to the full one and scatter as they should."""

import json
import math
from pathlib import Path

import msgspec
import numpy as np
import pytest

from core.batches import batches, check_batch_size, cloud, samples_seen, steps_per_epoch
from core.choice import Choice
from core.descent import DescentSpec, descend, descend_again
from core.errors import InputError
from core.optimizer import OPTIMIZERS, MethodSpec
from core.surface import Surface, SurfaceSpec, surface, surfaces

FIXTURES = np.load(Path(__file__).parents[1] / "fixtures" / "batches.npz")
ABOUT = json.loads(str(FIXTURES["about"]))
RATES = {"sgd": 0.3, "momentum": 0.05, "adam": 0.1}
MADE_OF_DATA = [key for key, entry in surfaces().items() if entry.data is not None]
LOGISTIC = SurfaceSpec("logistic_regression")


def place(key: str) -> Surface:
    return surface(SurfaceSpec(key))


def spec(
    key: str = "logistic_regression", size: int = 4, methods: str = "sgd adam", **changes: object
) -> DescentSpec:
    rates = surfaces()[key].learning_rates
    chosen = tuple(MethodSpec(Choice(each, {"learning_rate": rates[each]})) for each in methods.split())
    blank = DescentSpec(
        SurfaceSpec(key), chosen, surfaces()[key].starts[:1], steps=50, seed=3, batch_size=size
    )
    return msgspec.structs.replace(blank, **changes)


@pytest.mark.parametrize(("index", "key", "size"), [(i, *case) for i, case in enumerate(ABOUT["cases"])])
def test_every_step_is_the_one_that_torch_takes_with_the_same_batch(index: int, key: str, size: int) -> None:
    method = MethodSpec(Choice(key, {"learning_rate": RATES[key]}))
    steps = FIXTURES["points"].shape[1] - 1
    asked = DescentSpec(
        LOGISTIC, (method,), (tuple(ABOUT["start"]),), steps, seed=ABOUT["seed"], batch_size=size
    )
    run = descend(asked).runs[0]
    np.testing.assert_allclose(run.points, FIXTURES["points"][index], rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(run.losses, FIXTURES["losses"][index], rtol=1e-12)


@pytest.mark.parametrize("size", [1, 7, 8, 64])
@pytest.mark.parametrize("key", MADE_OF_DATA)
def test_the_mini_batches_of_whole_epochs_average_to_the_full_gradient(key: str, size: int) -> None:
    here, count = place(key), place(key).mean.samples.count
    for x, y in surfaces()[key].starts:
        found = cloud(here, x, y, min(size, count))
        full = np.array(here.gradient(x, y))
        mean = (found.gradients * found.sizes[:, None]).sum(axis=0) / found.sizes.sum()
        scale = np.abs(here.mean.sample_gradients(x, y)).max()
        np.testing.assert_allclose(mean, full, rtol=1e-12, atol=1e-13 * scale)
        np.testing.assert_allclose(found.full, full, rtol=1e-12, atol=1e-13 * scale)
        assert found.sizes.sum() % count == 0


@pytest.mark.parametrize("size", [1, 2, 4, 8, 16])
def test_the_spread_of_mini_batch_gradients_falls_with_the_root_of_their_size(size: int) -> None:
    here = place("positive_inputs")
    each = here.mean.sample_gradients(2.0, -1.0)
    count = len(each)
    found = cloud(here, 2.0, -1.0, size, seed=1, most=40_000).gradients
    without_repeats = math.sqrt((count - size) / (count - 1))
    np.testing.assert_allclose(
        found.std(axis=0), each.std(axis=0) / math.sqrt(size) * without_repeats, rtol=0.03
    )


def test_one_batch_of_all_samples_has_no_noise() -> None:
    for size in (0, 64):
        found = cloud(place("positive_inputs"), 1.0, 1.0, size)
        assert found.gradients.shape == (1, 2)
        np.testing.assert_allclose(found.gradients[0], found.full, rtol=1e-13)


def test_positive_inputs_pull_both_weights_the_same_way_for_every_sample() -> None:
    for x, y in ((-4.0, 4.0), (0.0, 0.0), (3.0, -2.0)):
        each = place("positive_inputs").mean.sample_gradients(x, y)
        assert (np.sign(each[:, 0]) == np.sign(each[:, 1])).all()


def test_every_epoch_goes_through_all_samples_once_in_an_order_of_its_own() -> None:
    values = np.arange(10.0)[None, :]
    stream = batches(values, 4, seed=1)
    epochs = [[next(stream)[0].tolist() for _ in range(3)] for _ in range(4)]
    orders = [[sample for batch in epoch for sample in batch] for epoch in epochs]
    for epoch, order in zip(epochs, orders, strict=True):
        assert [len(batch) for batch in epoch] == [4, 4, 2]
        assert sorted(order) == values[0].tolist()
    assert len({tuple(order) for order in orders}) == 4
    again = batches(values, 4, seed=1)
    assert [next(again)[0].tolist() for _ in range(3)] == epochs[0]


@pytest.mark.parametrize(
    ("size", "seen"), [(0, [0, 10, 20, 30, 40]), (4, [0, 4, 8, 10, 14]), (5, [0, 5, 10, 15, 20])]
)
def test_the_samples_seen_count_the_smaller_last_batch(size: int, seen: list[int]) -> None:
    assert samples_seen(10, size, 4).tolist() == seen
    assert steps_per_epoch(10, size) == {0: 1, 4: 3, 5: 2}[size]


@pytest.mark.parametrize("key", MADE_OF_DATA)
def test_a_run_is_the_same_alone_and_among_others(key: str) -> None:
    methods = " ".join(OPTIMIZERS)
    for size in (0, 5):
        together = descend(spec(key, size, methods, starts=surfaces()[key].starts, noise=0.01)).runs
        for run in together:
            (alone,) = descend(
                msgspec.structs.replace(run.spec, methods=(run.method,), starts=run.spec.starts)
            ).runs[run.start_index : run.start_index + 1]
            np.testing.assert_array_equal(run.points, alone.points)


def test_what_is_recorded_is_the_loss_and_the_gradient_of_all_samples() -> None:
    run, here = descend(spec()).runs[0], place("logistic_regression")
    loss, gradient_x, gradient_y = here.loss_and_gradient(*run.points.T)
    np.testing.assert_array_equal(run.losses, loss)
    np.testing.assert_array_equal(run.gradient_norms, np.hypot(gradient_x, gradient_y))


def test_a_batch_of_all_samples_is_no_batch_at_all() -> None:
    count = place("logistic_regression").mean.samples.count
    whole, none = (descend(spec(size=size)) for size in (count, 0))
    assert whole.spec.batch_size == 0
    np.testing.assert_array_equal(whole.runs[0].points, none.runs[0].points)


def test_the_seed_decides_the_batches() -> None:
    first, same, other = (descend(spec(seed=seed)).runs[0].points for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, same)
    assert (first[1:] != other[1:]).all()


def test_the_state_is_that_of_the_run_with_its_batches() -> None:
    run = descend(spec(methods="momentum")).runs[0]
    steps = np.diff(run.points, axis=0)
    np.testing.assert_allclose(steps, run.state["velocity"][1:], rtol=1e-9, atol=1e-12)


def test_another_rate_sees_the_same_batches() -> None:
    run = descend(spec(methods="sgd", noise=0.1)).runs[0]
    again = descend_again(run, float(run.values["learning_rate"]))
    np.testing.assert_array_equal(run.points, again.points)


def test_a_run_that_diverges_is_a_result_with_a_sentence_and_leaves_the_others_alone() -> None:
    wild = MethodSpec(Choice("sgd", {"learning_rate": 10.0}))
    calm = MethodSpec(Choice("sgd", {"learning_rate": 1e-3}))
    asked = msgspec.structs.replace(spec("linear_regression_raw", 5, steps=400), methods=(wild, calm))
    gone, held = descend(asked).runs
    assert (gone.outcome, held.outcome) == ("diverged", "completed")
    assert np.isfinite(gone.points).all()
    assert gone.step == len(gone.points)
    assert "Diverged at step" in gone.message
    assert len(held.points) == 401


@pytest.mark.parametrize(
    ("key", "size", "sentence"),
    [
        ("himmelblau", 4, "Mini-batches need a surface made of data"),
        ("logistic_regression", 24, "batch size must be at most 23, the number of samples, not 24."),
        ("logistic_regression", -1, "batch size must be a number from 0 up to 10,000, not -1."),
        ("logistic_regression", 2.5, "batch size must be a whole number, not 2.5."),
        ("logistic_regression", "few", "'few' is not one"),
    ],
)
def test_a_batch_size_that_makes_no_sense_is_refused(key: str, size: object, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence) as error:
        check_batch_size(place(key), size)
    assert error.value.field == "batch_size"


def test_a_run_on_a_formula_is_refused_a_batch_size() -> None:
    with pytest.raises(InputError, match="made of data"):
        descend(spec("himmelblau", 4))
