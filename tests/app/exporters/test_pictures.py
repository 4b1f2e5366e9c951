"""Pictures show the surface, the paths in their colours, the minima and the legend."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace as replaced
from PIL import Image
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from app.exporters.network_scenes import DistributionEasel
from app.exporters.pictures import (
    CELL,
    critical_picture,
    descent_picture,
    distributions_picture,
    rate_picture,
)
from app.exporters.sheet import Sheet
from app.language import use_language
from app.plots.critical_layer import mark_colour
from app.plots.descent_plot import legend
from app.theme import DARK, LIGHT, Theme
from core.choice import Choice
from core.critical_points import critical_points
from core.data.own_samples import OwnSamples
from core.descent import DescentSpec, Trajectories, descend
from core.experiment import default_experiment
from core.experiment_file import Saved
from core.network.statistics import KINDS
from core.optimizer import MethodSpec
from core.surface import SurfaceSpec, surface
from core.training import NetworkSpec, TrainingFrame, TrainingSpec, alike, train

RATES = {"sgd": 0.01, "adam": 0.2}


def descents(
    *ids: str, starts: tuple[tuple[float, float], ...] = ((0.0, 0.0),), rate: float = 0.0
) -> Trajectories:
    methods = tuple(MethodSpec(Choice(key, {"learning_rate": rate or RATES[key]})) for key in ids)
    return descend(DescentSpec(SurfaceSpec("himmelblau"), methods, starts, steps=100))


def share(path: Path, colour: QColor) -> float:
    """Share of a picture's pixels that have a colour."""
    with Image.open(path) as picture:
        counts = {found: number for number, found in picture.convert("RGB").getcolors(10**7) or ()}
        total = picture.width * picture.height
    return counts.get((colour.red(), colour.green(), colour.blue()), 0) / total


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_every_path_is_painted_in_its_colour(qapp: QApplication, tmp_path: Path, theme: Theme) -> None:
    both, one = tmp_path / "both.png", tmp_path / "one.png"
    descent_picture(descents("sgd", "adam")).save(both, theme)
    descent_picture(descents("sgd")).save(one, theme)
    adam, sgd = theme.optimizer("adam"), theme.optimizer("sgd")
    assert share(both, adam) > 5e-4
    assert share(one, adam) == 0.0
    assert share(one, sgd) > 5e-4


def test_size_and_scale_are_as_asked(qapp: QApplication, tmp_path: Path) -> None:
    for scale, size in ((1.0, (600, 400)), (2.0, (1200, 800))):
        descent_picture(descents("adam")).save(tmp_path / "a.png", size=(600, 400), scale=scale)
        with Image.open(tmp_path / "a.png") as picture:
            assert picture.size == size


def test_the_same_descents_give_the_same_picture(qapp: QApplication, tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        descent_picture(descents("adam", "sgd")).save(tmp_path / name)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_diverged_runs_and_many_starts_can_be_painted(qapp: QApplication, tmp_path: Path) -> None:
    starts = tuple((float(x), float(y)) for x in range(-4, 5, 2) for y in range(-4, 5, 2))
    descent_picture(descents("sgd", starts=starts, rate=10.0)).save(tmp_path / "a.png")
    assert (tmp_path / "a.png").stat().st_size > 10_000


def test_the_legend_names_every_run_while_there_is_room(qapp: QApplication) -> None:
    rows = legend(descents("sgd", "adam"), LIGHT, 100)
    assert [(row.name, row.step) for row in rows] == [("SGD", "100"), ("Adam", "100")]
    assert len({row.shape for row in rows}) == 2
    rows = legend(descents("sgd", starts=((0.0, 0.0), (1.0, -2.0)), rate=10.0), LIGHT, 100)
    assert [(row.name, row.note) for row in rows] == [
        ("SGD from (0, 0)", "diverged"),
        ("SGD from (1, -2)", "diverged"),
    ]
    many = tuple((float(x), 0.0) for x in range(-4, 5))
    assert [
        (row.name, row.step) for row in legend(descents("sgd", "adam", "sgd", starts=many), LIGHT, 100)
    ] == [
        ("SGD 0.01", ""),
        ("Adam", ""),
        ("SGD 0.01", ""),
    ]


def test_heads_tell_two_variants_of_an_optimizer_apart(qapp: QApplication) -> None:
    methods = tuple(MethodSpec(Choice("adam", {"learning_rate": rate})) for rate in (0.1, 0.2))
    rows = legend(descend(DescentSpec(SurfaceSpec("sphere"), methods, ((1.0, 1.0),), steps=1)), LIGHT, 1)
    assert [row.name for row in rows] == ["Adam 0.1", "Adam 0.2"]
    assert rows[0].colour == rows[1].colour
    assert rows[0].shape != rows[1].shape


def test_nothing_stays_behind(qapp: QApplication, tmp_path: Path) -> None:
    before = set(qapp.topLevelWidgets())
    descent_picture(descents("adam")).save(tmp_path / "a.png")
    assert not [widget for widget in set(qapp.topLevelWidgets()) - before if widget.isVisible()]


def test_a_picture_that_cannot_be_written_is_an_error(qapp: QApplication, tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"could not write a\.png"):
        descent_picture(descents("adam")).save(tmp_path / "gone" / "a.png")


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_every_kind_of_critical_point_has_its_mark(qapp: QApplication, tmp_path: Path, theme: Theme) -> None:
    for key, marked in (("himmelblau", ("minimum", "maximum", "saddle")), ("monkey_saddle", ("degenerate",))):
        place = surface(SurfaceSpec(key))
        critical_picture(place, critical_points(place)).save(tmp_path / "a.png", theme)
        for kind in ("minimum", "maximum", "saddle"):
            assert (share(tmp_path / "a.png", mark_colour(theme, kind)) > 5e-5) == (kind in marked)


def test_a_surface_without_critical_points_can_be_painted(qapp: QApplication, tmp_path: Path) -> None:
    place = surface(SurfaceSpec(formula="x + y"))
    critical_picture(place, critical_points(place)).save(tmp_path / "a.png")
    assert (tmp_path / "a.png").stat().st_size > 10_000


def networks(**numbers: object) -> TrainingFrame:
    network = NetworkSpec(layers=3, units=8, activation=Choice("relu"))
    initializers = (Choice("he_normal"), Choice("large_normal", {"std": 1e30}))
    spec = TrainingSpec(Choice("xor"), alike(initializers, network=network), **numbers)  # type: ignore[arg-type]
    *_, last = train(spec)
    return last


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_every_network_has_its_row_of_histograms(qapp: QApplication, tmp_path: Path, theme: Theme) -> None:
    frame = networks(epochs=1)
    distributions_picture(frame, "Activations").save(tmp_path / "a.png", theme)
    distributions_picture(replace(frame, networks=frame.networks[:1])).save(tmp_path / "b.png", theme)
    first, second = theme.initializer("he_normal"), theme.initializer("large_normal")
    assert share(tmp_path / "a.png", first) > 1e-4
    assert share(tmp_path / "b.png", first) > 1e-4
    assert share(tmp_path / "b.png", second) == 0.0
    with Image.open(tmp_path / "a.png") as both, Image.open(tmp_path / "b.png") as one:
        assert both.height - one.height == 2 * CELL[1]


def test_a_picture_shows_the_kind_that_was_asked_for(qapp: QApplication, tmp_path: Path) -> None:
    frame = networks(epochs=0)
    for kind in KINDS:
        distributions_picture(frame, kind=kind).save(tmp_path / f"{kind}.png")
    assert len({path.read_bytes() for path in tmp_path.iterdir()}) == len(KINDS)


def test_the_title_is_painted_as_plain_text(qapp: QApplication, tmp_path: Path) -> None:
    frame = networks(epochs=0)
    for title in ("<b>a</b>", "a", ""):
        distributions_picture(frame, title).save(tmp_path / f"{len(title)}.png")
    assert len({path.read_bytes() for path in tmp_path.iterdir()}) == 3


def test_the_range_test_of_own_data_is_called_after_its_file() -> None:
    own = OwnSamples("mine.csv", ("a",), ("no", "yes"), np.arange(8.0).tobytes(), bytes([0, 1] * 4))
    spec = TrainingSpec()
    assert rate_picture(spec, []).title == "Learning-rate range test: Digits 8x8"
    assert rate_picture(replaced(spec, own=own), []).title == "Learning-rate range test: mine.csv"


NOUNS = ("Voraktivierungen", "Aktivierungen", "Gradienten", "Gewichte", "Änderungen")


def test_titles_of_distributions_are_in_the_chosen_language(qapp: QApplication) -> None:
    frame, experiment = networks(epochs=0), default_experiment()
    use_language("de")
    try:
        for kind, noun in zip(KINDS, NOUNS, strict=True):
            saved = Saved(replaced(experiment, shown=kind))
            with closing(DistributionEasel(saved, [frame], Sheet((600, 400), 1.0))) as easel:
                assert easel.title.startswith(f"{noun} vor dem Training: ")
    finally:
        use_language("en")
