"""Fair mode: equal budgets, never worse than before, the same every time, and it can be stopped."""

import math
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from typing import Any

import msgspec
import pytest

from core.choice import Choice
from core.descent import descend
from core.errors import InputError
from core.optimizer import OPTIMIZERS, MethodSpec
from core.search import RATE, WORST, TuneResult, TuneSpec, lowest_loss, trials, tune
from core.surface import Surface, SurfaceSpec, surface, surfaces

SIX = ("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam")


def method(key: str, **values: Any) -> MethodSpec:
    return MethodSpec(Choice(key, values))


def spec(formula: str = "x**2 + 9*y**2", *methods: MethodSpec, **changes: Any) -> TuneSpec:
    blank = TuneSpec(
        SurfaceSpec(formula=formula), methods or (method("sgd"),), ((4.0, 2.0),), steps=50, budget=20
    )
    return msgspec.structs.replace(blank, **changes)


def said(result: TuneResult) -> list[Any]:
    return [(t.method, t.trials, t.sentence) for t in result.tunings]


# ---------------------------------------------------------------- never worse, equal budgets


@pytest.mark.parametrize("key", surfaces())
@pytest.mark.parametrize("what", [(RATE,), (RATE, "momentum", "decay", "beta1", "accumulate")], ids=len)
def test_never_worse_than_the_defaults_or_what_was_set(key: str, what: tuple[str, ...]) -> None:
    entry = surfaces()[key]
    methods = tuple(
        method(each, **({RATE: rate} if (rate := entry.learning_rates.get(each)) else {})) for each in SIX
    )
    asked = TuneSpec(SurfaceSpec(key), methods, entry.starts[:1], entry.steps, budget=12, what=what)
    result = tune(asked)
    assert result.complete
    for tuning in result.tunings:
        assert len(tuning.trials) == asked.budget
        kinds = [trial.kind for trial in tuning.trials]
        assert kinds[0] == "current"
        defaults = {n: v for n, v in method(tuning.method.optimizer.id).values().items() if n in what}
        assert defaults in [trial.values for trial in tuning.trials]
        assert tuning.best.rank <= min(tuning.current.rank, tuning.default.rank)
        before = msgspec.structs.replace(asked.descent((tuning.method, tuning.tuned)))
        old, new = descend(before).runs
        assert new.losses[-1] == tuning.best.losses[0]
        if old.outcome != "diverged":
            assert max(new.losses[-1], result.lowest) <= max(old.losses[-1], result.lowest)
        assert new.outcome != "diverged" or old.outcome == "diverged"


def test_every_optimizer_makes_the_same_number_of_different_trials_from_every_start() -> None:
    asked = spec(
        "x**2 + y**4", *map(method, OPTIMIZERS), starts=((1.0, 1.0), (2.0, -1.0), (0.0, 3.0)), budget=33
    )
    for tuning in tune(asked).tunings:
        assert len(tuning.trials) == 33
        assert tuning.descents == 99
        assert len({tuple(trial.values.items()) for trial in tuning.trials}) == 33
        assert {len(trial.losses) for trial in tuning.trials} == {3}


@pytest.mark.parametrize("budget", [5, 6, 7, 150])
def test_any_budget_is_spent_to_the_last_trial(budget: int) -> None:
    asked = spec("x**2 + y**2", method("momentum"), budget=budget, what=(RATE, "momentum"))
    assert len(tune(asked).tunings[0].trials) == budget


def test_rates_go_from_coarse_to_fine_around_the_best() -> None:
    """On the quadratic with curvatures 2 and 18 the best rate is 2 / (2 + 18)."""
    tuning = tune(spec(budget=40)).tunings[0]
    assert float(tuning.best.values[RATE]) == pytest.approx(0.1, rel=0.1)
    rates = [float(trial.values[RATE]) for trial in tuning.trials if trial.kind == "grid"]
    assert (min(rates), max(rates)) == (1e-5, 10.0)
    fine = [float(trial.values[RATE]) for trial in tuning.trials if trial.kind == "refined"]
    assert sum(0.03 < rate < 0.3 for rate in fine) > len(fine) / 2


def test_a_best_rate_beyond_the_slider_is_followed() -> None:
    tuning = tune(spec("1e6*x**2 + 1e6*y**2", budget=40)).tunings[0]
    assert float(tuning.best.values[RATE]) == pytest.approx(5e-7, rel=0.2)


def test_other_numbers_are_drawn_where_they_exist() -> None:
    result = tune(spec("x**2 + 50*y**2", *map(method, SIX), what=(RATE, "momentum", "beta2"), budget=30))
    by_id = {tuning.method.optimizer.id: tuning for tuning in result.tunings}
    assert {tuple(trial.values) for trial in by_id["sgd"].trials} == {(RATE,)}
    drawn = {trial.values["momentum"] for trial in by_id["momentum"].trials}
    assert len(drawn) > 8
    assert all(0.0 <= float(value) < 1.0 for value in drawn)
    assert set(by_id["adam"].best.values) == {RATE, "beta2"}
    assert by_id["adam"].tuned.optimizer.values == by_id["adam"].best.values
    assert len({trial.values["momentum"] for trial in by_id["momentum"].curve()}) == 1


def test_what_is_not_tuned_stays_as_it_was() -> None:
    tuning = tune(spec("x**2 + y**2", method("momentum", momentum=0.5))).tunings[0]
    assert tuning.tuned.values()["momentum"] == 0.5
    assert all(set(trial.values) == {RATE} for trial in tuning.trials)


def test_nothing_changes_without_a_gain() -> None:
    tuning = tune(spec(methods=(method("sgd", learning_rate=0.0987),), steps=400, budget=40)).tunings[0]
    assert sum(trial.score == tuning.current.score for trial in tuning.trials) > 5, "a float's rounding"
    assert tuning.best is tuning.current
    assert "none was better than the current learning rate 0.0987" in tuning.sentence


@pytest.mark.parametrize("key", ["sgd", "momentum", "adam"])
def test_on_a_surface_without_an_end_rates_stay_sober(key: str) -> None:
    entry = surfaces()["saddle"]
    result = tune(TuneSpec(SurfaceSpec("saddle"), (method(key),), entry.starts[:1], entry.steps))
    assert result.tunings[0].best.loss <= result.lowest
    assert float(result.tunings[0].best.values[RATE]) < 0.2
    assert "falls on outside the view" in result.sentence


# ---------------------------------------------------------------- scores


def test_the_score_is_the_mean_of_the_exponents_above_the_lowest_known() -> None:
    trial = tune(spec("x**2 + y**2 + 7", starts=((1.0, 0.0), (4.0, 0.0)), steps=10)).tunings[0].current
    expected = sum(math.log10(loss - 7.0) for loss in trial.losses) / 2
    assert trial.score == pytest.approx(expected)
    assert trial.loss == pytest.approx(7.0 + math.sqrt(math.prod(loss - 7.0 for loss in trial.losses)))


def test_one_diverged_start_outweighs_all_that_holds() -> None:
    tuning = tune(spec("x**4", starts=((0.1, 0.0), (5.0, 0.0)), steps=100)).tunings[0]
    half = [trial for trial in tuning.trials if trial.diverged == 1]
    none = [trial for trial in tuning.trials if trial.diverged == 0]
    assert half
    assert max(trial.score for trial in none) < min(trial.score for trial in half)
    assert all(math.isinf(trial.loss) for trial in half)


def test_where_everything_diverges_what_is_set_stays() -> None:
    tuning = tune(
        spec("sqrt(x)", method("sgd", learning_rate=3.0), starts=((1e-9, 0.0),), budget=12)
    ).tunings[0]
    if all(trial.score == WORST for trial in tuning.trials):
        assert tuning.tuned.values()[RATE] == 3.0
        assert "all of them diverged" in tuning.sentence
    assert all(trial.diverged for trial in tuning.trials if float(trial.values[RATE]) > 0.1)


@pytest.mark.parametrize("key", surfaces())
def test_the_lowest_known_loss_is_not_above_the_catalogue_s_minima(key: str) -> None:
    place = surface(SurfaceSpec(key))
    lowest = lowest_loss(place)
    for minimum in place.entry.minima:
        assert lowest <= float(place.loss(*minimum))
    own = lowest_loss(Surface(replace(place.entry, minima=())))
    assert own == pytest.approx(lowest, abs=1e-6)


# ---------------------------------------------------------------- the same every time, in turns, elsewhere


def test_the_same_spec_gives_the_same_result_and_another_seed_other_draws() -> None:
    asked = spec("x**2 + y**4", method("adam"), what=(RATE, "beta1"), noise=0.1)
    assert said(tune(asked)) == said(tune(asked))
    assert said(tune(asked)) != said(tune(msgspec.structs.replace(asked, seed=1)))


def test_an_optimizer_s_trials_do_not_depend_on_the_others() -> None:
    both = tune(spec("x**2 + y**4", method("adam"), method("sgd"))).tunings
    alone = tune(spec("x**2 + y**4", method("sgd"))).tunings
    assert both[1].trials == alone[0].trials


def test_any_executor_gives_the_same_result() -> None:
    asked = spec("x**2 + y**4", *map(method, SIX), budget=10)
    seen: list[tuple[int, int, str]] = []
    with ThreadPoolExecutor(2) as executor:
        shared = tune(asked, executor, lambda *words: seen.append(words))
    assert said(shared) == said(tune(asked))
    assert shared.complete
    assert [made for made, _, _ in seen] == [10, 20, 30, 40, 50, 60]


def test_a_process_of_its_own_gives_the_same_result() -> None:
    asked = spec("x**2 + y**4", method("adam"), budget=6)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor:
        assert said(tune(asked, executor)) == said(tune(asked))


def test_it_can_be_stopped_between_trials_and_stays_fair() -> None:
    asked = spec("x**2 + y**4", *map(method, SIX))
    whole = tune(asked)
    seen: list[int] = []

    def watch(made: int, total: int, _: str) -> bool:
        seen.append(made)
        assert total == 120
        return made < 20

    part = tune(asked, watch=watch)
    assert seen == list(range(1, 21))
    assert not part.complete
    assert [len(tuning.trials) for tuning in part.tunings] == [4, 4, 3, 3, 3, 3]
    for one, other in zip(part.tunings, whole.tunings, strict=True):
        assert one.trials == other.trials[: len(one.trials)]
        assert one.best.rank <= one.current.rank
    assert "Stopped after 20 of 120 trials" in part.sentence


def test_stopped_at_once_there_is_one_trial() -> None:
    part = tune(spec("x**2", method("sgd"), method("adam")), watch=lambda *_: False)
    assert [len(tuning.trials) for tuning in part.tunings] == [1]
    assert part.tunings[0].tuned.values() == method("sgd").values()


def test_trials_are_made_when_they_are_asked_for() -> None:
    stream = trials(spec().checked(), 0)
    assert next(stream).kind == "current"


def test_the_sentences_say_what_was_tried_and_found() -> None:
    result = tune(
        spec("x**2 + 9*y**2", method("momentum", learning_rate=1e-4), what=(RATE, "momentum"), steps=900)
    )
    sentence = result.tunings[0].sentence
    assert sentence.startswith("Momentum: 20 settings from 1 start (learning rates from ")
    assert "the best is learning rate" in sentence
    assert "settings diverged" in sentence
    assert result.sentence.startswith("Every optimizer had 20 trials of 900 steps from 1 start;")


# ---------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"budget": 4}, "budget", "from 5"),
        ({"budget": 10**9}, "budget", "up to 10,000"),
        ({"budget": 7.5}, "budget", "whole number"),
        ({"methods": ()}, "optimizer", "needs an optimizer"),
        ({"what": ("momentun", RATE)}, "what", "did you mean"),
        ({"what": (RATE, "beta1")}, "what", "no hyperparameter of these optimizers 'beta1'"),
        ({"what": ("momentum",)}, "what", "learning_rate is missing"),
        ({"what": ()}, "what", "learning_rate is missing"),
        ({"starts": ()}, "start", "needs a start"),
        ({"starts": ((9.0, 9.0),)}, "start", "outside"),
        ({"steps": 0}, "steps", "from 1"),
        ({"noise": -1.0}, "noise", "from 0"),
        ({"seed": -1}, "seed", "from 0"),
        ({"surface": SurfaceSpec("himelblau")}, "surface", "did you mean 'himmelblau'"),
    ],
    ids=str,
)
def test_bad_input_is_refused_in_a_sentence(changes: dict[str, Any], field: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        tune(spec("x**2", method("momentum"), **changes))
    assert caught.value.field == field
    assert "\n" not in str(caught.value)
