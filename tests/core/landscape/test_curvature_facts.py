"""What standardization and batch norm do to the curvature of a loss, on real networks and over seeds."""

import numpy as np
import pytest
from msgspec.structs import replace

from core.choice import Choice
from core.landscape import LandscapeSpec, curvature, curvatures, trained_paths
from core.landscape.curvature import hessian_product, lanczos
from core.landscape.loss import ParameterLoss
from core.network.spec import NetworkSpec
from core.optimizer import MethodSpec
from tests.training_specs import training

SCALES = np.array([10.0, 3.0, 1.0, 0.3])


def logistic_gradient(x: np.ndarray, labels: np.ndarray):
    return lambda at: x.T @ (1.0 / (1.0 + np.exp(-x @ at)) - labels) / len(x)


@pytest.mark.parametrize("seed", range(5))
def test_standardization_divides_the_condition_number_of_logistic_regression_by_hundreds(seed):
    rng = np.random.default_rng(seed)
    raw = rng.standard_normal((300, 4)) * SCALES + SCALES
    labels = (rng.random(300) < 0.5).astype(float)
    numbers = []
    for x in (raw, (raw - raw.mean(axis=0)) / raw.std(axis=0)):
        values, _ = lanczos(hessian_product(logistic_gradient(x, labels), np.zeros(4)), 4, rng, 4)
        exact = np.linalg.eigvalsh(x.T @ x / (4 * len(x)))  # the weights are 0: p (1 - p) = 1/4
        assert values[-1] / values[0] == pytest.approx(exact[-1] / exact[0], rel=1e-3)
        numbers.append(values[-1] / values[0])
    assert numbers[0] > 500.0
    assert numbers[1] < 2.0


def digits_spec(seed: int) -> LandscapeSpec:
    """Raw pixels, standardized ones, and both with batch norm; everything else alike."""
    base = training(
        dataset=Choice("digits"), initializers=(Choice("xavier_normal"),),
        network=NetworkSpec(layers=1, units=4), method=MethodSpec(Choice("sgd", {"learning_rate": 0.01})),
        epochs=2, batch_size=32, dtype="float64", seed=seed,
    )  # fmt: skip
    variants = tuple(
        replace(base.variants[0], preprocessing=preprocessing, network=NetworkSpec(1, 4, batch_norm=norm))
        for norm in ("off", "before")
        for preprocessing in ("none", "standardize")
    )
    return LandscapeSpec(replace(base, variants=variants))


@pytest.mark.parametrize("seed", range(3))
def test_on_digits_standardization_and_batch_norm_each_make_the_loss_rounder(seed):
    trained = trained_paths(digits_spec(seed))
    raw, standardized, normed, both = (each.condition for each in curvatures(trained))
    assert raw > 2.5 * standardized
    assert raw > 2.0 * normed
    assert both < 1.5 * standardized  # with standardized data there is little left for batch norm to do


def test_the_figures_of_a_network_too_large_for_its_dense_hessian_are_near_it():
    trained = trained_paths(digits_spec(0))
    path = trained.paths[0]
    product = hessian_product(ParameterLoss(trained.spec, path.place, "float64").gradient, path.current)
    dense = np.array([product(row) for row in np.eye(path.current.size)])
    exact = np.linalg.eigvalsh((dense + dense.T) / 2.0)
    found = curvature(trained, path)
    assert found.largest == pytest.approx(exact[-1], rel=1e-4)
    assert found.smallest == pytest.approx(exact[0], rel=1e-4)
    assert found.mean == pytest.approx(np.abs(exact).mean(), rel=0.15)
