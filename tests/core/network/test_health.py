"""What is said of a network's layers, held against what is known of initializations and rates."""

import math
from dataclasses import replace

import numpy as np
import pytest

from core.choice import Choice
from core.network.arrays import Workspace
from core.network.health import ORDER, NetworkHealth, examine
from core.network.layer_weights import layer_weights
from core.network.model import Network
from core.network.spec import NetworkSpec
from core.network.statistics import measure
from core.optimizer import MethodSpec
from core.training import TrainingRun
from tests.training_specs import training

SAMPLES, UNITS, LAYERS = 200, 100, 10
seeds = pytest.mark.parametrize("seed", range(20))


def fresh(activation: str, initializer: str, seed: int = 0, **values: float) -> NetworkHealth:
    """Of a network that has made no step, on standard normal input."""
    spec = NetworkSpec(layers=LAYERS, units=UNITS, activation=Choice(activation), batch_norm="off")
    choice = Choice(initializer, values)
    network = Network(spec, UNITS, 10, Workspace(SAMPLES, "float32"))
    rng = np.random.default_rng(seed)
    network.initialize(choice, rng)
    x = rng.normal(size=(SAMPLES, UNITS)).astype("float32")
    signals = network.signals(x, np.arange(SAMPLES) % 10)
    [cells] = measure([signals], [network.rule], [layer_weights(network, None)])
    return examine(cells, spec, choice)


def trained(optimizer: str, rate: float, steps: int = 30, **network: object) -> NetworkHealth:
    method = MethodSpec(Choice(optimizer, {"learning_rate": rate}))
    shape = NetworkSpec(**{"layers": 4, "units": 50, "batch_norm": "off", **network})
    spec = training(initializers=(Choice("he_normal"),), network=shape, method=method)
    run = TrainingRun(spec)
    for _ in range(steps):
        run.step()
    [frame] = run.frame().networks
    assert frame.outcome == "training"
    return examine(frame.statistics, shape, Choice("he_normal"))


@seeds
def test_tanh_with_small_weights_vanishes(seed):
    health = fresh("tanh", "small_normal", seed)
    first = health.verdicts[0]
    assert (health.word, first.serious, first.last, first.cure) == ("vanishing", True, LAYERS, "Xavier")
    assert first.first in (2, 3)
    assert {verdict.id for verdict in health.verdicts} == {"vanishing"}, "what follows from it is not said"


@seeds
def test_tanh_with_large_weights_saturates(seed):
    [first, *_] = fresh("tanh", "large_normal", seed).verdicts
    assert (first.id, first.serious, first.first, first.last) == ("saturated", True, 1, LAYERS)
    assert first.cure == "Xavier"
    assert "% saturated" in first.sentence
    assert first.sentence.startswith("layers 1–10: ")


@seeds
@pytest.mark.parametrize(("activation", "initializer"), [("tanh", "xavier_normal"), ("relu", "he_normal"),
                                                         ("selu", "lecun_normal")])  # fmt: skip
def test_a_suited_initializer_is_healthy(activation, initializer, seed):
    health = fresh(activation, initializer, seed)
    assert health.verdicts == ()
    assert health.word == "healthy"
    assert len(health.sentences) == 1


@seeds
def test_relu_under_xavier_fades_towards_the_last_layers(seed):
    [verdict] = fresh("relu", "xavier_normal", seed).verdicts
    assert (verdict.id, verdict.serious, verdict.last, verdict.cure) == ("vanishing", False, LAYERS, "He")
    assert verdict.first >= 6


@seeds
def test_relu_with_large_weights_explodes(seed):
    [first, *_] = fresh("relu", "large_normal", seed).verdicts
    assert (first.id, first.serious, first.last, first.cure) == ("exploding", True, LAYERS, "He")


def test_zero_weights():
    assert fresh("relu", "zeros").verdicts[0].sentence == "layers 1–10: 100 % dead; try He"
    assert fresh("tanh", "zeros").verdicts[0].sentence == "layers 1–10: activations are all alike; try Xavier"


def test_gradients_of_a_deep_sigmoid_vanish():
    health = fresh("sigmoid", "xavier_normal")
    assert health.word == "gradients vanish"
    assert health.verdicts[0].first == 1
    assert health.verdicts[0].cure == "batch norm"


def test_overflow_is_said_first():
    with np.errstate(all="ignore"):
        health = fresh("relu", "large_normal", std=1e20)
    assert health.word == "overflow"
    assert health.verdicts[0].cure == "He"


def test_relu_dies_of_a_rate_that_is_too_high():
    health = trained("adam", 0.3, activation=Choice("relu"))
    first = health.verdicts[0]
    assert (first.id, first.serious, first.cure) == ("dead", True, "a lower learning rate, or leaky ReLU")
    assert max(layer.dead for layer in health.layers) > 0.9
    assert trained("sgd", 0.05, activation=Choice("relu")).word == "healthy"


@pytest.mark.parametrize(
    ("rate", "word", "cure"), [(0.1, "large updates", "lower"), (1e-6, "small updates", "higher")]
)
def test_updates_far_from_a_thousandth_of_the_weights(rate, word, cure):
    health = trained("adam", rate, steps=3, activation=Choice("leaky_relu"))
    assert word in {verdict.id for verdict in health.verdicts}
    told = next(verdict for verdict in health.verdicts if verdict.id == word)
    assert f"a {cure} learning rate" in told.cure
    assert "1e−3" in told.finding
    assert {verdict.id for verdict in trained("adam", 1e-3, steps=3).verdicts} == set()


def test_before_the_first_step_nothing_is_said_about_updates():
    assert all(math.isnan(layer.update_ratio) for layer in fresh("relu", "he_normal").layers)


def test_neighbours_are_joined_and_the_most_serious_comes_first():
    run = TrainingRun(training(initializers=(Choice("he_normal"),), network=NetworkSpec(layers=6)))
    [frame] = run.frame().networks
    saturated = {2: 0.3, 3: 0.9, 5: 0.98, 6: 0.98}
    cells = [replace(c, saturated=saturated.get(c.layer, 0.0), dead=0.3 * (c.layer == 1))
             for c in frame.statistics]  # fmt: skip
    health = examine(cells, NetworkSpec(activation=Choice("tanh")), Choice("xavier_uniform"))
    assert [(v.id, v.serious, v.first, v.last) for v in health.verdicts] == [
        ("saturated", True, 2, 3), ("saturated", True, 5, 6), ("dead", False, 1, 1),
    ]  # fmt: skip
    assert health.verdicts[0].finding == "30–90 % saturated"
    assert health.verdicts[1].sentence == "layers 5–6: 98 % saturated; try batch norm"
    assert health.verdicts[2].sentence.startswith("layer 1: 30 % dead")
    assert all(verdict.id in ORDER for verdict in health.verdicts)


def test_layers_without_any_number_raise_nothing():
    run = TrainingRun(training(initializers=(Choice("he_normal"),), network=NetworkSpec(layers=2)))
    names = ("mean", "std", "gradient_norm", "weight_norm", "update_ratio")
    cells = [replace(c, non_finite=5, **dict.fromkeys(names, math.nan))
             for c in run.frame().networks[0].statistics]  # fmt: skip
    health = examine(cells, NetworkSpec(), Choice("he_normal"))
    assert health.word == "overflow"
    assert math.isnan(health.layers[0].spread)
