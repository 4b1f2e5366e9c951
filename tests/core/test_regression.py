"""Linear regression on a table of one's own: the least squares, in view, with rates that hold."""

import pickle

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.choice import Choice
from core.critical_points import critical_points
from core.curvature import curvature
from core.descent import DescentSpec, descend
from core.errors import InputError
from core.experiment import default_experiment
from core.experiment_file import Saved, read_experiment, write_experiment
from core.optimizer import OPTIMIZERS, MethodSpec
from core.regression import own_data
from core.resource import resource_path
from core.surface import Surface, SurfaceSpec, surface

CARS = resource_path("data/stopping_distances.csv").read_text(encoding="utf-8")
TABLE = "name,speed,weight,dist\na,4,900,2\nb,7,1010,4\nc,8,990,16\nd,9,1200,10\ne,10,1105,18\n"


def place(text: str = CARS, *features: str, target: str = "", standardized: bool = False) -> Surface:
    return surface(SurfaceSpec(data=own_data("cars.csv", text, features, target, standardized)))


def table(count: int, seed: int = 0, shift: float = 0.0, scale: float = 1.0) -> str:
    random = np.random.default_rng(seed)
    u = shift + scale * random.normal(size=count)
    t = 3.0 * (u - shift) / scale + random.normal(size=count)
    return "u,t\n" + "".join(f"{a!r},{b!r}\n" for a, b in zip(u.tolist(), t.tolist(), strict=True))


@pytest.mark.parametrize("standardized", [False, True])
def test_it_is_the_surface_of_the_catalogue_s_own_table(standardized: bool) -> None:
    mine = place(standardized=standardized)
    theirs = surface(SurfaceSpec(f"linear_regression_{'standardized' if standardized else 'raw'}"))
    assert mine.entry.minima[0] == pytest.approx(theirs.entry.minima[0], rel=1e-12)
    assert float(mine.loss(1.0, 2.0)) == pytest.approx(float(theirs.loss(1.0, 2.0)), rel=1e-12)
    assert mine.entry.name == f"cars.csv, {'standardized' if standardized else 'raw'}"
    assert mine.entry.equation == "mean of (x*u + y - t)**2/2 over 50 samples"


@pytest.mark.parametrize("standardized", [False, True])
@pytest.mark.parametrize("shift", [0.0, 5.0, 20.0, 2000.0])
@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e4])
def test_minimum_and_valley_are_in_view_and_no_suggested_rate_diverges(
    standardized: bool, shift: float, scale: float
) -> None:
    here = place(table(40, shift=shift * scale, scale=scale), standardized=standardized)
    x_low, x_high, y_low, y_high = here.entry.domain
    ((x, y),) = here.entry.minima
    assert x_low < x < x_high
    assert y_low < y < y_high
    assert x_low < 0.0 < x_high
    assert y_low < 0.0 < y_high
    losses = here.grid(here.entry.domain, 65, 65)[2]
    low, middle, high = float(here.loss(x, y)), np.median(losses), losses.max()
    assert low < middle < high
    methods = tuple(
        MethodSpec(Choice(key, {"learning_rate": here.entry.learning_rates[key]})) for key in OPTIMIZERS
    )
    spec = SurfaceSpec(data=own_data("t", table(40, shift=shift * scale, scale=scale), (), "", standardized))
    for run in descend(DescentSpec(spec, methods, here.entry.starts)).runs:
        assert run.outcome != "diverged", run.message
        if shift < 10.0:  # beyond, methods whose steps are as long on both axes bounce across the valley
            assert run.losses.min() < run.losses[0], run.method.optimizer.id


def test_two_features_are_measured_from_their_means() -> None:
    here = place(TABLE, "speed", "weight", target="dist")
    columns = np.array([[float(cell) for cell in line.split(",")[1:]] for line in TABLE.split()[1:]])
    columns -= columns.mean(axis=0)
    expected = np.linalg.lstsq(columns[:, :2], columns[:, 2], rcond=None)[0]
    np.testing.assert_allclose(here.entry.minima[0], expected, rtol=1e-9)
    residual = float(np.mean((columns[:, :2] @ expected - columns[:, 2]) ** 2) / 2)
    assert float(here.loss(*expected)) == pytest.approx(residual, rel=1e-9)
    assert here.entry.equation == "mean of (x*u + y*v - t)**2/2 over 5 samples"
    (found,) = critical_points(here).points
    assert (found.x, found.y) == pytest.approx(tuple(expected), rel=1e-6)


def test_standardized_features_have_a_smaller_condition_number() -> None:
    raw, scaled = (place(TABLE, "speed", "weight", standardized=each) for each in (False, True))
    conditions = [curvature(each, *each.entry.minima[0]).condition_number for each in (raw, scaled)]
    assert conditions[1] < 0.01 * conditions[0]


@pytest.mark.parametrize(
    ("features", "target", "names"),
    [((), "", ("speed", "dist")), ((), "speed", ("weight", "speed")), (("dist",), "", ("dist", "weight")),
     (("weight", "speed"), "", ("weight", "speed", "dist")), (("3",), "2", ("weight", "speed"))],
)  # fmt: skip
def test_columns_are_chosen_by_name_or_taken_from_the_numbers(
    features: tuple[str, ...], target: str, names: tuple[str, ...]
) -> None:
    assert own_data("", TABLE, features, target).text.split("\n")[0] == ",".join(names)


@pytest.mark.parametrize(
    ("text", "features", "target", "sentence"),
    [
        ("u\n1\n2\n", (), "", "A regression needs two columns, a feature and a target; the table has one."),
        ("u,t\n1,2\n", (), "", "The table has one row; a line needs at least two."),
        ("u,t\n3,2\n3,4\n", (), "", "Column 'u' is 3 in every row; there is nothing to fit in it."),
        ("u,t\n1,7\n3,7\n", (), "", "Column 't' is 7 in every row;"),
        ("u,t\n1,0\n3,1e-13\n", (), "", "Column 't' has no number larger than 1e-12; take larger units."),
        ("u,t\na,b\nc,d\n", (), "", "No column begins with a number on line 2."),
        ("u,t\n1,a\n3,d\n", (), "", "Line 2, column 't' must be a number; 'a' is not one."),
        (TABLE, ("name",), "", "Line 2, column 'name' must be a number; 'a' is not one."),
        (TABLE, ("sped",), "", "There is no column 'sped'; did you mean 'speed'?"),
        (TABLE, (), "distance", "There is no column 'distance'"),
        (TABLE, ("dist",), "dist", "Column 'dist' cannot be both feature and target."),
        (TABLE, ("speed", "speed"), "", "Column 'speed' is there twice as a feature; once is enough."),
        (TABLE, ("speed", "weight", "dist"), "name", "take one or two features, not 3."),
        ("u,v,t\n1,2,3\n2,4,5\n3,6,1\n", ("u", "v"), "", "Columns 'u' and 'v' rise and fall as one"),
    ],
)
def test_what_cannot_be_fitted_is_refused(
    text: str, features: tuple[str, ...], target: str, sentence: str
) -> None:
    with pytest.raises(InputError) as error:
        own_data("t.csv", text, features, target)
    assert sentence in str(error.value)


def test_the_spec_holds_the_data_itself() -> None:
    data = own_data("cars.csv", CARS, standardized=True)
    experiment = default_experiment().with_surface(SurfaceSpec(data=data))
    again = read_experiment(write_experiment(Saved(experiment))).experiment
    for copy in (again, pickle.loads(pickle.dumps(experiment))):
        assert copy == experiment
        assert surface(copy.surface).entry.minima == surface(experiment.surface).entry.minima


@pytest.mark.parametrize(
    "text", ["", "u,t\n1,x\n2,3", "a,b,c,d\n1,2,3,4\n3,4,6,6\n", "u\n1\n2", "u,t\n1,1\n1,1\n"]
)
def test_an_experiment_with_a_damaged_table_is_refused(text: str) -> None:
    experiment = default_experiment().with_surface(SurfaceSpec(data=own_data("cars.csv", CARS)))
    damaged = msgspec.structs.replace(
        experiment, surface=SurfaceSpec(data=msgspec.structs.replace(experiment.surface.data, text=text))
    )
    with pytest.raises(InputError):
        read_experiment(write_experiment(Saved(damaged)))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(-1e12, 1e12), st.floats(-1e12, 1e12)), min_size=1, max_size=8))
def test_any_numbers_make_a_surface_or_a_sentence(rows: list[tuple[float, float]]) -> None:
    try:
        here = place("u,t\n" + "".join(f"{u!r},{t!r}\n" for u, t in rows))
    except InputError:
        return
    assert np.isfinite(here.loss(*here.entry.minima[0]))
    here.check_start(*here.entry.starts[0])
