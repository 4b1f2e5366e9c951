"""Every example of the gallery is a proper file, and shows what its text says, in numbers."""

from collections.abc import Callable

import numpy as np
import pytest
from msgspec.structs import replace

from core.choice import Choice
from core.descent import Trajectory, descend
from core.errors import InputError
from core.examples import Example, examples
from core.experiment import Experiment
from core.experiment_file import write_experiment
from core.map_spec import MapSpec
from core.maps import compute_map
from core.network.statistics import LayerStatistics
from core.surface import surface
from core.training import NetworkFrame, TrainingFrame, TrainingRun

GALLERY = examples()
ASKED = (
    "ravine", "saddle_escape", "rosenbrock_valley", "himmelblau_basins", "adagrad_stalling", "burst",
    "warm_up", "mini_batch_noise", "raw_features", "standardized_features", "sigmoid_zigzag",
    "collapse_and_saturation", "xavier_and_he", "dead_relu", "batch_norm_rescue", "training_and_evaluation",
    "residual_depth",
)  # fmt: skip


def experiment(key: str) -> Experiment:
    return GALLERY[key].saved.experiment


def runs(shown: Experiment) -> dict[str, Trajectory]:
    """What the surface shows, by optimizer."""
    return {run.method.optimizer.id: run for run in descend(shown.descent()).runs}


def with_number(shown: Experiment, optimizer: str, name: str, value: float) -> Experiment:
    method = shown.method(optimizer)
    return shown.with_methods([replace(method, optimizer=method.optimizer.with_value(name, value))])


def with_schedule(shown: Experiment, optimizer: str, schedule: Choice) -> Experiment:
    return shown.with_methods([replace(shown.method(optimizer), schedule=schedule)])


def trained(key: str, steps: int | None = None) -> TrainingFrame:
    """The networks as the file opens them."""
    saved = GALLERY[key].saved
    run = TrainingRun(saved.experiment.training)
    while run.step_index < (saved.view.trained if steps is None else steps):
        run.step()
    return run.frame()


def layers(network: NetworkFrame, kind: str = "activation") -> list[LayerStatistics]:
    return [cell for cell in network.statistics if cell.kind == kind]


def step_lengths(run: Trajectory) -> np.ndarray:
    return np.hypot(*np.diff(run.points, axis=0).T)


# ---------------------------------------------------------------- the files


def test_all_that_a_gallery_should_have_are_there_in_the_order_of_their_names() -> None:
    assert set(ASKED) <= set(GALLERY)
    names = [example.path.name for example in GALLERY.values()]
    assert names == [f"{place:02d}_{key}.optiscope" for place, key in enumerate(GALLERY, start=1)]


@pytest.mark.parametrize("key", GALLERY)
def test_every_example_is_read_strictly_and_written_byte_for_byte(key: str) -> None:
    example = GALLERY[key]
    content = example.path.read_bytes()
    assert write_experiment(example.saved) == content
    assert max(map(len, content.decode().splitlines())) < 500
    assert (example.title, example.text) == (example.saved.title, example.saved.text)


@pytest.mark.parametrize("key", GALLERY)
def test_every_example_says_in_a_few_sentences_what_to_see(key: str) -> None:
    example = GALLERY[key]
    assert 0 < len(example.title) <= 32
    assert 100 < len(example.text) < 400
    assert example.text.endswith(".")
    assert "  " not in example.text
    assert not any(mark in example.text for mark in ("<", ">", " -"))


def test_titles_differ() -> None:
    assert len({example.title for example in GALLERY.values()}) == len(GALLERY)


def test_a_missing_example_is_said_in_a_sentence() -> None:
    lost = replace_path(next(iter(GALLERY.values())))
    with pytest.raises(InputError, match=r"gone\.optiscope is missing .*; install again"):
        _ = lost.title


def replace_path(example: Example) -> Example:
    return Example(example.id, example.path.with_name("gone.optiscope"))


def test_every_example_runs_only_what_a_window_can_show_at_once() -> None:
    for example in GALLERY.values():
        shown = example.saved.experiment
        assert shown.steps <= 600
        assert 1 <= len(shown.descent().methods) <= 4
        assert len(shown.training.variants) <= 4
        assert len(shown.contenders) == len(experiment("ravine").contenders)


# ---------------------------------------------------------------- on surfaces


def test_ravine() -> None:
    shown = runs(experiment("ravine"))
    sgd, momentum = shown["sgd"], shown["momentum"]
    across = sgd.points[:60, 1]
    assert (across[:-1] * across[1:] < 0).all(), "from wall to wall"
    assert sgd.losses[150] > 1e3 * momentum.losses[150]
    arrived = [int(np.argmax(run.losses < 1e-2)) for run in (momentum, sgd)]
    assert 2 * arrived[0] < arrived[1]


def test_largest_rate() -> None:
    shown = experiment("largest_rate")
    over = runs(shown)["sgd"]
    assert over.losses[-1] > 3 * over.losses[0]
    assert abs(over.points[-1, 0]) < 1e-6, "along the valley it goes well"
    under = runs(with_number(shown, "sgd", "learning_rate", 0.0799))["sgd"]
    assert under.losses[-1] < under.losses[0] / 5
    half = runs(with_number(shown, "sgd", "learning_rate", 0.04))["sgd"]
    assert abs(half.points[1, 1]) < 1e-12, "half the limit takes the steep axis in one step"


def test_saddle_escape() -> None:
    shown = runs(experiment("saddle_escape"))
    assert abs(shown["sgd"].points[-1, 1]) < 0.01
    assert shown["sgd"].losses[-1] > 0
    assert shown["rmsprop"].losses[-1] < -5
    assert shown["adam"].losses[-1] < -5
    ridge = runs(replace(experiment("saddle_escape"), starts=((-3.5, 0.0),)))
    assert all(run.points[-1, 1] == 0.0 for run in ridge.values())
    noisy = runs(replace(experiment("saddle_escape"), starts=((-3.5, 0.0),), noise=0.5))
    assert all(run.points[-1, 1] != 0.0 for run in noisy.values())


def test_rosenbrock_valley() -> None:
    shown = experiment("rosenbrock_valley")
    found = runs(shown)
    assert all(run.losses[20] < run.losses[0] for run in found.values())
    assert found["sgd"].losses[-1] > 4
    assert max(found[key].losses[-1] for key in ("momentum", "adam")) < 0.05
    holds = [runs(with_number(shown, "sgd", "learning_rate", rate))["sgd"] for rate in (0.001, 0.003)]
    assert [run.outcome for run in holds] == ["completed", "diverged"]


def test_himmelblau_basins() -> None:
    shown = experiment("himmelblau_basins")
    ends = {key: run.points[-1].round(1).tolist() for key, run in runs(shown).items()}
    assert ends["sgd"] != ends["adam"]
    coarse = replace(shown, maps=replace(shown.maps, columns=48, rows=48))

    def borders(spec: MapSpec) -> tuple[int, float]:
        reached = compute_map(spec, "arrays").values("minimum")
        return len(np.unique(reached[np.isfinite(reached)])), float((np.diff(reached, axis=1) != 0).mean())

    domain = surface(shown.surface).entry.domain
    momentum = borders(coarse.map_of_starts(domain))
    plain = borders(replace(coarse, maps=replace(coarse.maps, optimizer="adagrad")).map_of_starts(domain))
    assert momentum[0] >= 4
    assert momentum[1] > 2 * plain[1], "neighbours end apart in whole regions, not at four borders"


def test_adagrad_stalling() -> None:
    shown = experiment("adagrad_stalling")
    found = runs(shown)
    lengths = step_lengths(found["adagrad"])
    assert lengths[0] > 50 * lengths[-1]
    assert found["adagrad"].losses[-1] > 5
    assert found["rmsprop"].losses[-1] < 0.01
    assert np.hypot(*(found["rmsprop"].points[-1] - (3.0, 0.5))) < 0.1
    assert runs(with_number(shown, "adagrad", "learning_rate", 2.0))["adagrad"].losses[-1] < 0.01


def test_burst() -> None:
    shown = experiment("burst")
    found = runs(shown)
    adam = found["adam"]
    small = int(np.argmax(adam.losses < 1e-3))
    assert 0 < small < 400
    assert adam.losses[small:].max() > 1.0, "a thousand times as much"
    calm = [
        found["amsgrad"],
        runs(with_schedule(shown, "adam", Choice("cosine")))["adam"],
        runs(with_number(shown, "adam", "epsilon", 30.0))["adam"],
    ]
    for run in calm:
        assert run.losses[300:].max() < 0.1
        assert run.losses[-1] < 0.01


def test_newton() -> None:
    found = runs(experiment("newton"))
    assert found["newton"].losses[7] < 1e-12
    assert found["lbfgs"].losses[-1] < 1e-8
    assert 20 < int(np.argmax(found["lbfgs"].losses < 1e-6)) < 100
    assert np.abs(found["lbfgs"].points).max() < 3, "it stays in view"
    assert found["adam"].losses[-1] > 0.1


def test_mini_batch_noise() -> None:
    shown = experiment("mini_batch_noise")
    minimum = np.array(surface(shown.surface).entry.minima[0])

    def cloud(run: Trajectory) -> float:
        return float(np.sqrt(np.square(run.points[-100:] - minimum).sum(axis=1).mean()))

    found = runs(shown)
    assert cloud(found["sgd"]) > 2.5 * cloud(found["momentum"])
    sizes = [cloud(runs(replace(shown, batch_size=size))["sgd"]) for size in (1, 4, 16)]
    assert sizes == sorted(sizes, reverse=True)
    assert cloud(runs(replace(shown, batch_size=0))["sgd"]) < 1e-3


def test_raw_and_standardized_features() -> None:
    raw, scaled = experiment("raw_features"), experiment("standardized_features")
    assert raw.steps == scaled.steps
    minimum = surface(raw.surface).loss(*surface(raw.surface).entry.minima[0])
    assert min(run.losses[-1] for run in runs(raw).values()) > minimum + 50
    assert runs(scaled)["sgd"].losses[50] < minimum + 0.5

    def condition(shown: Experiment) -> float:
        xx, xy, yy = surface(shown.surface).hessian_at(0.0, 0.0)
        values = np.linalg.eigvalsh([[xx, xy], [xy, yy]])
        return float(values[1] / values[0])

    assert condition(raw) > 500
    assert condition(scaled) == pytest.approx(1.0)


def test_sigmoid_zigzag() -> None:
    shown = experiment("sigmoid_zigzag")
    steps = np.diff(runs(shown)["sgd"].points, axis=0)
    assert (steps[:, 0] * steps[:, 1] > 0).all(), "both up or both down, every time"
    assert (np.diff(np.sign(steps[:, 0])) != 0).sum() > 100
    whole = np.diff(runs(replace(shown, batch_size=0))["sgd"].points, axis=0)
    assert (whole[:, 0] * whole[:, 1] < 0).any()


def test_sure_and_wrong() -> None:
    shown = experiment("sure_and_wrong")
    place = surface(shown.surface)
    best = place.loss(*place.entry.minima[0])
    assert all(run.losses[-1] > 5 * best for run in runs(shown).values())
    other = replace(shown, surface=replace(shown.surface, id="cross_entropy"))
    place = surface(other.surface)
    assert runs(other)["sgd"].losses[-1] < 1.001 * place.loss(*place.entry.minima[0])


# ---------------------------------------------------------------- in networks


def test_collapse_and_saturation() -> None:
    first = trained("collapse_and_saturation")
    small, large, xavier = first.networks
    assert layers(small)[-1].std < 1e-6
    assert layers(small, "gradient")[0].std < 1e-6 * layers(small, "gradient")[-1].std
    assert all(cell.saturated > 0.8 for cell in layers(large)[1:])
    assert all(cell.std > 0.15 and cell.saturated < 0.05 for cell in layers(xavier))
    accuracies = [each.record.training_accuracy for each in trained("collapse_and_saturation", 60).networks]
    assert max(accuracies[:2]) < 0.6
    assert accuracies[2] > 0.9


def test_xavier_and_he() -> None:
    xavier, he = trained("xavier_and_he").networks
    assert xavier.record.training_accuracy < 0.25
    assert he.record.training_accuracy > 0.85
    begin = trained("xavier_and_he", 0).networks
    fades = [layers(network)[-1].std / layers(network)[0].std for network in begin]
    assert fades[0] == pytest.approx(0.5 ** (19 / 2), rel=0.6), "half the variance a layer"
    assert fades[1] > 0.3


def test_dead_relu() -> None:
    shown = experiment("dead_relu")
    calm, hot, leaky = trained("dead_relu").networks
    assert [max(cell.dead for cell in layers(each)) > 0.8 for each in (calm, hot, leaky)] == [0, 1, 0]
    assert sum(cell.dead > 0.5 for cell in layers(hot)) >= 3
    assert calm.record.training_accuracy > 0.98 > 0.7 > hot.record.training_accuracy
    place = surface(shown.surface)
    sgd = runs(shown)["sgd"]
    assert np.hypot(*place.gradient(*sgd.points[-1])) == 0.0
    assert sgd.losses[-1] == 0.5
    assert runs(with_number(shown, "sgd", "learning_rate", 0.1))["sgd"].losses[-1] < 1e-6


def test_batch_norm_rescue() -> None:
    networks = trained("batch_norm_rescue").networks
    assert [each.variant.network.batch_norm for each in networks] == ["off", "before"] * 2
    assert max(each.record.training_accuracy for each in networks[::2]) < 0.6
    assert min(each.record.validation_accuracy for each in networks[1::2]) > 0.9
    for each in trained("batch_norm_rescue", 0).networks[1::2]:
        assert all(cell.std == pytest.approx(1, abs=0.02) for cell in layers(each, "pre_activation"))


def test_training_and_evaluation() -> None:
    saved = GALLERY["training_and_evaluation"].saved
    run = TrainingRun(saved.experiment.training)
    while run.step_index < saved.view.trained:
        run.step()
    steady, last = run.frame().networks
    assert steady.batch_loss == last.batch_loss, "both train alike"
    assert steady.record.validation_accuracy > 0.9
    assert last.record.validation_accuracy < 0.75
    norms = run.norms(1)
    assert norms is not None
    modes = {mode.statistics: mode.accuracy for mode in norms.modes}
    assert modes["whole"] > modes["running"] + 0.1


def test_residual_depth() -> None:
    plain, added, identity = trained("residual_depth").networks
    assert plain.record.training_accuracy < 0.6
    assert added.outcome == "diverged"
    assert identity.record.training_accuracy > 0.9
    spreads = [cell.std for cell in layers(trained("residual_depth", 0).networks[1])]
    assert spreads[-2] > 1e3 * spreads[0]


def test_warm_up() -> None:
    sudden, gradual = trained("warm_up").networks
    assert sudden.outcome == "diverged"
    assert gradual.record.training_accuracy > 0.95
    begin = trained("warm_up", 0).networks
    assert begin[0].record.training_loss > 100
    shown = experiment("warm_up")
    assert max(run.losses[-1] for run in runs(shown).values()) < 1e-3
    for key in runs(shown):
        without = runs(with_schedule(shown, key, Choice("constant")))[key]
        assert (without.outcome, without.step) == ("diverged", 4)


def test_equal_weights() -> None:
    equal, random = trained("equal_weights").networks
    assert all(cell.minimum == cell.maximum == 0.0 for cell in layers(equal))
    assert equal.record.training_accuracy < 0.2
    assert random.record.training_accuracy > 0.9
    shown = experiment("equal_weights")
    assert all(run.points[-1].tolist() == [0.0, 0.0] for run in runs(shown).values())
    off = runs(replace(shown, starts=((0.1, -0.05),)))
    assert all(run.losses[-1] < 1e-3 for run in off.values())


def test_overfitting() -> None:
    free, *held = trained("overfitting").networks
    assert free.record.training_loss < 0.5 * min(each.record.training_loss for each in held)
    assert free.record.validation_loss > 2 * max(each.record.validation_loss for each in held)


CLAIMS: dict[str, Callable[[], None]] = {
    name.removeprefix("test_"): check for name, check in list(globals().items()) if name.startswith("test_")
}


@pytest.mark.parametrize("key", GALLERY)
def test_every_example_s_claim_is_tested(key: str) -> None:
    joined = {"raw_features", "standardized_features"}
    assert key in CLAIMS or key in joined
