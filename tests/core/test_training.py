"""Training runs: specs, steps, frames, records, divergence."""

import math
import pickle
from itertools import pairwise

import msgspec
import numpy as np
import pytest

from core.choice import Choice
from core.data.preprocessing import prepare
from core.errors import InputError
from core.network.initializer import INITIALIZERS
from core.network.statistics import KINDS
from core.optimizer import OPTIMIZERS, MethodSpec, network_optimizers
from core.schedule import learning_rates
from core.training import (
    NETWORK_HYPERPARAMETERS,
    PROBE_SAMPLES,
    TRAINING_HYPERPARAMETERS,
    VARIANT_HYPERPARAMETERS,
    NetworkSpec,
    TrainingRun,
    TrainingSpec,
    Variant,
    train,
)
from tests.training_specs import training

SMALL = training(
    dataset=Choice("moons", {"samples": 100}),
    network=NetworkSpec(layers=2, units=8, activation=Choice("tanh"), batch_norm="before"),
    initializers=(Choice("xavier_normal"), Choice("small_normal")),
    method=MethodSpec(Choice("adam", {"learning_rate": 0.01})),
    batch_size=32,
    epochs=3,
)


def changed(**fields):
    return training(SMALL, **fields)


def with_network(**fields):
    return changed(network=msgspec.structs.replace(SMALL.variants[0].network, **fields))


def run_to_the_end(spec: TrainingSpec) -> TrainingRun:
    run = TrainingRun(spec)
    while not run.finished:
        run.step()
    return run


def parameters(run: TrainingRun) -> list[np.ndarray]:
    return [trainee.network.vector.values.copy() for trainee in run._trainees]


# ------------------------------------------------------------ the stream


def test_records_begin_before_the_first_step_and_follow_every_epoch():
    run = run_to_the_end(SMALL)
    places = [(r.name, r.epoch, r.step) for r in run.records]
    assert places == [
        (name, epoch, 3 * epoch) for epoch in range(4) for name in ("xavier_normal", "small_normal")
    ]
    assert (run.step_index, run.steps, run.epoch, run.steps_per_epoch) == (9, 9, 3, 3)


def test_stream_has_a_frame_at_the_start_and_after_every_epoch():
    frames = list(train(SMALL))
    assert [frame.step for frame in frames] == [0, 3, 6, 9]
    assert [frame.finished for frame in frames] == [False, False, False, True]
    outcomes = [network.outcome for frame in frames for network in frame.networks[:1]]
    assert outcomes == ["ready", "training", "training", "completed"]
    assert [frame.networks[0].record.epoch for frame in frames] == [0, 1, 2, 3]


def test_steps_after_the_end_do_nothing():
    run = run_to_the_end(SMALL)
    before = parameters(run)
    run.step()
    assert run.step_index == 9
    assert all(map(np.array_equal, before, parameters(run)))


def test_no_epochs_show_the_networks_as_initialized():
    run = TrainingRun(changed(epochs=0))
    assert run.finished
    assert len(run.records) == 2
    assert run.frame().networks[0].outcome == "ready"


def test_each_epoch_takes_every_sample_once_in_a_new_order():
    run = TrainingRun(SMALL)
    orders = []
    for _ in range(2):
        taken = []
        for _ in range(run.steps_per_epoch):
            x, _ = run._feed(SMALL.variants[0]).batch(run._next_samples())
            taken.append(x.copy())
            run.step_index += 1
        orders.append(np.concatenate(taken))
    everything = run.data.training_inputs.astype(np.float32)
    for order in orders:
        np.testing.assert_array_equal(np.sort(order, axis=0), np.sort(everything, axis=0))
    assert not np.array_equal(*orders)


@pytest.mark.parametrize(
    ("batch_norm", "batch_size", "steps"),
    [("off", 80, 1), ("off", 79, 2), ("before", 79, 1), ("after", 39, 3), ("off", 1, 80), ("before", 78, 2)],
)
def test_last_batch_is_smaller_and_a_single_sample_is_left_out_with_batch_norm(batch_norm, batch_size, steps):
    spec = msgspec.structs.replace(with_network(batch_norm=batch_norm), batch_size=batch_size, epochs=1)
    run = run_to_the_end(spec)
    assert run.steps_per_epoch == run.step_index == steps
    assert all(math.isfinite(record.training_loss) for record in run.records)


# ------------------------------------------------------------ seeds


def test_same_seed_same_run_to_the_last_bit():
    first, second = run_to_the_end(SMALL), run_to_the_end(SMALL)
    assert first.records == second.records
    assert all(map(np.array_equal, parameters(first), parameters(second)))
    assert first.records != run_to_the_end(changed(seed=1)).records


def test_the_seed_reaches_weights_data_and_order():
    first, other = TrainingRun(SMALL), TrainingRun(changed(seed=1))
    assert not np.array_equal(parameters(first)[0], parameters(other)[0])
    assert not np.array_equal(first.data.training_inputs, other.data.training_inputs)
    digits = [TrainingRun(changed(dataset=Choice("digits"), seed=seed)) for seed in (0, 1)]
    assert not np.array_equal(*(run.data.training_labels[run._next_samples()] for run in digits))


def test_a_network_depends_on_no_other():
    together = run_to_the_end(SMALL)
    alone = run_to_the_end(changed(variants=SMALL.variants[1:]))
    assert alone.records == [r for r in together.records if r.name == "small_normal"]
    np.testing.assert_array_equal(parameters(alone)[0], parameters(together)[1])


def test_frames_change_nothing():
    plain = run_to_the_end(SMALL)
    watched = TrainingRun(SMALL)
    while not watched.finished:
        watched.frame()
        watched.step()
    assert plain.records == watched.records
    assert all(map(np.array_equal, parameters(plain), parameters(watched)))


def test_masks_are_the_same_whoever_looks_or_trains_beside():
    dropping = with_network(dropout=0.3, drop_connect=0.2)
    together = run_to_the_end(dropping)
    assert together.records != run_to_the_end(SMALL).records
    alone = TrainingRun(changed(variants=dropping.variants[1:]))
    while not alone.finished:
        alone.frame()
        alone.step()
    assert alone.records == [r for r in together.records if r.name == "small_normal"]


def test_default_weights_given_explicitly_are_another_name_but_a_run_of_its_own():
    spec = changed(initializers=(Choice("small_normal"), Choice("small_normal", {"std": 0.1})))
    assert [n.name for n in TrainingRun(spec).frame().networks] == ["small_normal", "small_normal:std=0.1"]
    assert [n.label for n in TrainingRun(spec).frame().networks] == ["Normal 0.01", "Normal 0.1"]


# ------------------------------------------------------------ frames


def test_frame_holds_all_layers_and_kinds_of_every_network():
    frame = TrainingRun(with_network(layers=3)).frame()
    for network in frame.networks:
        assert [(s.layer, s.kind) for s in network.statistics] == [(n, k) for n in (1, 2, 3) for k in KINDS]
        assert all(s.counts.sum() == 80 * 8 for s in network.statistics if s.kind in KINDS[:3])
        assert [s.counts.sum() for s in network.statistics if s.kind == "weight"] == [2 * 8, 8 * 8, 8 * 8]
        assert all(s.counts.sum() == 0 for s in network.statistics if s.kind == "update"), "no step yet"


def test_updates_of_a_frame_are_what_the_last_step_changed():
    run = TrainingRun(with_network(layers=3))
    run.step()
    before = run._trainees[0].network.weights.copy()
    run.step()
    change = run._trainees[0].network.weights - before
    cells = {(s.layer, s.kind): s for s in run.frame().networks[0].statistics}
    second = slice(2 * 8, 2 * 8 + 8 * 8)
    assert cells[2, "update"].std == pytest.approx(change[second].std(), rel=1e-5)
    assert cells[2, "update"].maximum == change[second].max()
    norms = np.linalg.norm(change[second]), np.linalg.norm(run._trainees[0].network.weights[second])
    for kind in KINDS:
        assert cells[2, kind].update_ratio == pytest.approx(norms[0] / norms[1], rel=1e-5)
        assert cells[2, kind].weight_norm == pytest.approx(norms[1], rel=1e-6)


def test_gradient_norms_of_a_frame_are_those_of_the_samples_that_it_shows():
    run = TrainingRun(with_network(layers=2))
    frame = run.frame()
    for trainee, network in zip(run._trainees, frame.networks, strict=True):
        feed = run._feed(trainee.variant)
        trainee.network.signals(feed.training[:PROBE_SAMPLES], feed.data.training_labels[:PROBE_SAMPLES])
        gradient = trainee.network.vector.gradient
        parts = gradient[: 2 * 8], gradient[2 * 8 : 2 * 8 + 8 * 8]
        for layer, part in enumerate(parts, start=1):
            norm = next(s.gradient_norm for s in network.statistics if s.layer == layer)
            assert norm == pytest.approx(float(np.linalg.norm(part)), rel=1e-5)


def test_probe_is_bounded_and_frames_are_small():
    names = ("zeros", "small_normal", "xavier_normal", "he_normal")
    network = NetworkSpec(layers=10, units=100, activation=Choice("relu"))
    frame = TrainingRun(training(network=network, initializers=tuple(map(Choice, names)))).frame()
    assert frame.networks[0].statistics[0].counts.sum() == PROBE_SAMPLES * 100
    assert PROBE_SAMPLES <= 512
    assert len(pickle.dumps(frame)) < 200_000


def test_gradients_of_a_frame_do_not_depend_on_the_batch_size():
    small, large = (TrainingRun(changed(batch_size=n)).frame().networks[0].statistics for n in (4, 80))
    assert [s.std for s in small] == [s.std for s in large]


def test_batch_loss_is_the_latest():
    run = TrainingRun(SMALL)
    assert math.isnan(run.frame().networks[0].batch_loss)
    run.step()
    assert run.frame().networks[0].batch_loss == pytest.approx(run.records[0].training_loss, rel=0.5)


# ------------------------------------------------------------ what training does


def test_digits_are_learned_in_a_few_epochs():
    spec = training(
        network=NetworkSpec(layers=2, units=64, activation=Choice("relu"), batch_norm="before"),
        initializers=(Choice("he_normal"),),
        method=MethodSpec(Choice("adam", {"learning_rate": 0.005})),
        batch_size=64,
        epochs=5,
    )
    assert run_to_the_end(spec).records[-1].validation_accuracy > 0.95


def accuracies(batch_norm: str, *initializers: str) -> list[float]:
    """Training accuracy of 10 tanh layers after six epochs, for each initializer."""
    spec = training(
        network=NetworkSpec(layers=10, units=50, activation=Choice("tanh"), batch_norm=batch_norm),
        initializers=tuple(map(Choice, initializers)),
        method=MethodSpec(Choice("adam", {"learning_rate": 0.003})),
        batch_size=64,
        epochs=6,
    )
    return [network.record.training_accuracy for network in [*train(spec)][-1].networks]


def test_without_batch_norm_only_a_deep_tanh_network_with_xaviers_weights_learns():
    small, large, xavier = accuracies("off", "small_normal", "large_normal", "xavier_normal")
    assert xavier > 0.9
    assert max(small, large) < 0.5


def test_batch_norm_before_the_activation_makes_all_of_them_trainable():
    assert min(accuracies("before", "small_normal", "large_normal", "xavier_normal")) > 0.8


def test_batch_norm_after_the_activation_comes_too_late_for_saturated_units():
    small, large, xavier = accuracies("after", "small_normal", "large_normal", "xavier_normal")
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


# ------------------------------------------------------------ divergence


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


# ------------------------------------------------------------ specs


def test_spec_goes_to_json_and_back():
    assert msgspec.json.decode(msgspec.json.encode(SMALL), type=TrainingSpec) == SMALL
    assert SMALL.checked() == SMALL
    assert (TrainingSpec().checked()) == TrainingSpec()


BAD = {
    "layers": with_network(layers=51),
    "units": with_network(units=0),
    "batch_norm": with_network(batch_norm="beside"),
    "activation": with_network(activation=Choice("tahn")),
    "slope": with_network(activation=Choice("leaky_relu", {"slope": 2})),
    "initializer": changed(initializers=(Choice("xavier_nomal"),)),
    "std": changed(initializers=(Choice("small_normal", {"std": math.nan}),)),
    "dataset": changed(dataset=Choice("digit")),
    "optimizer": changed(method=MethodSpec(Choice("adamm"))),
    "schedule": changed(method=MethodSpec(Choice("adam"), Choice("cosin"))),
    "learning_rate": changed(method=MethodSpec(Choice("adam", {"learning_rate": 0}))),
    "batch_size": changed(batch_size=0),
    "epochs": changed(epochs=-1),
    "l2": changed(l2=-0.1),
    "seed": changed(seed=-1),
    "dtype": changed(dtype="float16"),
}


@pytest.mark.parametrize("field", BAD)
def test_bad_input_names_its_field_in_a_sentence(field):
    with pytest.raises(InputError) as error:
        TrainingRun(BAD[field])
    assert error.value.field == field
    sentence = str(error.value)
    assert sentence.endswith((".", "?"))
    assert "\n" not in sentence


@pytest.mark.parametrize("wrong", ["xavier_nomal", "tahn", "digit"])
def test_unknown_names_suggest_the_nearest(wrong):
    right = {"xavier_nomal": "xavier_normal", "tahn": "tanh", "digit": "digits"}[wrong]
    spec = next(spec for spec in BAD.values() if wrong in str(spec))
    with pytest.raises(InputError, match=f"did you mean '{right}'"):
        spec.checked()


def test_a_batch_larger_than_the_data_names_the_training_sets_size():
    with pytest.raises(InputError, match=r"at most 80, the size of the training set, not 81\.") as error:
        changed(batch_size=81).checked()
    assert error.value.field == "batch_size"


def test_a_batch_of_one_has_no_variance_to_normalize_with():
    with pytest.raises(InputError, match="at least 2 with batch norm") as error:
        changed(batch_size=1).checked()
    assert error.value.field == "batch_size"
    assert msgspec.structs.replace(with_network(batch_norm="off"), batch_size=1).checked().batch_size == 1


def test_what_no_memory_would_hold_is_refused():
    spec = changed(
        dataset=Choice("moons", {"samples": 20_000}),
        network=NetworkSpec(layers=50, units=512),
        batch_size=16_000,
    )
    with pytest.raises(InputError, match="would take about 7 GB of memory, more than 4 GB") as error:
        spec.checked()
    assert error.value.field == "units"
    largest = NetworkSpec(layers=50, units=512)
    changed(network=largest, initializers=tuple(map(Choice, list(INITIALIZERS)[:8])), batch_size=80).checked()


def test_runs_of_too_many_steps_are_refused():
    with pytest.raises(InputError, match=r"5000 epochs would be .* steps, more than 2,000,000") as error:
        changed(dataset=Choice("digits"), batch_size=2, epochs=5_000).checked()
    assert error.value.field == "epochs"


@pytest.mark.parametrize(("count", "words"), [(0, "at least one network"), (9, "9 networks .* up to 8")])
def test_there_is_a_network_and_not_too_many(count, words):
    with pytest.raises(InputError, match=words) as error:
        changed(variants=SMALL.variants[:1] * count).checked()
    assert error.value.field == "variants"


@pytest.mark.parametrize("network", [NetworkSpec(layers=1, units=1), NetworkSpec(layers=50, units=2)])
@pytest.mark.parametrize("batch_norm", ["off", "before", "after"])
def test_extreme_shapes_run(network, batch_norm):
    network = msgspec.structs.replace(network, batch_norm=batch_norm)
    run = run_to_the_end(changed(network=network, epochs=1))
    assert run.frame().networks[0].outcome == "completed"


def test_widest_and_deepest_network_makes_a_step():
    spec = changed(network=NetworkSpec(layers=50, units=512), initializers=(Choice("he_normal"),), epochs=1)
    run = TrainingRun(spec)
    run.step()
    assert len(run.frame().networks[0].statistics) == 250


def test_every_number_of_the_specs_is_described():
    tables = {TrainingSpec: TRAINING_HYPERPARAMETERS, Variant: VARIANT_HYPERPARAMETERS,
              NetworkSpec: NETWORK_HYPERPARAMETERS}  # fmt: skip
    for owner, table in tables.items():
        assert {p.name: p.default for p in table} == {
            name: getattr(owner(), name)
            for name, kind in owner.__annotations__.items() if kind in (int, float, str, bool)
        }  # fmt: skip


def test_every_initializer_trains():
    for some in (list(INITIALIZERS)[:8], list(INITIALIZERS)[8:]):
        run = run_to_the_end(changed(initializers=tuple(map(Choice, some)), epochs=1))
        assert {network.outcome for network in run.frame().networks} == {"completed"}


def test_validation_data_never_train():
    data = prepare(SMALL.dataset, SMALL.seed)
    trained = {tuple(row) for row in data.training_inputs}
    assert not trained & {tuple(row) for row in data.validation_inputs}


def test_steps_of_an_epoch_are_in_order():
    run = run_to_the_end(SMALL)
    mine = [r.step for r in run.records if r.name == "xavier_normal"]
    assert all(later - earlier == run.steps_per_epoch for earlier, later in pairwise(mine))
