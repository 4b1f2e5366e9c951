"""Surfaces made of data: the mean of one sample's formula, written as a quadratic where it is one."""

import numpy as np
import pytest

from core.choice import Choice
from core.curvature import curvature
from core.descent import DescentSpec, descend
from core.formula_code import Derivatives, printed_function
from core.loops import can_compile
from core.map_spec import MapSpec
from core.maps import compute_map
from core.mean_loss import MeanDerivatives, MeanLoss
from core.optimizer import MethodSpec
from core.samples import DataSource, samples
from core.surface import Surface, SurfaceSpec, surface, surfaces

MADE_OF_DATA = [key for key, entry in surfaces().items() if entry.data is not None]
PUBLISHED = {
    # R: lm(dist ~ speed, cars); Dalal, Fowlkes and Hoadley 1989, section 4.
    "linear_regression_raw": (3.932409, -17.579095),
    "logistic_regression": (-0.232163, 15.042902),
}


def place(key: str) -> Surface:
    return surface(SurfaceSpec(key))


def plain(key: str, x: float, y: float) -> float:
    """The loss as it is defined, sample by sample, in NumPy's words."""
    source = surfaces()[key].data
    assert source is not None
    columns = dict(zip(samples(source).names, samples(source).values, strict=True))
    u, t = columns["u"], columns["t"]
    answer = x * u + (y * columns["v"] if "v" in columns else y)
    if key.startswith("linear"):
        return float(np.mean((answer - t) ** 2) / 2)
    if key == "squared_error":
        return float(np.mean((1.0 / (1.0 + np.exp(-answer)) - t) ** 2) / 2)
    return float(np.mean(t * np.logaddexp(0, -answer) + (1 - t) * np.logaddexp(0, answer)))


@pytest.mark.parametrize("key", MADE_OF_DATA)
def test_the_loss_is_the_mean_over_the_samples(key: str) -> None:
    low_x, high_x, low_y, high_y = surfaces()[key].domain
    random = np.random.default_rng(8)
    for x, y in zip(random.uniform(low_x, high_x, 20), random.uniform(low_y, high_y, 20), strict=True):
        assert float(place(key).loss(x, y)) == pytest.approx(plain(key, x, y), rel=1e-11)


def test_there_are_the_surfaces_that_teach_about_data() -> None:
    assert set(MADE_OF_DATA) >= {
        "linear_regression_raw", "linear_regression_standardized", "logistic_regression", "positive_inputs",
        "cross_entropy", "squared_error",
    }  # fmt: skip


def test_the_minimum_on_raw_data_is_the_published_fit() -> None:
    assert surfaces()["linear_regression_raw"].minima[0] == pytest.approx(
        PUBLISHED["linear_regression_raw"], abs=1e-6
    )


def test_the_minimum_on_standardized_data_is_the_published_fit_in_other_units() -> None:
    source = DataSource(file="o_rings.csv")
    u = samples(source).values[0]
    x, y = surfaces()["logistic_regression"].minima[0]
    raw = x / u.std(), y - x * u.mean() / u.std()
    assert raw == pytest.approx(PUBLISHED["logistic_regression"], abs=1e-6)


def test_standardized_features_make_a_round_bowl_of_a_narrow_valley() -> None:
    raw, round_bowl = (place(f"linear_regression_{scaling}") for scaling in ("raw", "standardized"))
    assert curvature(raw, *raw.entry.minima[0]).condition_number == pytest.approx(2571.8, rel=1e-4)
    assert curvature(round_bowl, *round_bowl.entry.minima[0]).condition_number == pytest.approx(1.0, rel=1e-9)
    assert float(raw.loss(*raw.entry.minima[0])) == pytest.approx(
        float(round_bowl.loss(*round_bowl.entry.minima[0])), rel=1e-12
    )


def test_squared_error_is_flat_where_cross_entropy_is_steep() -> None:
    steep, flat = (np.hypot(*place(key).gradient(-8.0, 0.0)) for key in ("cross_entropy", "squared_error"))
    assert flat < 0.02 * steep


def test_linear_regression_costs_the_same_for_any_number_of_samples() -> None:
    assert isinstance(place("linear_regression_raw").derivatives, Derivatives)
    assert isinstance(place("logistic_regression").derivatives, MeanDerivatives)


@pytest.mark.parametrize("formula", ["(x*u + y - t)**2/2", "x*u + y*t", "x*y*u", "(x*u)**2 + y*t", "t"])
def test_a_quadratic_mean_is_written_as_one(formula: str) -> None:
    source = DataSource(text="u,t\n1.5,2\n-3,0.25\n2,-1\n7,3\n")
    written = MeanLoss(formula, samples(source)).derivatives
    computed = MeanDerivatives(MeanLoss(formula, samples(source)).each, samples(source))
    assert isinstance(written, Derivatives)
    x, y = np.random.default_rng(2).uniform(-5.0, 5.0, (2, 30))
    for mine, theirs in (
        (printed_function(written.loss_lines), computed.array_loss),
        (printed_function(written.float_lines), computed.array_gradient),
        (printed_function(written.hessian_lines), computed.array_hessian),
    ):
        for quadratic, mean in zip(mine(x, y), theirs(x, y), strict=True):
            np.testing.assert_allclose(np.broadcast_to(quadratic, 30), mean, rtol=1e-12, atol=1e-12)


def test_a_narrow_valley_is_exact_to_its_floor() -> None:
    years = ",".join(("u", "t")) + "\n" + "".join(f"{1990 + i},{0.3 * i + (i % 3)}\n" for i in range(30))
    mean = MeanLoss("(x*u + y - t)**2/2", samples(DataSource(text=years)))
    u, t = mean.samples.values
    x, y = np.polyfit(u - u.mean(), t, 1)
    y -= x * u.mean()
    direct = float(np.mean((x * u + y - t) ** 2) / 2)
    assert isinstance(mean.derivatives, Derivatives)
    assert float(printed_function(mean.derivatives.loss_lines)(x, y)[0]) == pytest.approx(direct, rel=1e-9)


@pytest.mark.parametrize("words", ["s t", "w n", "i r", "above poison", "column row"])
def test_columns_may_be_called_as_they_like(words: str) -> None:
    u, t = words.split()
    text = f"{u},{t}\n1,0\n-2,1\n0.5,1\n"
    mean = MeanLoss(f"softplus(x*{u} + y) - {t}*(x*{u} + y)", samples(DataSource(text=text)))
    other = MeanLoss(
        "softplus(x*u + y) - t*(x*u + y)", samples(DataSource(text=text.replace(f"{u},{t}", "u,t")))
    )
    assert mean.derivatives.array_loss(0.3, 0.2)[0] == other.derivatives.array_loss(0.3, 0.2)[0]
    mine, theirs = (each.derivatives.float_lines for each in (mean, other))
    assert len(mine[0]) == len(theirs[0])


@pytest.mark.parametrize("shape", [(), (1,), (7,), (3, 5), (400, 2), (0,)])
def test_any_shape_of_points_is_taken(shape: tuple[int, ...]) -> None:
    x, y = np.random.default_rng(1).uniform(-2.0, 2.0, (2, *shape))
    loss = place("cross_entropy").loss(x, y)
    assert loss.shape == shape
    each = [float(place("cross_entropy").loss(a, b)) for a, b in zip(x.ravel(), y.ravel(), strict=True)]
    np.testing.assert_array_equal(loss.ravel(), each)


@pytest.mark.parametrize(
    "engine", ["numpy", pytest.param("compiled", marks=[] if can_compile() else pytest.mark.skip)]
)
@pytest.mark.parametrize("optimizer", ["adam", "newton"])
@pytest.mark.parametrize("key", ["linear_regression_raw", "logistic_regression", "positive_inputs"])
def test_every_pixel_of_a_map_is_a_run_over_all_samples(key: str, optimizer: str, engine: str) -> None:
    method = MethodSpec(Choice(optimizer, {"learning_rate": surfaces()[key].learning_rates[optimizer]}))
    result = compute_map(
        MapSpec(SurfaceSpec(key), method, columns=5, rows=4, steps=60, tolerance=1e-2), engine
    )
    for row in range(4):
        for column in range(5):
            _, start = result.spec.at_pixel(row, column)
            run = descend(DescentSpec(SurfaceSpec(key), (method,), (start,), 60, tolerance=1e-2)).runs[0]
            np.testing.assert_allclose(result.points[row, column], run.points[-1], rtol=1e-8, atol=1e-9)
            assert result.converged_at[row, column] == (-1 if run.step is None else run.step)


def test_two_surfaces_of_one_formula_keep_their_own_compiled_code() -> None:
    first, second = (
        MeanLoss("softplus(x*u)", samples(DataSource(text=f"u\n1\n{last}\n"))).derivatives for last in (2, 3)
    )
    assert first.float_lines != second.float_lines
