"""What is switched on beside the paths stands in pictures, pages and films as it does in the window."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtGui import QColor

from app.exporters import overlays
from app.exporters.canvas import TITLE_HEIGHT, save_svg
from app.exporters.descent_scenes import SurfaceEasel
from app.exporters.experiment_files import Results
from app.exporters.film import Film
from app.exporters.film_painter import FilmPainter
from app.exporters.sheet import Sheet
from app.plots.arrows import Kind
from app.plots.cloud_layer import CloudLayer
from app.plots.critical_layer import CriticalLayer, mark_colour
from app.plots.map_layer import MapLayer
from app.plots.vector_layer import Vector, VectorLayer
from app.theme import LIGHT
from core.descent import Trajectories, Trajectory, descend
from core.experiment import default_experiment
from core.experiment_file import Saved, View
from core.surface import SurfaceSpec
from tests.app.laboratory_driver import Driver, count_near

pytestmark = pytest.mark.usefixtures("qapp")
SHEET = Sheet((600, 420), 1.0)
ALL = ("step", "gradient", "velocity", "second_moment")


def booth(*overlays: str, surface: str = "booth", **changes: object) -> Saved:
    experiment = default_experiment().with_surface(SurfaceSpec(surface))
    return Saved(replace(experiment, steps=40, overlays=overlays, **changes))


def result_of(saved: Saved) -> Trajectories:
    return descend(saved.experiment.descent())


@contextmanager
def easel_of(saved: Saved, step: int) -> Iterator[SurfaceEasel]:
    easel = SurfaceEasel(saved, result_of(saved), SHEET)
    assert isinstance(easel, SurfaceEasel)
    try:
        easel.set_step(step)
        yield easel
    finally:
        easel.close()


def layer_of(easel: SurfaceEasel, kind: type) -> object:
    """What of one kind lies over the plot, or None."""
    plot = easel.widgets[0]
    found = [item for item in plot.view.childItems() if isinstance(item, kind)]
    assert len(found) <= 1
    return found[0] if found else None


def vectors(easel: SurfaceEasel) -> list[Vector]:
    layer = layer_of(easel, VectorLayer)
    assert isinstance(layer, VectorLayer)
    return list(layer.vectors())


def run_of(saved: Saved, optimizer: str = "adam") -> Trajectory:
    return next(run for run in result_of(saved).runs if run.method.optimizer.id == optimizer)


def test_arrows_are_those_of_the_step_that_comes_next() -> None:
    saved = booth("step", "gradient")
    run = run_of(saved)
    with easel_of(saved, 0) as easel:
        for step in (0, 7, 39, 40):
            easel.set_step(step)
            begin = min(step, 39)
            arrow, slope = vectors(easel)
            assert (arrow.kind, slope.kind) == (Kind.STEP, Kind.GRADIENT)
            assert arrow.origin == pytest.approx(run.points[begin])
            assert arrow.reach == pytest.approx(run.points[begin + 1] - run.points[begin])
            x, y = run.points[begin]
            by_hand = np.array([10 * x + 8 * y - 34, 8 * x + 10 * y - 38])  # of Booth's function
            assert slope.reach == pytest.approx(-by_hand)


def test_arrows_are_the_same_as_in_a_window_that_has_just_been_opened(open_laboratory) -> None:
    saved = booth(*ALL)
    lab: Driver = open_laboratory(saved.experiment)
    lab.until(lambda: lab.laboratory.descents.result is not None)
    lab.laboratory.playback.go(12)
    shown = lab.laboratory.overlay("step").layer.vectors()
    with easel_of(saved, 12) as easel:
        drawn = vectors(easel)
    assert [each.kind for each in drawn] == [each.kind for each in shown]
    assert len(drawn) >= 4
    for one, other in zip(drawn, shown, strict=True):
        assert one.colour == other.colour
        assert one.reach.tolist() == other.reach.tolist()


def test_of_few_optimizers_all_have_arrows_and_of_many_the_first() -> None:
    def only(*keys: str) -> Saved:
        saved = booth("step")
        contenders = tuple(
            replace(each, enabled=each.method.optimizer.id in keys) for each in saved.experiment.contenders
        )
        return replace(saved, experiment=replace(saved.experiment, contenders=contenders))

    for keys, expected in ((("sgd", "rmsprop"), ("sgd", "rmsprop")), (("sgd", "rmsprop", "lion"), ("sgd",))):
        with easel_of(only(*keys), 3) as easel:
            assert [each.colour for each in vectors(easel)] == [LIGHT.optimizer(key) for key in expected]


def test_critical_points_take_the_place_of_the_known_minima() -> None:
    aside = ((4.5, 0.5),)  # so that no ring hides the maximum
    with easel_of(booth("critical_points", surface="himmelblau", starts=aside), 40) as easel:
        layer = layer_of(easel, CriticalLayer)
        assert isinstance(layer, CriticalLayer)
        kinds = [point.kind for point in layer.points()]
        assert sorted(kinds) == ["maximum"] + 4 * ["minimum"] + 4 * ["saddle"]
        marked = easel.image(2.0)
    with easel_of(booth(surface="himmelblau", starts=aside), 40) as easel:
        plain = easel.image(2.0)
    for kind in ("minimum", "maximum", "saddle"):
        colour = mark_colour(LIGHT, kind)
        assert count_near(marked, colour) > count_near(plain, colour) + 40


def test_noise_is_that_of_the_first_optimizer_and_nothing_where_there_are_no_samples(open_laboratory) -> None:
    saved = booth("noise", surface="linear_regression_standardized", batch_size=4)
    lab: Driver = open_laboratory(saved.experiment)
    lab.until(lambda: lab.laboratory.descents.result is not None)
    lab.laboratory.playback.go(9)
    caption = lab.laboratory.overlay("noise").layer.caption()
    assert "batches of 4: noise " in caption
    with easel_of(saved, 9) as easel:
        layer = layer_of(easel, CloudLayer)
        assert isinstance(layer, CloudLayer)
        assert layer.caption() == caption
    with easel_of(booth("noise"), 9) as easel:
        layer = layer_of(easel, CloudLayer)
        assert isinstance(layer, CloudLayer)
        assert layer.caption() == ""


def test_what_is_off_is_not_drawn_and_what_only_the_window_has_does_no_harm() -> None:
    with easel_of(booth(), 5) as easel:
        plain = easel.image(1.0)
        for kind in (VectorLayer, CriticalLayer, CloudLayer, MapLayer):
            assert layer_of(easel, kind) is None
    with easel_of(booth("three_d"), 5) as easel:
        assert easel.image(1.0) == plain


def basins(**changes: object) -> Saved:
    maps = replace(default_experiment().maps, optimizer="momentum", columns=48, rows=32)
    return booth("map", surface="himmelblau", maps=maps, **changes)


def test_the_map_of_starts_is_that_of_the_window_for_the_part_that_is_seen(open_laboratory) -> None:
    saved = replace(basins(), view=View(area=(0.0, 5.0, -1.0, 4.0)))
    lab: Driver = open_laboratory(saved.experiment)
    lab.plot.show_part((0.0, 5.0, -1.0, 4.0))
    overlay = lab.laboratory.overlay("map")
    lab.until(lambda: overlay.shown is not None and overlay.shown.last)
    lab.until(lambda: overlay.shown.map.spec.domain == pytest.approx((0.0, 5.0, -1.0, 4.0)))
    with easel_of(saved, 40) as easel:
        layer = layer_of(easel, MapLayer)
        assert isinstance(layer, MapLayer)
        assert layer.colours is not None
        assert overlay.layer.colours is not None
        assert layer.colours.pixels.shape == (32, 48)
        assert (layer.colours.pixels == overlay.layer.colours.pixels).all()
        picture = easel.image(1.0)
        plot, strip = easel.widgets
        assert (plot.height(), strip.height()) == (SHEET.size[1] - TITLE_HEIGHT - 24, 24)
        assert strip.accessibleDescription().startswith("Momentum: minimum reached; (3, 2): ")
    for row in layer.colours.rows:
        assert count_near(picture, QColor(row.colour), within=2) > 1_000 * (row.share > 0.1)


def test_a_map_of_many_steps_is_coarser_and_says_so_and_one_of_too_many_is_a_sentence(monkeypatch) -> None:
    monkeypatch.setattr(overlays, "_MOST_WORK", 24 * 16 * 40)
    with easel_of(basins(), 3) as easel:
        layer = layer_of(easel, MapLayer)
        assert isinstance(layer, MapLayer)
        assert layer.colours is not None
        assert layer.colours.pixels.shape == (16, 24)
        with_map = easel.image(1.0)
    for bound in ("_MOST_WORK", "_MOST_COARSE"):
        monkeypatch.setattr(overlays, bound, 10)
    with easel_of(basins(), 3) as easel:
        assert layer_of(easel, MapLayer) is None
        sentence = "There is no map in pictures of 40 steps: it would take too long."
        assert easel.widgets[1].accessibleDescription() == sentence
        assert easel.image(1.0) != with_map


def test_a_page_has_the_key_as_text(tmp_path: Path) -> None:
    with easel_of(booth("gradient"), 0) as easel:
        save_svg(easel, tmp_path / "with.svg")
    with easel_of(booth(), 0) as easel:
        save_svg(easel, tmp_path / "without.svg")
    page, plain = ((tmp_path / name).read_text(encoding="utf-8") for name in ("with.svg", "without.svg"))
    assert ">negative gradient × " in page
    assert page.count("<image") == plain.count("<image"), "only the surface is made of pixels"


def test_a_film_has_the_arrows_of_every_step() -> None:
    film = Film("surface", SHEET, 5, 2.0)
    top = ((-8.0, 9.0),)
    both = booth("step", "gradient", starts=top), booth(starts=top)
    painters = [FilmPainter(film, Results(each, "surface")) for each in both]
    try:
        pairs = [[painter.frame(index).astype(int) for painter in painters] for index in range(film.frames)]
    finally:
        for painter in painters:
            painter.close()
    differing = [np.abs(one - other).max(axis=2) > 30 for one, other in pairs]
    assert all(pixels.sum() > 100 for pixels in differing)
    middles = [np.argwhere(pixels[:300]).mean(axis=0) for pixels in differing[:4]]  # below it is the key
    assert np.hypot(*(middles[0] - middles[-1])) > 20, "they go along"
