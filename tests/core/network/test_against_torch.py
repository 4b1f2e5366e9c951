"""Networks follow torch step by step in float64; tests/fixtures/make_network_fixtures.py stored its run."""

from pathlib import Path

import numpy as np
import pytest

from core.choice import Choice
from core.loops import can_compile, compile_loops
from core.network.arrays import Workspace
from core.network.model import Network
from core.network.spec import NetworkSpec
from core.optimizer import OPTIMIZERS
from core.rule_code import array_stepper

STORED = np.load(Path(__file__).parents[2] / "fixtures" / "network.npz")
CASES = sorted({name.split("/")[0] for name in STORED})
RATES = {"sgd": 0.1, "momentum": 0.05, "adam": 0.01}
BATCHES = (slice(0, 8), slice(8, 15))
L2 = 0.01


def close(ours, theirs):
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("compiled", [False, *([True] if can_compile() else [])])
@pytest.mark.parametrize("case", CASES)
def test_every_step_is_torchs(case, compiled):
    activation, place, optimizer = case.split("-")
    stored = {name.split("/")[1]: STORED[name] for name in STORED if name.startswith(f"{case}/")}
    spec = NetworkSpec(layers=2, units=5, activation=Choice(activation), batch_norm=place)
    network = Network(spec, 3, 3, Workspace(15, "float64"))
    network.vector.values[:] = stored["start"]
    entry = OPTIMIZERS[optimizer]
    stepper = array_stepper(entry, entry.values({}), network.vector.values.size, "float64")
    if compiled:
        compile_loops([*network.workspace.loops, stepper.loop])
    for step, loss in enumerate(stored["losses"]):
        part = BATCHES[step % 2]
        x, labels = stored["inputs"][part], stored["labels"][part]
        close(network.loss_and_gradient(x, labels, L2), loss)
        close(network.vector.gradient, stored["gradients"][step])
        stepper(network.vector.values, network.vector.gradient, RATES[optimizer], step + 1)
        network.update_running(len(x))
        close(network.vector.values, stored["parameters"][step])
    if place != "off":
        close(network.statistics.running_mean, stored["running_mean"])
        close(network.statistics.running_var, stored["running_var"])
    close(network.forward(stored["inputs"], training=False), stored["logits"])


def test_all_places_of_batch_norm_are_stored():
    assert {case.split("-")[1] for case in CASES} == {"off", "before", "after"}
