"""The whole network's gradient against central differences, for every combination of two features."""

from itertools import combinations
from typing import Any

import msgspec
import numpy as np
import pytest

from core.choice import Choice
from core.loops import can_compile, compile_loops
from core.network.activation import ACTIVATIONS
from core.network.arrays import Workspace
from core.network.layers.nonlinearity import Nonlinearity
from core.network.loss import LOSSES, weight_penalty
from core.network.model import Network
from core.network.spec import BATCH_NORM_PLACES, BIASES, RESIDUALS, NetworkSpec

SAMPLES, INPUTS, UNITS, CLASSES, STEP = 9, 5, 5, 4, 5e-7
PLAIN = NetworkSpec(layers=3, units=UNITS)

FEATURES: dict[str, dict[str, Any]] = {
    "activation": {key: Choice(key) for key in ACTIVATIONS},
    "batch_norm": {place: place for place in BATCH_NORM_PLACES},
    "bias": {kind: kind for kind in BIASES},
    "residual": {kind: kind for kind in RESIDUALS},
    "dropout": {"none": 0.0, "some": 0.3},
    "drop_connect": {"none": 0.0, "some": 0.3},
    "loss": {key: key for key in LOSSES},
    "labels": {"classes": False, "soft": True},
    "penalty": {"none": {}, "l2": {"l2": 0.05}, "l1": {"l1": 0.03}, "elastic net": {"l2": 0.05, "l1": 0.03}},
}
"""By feature, its values by name: fields of the spec, but for labels and what is given with each batch."""

PAIRS = [
    pytest.param({one: first, other: second}, id=f"{one}={first}-{other}={second}")
    for one, other in combinations(FEATURES, 2)
    for first in FEATURES[one]
    for second in FEATURES[other]
]


class Case:
    """A network with all parameters drawn, none of its pre-activations close to a kink."""

    def __init__(self, names: dict[str, str], layers: int = 3) -> None:
        values = {feature: FEATURES[feature][name] for feature, name in names.items()}
        self.penalty = values.pop("penalty", {})
        self.soft = values.pop("labels", False)
        self.spec = msgspec.structs.replace(PLAIN, layers=layers, **values).checked()
        self.network = Network(self.spec, INPUTS, CLASSES, Workspace(SAMPLES, "float64"))
        self._mask_state = self.network.masks.rng.bit_generator.state
        for seed in range(200):
            self._draw(np.random.default_rng(seed))
            inputs = [n.pre_activation for n in self.network.layers if isinstance(n, Nonlinearity)]
            if min(np.abs(z).min() for z in inputs) > 2e-3:
                return
        raise AssertionError("no seed keeps clear of the kinks")

    def _draw(self, rng: np.random.Generator) -> None:
        self.x, self.labels = rng.normal(size=(SAMPLES, INPUTS)), rng.integers(CLASSES, size=SAMPLES)
        if self.soft:
            self.labels = rng.dirichlet(np.ones(CLASSES), SAMPLES)
        self.network.initialize(Choice("large_normal"), rng)
        values = self.network.vector.values
        values[values != 0] *= 0.8  # what starts at zero is what "zero_last" is about
        others = values[self.network.vector.weights :]
        others[:] = rng.normal(size=others.size) * 0.8
        self.objective()

    def gradient(self) -> np.ndarray:
        """By backpropagation, with the same masks every time."""
        self.network.masks.rng.bit_generator.state = self._mask_state
        self.network.loss_and_gradient(self.x, self.labels, **self.penalty)
        return self.network.vector.gradient.copy()

    def objective(self) -> float:
        """Loss and penalty with the same masks."""
        self.network.masks.rng.bit_generator.state = self._mask_state
        logits = self.network.forward(self.x, training=True)
        loss = self.network.loss.value(logits, self.labels, np.empty_like(logits))
        return loss + weight_penalty(self.network.weights, **{"l2": 0.0, **self.penalty})


def central_differences(case: Case) -> np.ndarray:
    """The derivative by every parameter from four values each: wrong by the fourth power of the step."""
    parameters = case.network.vector.values
    found = np.empty_like(parameters)

    def at(index: int, value: float) -> float:
        parameters[index] = value
        return case.objective()

    for index, here in enumerate(parameters.copy()):
        near, far = (at(index, here + k * STEP) - at(index, here - k * STEP) for k in (1, 2))
        found[index] = (8 * near - far) / (12 * STEP)
        parameters[index] = here
    return found


def assert_exact(case: Case) -> None:
    gradient, expected = case.gradient(), central_differences(case)
    assert np.linalg.norm(gradient - expected) <= 1e-6 * np.linalg.norm(expected)
    np.testing.assert_allclose(gradient, expected, rtol=1e-6, atol=2e-8)


@pytest.mark.parametrize("names", PAIRS)
def test_gradient_agrees_with_central_differences(names):
    assert_exact(Case(names))


@pytest.mark.xdist_group("loops")  # a process compiles each of them once
@pytest.mark.skipif(not can_compile(), reason="needs the extra 'fast'")
@pytest.mark.parametrize("batch_norm", BATCH_NORM_PLACES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradient_of_compiled_code_agrees_too(activation, batch_norm):
    case = Case({"activation": activation, "batch_norm": batch_norm})
    compile_loops(case.network.workspace.loops)
    assert_exact(case)


@pytest.mark.parametrize("inputs_are_as_wide", [True, False])
def test_gradient_of_several_blocks(inputs_are_as_wide, monkeypatch):
    """With the first block short of a shortcut or not, and an odd layer at the end."""
    monkeypatch.setitem(globals(), "INPUTS", UNITS if inputs_are_as_wide else 3)
    case = Case({"residual": "on", "batch_norm": "before"}, layers=7)
    assert list(case.spec.shortcuts(INPUTS)) == ([0, 2, 4] if inputs_are_as_wide else [2, 4])
    assert_exact(case)


@pytest.mark.parametrize("batch_norm", BATCH_NORM_PLACES)
@pytest.mark.parametrize("activation", ["tanh", "prelu"])
def test_every_number_of_the_flat_vector_belongs_to_a_layer(activation, batch_norm):
    for layers in (1, 4):
        spec = NetworkSpec(layers=layers, units=6, activation=Choice(activation), batch_norm=batch_norm)
        vector = Network(spec, 2, 3, Workspace(4, "float32")).vector
        assert vector.full
        with pytest.raises(IndexError):
            vector.take_vector(1)
