"""What training does to networks: they learn, shrink, follow schedules, or diverge."""

import math
import pickle

import numpy as np
import pytest
from msgspec.structs import replace

from core.choice import Choice
from core.data.preprocessing import prepare
from core.network.initializer import INITIALIZERS
from core.network.statistics import KINDS
from core.optimizer import OPTIMIZERS, MethodSpec, network_optimizers
from core.schedule import learning_rates
from core.training import NetworkSpec, TrainingRun, TrainingSpec, train
from tests.core.training_runs import SMALL, changed, parameters, run_to_the_end, with_network
from tests.training_specs import training


def test_digits_are_learned_in_a_few_epochs():
    spec = training(
        network=NetworkSpec(layers=2, units=64, activation=Choice("relu"), batch_norm="before"),
        initializers=(Choice("he_normal"),),
        method=MethodSpec(Choice("adam", {"learning_rate": 0.005})),
        batch_size=64,
        epochs=5,
    )
    assert run_to_the_end(spec).records[-1].validation_accuracy > 0.95


RATES = {"small_normal": 0.0015, "xavier_normal": 0.003, "large_normal": 0.005}
"""What suits each: the same step turns small weights further."""


def accuracies(batch_norm: str, seed: int = 0) -> list[float]:
    """Training accuracy of 10 tanh layers after six epochs, for small, Xavier's and large weights."""
    spec = training(
        network=NetworkSpec(layers=10, units=50, activation=Choice("tanh"), batch_norm=batch_norm),
        initializers=tuple(map(Choice, RATES)),
        batch_size=64,
        epochs=6,
        seed=seed,
    )
    methods = (MethodSpec(Choice("adam", {"learning_rate": rate})) for rate in RATES.values())
    variants = [replace(each, method=method) for each, method in zip(spec.variants, methods, strict=True)]
    spec = replace(spec, variants=tuple(variants))
    return [network.record.training_accuracy for network in [*train(spec)][-1].networks]


def test_without_batch_norm_only_a_deep_tanh_network_with_xaviers_weights_learns():
    small, xavier, large = accuracies("off")
    assert xavier > 0.9
    assert max(small, large) < 0.5


def test_batch_norm_before_the_activation_makes_all_of_them_trainable():
    assert min(accuracies("before")) > 0.85


def test_batch_norm_after_the_activation_comes_too_late_for_saturated_units():
    small, xavier, large = accuracies("after")
    assert min(small, xavier) > 0.8
    assert large < 0.5


@pytest.mark.parametrize("batch_norm", ["off", "before", "after"])
def test_loss_starts_at_the_log_of_the_classes(batch_norm):
    network = NetworkSpec(layers=4, units=32, batch_norm=batch_norm)
    spec = training(network=network, initializers=(Choice("small_normal"),), epochs=0)
    [record] = TrainingRun(spec).records
    assert record.training_loss == pytest.approx(math.log(10), abs=0.02)
    assert record.validation_loss == pytest.approx(math.log(10), abs=0.02)


def test_running_statistics_start_at_those_of_the_data():
    """With the usual start (mean 0, variance 1) the untrained loss would be far from log(classes)."""
    spec = training(
        network=NetworkSpec(layers=4, units=32, activation=Choice("relu"), batch_norm="before"),
        initializers=(Choice("large_normal"),),
        epochs=0,
    )
    run = TrainingRun(spec)
    statistics = run._trainees[0].network.statistics
    assert statistics.running_var[0].mean() == pytest.approx(61, rel=0.1)  # 61 pixels change
    assert np.abs(statistics.running_mean[1:]).max() > 1


def test_l2_shrinks_weights_and_only_weights():
    free, decayed = (run_to_the_end(changed(l2=l2, epochs=20)) for l2 in (0.0, 0.1))
    norms = [np.linalg.norm(run._trainees[0].network.weights) for run in (free, decayed)]
    assert norms[1] < 0.7 * norms[0]


@pytest.mark.parametrize("optimizer", network_optimizers())
def test_every_optimizer_lowers_the_loss(optimizer):
    run = run_to_the_end(changed(method=MethodSpec(Choice(optimizer, {"learning_rate": 0.02})), epochs=5))
    first, *_, last = [r.training_loss for r in run.records if r.name == "xavier_normal"]
    assert last < first


def test_schedule_sets_the_rate_of_each_step():
    schedule = Choice("cosine", {"warmup_steps": 4})
    method = MethodSpec(Choice("sgd", {"learning_rate": 0.3}), schedule)
    run = TrainingRun(changed(method=method, variants=SMALL.variants[:1]))
    rates = learning_rates(schedule, 0.3, 9)
    assert len(set(rates)) > 5
    steps = [parameters(run)[0]]
    for rate in rates:
        run.step()
        steps.append(parameters(run)[0])
        moved = np.linalg.norm(steps[-1] - steps[-2])
        gradient = np.linalg.norm(run._trainees[0].network.vector.gradient)
        if run.step_index % run.steps_per_epoch:  # an evaluation leaves the gradient as it is
            assert moved == pytest.approx(rate * gradient, rel=1e-3)


@pytest.mark.parametrize("optimizer", ["momentum", "adam", "lion"])
def test_momentum_schedule_sets_the_momentum_of_each_step(optimizer):
    name = OPTIMIZERS[optimizer].momentum_name
    flat = Choice("linear", {"start": 0.7, "end": 0.7})
    rate = {"learning_rate": 0.01}
    constant = MethodSpec(Choice(optimizer, {**rate, name: 0.7}))
    ramps = [MethodSpec(Choice(optimizer, rate), momentum_schedule=r) for r in (flat, Choice("linear"))]
    ends = [parameters(run_to_the_end(changed(method=m, epochs=2)))[0] for m in (constant, *ramps)]
    np.testing.assert_array_equal(ends[0], ends[1])
    assert np.abs(ends[0] - ends[2]).max() > 1e-4


def test_float64_and_float32_agree_roughly_and_differ_in_digits():
    single, double = (run_to_the_end(changed(dtype=dtype)).records[-1] for dtype in ("float32", "float64"))
    assert single.training_loss == pytest.approx(double.training_loss, rel=1e-3)
    assert single.training_loss != double.training_loss


def diverging(rate: float, **fields) -> TrainingSpec:
    method = MethodSpec(Choice("sgd", {"learning_rate": rate}))
    spec = with_network(batch_norm="off", activation=Choice("relu"))
    return training(spec, method=method, **fields)


def test_a_network_that_diverges_stops_and_says_so_while_the_others_go_on():
    initializers = (Choice("large_normal", {"std": 1e10}), Choice("small_normal"))
    run = run_to_the_end(diverging(0.1, initializers=initializers))
    wild, calm = run.frame().networks
    assert (wild.outcome, calm.outcome) == ("diverged", "completed")
    assert wild.diverged_at >= 1
    assert f"at step {wild.diverged_at}" in wild.message
    assert "lower learning rate" in wild.message
    assert [r.epoch for r in run.records if r.name == calm.name] == [0, 1, 2, 3]
    assert max(r.epoch for r in run.records if r.name == wild.name) * 3 < wild.diverged_at


def test_weights_that_overflow_in_an_update_are_seen_in_the_same_step():
    run = TrainingRun(diverging(1e39))
    run.step()
    network = run.frame().networks[0]
    assert math.isfinite(network.batch_loss)
    assert network.diverged_at == 1
    assert "a weight" in network.message


def test_a_run_whose_networks_have_all_diverged_is_finished():
    frames = list(train(diverging(1e30, epochs=50)))
    assert frames[-1].finished
    assert frames[-1].step < 20
    assert all(network.outcome == "diverged" for network in frames[-1].networks)


@pytest.mark.parametrize(
    ("batch_norm", "dtype"),
    [("off", "float32"), ("off", "float64"), ("before", "float32"), ("after", "float32")],
)
def test_weights_that_overflow_are_reported_before_any_step(batch_norm, dtype):
    spec = diverging(
        0.1, initializers=(Choice("large_normal", {"std": 1e30}), Choice("he_normal")), dtype=dtype
    )
    spec = training(
        spec, network=NetworkSpec(layers=12, units=4, activation=Choice("relu"), batch_norm=batch_norm)
    )
    run = TrainingRun(spec)
    wild, calm = run.frame().networks
    assert (wild.outcome, wild.diverged_at, calm.outcome) == ("diverged", 0, "ready")
    assert wild.message.startswith("Diverged before the first step")
    run.step()
    assert run.frame().networks[1].outcome == "training"


def test_diverged_frames_pickle_and_keep_their_counts():
    run = run_to_the_end(diverging(1e30))
    frame = pickle.loads(pickle.dumps(run.frame()))
    assert sum(cell.non_finite for cell in frame.networks[0].statistics) > 0
    for cell in frame.networks[0].statistics:
        expected = 80 * 8 if cell.kind in KINDS[:3] else 2 * 8 if cell.layer == 1 else 8 * 8
        assert cell.counts.sum() + cell.non_finite == expected


def test_every_initializer_trains():
    for some in (list(INITIALIZERS)[:8], list(INITIALIZERS)[8:]):
        run = run_to_the_end(changed(initializers=tuple(map(Choice, some)), epochs=1))
        assert {network.outcome for network in run.frame().networks} == {"completed"}


def test_validation_data_never_train():
    data = prepare(SMALL.dataset, SMALL.seed)
    trained = {tuple(row) for row in data.training_inputs}
    assert not trained & {tuple(row) for row in data.validation_inputs}
