"""Training runs: the stream of records and frames, and what they depend on."""

import math
import pickle
from itertools import pairwise

import msgspec
import numpy as np
import pytest

from core.choice import Choice
from core.network.statistics import KINDS
from core.training import PROBE_SAMPLES, NetworkSpec, TrainingRun, train
from core.training.sampler import Sampler
from tests.core.training_runs import SMALL, changed, parameters, run_to_the_end, with_network
from tests.training_specs import training


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
    sampler = Sampler(SMALL)
    orders = []
    for epoch in range(2):
        taken = []
        for step in range(epoch * sampler.steps_per_epoch, (epoch + 1) * sampler.steps_per_epoch):
            ((x, _),) = sampler.batches(step).values()
            taken.append(x.copy())
        orders.append(np.concatenate(taken))
    everything = sampler.data.training_inputs.astype(np.float32)
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


def test_same_seed_same_run_to_the_last_bit():
    first, second = run_to_the_end(SMALL), run_to_the_end(SMALL)
    assert first.records == second.records
    assert all(map(np.array_equal, parameters(first), parameters(second)))
    assert first.records != run_to_the_end(changed(seed=1)).records


def test_the_seed_reaches_weights_data_and_order():
    first, other = TrainingRun(SMALL), TrainingRun(changed(seed=1))
    assert not np.array_equal(parameters(first)[0], parameters(other)[0])
    assert not np.array_equal(first.data.training_inputs, other.data.training_inputs)
    digits = [Sampler(changed(dataset=Choice("digits"), seed=seed)) for seed in (0, 1)]
    first_labels = [labels for sampler in digits for _, labels in sampler.batches(0).values()]
    assert not np.array_equal(*first_labels)


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
        feed = run._sampler.feed(trainee.variant)
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


def test_steps_of_an_epoch_are_in_order():
    run = run_to_the_end(SMALL)
    mine = [r.step for r in run.records if r.name == "xavier_normal"]
    assert all(later - earlier == run.steps_per_epoch for earlier, later in pairwise(mine))
