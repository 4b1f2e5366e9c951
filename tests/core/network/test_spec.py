"""What a network's spec says of its shape: sizes, memory, and what is refused."""

from itertools import product

import numpy as np
import pytest

from core.choice import Choice
from core.errors import InputError
from core.network.arrays import Workspace
from core.network.model import Network
from core.network.spec import BATCH_NORM_PLACES, NETWORK_HYPERPARAMETERS, NetworkSpec

SAMPLES, INPUTS, CLASSES = 40, 8, 3


def owned(*things: object) -> int:
    """Numbers in the arrays that these objects keep, views of others' left out."""
    arrays = {}
    for thing in things:
        for value in vars(thing).values():
            for array in value.values() if isinstance(value, dict) else [value]:
                if isinstance(array, np.ndarray) and array.base is None:
                    arrays[id(array)] = array
    return sum(array.size for array in arrays.values())


@pytest.mark.parametrize("layers", [1, 2, 7])
@pytest.mark.parametrize("batch_norm", BATCH_NORM_PLACES)
def test_memory_is_an_upper_bound_that_is_not_far_off(batch_norm, layers):
    for residual, dropout, drop_connect, bias in product(("off", "on"), (0, 0.5), (0, 0.5), ("auto", "on")):
        spec = NetworkSpec(
            layers=layers, units=INPUTS, activation=Choice("prelu"), batch_norm=batch_norm,
            residual=residual, dropout=dropout, drop_connect=drop_connect, bias=bias,
        ).checked()  # fmt: skip
        workspace = Workspace(SAMPLES, "float32")
        networks = [Network(spec, INPUTS, CLASSES, workspace) for _ in range(2)]
        x, labels = np.zeros((SAMPLES, INPUTS), "float32"), np.zeros(SAMPLES, int)
        for network in networks:
            network.initialize(Choice("he_normal"), np.random.default_rng(0))
            network.calibrate(x)
            network.signals(x, labels)
            network.loss_and_gradient(x, labels, l2=0.1, l1=0.1)
            network.evaluate(x, labels)
        parts = [part for each in networks for part in (each.vector, each.statistics, *each.layers)]
        held = owned(workspace, *parts)  # the batch among them: the first layer keeps it
        optimizers = 3 * sum(network.vector.values.size for network in networks)
        bound = spec.memory(INPUTS, CLASSES, SAMPLES, networks=2)
        assert held + optimizers <= bound
        assert bound < 2.2 * (held + optimizers)


def test_every_plain_field_is_in_the_table_and_its_default_is_the_tables():
    spec = NetworkSpec()
    table = {each.name: each.default for each in NETWORK_HYPERPARAMETERS}
    assert {name: getattr(spec, name) for name in table} == table
    assert set(NetworkSpec.__struct_fields__) == {*table, "activation"}
    assert spec.checked() == spec


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("layers", 0), ("layers", 51), ("units", 0), ("units", 513), ("batch_norm", "between"),
        ("bias", "off"),
        ("residual", True), ("loss", "hinge"), ("dropout", 1), ("drop_connect", 1), ("dropout", float("nan")),
        ("batch_norm_momentum", 1.5), ("batch_norm_momentum", -0.1),
    ],
)  # fmt: skip
def test_what_makes_no_sense_names_its_field(name, value):
    with pytest.raises(InputError) as error:
        NetworkSpec(**{name: value}).checked()
    assert error.value.field == name
    assert str(error.value).endswith((".", "?"))


def test_a_share_of_one_is_refused_in_words():
    with pytest.raises(InputError, match="dropout must be a number from 0 to below 1, not 1"):
        NetworkSpec(dropout=1).checked()
