"""What is noted at every step, thinned and smoothed."""

import math

import numpy as np
import pytest

from core.choice import Choice
from core.optimizer import MethodSpec
from core.schedule import learning_rates
from core.training import NetworkSpec, TrainingRun, TrainingSpec, alike
from core.training.series import (
    BATCH_LOSS,
    GRADIENT_NORM,
    LEARNING_RATE,
    STEP,
    StepSeries,
    exponential_average,
)

SPEC = TrainingSpec(
    dataset=Choice("moons", {"samples": 100}),
    variants=alike(
        (Choice("xavier_normal"), Choice("he_normal")),
        network=NetworkSpec(layers=2, units=8, activation=Choice("tanh")),
        method=MethodSpec(Choice("sgd", {"learning_rate": 0.1}), Choice("cosine", {"warmup_steps": 3})),
    ),
    batch_size=30,
    epochs=4,
    dtype="float64",
)


def test_every_step_of_a_run_is_noted():
    run = TrainingRun(SPEC)
    seen = []
    while not run.finished:
        before = run._trainees[0].network.vector.values.copy()
        run.advance()
        moved = np.linalg.norm(run._trainees[0].network.vector.values - before)
        seen.append((run._trainees[0].batch_loss, moved))
        run.evaluate_if_due()
    rows = run.series["xavier_normal"].rows
    np.testing.assert_array_equal(rows[:, STEP], np.arange(1, run.steps + 1))
    np.testing.assert_array_equal(rows[:, BATCH_LOSS], [loss for loss, _ in seen])
    np.testing.assert_array_equal(
        rows[:, LEARNING_RATE], learning_rates(SPEC.variants[0].method.schedule, 0.1, run.steps)
    )
    by_norm = rows[:, LEARNING_RATE] * rows[:, GRADIENT_NORM]
    np.testing.assert_allclose(by_norm, [moved for _, moved in seen], rtol=1e-9, err_msg="plain descent")


def test_a_network_that_diverged_has_no_more_rows():
    wild = MethodSpec(Choice("sgd", {"learning_rate": 1e200}))
    variants = alike((Choice("he_normal"),), network=SPEC.variants[0].network, method=wild)
    run = TrainingRun(TrainingSpec(SPEC.dataset, (*variants, SPEC.variants[0]), 30, 4))
    while not run.finished:
        run.step()
    first, second = run.series.values()
    at = run.frame().networks[0].diverged_at
    assert first.last == at < second.last == run.steps


def filled(most: int, steps: int) -> StepSeries:
    series = StepSeries(most)
    for step in range(1, steps + 1):
        series.note(step, 10.0 * step, 0.5, 0.1)
    return series


@pytest.mark.parametrize("steps", [1, 16, 17, 100, 1000])
def test_a_long_series_is_thinned_evenly(steps):
    series = filled(16, steps)
    kept = series.rows[:, STEP]
    assert len(kept) <= 16
    assert series.last == steps
    np.testing.assert_array_equal(kept, np.arange(1, steps + 1, series.stride))
    np.testing.assert_array_equal(series.rows[:, BATCH_LOSS], 10 * kept)
    assert steps < 16 or len(kept) > 7, "no more is dropped than must be"


def test_increments_make_the_same_series():
    whole, copy, sent = StepSeries(64), StepSeries(16), 0
    for step in range(1, 301):
        whole.note(step, 1.0 / step, 0.5, 0.1)
        if step % 13 == 0:
            copy.extend(whole.after(sent))
            sent = step
    copy.extend(whole.after(sent))
    copy.extend(whole.after(300))
    np.testing.assert_array_equal(copy.rows, whole.rows[:: copy.stride // whole.stride])


def test_what_came_later_is_forgotten_and_noted_anew():
    series = filled(16, 40)
    series.forget_after(20)
    assert series.rows[-1, STEP] <= 20
    assert series.last == 20
    series.note(15, 0.0, 0.0, 0.0)
    assert 0.0 not in series.rows[:, BATCH_LOSS], "known already"
    for step in range(21, 41):
        series.note(step, 10.0 * step, 0.5, 0.1)
    np.testing.assert_array_equal(series.rows, filled(16, 40).rows)


@pytest.mark.parametrize("steps", [1, 2, 10, 200])
@pytest.mark.parametrize("count", [0, 1, 127, 128, 129, 1000])
def test_the_average_is_adams(steps, count):
    values = np.random.default_rng(0).normal(3, 1, count)
    expected, moment, beta = [], 0.0, 1 - 1 / steps
    for t, value in enumerate(values, start=1):
        moment = beta * moment + (1 - beta) * value
        expected.append(moment / (1 - beta**t))
    np.testing.assert_allclose(exponential_average(values, steps), expected, rtol=1e-10)


def test_averages_of_thinned_series_remember_as_many_steps():
    steps = np.arange(4000.0)
    slow = np.sin(steps / 1500)
    whole = exponential_average(slow, 200)[::4]
    thinned = exponential_average(slow[::4], 200, stride=4)
    np.testing.assert_allclose(thinned[200:], whole[200:], atol=2e-3)


def test_the_average_ends_where_numbers_do():
    values = np.array([1.0, 1.0, math.inf, 1.0])
    np.testing.assert_allclose(exponential_average(values, 5), [1.0, 1.0, math.nan, math.nan])
