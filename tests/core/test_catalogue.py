"""A catalogue is its folder: a new file is a new entry, a bad file is named."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.catalogue import Catalogue, CatalogueError
from core.errors import InputError
from core.momentum_schedule import MOMENTUM_SCHEDULES
from core.optimizer import OPTIMIZERS
from core.schedule import SCHEDULES, Schedule
from core.start_pattern import START_PATTERNS

GOOD = """
from core.schedule import Schedule
ENTRY = Schedule(
    id="{id}", name="Half", summary="Half the rate.", order={order}, factor=lambda step, steps: 0.5
)
"""
Plant = Callable[..., Catalogue[Schedule]]


@pytest.fixture
def plant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Plant]:
    """Write modules into a package of the test's own, and return the catalogue over it."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(**modules: str) -> Catalogue[Schedule]:
        folder = tmp_path / "planted"
        folder.mkdir()
        (folder / "__init__.py").touch()
        for name, text in modules.items():
            (folder / f"{name}.py").write_text(text, encoding="utf-8")
        return Catalogue("planted", Schedule, "schedule")

    yield write
    for name in [name for name in sys.modules if name.split(".")[0] == "planted"]:
        del sys.modules[name]


def test_a_file_in_the_folder_is_an_entry(plant: Plant) -> None:
    catalogue = plant(
        half=GOOD.format(id="half", order=2),
        whole=GOOD.format(id="whole", order=1),
        again=GOOD.format(id="again", order=2),
    )
    assert list(catalogue) == ["whole", "again", "half"]
    assert len(catalogue) == 3
    assert "half" in catalogue
    assert "cosine" not in catalogue
    assert catalogue["half"].factor(0, 10) == 0.5
    assert [p.name for p in catalogue["half"].hyperparameters] == ["warmup_steps"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("value = 1", r"planted\.bad must define ENTRY, an instance of Schedule; found NoneType"),
        ("ENTRY = 'constant'", r"planted\.bad must define ENTRY, an instance of Schedule; found str"),
        (
            "from core.catalogue import Entry\nENTRY = Entry(id='bad', name='', summary='')",
            r"planted\.bad must define ENTRY, an instance of Schedule; found Entry",
        ),
        (GOOD.format(id="good", order=1), r"planted\.bad holds the id 'good'; it must be 'bad'"),
    ],
    ids=["no entry", "no class at all", "another class", "another id"],
)
def test_a_bad_file_is_named_with_its_mend(plant: Plant, text: str, words: str) -> None:
    with pytest.raises(CatalogueError, match=words):
        list(plant(bad=text))


@pytest.mark.parametrize(
    ("typed", "hint"),
    [("Adam", "did you mean 'adam'"), ("rmspop", "did you mean 'rmsprop'"), ("zzz", "choose one of: sgd, ")],
)
def test_an_unknown_name_says_what_would_be_right(typed: str, hint: str) -> None:
    with pytest.raises(InputError, match=hint) as caught:
        OPTIMIZERS[typed]
    assert caught.value.field == "optimizer"


@pytest.mark.parametrize(
    "catalogue",
    [OPTIMIZERS, SCHEDULES, MOMENTUM_SCHEDULES, START_PATTERNS],
    ids=["optimizers", "schedules", "momentum schedules", "start patterns"],
)
def test_the_folder_and_the_catalogue_hold_the_same(catalogue: Catalogue[Schedule]) -> None:
    folder = Path(__file__).parents[2] / Path(*catalogue._package.split("."))
    assert set(catalogue) == {file.stem for file in folder.glob("*.py")} - {"__init__"}
