"""The checks of a network in training: right verdicts for networks whose trouble is known."""

import math

import numpy as np
import pytest
from msgspec.structs import replace

from core.checks import (
    CHECKS,
    check_gradient,
    check_initial_loss,
    check_memorizing,
    check_variant,
    find_rate,
    read_curves,
)
from core.checks.gradient import TOLERANCE, named_parameters
from core.checks.rate_range import MEMORY, average
from core.choice import Choice
from core.network.activation import ACTIVATIONS
from core.network.layers.dense import Dense
from core.network.spec import BATCH_NORM_PLACES, NetworkSpec
from core.optimizer import MethodSpec
from core.training import EpochRecord, TrainingSpec
from core.training.specimen import Specimen
from tests.training_specs import training

MOONS = Choice("moons", {"samples": 200})
SMALL = training(
    dataset=MOONS, initializers=(Choice("xavier_normal"),), network=NetworkSpec(layers=2, units=8),
    batch_size=20, epochs=5,
)  # fmt: skip


def small(activation: str = "tanh", initializer: str = "xavier_normal", **changes) -> TrainingSpec:
    network = replace(SMALL.variants[0].network, activation=Choice(activation), **changes)
    return training(SMALL, initializers=(Choice(initializer),), network=network)


# ---------------------------------------------------------------- initial loss


def test_the_loss_of_a_network_of_zeros_is_that_of_a_guess():
    found = check_initial_loss(training(initializers=(Choice("zeros"),)))
    assert found.outcome == "good"
    assert found.loss == pytest.approx(math.log(10), rel=1e-6)
    assert found.expected == math.log(10)


def test_large_weights_are_sure_of_themselves_before_they_have_learned():
    found = check_initial_loss(small("relu", "large_normal", units=64))
    assert found.outcome == "bad"
    assert found.loss > 2 * math.log(2)
    assert "Higher means" in found.sentence


def test_weights_that_overflow_before_the_first_step_are_said():
    spec = small("relu", "large_normal", layers=50, units=512)
    found = check_initial_loss(spec)
    assert (found.outcome, math.isfinite(found.loss)) == ("bad", False)
    assert "not a finite number" in found.sentence


# ---------------------------------------------------------------- a handful


def test_a_handful_is_learned_by_heart():
    found = check_memorizing(small(units=32))
    assert (found.outcome, found.accuracy) == ("good", 1.0)
    assert found.samples == 60
    assert 0 < found.steps < found.most_steps
    assert f"in {found.steps:,} steps" in found.sentence


def test_a_network_of_zeros_learns_no_handful():
    found = check_memorizing(small(initializer="zeros"), most_steps=60)
    assert (found.outcome, found.steps) == ("bad", 60)
    assert found.accuracy < 1.0
    assert "Could not learn" in found.sentence


def test_penalties_are_left_out_when_a_handful_is_learned():
    assert check_memorizing(training(small(units=32), l2=100.0)).outcome == "good"


def test_a_rate_far_too_high_diverges_on_a_handful():
    fast = MethodSpec(Choice("sgd", {"learning_rate": 1e30}))
    found = check_memorizing(training(small("relu"), method=fast))
    assert found.outcome == "bad"
    assert "Diverged" in found.sentence


# ---------------------------------------------------------------- range test


def test_the_average_is_that_of_its_definition():
    losses = np.array([3.0, 1.0, 2.0, 5.0])
    weights = np.array([MEMORY**age for age in range(4)])
    expected = [np.average(losses[: k + 1], weights=weights[: k + 1][::-1]) for k in range(4)]
    np.testing.assert_allclose(average(losses), expected, rtol=1e-12)


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_the_suggested_rate_trains_and_the_one_that_blows_up_does_not(optimizer):
    method = MethodSpec(Choice(optimizer))
    spec = training(initializers=(Choice("he_normal"),), network=NetworkSpec(2, 32, Choice("relu")),
                    method=method, epochs=3)  # fmt: skip
    found = find_rate(spec)
    assert found.suggested is not None
    assert found.blown_up is not None
    assert found.suggested <= found.blown_up / 10
    assert len(found.rates) == len(found.losses) == len(found.smoothed)

    def final(rate: float) -> float:
        chosen = replace(method, optimizer=Choice(optimizer, {"learning_rate": rate}))
        specimen = Specimen(training(spec, method=chosen))
        step, batches = specimen.steps([rate] * 60), specimen.batches("a test")
        losses = [step(*next(batches)) for _ in range(60)]
        return float(np.mean(losses[-10:]))

    good, far_too_high = final(found.suggested), final(10 * found.blown_up)
    assert good < 0.7 * found.losses[0]
    assert not far_too_high < 3 * good


def test_where_nothing_falls_no_rate_is_suggested():
    found = find_rate(small(initializer="zeros"))
    assert (found.suggested, found.steepest) == (None, None)
    assert found.outcome == "bad"
    assert "falls at no rate" in found.sentence


def test_a_rate_that_is_set_far_too_high_is_said():
    fast = MethodSpec(Choice("adam", {"learning_rate": 10.0}))
    found = find_rate(training(initializers=(Choice("he_normal"),), method=fast))
    assert found.outcome == "bad"
    assert "The rate that is set, 10, is too high" in found.sentence


# ---------------------------------------------------------------- gradient


@pytest.mark.parametrize("batch_norm", BATCH_NORM_PLACES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_gradient_of_every_activation_passes(activation, batch_norm):
    found = check_gradient(training(small(activation, batch_norm=batch_norm), l2=0.1))
    assert found.outcome == "good"
    assert found.worst is not None
    assert found.worst.error <= TOLERANCE
    assert found.checked == found.parameters


@pytest.mark.parametrize(("layer", "kind", "index"), [(0, "weight", (1, 3)), (2, "bias", (1,))])
def test_a_wrong_derivative_is_found_and_named(monkeypatch, layer, kind, index):
    right = Dense.backward

    def wrong(self, upstream):
        result = right(self, upstream)
        if self.name == f"z {layer}":
            (self.weights if kind == "weight" else self.bias).gradient[index] *= 1.5
        return result

    monkeypatch.setattr(Dense, "backward", wrong)
    found = check_gradient(small())
    assert found.outcome == "bad"
    name = f"layer {layer + 1}" if layer < 2 else "output"
    assert found.worst.name == f"{name} {kind} [{', '.join(map(str, index))}]"
    assert found.worst.analytic == pytest.approx(1.5 * found.worst.numeric, rel=1e-4)
    assert found.worst.text in found.sentence


def test_kinks_of_relu_are_told_apart():
    """Biases are 0: with weights of 0 too every pre-activation stands exactly on the kink."""
    found = check_gradient(small("relu", "zeros"))
    assert found.outcome == "good"
    assert found.kinks == 0  # the output layer's zeros let nothing through
    spec = small("relu", "scaled_identity")
    assert check_gradient(spec).outcome == "good"


def test_a_bias_at_a_kink_is_no_error_of_the_gradient(monkeypatch):
    """The first layer's weights are 0, so that its units stand on the kink; those behind it are not."""
    from core.network.model import Network

    initialize = Network.initialize

    def on_the_kink(self, *arguments):
        initialize(self, *arguments)
        self.layers[0].weights.value[:] = 0.0
        self.vector.values[self.vector.weights + 8 :] = 0.5  # later biases, so that something comes through

    monkeypatch.setattr(Network, "initialize", on_the_kink)
    found = check_gradient(small("relu"))
    assert found.kinks > 0
    assert found.worst_kink is not None
    assert found.worst_kink.name.startswith("layer 1 ")
    assert found.outcome == "good"
    assert "kink (of ReLU" in found.sentence


def test_every_parameter_has_a_name():
    network = Specimen(small("prelu", batch_norm="before")).network
    named = dict(named_parameters(network))
    assert sum(parameter.value.size for parameter in named.values()) == network.vector.values.size
    assert {"layer 1 weight", "layer 2 gamma", "layer 2 beta", "layer 1 slope", "output bias"} <= set(named)


# ---------------------------------------------------------------- curves


def records(training_losses, validation_losses, training_accuracy=1.0, validation_accuracy=1.0):
    return [
        EpochRecord("a", epoch, epoch * 10, *pair[:1], training_accuracy, pair[1], validation_accuracy)
        for epoch, pair in enumerate(zip(training_losses, validation_losses, strict=True))
    ]


SETTLED = [2.3, 1.0, 0.5, 0.3, 0.22, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2]


@pytest.mark.parametrize(
    ("losses", "validation", "accuracies", "signs"),
    [
        (SETTLED, SETTLED, (0.97, 0.96), ()),
        ([2.3] * 11, [2.3] * 11, (0.1, 0.1), ("flat",)),
        ([2.3] * 5 + SETTLED, [2.3] * 5 + SETTLED, (0.97, 0.96), ("flat then falling",)),
        (SETTLED, [2.3, 1.1, 0.7, 0.6, 0.62, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2], (1.0, 0.97), ("overfitting",)),
        (SETTLED, [2 * loss for loss in SETTLED], (0.99, 0.9), ("overfitting",)),
        ([2.3, 2.0] + [1.8] * 9, [2.3, 2.0] + [1.8] * 9, (0.4, 0.4), ("underfitting",)),
        (np.geomspace(2.3, 0.2, 11).tolist(), np.geomspace(2.3, 0.2, 11).tolist(), (0.9, 0.9),
         ("still falling",)),
        ([2.3, 2.0, 9.0, 30.0, 80.0], [2.3, 2.0, 9.0, 30.0, 80.0], (0.1, 0.1), ("exploded",)),
        ([2.3, 2.0], [2.3, 2.0], (0.5, 0.5), ()),
    ],
)  # fmt: skip
def test_curves_are_read_in_words(losses, validation, accuracies, signs):
    found = read_curves(records(losses, validation, *accuracies))
    assert found.signs == signs
    assert found.sentence.endswith(".")
    assert (found.outcome == "good") == (not signs and len(losses) > 5)


def test_a_divergence_is_read_as_too_high_a_rate():
    found = read_curves(records([2.3, 1.0], [2.3, 1.0]), diverged_at=17)
    assert found.signs == ("exploded",)
    assert "at step 17" in found.sentence


# ---------------------------------------------------------------- all of them


def test_a_report_holds_every_check_of_the_variant_that_is_meant():
    spec = training(SMALL, initializers=(Choice("zeros"), Choice("he_normal")))
    heard: list[str] = []
    report = check_variant(spec, 1, heard.append)
    assert report.name == "he_normal"
    assert heard == [check.title for check in CHECKS.values()]
    assert [check.key for check, _ in report.results()] == list(CHECKS)
    assert report.initial_loss == check_initial_loss(spec, 1)
    assert report.curves == read_curves(_records_of(spec, "he_normal"))


def _records_of(spec, name):
    from core.training import TrainingRun

    run = TrainingRun(spec)
    while not run.finished:
        run.step()
    return [record for record in run.records if record.name == name]


# ---------------------------------------------------------------- with all that shapes training


def test_a_guess_of_the_squared_error_is_one_half():
    found = check_initial_loss(small(initializer="zeros", loss="squared_error"))
    assert (found.loss, found.expected, found.outcome) == (0.5, 0.5, "good")


def test_what_is_drawn_at_random_is_put_aside_where_it_would_blur_the_check():
    noisy = training(
        small("relu", units=32, dropout=0.5, drop_connect=0.3, residual="on"), l1=0.01, l2=0.01, mixup=0.5
    )
    gradient = check_gradient(noisy)
    assert gradient.outcome == "good"
    assert gradient == check_gradient(noisy)
    assert check_memorizing(noisy).outcome == "good"
    assert np.isfinite(find_rate(noisy).losses[:100]).all()
