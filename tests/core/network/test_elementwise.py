"""Compiled loops give NumPy's numbers to the last bit, so that they may take over in the middle of a run."""

import numpy as np
import pytest

from core.choice import Choice
from core.hyperparameter import Scale
from core.loops import can_compile, compile_loops
from core.network.activation import ACTIVATIONS
from core.network.arrays import Workspace
from core.network.elementwise import InTurn, loop_of
from core.network.model import Network
from core.network.spec import BATCH_NORM_PLACES, NetworkSpec
from core.optimizer import OPTIMIZERS, network_optimizers
from core.rule_code import array_stepper

pytestmark = pytest.mark.xdist_group("loops")  # a process compiles each of them once
needs_numba = pytest.mark.skipif(not can_compile(), reason="needs the extra 'fast'")
DTYPES = ("float32", "float64")
HARD = (0.0, -0.0, np.nan, np.inf, -np.inf, 1e-40, -1e-40, 3e38, -3e38, 1.0, -1.0, 1e-30)
"""Numbers at which careless code differs from NumPy's."""
ARITHMETIC = ("relu", "leaky_relu", "prelu")
"""Activations that are exact everywhere; others take a function such as `exp`, which is left to NumPy."""


def hard_arrays(count: int, dtype: str) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    with np.errstate(over="ignore"):
        some = [rng.choice([*HARD, *rng.normal(size=30)], size=(17, 9)).astype(dtype) for _ in range(count)]
    return some


def test_a_call_gives_every_argument():
    in_turn = InTurn([lambda x, y: None, lambda y, share: None], numbers=("share",))
    in_turn(1, 2, 3)
    for arguments in ((1, 2), (1, 2, 3, 4)):
        with pytest.raises(TypeError, match="arguments are given for 3"):
            in_turn(*arguments)


def both(function, arrays, *numbers, **options) -> None:
    """Run a function by NumPy and as a loop: the same in every bit but the sign of a 0."""
    loop = loop_of([function], arrays[0].dtype, **options)
    ours = [array.copy() for array in arrays]
    with np.errstate(all="ignore"):
        loop.run(*arrays, *numbers)
        loop.compile()
        assert loop.run is not function
        loop.run(*ours, *numbers)
    scratch = options.get("scratch", ())
    kept = [i for i, name in enumerate(function.__code__.co_varnames[: len(arrays)]) if name not in scratch]
    for index in kept:
        np.testing.assert_array_equal(ours[index], arrays[index])


@needs_numba
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_derivatives_of_activations_have_numpys_bits(name, dtype):
    entry = ACTIVATIONS[name]
    values = entry.values({})

    def chain(upstream, z, a, slope, *numbers):
        entry.derivative(z, a, slope, dict(zip(values, numbers, strict=True)))
        upstream *= slope

    loop = loop_of([chain], dtype, scratch=("slope",), numbers=tuple(f"number_{key}" for key in values))
    upstream, z, slope = hard_arrays(3, dtype)
    with np.errstate(all="ignore"):
        a = entry.apply(z, values)
        expected, ours = upstream.copy(), upstream.copy()
        chain(expected, z, a, slope, *values.values())
        loop.compile()
        loop.run(ours, z, a, slope, *values.values())
    np.testing.assert_array_equal(ours, expected)
    assert loop.run is not chain or name not in ARITHMETIC


@needs_numba
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ARITHMETIC)
def test_activations_have_numpys_bits(name, dtype):
    entry = ACTIVATIONS[name]
    values = {key: float(value) for key, value in entry.values({}).items()}

    def apply(z, out, *numbers):
        entry.forward(z, out, dict(zip(values, numbers, strict=True)))

    both(apply, hard_arrays(2, dtype), *values.values(), numbers=tuple(values))


@needs_numba
@pytest.mark.parametrize("dtype", DTYPES)
def test_every_operation_has_numpys_bits(dtype):
    def all_of_them(a, b, out, more):
        np.maximum(a, b, out=out)
        np.minimum(out, 2.5, out=more)
        more -= np.multiply(a, 0.1)
        np.divide(more, b, out=more)
        more += out
        out /= 3.0
        np.absolute(out, out=out)
        np.sqrt(out, out=out)
        np.reciprocal(out, out=out)
        np.sign(a, out=a)
        np.negative(a, out=a)
        np.square(b, out=b)
        np.copyto(out, more, where=b < 0.5)

    both(all_of_them, hard_arrays(4, dtype))


@needs_numba
def test_filling_and_truths_are_numbers():
    def fill(a, b, out):
        b.fill(0.25)
        np.greater(a, 0, out=out)

    both(fill, hard_arrays(3, "float32"))


@pytest.mark.parametrize(
    "function",
    [
        lambda x, out: np.tanh(x, out=out),  # no two libraries agree in its last bit
        lambda x, out: np.add(x, np.ones(9), out=out),  # an array that is not the call's
        lambda x, out: np.copyto(out, x.T),
        lambda x, out: np.clip(x, 0, 1, out=out),
        lambda x, out: None,
    ],
)
def test_what_cannot_be_a_loop_is_left_to_numpy(function):
    loop = loop_of([function], "float32")
    loop.compile()
    assert loop.run is function


def steps(network: Network, optimizer: str, count: int, compile_after: int | None, batch=20) -> np.ndarray:
    entry = OPTIMIZERS[optimizer]
    values = entry.values({})
    network.initialize(Choice("he_normal"), np.random.default_rng(1))
    stepper = array_stepper(entry, values, network.vector.values.size, network.workspace.dtype)
    rng = np.random.default_rng(2)
    with np.errstate(all="ignore"):
        for step in range(count):
            if step == compile_after:
                compile_loops([*network.loops, stepper.loop])
            x = rng.normal(size=(batch, 3)).astype(network.workspace.dtype)
            network.loss_and_gradient(x, rng.integers(4, size=batch), 1e-3)
            stepper(network.vector.values, network.vector.gradient, 0.01, step + 1)
            network.update_running(batch)
    return np.concatenate([network.vector.values, network.statistics.running_var.ravel()])


@needs_numba
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("batch_norm", BATCH_NORM_PLACES)
@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "prelu", "tanh"])
def test_a_network_trains_to_the_same_bits_wherever_compiled_code_takes_over(activation, batch_norm, dtype):
    spec = NetworkSpec(layers=3, units=7, activation=Choice(activation), batch_norm=batch_norm)
    assert_the_same_wherever_compiled(spec, dtype)


@needs_numba
@pytest.mark.parametrize("units", [1, 2, 3, 16, 33])
def test_totals_over_many_samples_are_the_same_for_any_width(units):
    """NumPy adds up single columns in another order than several."""
    spec = NetworkSpec(layers=2, units=units, activation=Choice("relu"), batch_norm="before")
    assert_the_same_wherever_compiled(spec, "float32", batch=1000)


@needs_numba
def test_a_network_with_everything_trains_to_the_same_bits():
    spec = NetworkSpec(
        layers=5, units=7, activation=Choice("relu"), batch_norm="after", residual="on", dropout=0.2,
        drop_connect=0.1, loss="squared_error",
    )  # fmt: skip
    assert_the_same_wherever_compiled(spec, "float32")


def assert_the_same_wherever_compiled(spec: NetworkSpec, dtype: str, batch: int = 20) -> None:
    ends = [
        steps(Network(spec, 3, 4, Workspace(batch, dtype)), "adam", 12, compile_after, batch)
        for compile_after in (None, 0, 5)
    ]
    np.testing.assert_array_equal(ends[1], ends[0])
    np.testing.assert_array_equal(ends[2], ends[0])


@needs_numba
@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "tanh"])
def test_what_is_seen_of_a_network_is_the_same_in_one_sweep(activation):
    """Compiled passes leave out what only a look at the layers needs; a look finds it all the same."""
    spec = NetworkSpec(layers=3, units=7, activation=Choice(activation), batch_norm="before")
    rng = np.random.default_rng(0)
    x, labels = rng.normal(size=(20, 3)), rng.integers(4, size=20)
    seen = []
    for compiled in (False, True):
        network = Network(spec, 3, 4, Workspace(20, "float64"))
        network.initialize(Choice("he_normal"), np.random.default_rng(1))
        if compiled:
            compile_loops(network.loops)
        loss, found = network.loss_and_gradient(x, labels), network.evaluate(x, labels)
        hidden = network.hidden_values(x, training=True) + network.hidden_values(x, training=False)
        network.loss_and_gradient(x[:9], labels[:9])
        signals = [(s.pre_activation, s.activation, s.gradient) for s in network.signals(x, labels)]
        seen.append([loss, *found, *(array for layer in (*hidden, *signals) for array in layer)])
    for plain, ours in zip(*seen, strict=True):
        np.testing.assert_array_equal(ours, plain)


@pytest.mark.parametrize("compiled", [False, pytest.param(True, marks=needs_numba)])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, None])
def test_a_step_tells_whether_all_parameters_are_finite(bad, compiled):
    adam = OPTIMIZERS["adam"]
    stepper = array_stepper(adam, adam.values({}), 40_000, "float32")
    if compiled:
        stepper.loop.compile()
    x, gradient = np.full((2, 40_000), 1e30, "float32")  # whose squares overflow, which is no matter
    gradient[:] = 1.0
    if bad is not None:
        x[20_000] = bad
    old = x.copy()
    assert stepper(x, gradient, 0.01, 1) == (bad is None)
    np.testing.assert_array_equal(stepper.before, old)


@needs_numba
@pytest.mark.parametrize("name", network_optimizers())
def test_every_optimizer_steps_to_the_same_bits(name):
    entry = OPTIMIZERS[name]
    switches = [h.name for h in entry.hyperparameters if h.scale is Scale.SWITCH]
    for given in [{}, *({switch: not entry.values({})[switch]} for switch in switches)]:
        values = entry.values(given)
        ends = []
        for compiled in (False, True):
            stepper = array_stepper(entry, values, 1000, "float32")
            if compiled:
                stepper.loop.compile()
            rng = np.random.default_rng(0)
            x = rng.normal(size=1000).astype("float32")
            for step in range(8):
                stepper(x, rng.normal(size=1000).astype("float32"), 0.01, step + 1)
            ends.append(x)
        np.testing.assert_array_equal(ends[1], ends[0])


@needs_numba
def test_the_lab_s_own_loops_are_all_compiled():
    """A loop that silently stays NumPy's would cost the time that it is there to save."""
    spec = NetworkSpec(layers=2, units=4, activation=Choice("relu"), batch_norm="before")
    workspace = Workspace(8, "float32")
    Network(spec, 3, 2, workspace)
    adam = OPTIMIZERS["adam"]
    loops = [*workspace.loops, array_stepper(adam, adam.values({}), 50, "float32").loop]
    plain = [loop.run for loop in loops]
    compile_loops(loops)
    assert all(loop.run is not before for loop, before in zip(loops, plain, strict=True))


def test_compiling_stops_when_nobody_wants_it_any_more():
    workspace = Workspace(8, "float32")
    Network(NetworkSpec(layers=1, units=4, batch_norm="after"), 3, 2, workspace)
    plain = [loop.run for loop in workspace.loops]
    compile_loops(workspace.loops, lambda: False)
    assert [loop.run for loop in workspace.loops] == plain
