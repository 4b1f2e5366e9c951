"""The maps' process: levels from coarse to fine, newer orders, minima that keep their colour."""

import time
from collections.abc import Iterator

import numpy as np
import pytest
from msgspec.structs import replace

from app.background import Background
from app.map_server import COARSEST, FIRST, Compiling, Draw, Drawn, Forget, MapServer, Pace, Refused
from core.choice import Choice
from core.loops import can_compile
from core.map_grades import graded
from core.map_spec import MapAxis, MapSpec
from core.maps import compute_map, levels
from core.optimizer import MethodSpec
from core.surface import SurfaceSpec

SPEC = MapSpec(SurfaceSpec("himmelblau"), MethodSpec(Choice("adam", {"learning_rate": 0.2})), steps=60)
NUMBERS = replace(
    SPEC, kind="hyperparameters", x=MapAxis("learning_rate", 1e-3, 1.0), y=MapAxis("beta1", 0.0, 0.99)
)
SMALL = replace(SPEC, columns=64, rows=48)


@pytest.fixture
def server() -> Iterator[MapServer]:
    """A server that compiles."""
    background = Background()
    yield MapServer(background)
    background.close()


def answers(server: MapServer, limit: float = 60.0) -> list:
    """Everything that is said until there is nothing to do."""
    said, end = [], time.monotonic() + limit
    while server.wait is not None and time.monotonic() < end:
        said += server.work(0.01)
        if server.wait:
            time.sleep(server.wait)
    return said


@pytest.mark.parametrize("spec", [SPEC, NUMBERS], ids=["starts", "numbers"])
def test_levels_come_from_coarse_to_fine_and_the_last_is_the_map(spec: MapSpec) -> None:
    server = MapServer()
    assert server.handle(Draw("a", 1, spec)) == []
    said = answers(server)
    assert [answer.map.grades.shape[0] for answer in said] == [16, 32, 64, 128, 256]
    assert [answer.first for answer in said] == [True, False, False, False, False]
    assert [answer.last for answer in said] == [False, False, False, False, True]
    expected = graded(compute_map(spec, "numpy"))
    assert (said[-1].map.grades == expected.grades).all()
    assert said[-1].map.rows == expected.rows
    assert server.wait is None


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (700, 3)])
def test_any_size_ends_with_that_size(size: tuple[int, int]) -> None:
    server = MapServer()
    server.handle(Draw("a", 1, replace(SPEC, columns=size[0], rows=size[1], steps=5)))
    said = answers(server)
    assert said[-1].map.grades.shape == size[::-1]
    assert max(said[0].map.grades.shape) <= 2 * COARSEST


def test_a_newer_order_takes_the_place_of_an_older_one() -> None:
    server = MapServer()
    server.handle(Draw("a", 1, SPEC))
    first = server.work(0.01)
    server.handle(Draw("a", 2, replace(SPEC, quantity="loss")))
    said = [*first, *answers(server)]
    assert {answer.serial for answer in said[len(first) :]} == {2}
    server.handle(Draw("a", 3, SPEC))
    server.handle(Forget("a"))
    assert server.wait is None


def test_two_maps_take_turns_and_first_levels_go_first() -> None:
    server = MapServer()
    server.handle(Draw("a", 1, SPEC))
    server.handle(Draw("b", 2, NUMBERS))
    said = answers(server)
    assert {answer.name for answer in said[:2]} == {"a", "b"}
    assert [answer.name for answer in said].count("a") == 5


def test_what_cannot_be_mapped_is_refused_in_a_sentence() -> None:
    server = MapServer()
    (answer,) = server.handle(Draw("a", 7, replace(SPEC, columns=4000, rows=2500)))
    assert isinstance(answer, Refused)
    assert (answer.name, answer.serial) == ("a", 7)
    assert "at most 4,000,000 pixels; 4,000 x 2,500 are 10,000,000" in answer.sentence
    assert server.wait is None


def test_levels_that_were_quick_are_left_out_the_next_time() -> None:
    pace, ladder = Pace(), levels(SPEC, (16, 8, 4, 2, 1))
    assert pace.begin("code", ladder) == 0
    pace.note("code", ladder[0], FIRST / 8)
    assert pace.begin("code", ladder) == 1  # four times the pixels fit, sixteen times would not
    pace.note("code", ladder[1], FIRST / 5)
    assert pace.begin("code", ladder) == 2
    assert pace.begin("other code", ladder) == 0
    for _ in range(20):
        pace.note("code", ladder[2], 1.0)
    assert pace.begin("code", ladder) == 1


def test_minima_that_were_found_keep_their_place() -> None:
    """An own formula has no known minima: the first map's come first in all that follow."""
    server = MapServer()
    spec = replace(SMALL, steps=400)
    spec = replace(spec, surface=SurfaceSpec(formula="(x**2 - 4)**2 + y**2", domain=(-4.0, 4.0, -3.0, 3.0)))
    server.handle(Draw("a", 1, replace(spec, domain=(0.5, 4.0, -3.0, 3.0))))
    right = answers(server)[-1]
    server.handle(Draw("a", 2, replace(spec, domain=(-4.0, 4.0, -3.0, 3.0))))
    both = answers(server)[-1]
    assert [row.grade for row in right.map.rows if row.grade < 200] == [0]
    assert [row.grade for row in both.map.rows if row.grade < 200] == [0, 1]
    assert (both.map.grades[:, -1] == 0).all()
    assert (both.map.grades[:, 0] == 1).all()


def test_minima_of_an_own_formula_are_exact_once_they_have_been_looked_for(server: MapServer) -> None:
    spec = replace(SMALL, surface=SurfaceSpec(formula="(x**2 - 2)**2 + y**2", domain=(-4.0, 4.0, -3.0, 3.0)))
    server.handle(Draw("a", 1, replace(spec, steps=300)))
    answers(server)
    end = time.monotonic() + 30.0
    while server._minima is None or abs(server._minima[0][0]) != pytest.approx(np.sqrt(2.0), abs=1e-12):
        assert time.monotonic() < end
        server.handle(Draw("a", 2, replace(spec, steps=300)))
        answers(server)
    assert len(server._minima) == 2


def test_a_parameter_that_is_dragged_looks_for_minima_only_where_it_rests(server: MapServer) -> None:
    def order(place: int) -> Draw:
        surface = SurfaceSpec(
            formula="(x**2 - a)**2 + y**2", domain=(-4.0, 4.0, -3.0, 3.0), parameters={"a": 1.0 + 0.1 * place}
        )
        return Draw("a", place, replace(SMALL, surface=surface))

    begun: list = []
    begin = server._background.begin
    server._background.begin = lambda key, *call: (begun.append(key), begin(key, *call))
    for place in range(20):
        server.handle(order(place))
        server.work(0.01)
    answers(server)
    searched = [key for kind, key in begun if kind == "minima"]
    assert searched == [order(19).spec.surface]
    assert server._minima[0][0] ** 2 == pytest.approx(2.9, abs=1e-9)


@pytest.mark.skipif(not can_compile(), reason="needs the extra 'fast'")
def test_code_is_compiled_beside_the_drawing_and_draws_the_same(server: MapServer) -> None:
    # Nobody else compiles this. Its minima are given: else the server looks for them and knows them better.
    place = SurfaceSpec(formula="x**4 - 3.17*x**2 + y**2")
    spec = replace(SPEC, surface=place, minima=((1.585**0.5, 0.0), (-(1.585**0.5), 0.0)))
    server.handle(Draw("a", 1, spec))
    said = answers(server)
    drawn = [answer for answer in said if isinstance(answer, Drawn)]
    assert [answer.busy for answer in said if isinstance(answer, Compiling)] == [True, False]
    assert not drawn[0].compiled
    assert drawn[-1].compiled
    assert (drawn[-1].map.grades == graded(compute_map(spec, "numpy")).grades).all()
    server.handle(Draw("a", 2, replace(spec, steps=61)))
    again = answers(server)
    assert all(isinstance(answer, Drawn) and answer.compiled for answer in again)


def test_code_that_cannot_be_compiled_leaves_the_drawing_to_numpy(
    server: MapServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(_: MapSpec) -> None:
        raise RuntimeError("no such instruction")

    monkeypatch.setattr("app.map_server.prepare", fails)
    monkeypatch.setattr("app.map_server.can_compile", lambda: True)
    monkeypatch.setattr("app.map_server.is_prepared", lambda _: False)
    server.handle(Draw("a", 1, replace(SPEC, steps=300)))
    said = answers(server)
    assert [answer.busy for answer in said if isinstance(answer, Compiling)] == [True, False]
    assert said[-1].map.grades.shape == (256, 256)
    assert "no such instruction" in caplog.text
    server.handle(Draw("a", 2, replace(SPEC, steps=300)))
    assert not any(isinstance(answer, Compiling) for answer in answers(server))
