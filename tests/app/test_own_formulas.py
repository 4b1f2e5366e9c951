"""The list of kept formulas: over restarts, and whatever a settings file holds."""

from pathlib import Path

import pytest
from PySide6.QtCore import QSettings

from app.own_formulas import MOST, OwnFormulas
from core.surface import SurfaceSpec

BOWL = SurfaceSpec(formula="a*x**2 + y**2", name="Bowl", parameters={"a": 2.0}, learning_rates={"adam": 0.3})
WAVES = SurfaceSpec(formula="sin(x)*sin(y)", domain=(-3.0, 3.0, -2.0, 2.0))


@pytest.fixture
def settings(tmp_path: Path) -> QSettings:
    return QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)


def again(settings: QSettings) -> list[SurfaceSpec]:
    """What the next start reads from the file."""
    settings.sync()
    return OwnFormulas(QSettings(settings.fileName(), QSettings.Format.IniFormat)).specs


def test_all_of_a_formula_survives_a_restart(settings):
    shelf = OwnFormulas(settings)
    shelf.keep(BOWL)
    shelf.keep(WAVES)
    assert again(settings) == [BOWL, WAVES]


def test_the_same_name_and_text_are_there_once(settings):
    shelf = OwnFormulas(settings)
    for value in (1.0, 2.0):
        shelf.keep(SurfaceSpec(formula="a*x", parameters={"a": value}))
    assert shelf.specs == [SurfaceSpec(formula="a*x", parameters={"a": 2.0})]


def test_one_takes_the_place_of_another(settings):
    shelf = OwnFormulas(settings)
    for spec in (BOWL, WAVES, SurfaceSpec(formula="x")):
        shelf.keep(spec)
    shelf.keep(SurfaceSpec(formula="y", name="Slope"), 1)
    assert [spec.formula for spec in shelf.specs] == [BOWL.formula, "y", "x"]
    shelf.keep(BOWL, 2)
    assert [spec.formula for spec in shelf.specs] == ["y", BOWL.formula], "renamed to one that was there"
    shelf.remove(0)
    assert again(settings) == [BOWL]


def test_other_values_are_written_when_the_window_closes(settings):
    shelf = OwnFormulas(settings)
    shelf.keep(BOWL)
    moved = SurfaceSpec(formula=BOWL.formula, name="Bowl", parameters={"a": 3.5})
    shelf.update(moved)
    shelf.update(WAVES)
    assert shelf.specs == [moved], "what is not kept is not added"
    shelf.close()
    assert again(settings) == [moved]


def test_the_oldest_go(settings):
    shelf = OwnFormulas(settings)
    shelf.specs = [SurfaceSpec(formula=f"x + {number}") for number in range(MOST)]
    shelf.keep(BOWL)
    assert len(shelf.specs) == MOST
    assert shelf.specs[-1] == BOWL
    assert shelf.specs[0].formula == "x + 1"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("nonsense", []),
        ("[", []),
        ('{"formula": "x"}', []),
        ('[{"formula": 3}]', []),
        ("[" * 5000, []),
        ('[{"formula": "x + y"}, {"formula": "__import__(\'os\')"}]', ["x + y"]),
        ('[{"formula": "x +"}, {"formula": "x*y", "domain": [1, 0, 0, 1]}, {"formula": "y"}]', ["y"]),
        ('[{"formula": "x", "id": "beale"}]', []),
        ('[{"formula": "x", "parameters": {"a": "two"}}]', []),
    ],
)
def test_a_bad_settings_file_is_survived(settings, text, kept, caplog):
    settings.setValue("own_formulas", text)
    with caplog.at_level("CRITICAL", logger="optiscope"):
        shelf = OwnFormulas(settings)
    assert [spec.formula for spec in shelf.specs] == kept
    shelf.keep(BOWL)
    assert again(settings)[-1] == BOWL
