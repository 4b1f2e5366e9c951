"""The picture of a search shows every curve in its optimizer's colour."""

from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtWidgets import QApplication

from app.exporters.pictures import sensitivity_picture
from app.plots.tuning_curves import sensitivities
from app.theme import DARK, LIGHT, Theme
from core.choice import Choice
from core.optimizer import OPTIMIZERS, MethodSpec
from core.search import TuneResult, TuneSpec, tune
from core.surface import SurfaceSpec
from tests.app.exporters.test_pictures import share


def searched(*ids: str, formula: str = "x**2 + 9*y**2", budget: int = 12) -> TuneResult:
    methods = tuple(MethodSpec(Choice(key)) for key in ids)
    return tune(TuneSpec(SurfaceSpec(formula=formula), methods, ((3.0, 2.0),), 500, budget))


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_every_curve_is_painted_in_its_colour(qapp: QApplication, tmp_path: Path, theme: Theme) -> None:
    both, one = tmp_path / "both.png", tmp_path / "one.png"
    sensitivity_picture(searched("sgd", "adam")).save(both, theme)
    sensitivity_picture(searched("sgd")).save(one, theme)
    assert share(both, theme.optimizer("adam")) > 2e-4
    assert share(one, theme.optimizer("adam")) == 0.0
    assert share(one, theme.optimizer("sgd")) > 2e-4


def test_size_scale_and_the_same_again(qapp: QApplication, tmp_path: Path) -> None:
    result = searched(*OPTIMIZERS)
    for name in ("a.png", "b.png"):
        sensitivity_picture(result).save(tmp_path / name, size=(500, 400), scale=1.0)
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.size == (500, 400)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


@pytest.mark.parametrize("formula", ["3", "sqrt(x - 2.9999)", "-x**2 - y**2", "x**2 + 1e12"])
def test_a_search_without_a_good_rate_has_a_picture_too(
    qapp: QApplication, tmp_path: Path, formula: str
) -> None:
    result = searched("sgd", "adam", formula=formula, budget=8)
    sensitivity_picture(result).save(tmp_path / "a.png")
    assert (tmp_path / "a.png").exists()


def test_two_settings_of_one_optimizer_are_told_apart(qapp: QApplication) -> None:
    methods = tuple(MethodSpec(Choice("momentum", {"momentum": value})) for value in (0.5, 0.9))
    result = tune(TuneSpec(SurfaceSpec("sphere"), methods, ((3.0, 2.0),), 50, 6))
    one, other = sensitivities(result, LIGHT)
    assert one.name != other.name
    assert one.shape != other.shape
