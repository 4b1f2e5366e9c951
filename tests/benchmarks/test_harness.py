"""The benchmark harness counts, judges and reports as it says."""

import json
import math
import time
from pathlib import Path

import pytest

from tests.benchmarks import __main__ as bench
from tests.benchmarks.harness import (
    NEEDS_PEERS,
    Direction,
    Figure,
    Judged,
    from_json,
    measure,
    measure_together,
    milliseconds,
    peer,
    times_faster,
)


def test_median_and_percentile_are_of_the_samples() -> None:
    figure = Figure(name="frames", samples=tuple(float(value) for value in range(100, 0, -1)))
    assert figure.median == 50.5
    assert figure.percentile == 95.0
    assert Figure(name="one", samples=(3.0,)).percentile == 3.0


@pytest.mark.parametrize(
    ("judged", "direction", "target", "met"),
    [
        (Judged.MEDIAN, Direction.AT_MOST, 2.0, True),
        (Judged.MEDIAN, Direction.AT_MOST, 1.9, False),
        (Judged.PERCENTILE, Direction.AT_MOST, 2.0, False),
        (Judged.PERCENTILE, Direction.AT_MOST, 3.0, True),
        (Judged.MEDIAN, Direction.AT_LEAST, 2.0, True),
        (Judged.RATIO, Direction.AT_LEAST, 200.0, True),
        (Judged.RATIO, Direction.AT_LEAST, 300.0, False),
    ],
)
def test_a_target_is_judged_by_the_number_it_speaks_of(
    judged: Judged, direction: Direction, target: float, met: bool
) -> None:
    figure = Figure(
        name="x", samples=(1.0, 2.0, 3.0), target=target, judged=judged, direction=direction, ratio=250.0
    )
    assert figure.is_met is met
    assert figure.verdict == ("met" if met else "NOT MET")


def test_without_a_target_nothing_is_judged() -> None:
    assert Figure(name="x", samples=(1.0,)).is_met is None


def test_a_figure_has_samples_or_says_why_not() -> None:
    assert Figure(name="x", missing=NEEDS_PEERS, target=1.0).verdict == NEEDS_PEERS
    with pytest.raises(ValueError, match="needs either samples or a reason"):
        Figure(name="x")
    with pytest.raises(ValueError, match="no ratio"):
        Figure(name="x", samples=(1.0,), target=2.0, judged=Judged.RATIO)


def test_figures_survive_json() -> None:
    figures = [
        Figure(name="a", samples=(1.5, 2.5), target=3.0, judged=Judged.PERCENTILE, note="n", ratio=2.0),
        Figure(name="b", missing=NEEDS_PEERS, direction=Direction.AT_LEAST),
    ]
    texts = [json.dumps(figure.to_json(), allow_nan=False) for figure in figures]
    assert [from_json(json.loads(text)) for text in texts] == figures


def test_calls_take_turns_and_warm_up_is_not_counted() -> None:
    order: list[str] = []
    taken = measure_together({"a": lambda: order.append("a"), "b": lambda: order.append("b")}, 3, warmup=1)
    assert order == ["a", "b", "a", "b", "a", "b", "a", "b"]
    assert {name: len(samples) for name, samples in taken.items()} == {"a": 3, "b": 3}


def test_times_are_seconds() -> None:
    samples = measure(lambda: time.sleep(0.005), repeats=3, warmup=0)
    assert all(0.005 <= sample < 1 for sample in samples)
    assert milliseconds((0.002,)) == (2.0,)
    assert times_faster(ours=(1.0,), theirs=(3.0,)) == 3.0


def test_a_judge_that_is_not_installed_is_none() -> None:
    assert peer("nobody_has_this_library") is None


def test_the_table_shows_every_figure() -> None:
    text = bench.table(
        [
            Figure(name="drag", samples=(10.0, 20.0), target=16.7, judged=Judged.PERCENTILE, note="1200x800"),
            Figure(name="steps", unit="steps/s", missing=NEEDS_PEERS, compared_to="torch"),
        ]
    )
    assert "at most 16.7 ms (95th p.)" in text
    assert "NOT MET" in text
    assert NEEDS_PEERS in text
    assert text.endswith("drag: 1200x800")
    assert bench.number(math.nan) == "-"
    assert bench.number(1234.5) == "1234"


GOOD = """
import os
from tests.benchmarks.harness import Figure
def figures():
    good = os.environ["OPENBLAS_NUM_THREADS"] == "1" and os.environ["QT_QPA_PLATFORM"] == "offscreen"
    return [Figure(name="planted", unit="", samples=(float(good),), target=2.0, direction="at least")]
"""


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder of benchmarks of the test's own."""
    folder = tmp_path / "tests" / "benchmarks"
    folder.mkdir(parents=True)
    (folder / "harness.py").write_text(Path(bench.__file__).with_name("harness.py").read_text())
    monkeypatch.setattr(bench, "HERE", folder)
    return folder


def test_benchmarks_are_found_by_their_names(planted: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (planted / "bench_good.py").write_text(GOOD)
    file = planted / "out.json"
    assert bench.main(["--json", str(file)]) == 0  # a missed target is no error
    assert "1 figures, 1 not met, 0 not measured." in capsys.readouterr().out
    assert json.loads(file.read_text())["figures"][0]["median"] == 1.0


def test_a_crash_is_an_error_and_the_others_still_run(
    planted: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (planted / "bench_bad.py").write_text("def figures():\n    raise RuntimeError('out of paint')\n")
    (planted / "bench_good.py").write_text(GOOD)
    assert bench.main([]) == 1
    said = capsys.readouterr()
    assert "out of paint" in said.err
    assert "planted" in said.out


def test_unknown_benchmarks_are_named(planted: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        bench.main(["bench_nothing"])
    assert "there is no benchmark bench_nothing" in capsys.readouterr().err
