"""All that shapes training follows torch step by step in float64.

`tests/fixtures/make_network_feature_fixtures.py` stored torch's run, with the masks of its own dropout.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.choice import Choice
from core.network.arrays import Workspace
from core.network.loss import clip_gradient
from core.network.model import Network
from core.network.spec import NETWORK_HYPERPARAMETERS, NetworkSpec

STORED = np.load(Path(__file__).parents[2] / "fixtures" / "network_features.npz")
CASES = sorted({name.split("/")[0] for name in STORED})
BATCHES, RATE = (slice(0, 8), slice(8, 14)), 0.1
SLOPES = {"leaky_relu": {"slope": 0.2}, "elu": {"alpha": 0.7}}


class Replay(np.random.Generator):
    """Draws numbers that keep exactly what a stored mask keeps."""

    def __init__(self, masks: np.ndarray) -> None:
        super().__init__(np.random.PCG64(0))
        self._masks = masks

    def random(self, size=None, dtype=np.float64, out=None):
        drawn, self._masks = np.split(self._masks, [out.size])
        out[:] = (drawn > 0).reshape(out.shape)
        return out

    @property
    def used_up(self) -> bool:
        return self._masks.size == 0


def close(ours, theirs):
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)


def stored_of(name: str) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    arrays = {key.split("/")[1]: STORED[key] for key in STORED if key.startswith(f"{name}/")}
    return json.loads(str(arrays.pop("case"))), arrays


def network_of(case: dict[str, Any], masks: Replay) -> Network:
    fields = {h.name: case[h.name] for h in NETWORK_HYPERPARAMETERS if h.name in case}
    activation = Choice(case["activation"], SLOPES.get(case["activation"], {}))
    spec = NetworkSpec(units=5, activation=activation, **fields).checked()
    return Network(spec, 5, 3, Workspace(14, "float64"), masks)


@pytest.mark.parametrize("name", CASES)
def test_every_step_is_torchs(name):
    case, stored = stored_of(name)
    masks = Replay(stored["masks"])
    network = network_of(case, masks)
    network.vector.values[:] = stored["start"]
    for step, loss in enumerate(stored["losses"]):
        part = BATCHES[step % 2]
        x, labels = stored["inputs"][part], stored["labels"][part]
        close(network.loss_and_gradient(x, labels, case["l2"], case["l1"]), loss)
        close(clip_gradient(network.vector.gradient, case["clip"] or np.inf), stored["norms"][step])
        close(network.vector.gradient, stored["gradients"][step])
        network.vector.values[:] -= RATE * network.vector.gradient
        network.update_running(len(x))
        close(network.vector.values, stored["parameters"][step])
    assert masks.used_up
    if case["batch_norm"] != "off":
        close(network.statistics.running_mean, stored["running_mean"])
        close(network.statistics.running_var, stored["running_var"])
    close(network.forward(stored["inputs"], training=False), stored["logits"])


def test_torch_clipped_where_clipping_is_tried():
    case, stored = stored_of("clipping")
    assert (stored["norms"] > case["clip"]).all()
