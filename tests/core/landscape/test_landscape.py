"""Landscapes: every loss is that of the network itself, and spectra are those of dense Hessians."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from msgspec.structs import replace

from core.choice import Choice
from core.data.preprocessing import prepare
from core.errors import InputError
from core.landscape import (
    LandscapeSpec,
    assemble,
    compute_landscape,
    compute_tile,
    curvature,
    curvatures,
    landscape_plane,
    tiles,
    trained_paths,
)
from core.landscape.curvature import hessian_product, lanczos, spectrum
from core.landscape.loss import ParameterLoss
from core.landscape.paths import kept_steps
from core.network.layers.dense import Dense
from core.network.spec import NetworkSpec
from core.optimizer import MethodSpec
from core.training import TrainingRun
from tests.training_specs import training

NETWORK = NetworkSpec(layers=2, units=6)
SGD, ADAM = (MethodSpec(Choice(key, {"learning_rate": rate})) for key, rate in (("sgd", 0.1), ("adam", 0.01)))
TRAINING = training(
    dataset=Choice("moons", {"samples": 200}), initializers=(Choice("xavier_normal"), Choice("he_normal")),
    network=NETWORK, method=ADAM, batch_size=20, epochs=4, dtype="float64",
)  # fmt: skip
SPEC = LandscapeSpec(TRAINING, place=1, resolution=12)


def with_network(**changes) -> LandscapeSpec:
    return replace(SPEC, training=training(TRAINING, network=replace(NETWORK, **changes)))


def plain_loss(spec: LandscapeSpec, parameters: np.ndarray) -> float:
    """Two hidden layers of tanh and softmax cross-entropy, written out in NumPy."""
    data = prepare(spec.training.dataset, spec.training.seed)
    x, labels = (each[: spec.loss_samples] for each in (data.training_inputs, data.training_labels))
    norm = spec.training.variants[spec.place].network.batch_norm == "before"
    features, units, classes = x.shape[1], NETWORK.units, data.classes
    shapes = [(features, units), (units, units), (units, classes)]
    sizes = np.cumsum([0, *(rows * columns for rows, columns in shapes)])
    weights = [parameters[a:b].reshape(s) for a, b, s in zip(sizes, sizes[1:], shapes, strict=False)]
    rest = parameters[sizes[-1] :]
    for layer in (0, 1):
        x = x @ weights[layer]
        if norm:
            gamma, beta = rest[:units], rest[units : 2 * units]
            x = gamma * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 1e-5) + beta
        else:
            x = x + rest[:units]
        rest = rest[units * (1 + norm) :]
        x = np.tanh(x)
    logits = x @ weights[2] + rest
    return float(np.mean(np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(labels)), labels]))


# ---------------------------------------------------------------- losses


@pytest.mark.parametrize("directions", ["path", "random"])
@pytest.mark.parametrize("batch_norm", ["off", "before"])
def test_every_loss_is_the_one_computed_directly(directions, batch_norm):
    spec = replace(with_network(batch_norm=batch_norm), directions=directions)
    found = compute_landscape(spec)
    assert found.stride == 1
    for row in range(0, 12, 5):
        for column in range(12):
            parameters = found.plane.centre + (
                found.x[column] * found.plane.directions[0] + found.y[row] * found.plane.directions[1]
            )
            assert found.losses[row, column] == pytest.approx(plain_loss(spec, parameters), rel=1e-9)


def test_the_points_of_the_paths_have_their_own_losses_off_the_plane():
    trained = trained_paths(SPEC)
    plane = landscape_plane(trained)
    for path, projected in zip(trained.paths, plane.paths, strict=True):
        direct = [plain_loss(SPEC, parameters) for parameters in path.parameters]
        np.testing.assert_allclose(projected.losses, direct, rtol=1e-9)


def test_float32_agrees_with_float64_to_its_digits():
    single = replace(SPEC, training=replace(TRAINING, dtype="float32"))
    plane = landscape_plane(trained_paths(single))
    tile = tiles(12)[0]
    losses = compute_tile(plane, tile)
    for k, (row, column) in enumerate(zip(tile.rows, tile.columns, strict=True)):
        direct = plain_loss(single, plane.point(plane.x[column], plane.y[row]).astype(float))
        assert losses[k] == pytest.approx(direct, rel=1e-4)


# ---------------------------------------------------------------- paths and plane


def test_the_path_ends_where_training_does_and_begins_at_the_initial_weights():
    trained = trained_paths(SPEC)
    run = TrainingRun(TRAINING)
    for path, trainee in zip(trained.paths, run.trainees, strict=True):
        np.testing.assert_array_equal(path.parameters[0], trainee.network.vector.values)
    while not run.finished:
        run.step()
    for path, trainee in zip(trained.paths, run.trainees, strict=True):
        np.testing.assert_array_equal(path.current, trainee.network.vector.values)
        assert (path.steps[0], path.steps[-1]) == (0, run.steps)
    assert trained.centre.name == "he_normal"


def test_directions_of_the_path_are_principal_components():
    trained = trained_paths(SPEC)
    plane = landscape_plane(trained)
    points = np.concatenate([path.parameters for path in trained.paths]) - trained.centre.current
    _, sizes, components = np.linalg.svd(points)
    for found, expected in zip(plane.directions, components[:2], strict=True):
        assert abs(found @ expected) == pytest.approx(1.0, abs=1e-7)
    assert plane.residual == pytest.approx(np.sum(sizes[2:] ** 2) / np.sum(sizes**2), rel=1e-6)
    for path, projected in zip(trained.paths, plane.paths, strict=True):
        expected = (path.parameters - trained.centre.current) @ plane.directions.T
        np.testing.assert_allclose(np.column_stack([projected.x, projected.y]), expected, atol=1e-9)
        assert plane.x[0] < projected.x.min() < projected.x.max() < plane.x[-1]
        assert plane.y[0] < projected.y.min() < projected.y.max() < plane.y[-1]


def test_a_path_of_two_points_still_has_a_plane():
    short = training(TRAINING, initializers=(Choice("he_normal"),), batch_size=160, epochs=1)
    plane = landscape_plane(trained_paths(LandscapeSpec(short, resolution=4)))
    np.testing.assert_allclose(plane.directions @ plane.directions.T, np.eye(2), atol=1e-9)
    assert plane.residual < 1e-9


def test_random_directions_are_as_long_as_the_weights_of_each_unit_and_leave_the_rest():
    spec = replace(with_network(batch_norm="before"), directions="random", extent=0.5)
    plane = landscape_plane(trained_paths(spec))
    network = ParameterLoss(plane.spec, plane.spec.place).network
    columns = []
    for vector in (plane.centre, *plane.directions):
        network.vector.values[:] = vector
        matrices = [layer.weights.value for layer in network.layers if isinstance(layer, Dense)]
        columns.append([np.linalg.norm(matrix, axis=0) for matrix in matrices])
    for direction in columns[1:]:
        for own, drawn in zip(columns[0], direction, strict=True):
            np.testing.assert_allclose(drawn, own, rtol=1e-9)
    assert not plane.directions[:, network.vector.weights :].any()
    assert (plane.x[0], plane.x[-1]) == (-0.5, 0.5)
    assert plane.residual > 0.5


def test_networks_of_another_shape_are_left_out_and_another_optimizer_is_not():
    first = TRAINING.variants[0]
    variants = (first, replace(first, method=SGD), replace(first, network=replace(NETWORK, units=7)))
    trained = trained_paths(LandscapeSpec(replace(TRAINING, variants=variants), resolution=4))
    assert [path.place for path in trained.paths] == [0, 1]
    plane = landscape_plane(trained)
    assert plane.left_out == ((2, "shape"),)


def test_dropout_is_off_on_the_plane():
    spec = with_network(dropout=0.5)
    losses = compute_landscape(replace(spec, resolution=3)).losses
    np.testing.assert_array_equal(losses, compute_landscape(replace(spec, resolution=3)).losses)
    assert np.isfinite(losses).all()


@pytest.mark.parametrize(
    ("change", "field"),
    [({"directions": "up"}, "directions"), ({"resolution": 1}, "resolution"), ({"place": 2}, "place"),
     ({"extent": 0.0}, "extent"), ({"training": replace(TRAINING, epochs=0)}, "epochs")],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(change, field):
    with pytest.raises(InputError) as caught:
        replace(SPEC, **change).checked()
    assert caught.value.field == field


def test_a_network_that_diverges_has_no_landscape_but_is_no_obstacle_to_another():
    wild = replace(TRAINING.variants[0], method=MethodSpec(Choice("sgd", {"learning_rate": 1e300})), l2=1e6)
    both = replace(TRAINING, variants=(wild, TRAINING.variants[1]))
    with pytest.raises(InputError, match="diverged at step"):
        trained_paths(LandscapeSpec(both, place=0))
    found = compute_landscape(LandscapeSpec(both, place=1, resolution=4))
    assert np.isfinite(found.losses).all()
    assert all(np.isfinite(path.x).all() for path in found.paths)


# ---------------------------------------------------------------- coarse to fine


@pytest.mark.parametrize("resolution", [2, 12, 64])
def test_tiles_hold_every_point_once_from_coarse_to_fine(resolution):
    whole = tiles(resolution)
    seen = np.zeros((resolution, resolution), int)
    for tile in whole:
        seen[tile.rows, tile.columns] += 1
    assert (seen == 1).all()
    assert [tile.stride for tile in whole] == sorted((tile.stride for tile in whole), reverse=True)


def test_a_coarse_picture_shows_the_points_it_has_and_the_fine_one_agrees_there():
    plane = landscape_plane(trained_paths(SPEC))
    parts = [(tile, compute_tile(plane, tile)) for tile in tiles(12)]
    fine = assemble(plane, parts)
    for stride in (8, 4, 2):
        coarse = assemble(plane, [part for part in parts if part[0].stride >= stride])
        assert coarse.stride == stride
        whole = np.arange(12) // stride * stride
        np.testing.assert_array_equal(coarse.losses, fine.losses[np.ix_(whole, whole)])


def test_an_executor_gives_the_same():
    with ThreadPoolExecutor(2) as executor:
        found = compute_landscape(SPEC, executor)
    np.testing.assert_array_equal(found.losses, compute_landscape(SPEC).losses)


def test_points_of_a_path_are_spread_over_the_run():
    assert kept_steps(10, 120) == frozenset(range(11))
    kept = kept_steps(1000, 11)
    assert kept == frozenset(range(0, 1001, 100))


# ---------------------------------------------------------------- curvature


def softmax_regression(scales: np.ndarray):
    """Gradient and exact Hessian of the cross-entropy of one layer, at given weights."""
    rng = np.random.default_rng(3)
    x = rng.standard_normal((60, 5)) * scales
    labels, weights = rng.integers(3, size=60), rng.standard_normal(15) * 0.3

    def softmax(at):
        logits = x @ at.reshape(5, 3)
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)

    def gradient(at):
        return (x.T @ (softmax(at) - np.eye(3)[labels]) / 60).ravel()

    hessian = np.zeros((15, 15))
    for row, p in zip(x, softmax(weights), strict=True):
        hessian += np.kron(np.outer(row, row), np.diag(p) - np.outer(p, p)) / 60
    return gradient, weights, hessian


@pytest.mark.parametrize("scales", [np.ones(5), np.array([10.0, 3.0, 1.0, 0.3, 0.1])])
def test_the_spectrum_of_softmax_regression_is_that_of_its_dense_hessian(scales):
    gradient, weights, hessian = softmax_regression(scales)
    product, exact = hessian_product(gradient, weights), np.linalg.eigvalsh(hessian)
    vector = np.random.default_rng(1).standard_normal(15)
    np.testing.assert_allclose(product(vector), hessian @ vector, rtol=1e-5, atol=1e-7 * exact[-1])
    found = spectrum(product, 15, np.random.default_rng(0))
    np.testing.assert_allclose(found.values, exact, rtol=1e-6, atol=1e-6 * exact[-1])
    assert found.mean == pytest.approx(np.abs(exact).mean(), rel=1e-6)
    values, weights = lanczos(product, 15, np.random.default_rng(0), 15)
    assert values[-1] == pytest.approx(exact[-1], rel=1e-6)
    assert values[0] == pytest.approx(exact[0], abs=1e-6 * exact[-1])
    assert weights.sum() == pytest.approx(1.0)


@pytest.mark.parametrize("batch_norm", ["off", "before"])
def test_a_networks_figures_are_those_of_its_dense_hessian(batch_norm):
    spec = with_network(batch_norm=batch_norm)
    trained = trained_paths(spec)
    plane = landscape_plane(trained)
    at = trained.centre.current
    product = hessian_product(ParameterLoss(trained.spec, 1, "float64").gradient, at)
    dense = np.array([product(row) for row in np.eye(at.size)])
    exact = np.linalg.eigvalsh((dense + dense.T) / 2)
    found = curvature(trained, trained.centre, plane.directions)
    assert found.largest == pytest.approx(exact[-1], rel=1e-4)
    assert found.smallest == pytest.approx(exact[0], abs=1e-2 * exact[-1])
    assert found.mean == pytest.approx(np.abs(exact).mean(), rel=1e-6)
    assert found.condition == max(abs(found.smallest), abs(found.largest)) / found.mean
    within = plane.directions @ dense @ plane.directions.T
    np.testing.assert_allclose(found.plane, np.linalg.eigvalsh((within + within.T) / 2), rtol=1e-3)


def test_every_network_that_holds_has_figures():
    first = TRAINING.variants[0]
    wild = replace(first, method=MethodSpec(Choice("sgd", {"learning_rate": 1e300})), l2=1e6)
    variants = (first, wild, replace(first, network=replace(NETWORK, batch_norm="before")))
    trained = trained_paths(LandscapeSpec(replace(TRAINING, variants=variants), resolution=4))
    heard: list[str] = []
    found = curvatures(trained, landscape_plane(trained).directions, heard.append)
    assert [each.place for each in found] == [0, 2]
    assert heard == [each.name for each in found]
    assert [len(each.plane) for each in found] == [2, 0]
