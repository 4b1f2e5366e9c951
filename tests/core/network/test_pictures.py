"""Pictures of what is learned equal what is computed directly from the network's parameters."""

import numpy as np
import pytest
from msgspec import structs

from core.choice import Choice
from core.data.transform import fit
from core.network.generalization import generalization_gap
from core.network.pictures import (
    area_around,
    boundary,
    confusion,
    first_weights,
    most_wrong,
    probabilities,
)
from core.network.spec import NetworkSpec
from core.training import TrainingRun, TrainingSpec, Variant, alike
from core.training.learned import GRID, MOST_WRONG

NETWORKS = [
    NetworkSpec(layers=2, units=6, activation=Choice("tanh")),
    NetworkSpec(layers=3, units=5, activation=Choice("relu"), batch_norm="before"),
    NetworkSpec(layers=2, units=7, activation=Choice("prelu"), batch_norm="after"),
]


def trained(dataset: str, network: NetworkSpec = NETWORKS[1], epochs: int = 2) -> TrainingRun:
    variants = alike((Choice("xavier_normal"), Choice("he_normal")), network=network)
    run = TrainingRun(TrainingSpec(Choice(dataset), variants, batch_size=32, epochs=epochs, dtype="float64"))
    while not run.finished:
        run.step()
    return run


def network_of(run: TrainingRun):
    return run._trainees[0].network


def softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max())
    return powers / powers.sum()


@pytest.mark.parametrize("spec", NETWORKS, ids=["plain", "norm before", "norm after"])
def test_probabilities_are_the_softmax_of_every_sample_alone(spec: NetworkSpec) -> None:
    """In evaluation mode a sample's probabilities do not depend on the others of its batch."""
    run = trained("blobs", spec)
    inputs = run.data.validation_inputs
    found = probabilities(network_of(run), np.tile(inputs, (5, 1)))
    alone = [softmax(network_of(run).forward(x[None], training=False)[0]) for x in inputs[:40]]
    np.testing.assert_allclose(found[:40], alone, rtol=1e-10)
    np.testing.assert_allclose(found[len(inputs) : 2 * len(inputs)], found[: len(inputs)], rtol=1e-12)
    np.testing.assert_allclose(found.sum(axis=1), 1.0, rtol=1e-12)


def test_they_agree_with_the_run_s_own_accuracy() -> None:
    run = trained("digits")
    found = probabilities(network_of(run), run.data.validation_inputs)
    right = (found.argmax(axis=1) == run.data.validation_labels).mean()
    assert right == pytest.approx(run.records[-2].validation_accuracy)
    chosen = found[np.arange(len(found)), run.data.validation_labels]
    assert -np.log(chosen).mean() == pytest.approx(run.records[-2].validation_loss, rel=1e-9)


def test_with_squared_error_logits_are_taken_as_they_are() -> None:
    run = trained("blobs", NetworkSpec(layers=1, units=8, loss="squared_error"), epochs=20)
    inputs, labels = run.data.validation_inputs, run.data.validation_labels
    found = probabilities(network_of(run), inputs)
    logits = np.array([network_of(run).forward(x[None], training=False)[0].copy() for x in inputs])
    np.testing.assert_allclose(found, logits / np.maximum(logits.max(axis=1, keepdims=True), 1.0), rtol=1e-9)
    assert found.max() <= 1.0
    assert (found.argmax(axis=1) == labels).mean() == pytest.approx(run.records[-2].validation_accuracy)


def test_weights_on_principal_axes_are_turned_back_to_the_features() -> None:
    variant = Variant(NETWORKS[0], preprocessing="pca")
    run = TrainingRun(TrainingSpec(Choice("digits"), (variant,), epochs=0, dtype="float64"))
    network, weights = network_of(run), run.learned(0).weights
    raw, turned = run.data.raw, run.data.transform
    bright = raw.training_inputs[:1].copy()
    bright[0, 20] += 1.0
    pre = [
        network.layers[0].forward(turned.apply(x), training=False).copy()[0]
        for x in (raw.training_inputs[:1], bright)
    ]
    np.testing.assert_allclose(weights[:, 20], pre[1] - pre[0], rtol=1e-4, atol=1e-6)


def test_every_place_of_a_boundary_is_what_the_network_says_there() -> None:
    run = trained("moons")
    network, scale = network_of(run), run.data.transform
    area = (-1.5, 2.5, -1.0, 1.5)
    picture = boundary(network, area, 9, scale.apply)
    for row, y in enumerate(np.linspace(-1.0, 1.5, 9)):
        for column, x in enumerate(np.linspace(-1.5, 2.5, 9)):
            place = (np.array([[x, y]]) - scale.mean) / scale.std
            expected = softmax(network.forward(place, training=False)[0])
            assert picture.classes[row, column] == expected.argmax()
            assert picture.confidence[row, column] == pytest.approx(expected.max(), rel=1e-6)


def test_an_area_holds_its_points_with_room_around_them() -> None:
    points = np.array([[0.0, 5.0], [10.0, 5.0]])
    assert area_around(points) == pytest.approx((-0.8, 10.8, 4.92, 5.08))


def test_the_first_layer_s_weights_are_those_that_make_its_pre_activations() -> None:
    run = trained("digits", NETWORKS[0])
    network = network_of(run)
    weights = first_weights(network, 4)
    assert weights.shape == (4, 64)
    zero, one = np.zeros((1, 64)), np.zeros((1, 64))
    one[0, 13] = 1.0
    pre = [network.layers[0].forward(x, training=False).copy()[0] for x in (zero, one)]
    np.testing.assert_allclose(weights[:, 13], (pre[1] - pre[0])[:4], rtol=1e-6)
    network.vector.values[:] = 0
    assert weights.any(), "a copy"


def test_a_confusion_matrix_counts_every_sample_once() -> None:
    labels, predicted = np.array([0, 0, 1, 2, 2, 2, 1]), np.array([0, 2, 1, 2, 2, 0, 1])
    counts = confusion(labels, predicted, 4)
    expected = np.zeros((4, 4), int)
    for true, guess in zip(labels, predicted, strict=True):
        expected[true, guess] += 1
    np.testing.assert_array_equal(counts, expected)


def test_the_most_confident_mistakes_come_first() -> None:
    found = np.array([[0.9, 0.1], [0.2, 0.8], [0.4, 0.6], [0.01, 0.99], [np.nan, np.nan], [0.6, 0.4]])
    labels = np.array([0, 0, 0, 0, 0, 1])
    wrong = most_wrong(found, labels, 3)
    assert [(w.index, w.true, w.predicted, w.probability) for w in wrong] == [
        (3, 0, 1, 0.99), (1, 0, 1, 0.8), (2, 0, 1, 0.6),
    ]  # fmt: skip
    assert most_wrong(found[:1], labels[:1], 3) == ()


def test_a_run_s_pictures_are_of_its_validation_set_and_change_nothing() -> None:
    run = trained("digits", epochs=1)
    before = network_of(run).vector.values.copy()
    seen = run.learned(0)
    np.testing.assert_array_equal(network_of(run).vector.values, before)
    labels = run.data.validation_labels
    found = probabilities(network_of(run), run.data.validation_inputs)
    np.testing.assert_array_equal(seen.confusion.sum(axis=1), np.bincount(labels))
    assert np.trace(seen.confusion) == (found.argmax(axis=1) == labels).sum()
    assert seen.boundary is None
    assert (seen.samples, seen.of) == (len(labels), len(labels))
    assert len(seen.wrong) == min(MOST_WRONG, int((found.argmax(axis=1) != labels).sum()))
    for sample, pixels in zip(seen.wrong, seen.wrong_inputs, strict=True):
        np.testing.assert_allclose(pixels, pixels.round(), atol=1e-9)  # as read: whole, 0 to 16
        assert pixels.min() >= -1e-9
        assert pixels.max() <= 16 + 1e-9
        assert labels[sample.index] == sample.true != sample.predicted
    assert run.learned(1).name == "he_normal"


def test_two_features_bring_a_boundary_and_the_points_as_they_were() -> None:
    run = trained("moons")
    seen = run.learned(0)
    assert seen.boundary is not None
    assert seen.boundary.classes.shape == (GRID, GRID)
    np.testing.assert_allclose(
        run.data.transform.apply(seen.points), run.data.training_inputs[: len(seen.points)], atol=1e-12
    )
    x, y = np.linspace(*seen.boundary.area[:2], GRID), np.linspace(*seen.boundary.area[2:], GRID)
    cells = seen.boundary.classes[
        np.abs(y - seen.points[:, 1:]).argmin(axis=1), np.abs(x - seen.points[:, :1]).argmin(axis=1)
    ]
    agreement = (cells == seen.labels).mean()
    assert agreement == pytest.approx(run.records[-2].training_accuracy, abs=0.04)


def test_a_network_that_overflows_still_has_pictures() -> None:
    run = trained("moons", epochs=0)
    network_of(run).vector.values[:] = np.inf
    seen = run.learned(0)
    assert seen.confusion.sum() == 0
    assert seen.wrong == ()
    assert np.isnan(seen.boundary.confidence).all()


@pytest.mark.parametrize(
    ("figures", "kind", "words"),
    [
        ((0.01, 1.0, 0.02, 0.99, 400, 10), "none", "no gap beyond chance (± 1.1 points)."),
        ((0.01, 1.0, 0.6, 0.99, 400, 10), "none", "too sure of what it gets wrong."),
        ((0.01, 1.0, 0.9, 0.8, 400, 10), "gap", "a gap of 20.0 points, it memorizes."),
        ((0.5, 0.8, 0.2, 0.95, 400, 10), "reverse", "validation is better:"),
        ((2.3, 0.11, 2.3, 0.09, 400, 10), "nothing", "nothing learned yet, chance is 10.0 %."),
        ((float("nan"), 0.1, 2.3, 0.1, 400, 10), "unknown", "nothing to compare."),
        ((0.01, 1.0, 0.3, 0.9, 20, 2), "none", "no gap beyond chance (± 15.3 points)."),
    ],
)
def test_the_gap_is_read_with_its_error(figures: tuple, kind: str, words: str) -> None:
    gap = generalization_gap(*figures)
    assert gap.kind == kind
    assert words in gap.sentence


def test_the_error_is_that_of_a_binomial_share() -> None:
    draws = np.random.default_rng(0).binomial(400, 0.9, 20_000) / 400
    gap = generalization_gap(0.1, 1.0, 0.1, 0.9, 400, 10)
    assert gap.error == pytest.approx(100 * draws.std(), rel=0.03)


def test_each_variant_is_seen_through_its_own_preprocessing() -> None:
    first, second = alike((Choice("xavier_normal"), Choice("he_normal")), network=NETWORKS[0])
    variants = (first, structs.replace(second, preprocessing="whitening"))
    run = TrainingRun(TrainingSpec(Choice("moons"), variants, batch_size=32, epochs=1, dtype="float64"))
    while not run.finished:
        run.step()
    for place, kind in enumerate(("standardize", "whitening")):
        seen = run.learned(place)
        assert seen.boundary is not None
        own = fit(run.data.raw.training_inputs, kind)
        x, y = np.linspace(*seen.boundary.area[:2], GRID)[7], np.linspace(*seen.boundary.area[2:], GRID)[50]
        logits = run._trainees[place].network.forward(own.apply(np.array([[x, y]])), training=False)[0]
        assert seen.boundary.confidence[50, 7] == pytest.approx(softmax(logits).max(), rel=1e-6)
        right = np.trace(seen.confusion) / seen.confusion.sum()
        assert right == pytest.approx(run.frame().networks[place].record.validation_accuracy)
