"""Scripts of training runs: they run with torch, and print the numbers that the program has."""

import ast
import json
from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec
import numpy as np
import pytest

from core.choice import Choice
from core.data.augmentation import Augmentation, augment
from core.data.dataset import DATASETS
from core.data.own_samples import OwnSamples
from core.data.transform import PREPROCESSINGS
from core.errors import InputError
from core.experiment import Experiment, default_experiment
from core.network.activation import ACTIVATIONS
from core.network.initializer import INITIALIZERS
from core.network.spec import NetworkSpec
from core.optimizer import OPTIMIZERS, MethodSpec, network_optimizers
from core.schedule import SCHEDULES
from core.torch_script import Script, network_script
from core.torch_script.data import augmentation
from core.torch_script.writing import imports
from core.training import TrainingRun, TrainingSpec
from core.training.variant import Variant
from tests.torch_scripts import run_scripts, unknown_names

pytestmark = pytest.mark.xdist_group("torch_scripts")

HOSTILE = '"""\nimport os; os.abort()  # \\" \u202e \x00 \u2028 {x} %s \' \\'
XOR = Choice("xor", {"samples": 60})
RATES = {"adadelta": 1.0, "lion": 0.003, "sgd": 0.3}


def network(**fields: Any) -> NetworkSpec:
    return NetworkSpec(**{"layers": 2, "units": 5, **fields})


def variant(optimizer: str = "adam", initializer: str = "xavier_normal", **fields: Any) -> Variant:
    own = {name: fields.pop(name) for name in list(fields) if hasattr(NetworkSpec, name)}
    method = fields.pop("method", MethodSpec(Choice(optimizer)))
    return Variant(network=network(**own), initializer=Choice(initializer), method=method, **fields)


def training(*variants: Variant, **fields: Any) -> TrainingSpec:
    """Two epochs of small networks in float64."""
    wanted = {"dataset": XOR, "batch_size": 16, "epochs": 2, "seed": 5, "dtype": "float64", **fields}
    return TrainingSpec(variants=variants, **wanted)


def by_optimizer(part: int) -> TrainingSpec:
    keys = list(network_optimizers())[part::2]
    methods = [MethodSpec(Choice(key, {"learning_rate": RATES.get(key, 0.02)})) for key in keys]
    return training(*(variant(method=method) for method in methods))


def by_schedule(part: int) -> TrainingSpec:
    keys = ("momentum", "adam", "sgd")
    methods = [
        MethodSpec(Choice(keys[place % 3]), Choice(key, {"warmup_steps": 2} if place % 2 else {}))
        for place, key in enumerate(SCHEDULES)
    ]
    ramps = [
        MethodSpec(Choice(key), Choice(schedule), Choice("linear", {"start": 0.3, "end": 0.8}))
        for key in ("momentum", "adamw", "qhm", "nadam") for schedule in ("constant", "cosine")
    ]  # fmt: skip
    return training(*(variant(method=method) for method in (methods, ramps)[part]))


def by_initializer(part: int) -> TrainingSpec:
    given = {"gain": 1.3, "std": 0.2}
    choices = []
    for key, entry in INITIALIZERS.items():
        names = [h.name for h in entry.hyperparameters]
        choices += [Choice(key), *([Choice(key, {names[0]: given[names[0]]})] if names else [])]
    chosen = [variant(layers=1 + place % 3, units=3 + place % 4) for place in range(len(choices))]
    made = [msgspec.structs.replace(v, initializer=c) for v, c in zip(chosen, choices, strict=True)]
    return training(*made[part::3])


def own(rows: int, name: str = "own.csv") -> OwnSamples:
    random = np.random.default_rng(1)
    values = random.normal(size=(rows, 3))
    classes = (np.arange(rows) % 3).astype(np.uint8)
    return OwnSamples(name, (name, "b", "c"), ("yes", name, "no"), values.tobytes(), classes.tobytes())


def first_lines() -> TrainingSpec:
    return msgspec.structs.replace(default_experiment().training, epochs=1)


NORMED = {"batch_norm": "before"}
SLOW_FALL = MethodSpec(
    Choice("momentum"), Choice("cosine", {"warmup_steps": 3}), Choice("linear", {"start": 0.0, "end": 0.5})
)
BURSTING = MethodSpec(Choice("sgd", {"learning_rate": 1e30}))
HUGE = Choice("large_normal", {"std": 1e30})
SPIRALS = Choice("spirals", {"samples": 90, "classes": 4, "noise": 0.1, "turns": 1.5})
ALL_AT_ONCE = variant(
    "adamw", "he_normal", layers=5, units=64, activation=Choice("prelu"), batch_norm="before", bias="on",
    residual="on", dropout=0.2, drop_connect=0.2, l1=0.001, l2=0.002, clip=0.5, mixup=0.3, shift=1.0,
    rotate=10.0, scale=0.1, preprocessing="whitening",
)  # fmt: skip


def by_activation() -> TrainingSpec:
    choices = [*map(Choice, ACTIVATIONS), Choice("elu", {"alpha": 0.4})]
    return training(*(variant(activation=choice) for choice in choices))


def digits(*variants: Variant, batch_size: int) -> TrainingSpec:
    return training(*variants, dataset=Choice("digits"), epochs=1, batch_size=batch_size)


CASES: dict[str, Callable[[], TrainingSpec]] = {
    "as it starts": first_lines,
    "one network": lambda: training(variant()),
    "twice the same": lambda: training(variant(), variant()),
    "optimizers 1": lambda: by_optimizer(0),
    "optimizers 2": lambda: by_optimizer(1),
    "schedules": lambda: by_schedule(0),
    "momentum ramps": lambda: by_schedule(1),
    "one schedule": lambda: training(variant(method=SLOW_FALL)),
    "initializers 1": lambda: by_initializer(0),
    "initializers 2": lambda: by_initializer(1),
    "initializers 3": lambda: by_initializer(2),
    "zeros alone": lambda: training(variant(initializer="zeros")),
    "activations": by_activation,
    **{
        f"data {key}": lambda key=key: training(variant(units=8), dataset=Choice(key), epochs=1, seed=3)
        for key in DATASETS
    },
    "other data": lambda: training(variant("sgd"), dataset=SPIRALS),
    "preprocessing": lambda: digits(
        *(variant("sgd", preprocessing=key) for key in PREPROCESSINGS), batch_size=200
    ),
    "batch norm": lambda: training(
        variant("sgd", **NORMED), variant("sgd", batch_norm="after"), variant("sgd"),
        variant("sgd", **NORMED, bias="on"), variant("sgd", batch_norm="after", batch_norm_momentum=0.5),
    ),
    "batch norm everywhere": lambda: training(variant(batch_norm="after", batch_norm_momentum=0.3)),
    "a last batch of one": lambda: training(variant(**NORMED), variant(), batch_size=47),
    "a last batch of one, kept": lambda: training(variant(), batch_size=47),
    "residual": lambda: training(
        variant(residual="on", layers=5), variant(residual="zero_last", layers=4), variant(layers=4),
        variant(residual="on", layers=4, units=2, **NORMED), variant(residual="zero_last", layers=3, units=2),
    ),
    "residual everywhere": lambda: training(variant(residual="zero_last", layers=4)),
    "masks": lambda: training(
        variant("sgd", dropout=0.4), variant("sgd", drop_connect=0.3),
        variant("sgd", dropout=0.2, drop_connect=0.2), variant("sgd", dropout=0.3, **NORMED), variant("sgd"),
    ),
    "masks everywhere": lambda: training(variant("sgd", dropout=0.4, drop_connect=0.1)),
    "masks in float32": lambda: training(variant("sgd", dropout=0.4, drop_connect=0.3), dtype="float32"),
    "losses": lambda: training(
        variant(loss="squared_error"), variant(), variant(loss="squared_error", mixup=0.4), variant(mixup=1.0)
    ),
    "penalties": lambda: training(
        variant("sgd", l1=0.02), variant("sgd", l2=0.05), variant("sgd", l1=0.01, l2=0.02), variant("sgd")
    ),
    "clipping": lambda: training(variant("sgd", clip=0.05), variant("sgd"), variant("sgd", clip=0.5)),
    "mixup": lambda: training(variant("sgd", mixup=0.3)),
    "augmentation": lambda: digits(
        variant(shift=1.5), variant(rotate=30.0), variant(scale=0.3), variant(),
        variant(shift=1.0, rotate=9.0, scale=0.1), batch_size=300,
    ),
    "everything": lambda: digits(ALL_AT_ONCE, batch_size=400),
    "no epoch": lambda: training(variant(method=SLOW_FALL, **NORMED), epochs=0),
    "diverging": lambda: training(
        variant(method=BURSTING, activation=Choice("relu")), variant("sgd"), dtype="float32"
    ),
    "too large": lambda: training(
        msgspec.structs.replace(variant(activation=Choice("relu")), initializer=HUGE), dtype="float32"
    ),
    "own samples": lambda: training(variant(), own=own(24)),
    "many own samples": lambda: training(variant(), own=own(300), dtype="float32"),
    "hostile names": lambda: training(variant(), own=own(24, HOSTILE)),
}  # fmt: skip
MOVED_SHAPE = (4, 7)
FEATURES = {
    "masks": ("Dropout(", "DropConnect("),
    "residual": ("Block(",),
    "penalties": ("penalty(",),
    "mixup": ("mixup(",),
    "augmentation": ("augment(",),
    "clipping": ("clip_grad_norm_(",),
    "batch norm": ("BatchNorm1d(",),
    "schedules": ("LambdaLR(", "STEPS"),
    "losses": ("squared_error(",),
    "as it starts": ("SimpleNamespace(",),
}


def experiment(spec: TrainingSpec) -> Experiment:
    return msgspec.structs.replace(default_experiment(), training=spec)


@cache
def script(name: str) -> Script:
    return network_script(experiment(CASES[name]()))


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    scripts = {name: script(name) for name in CASES}
    return run_scripts({**scripts, "moved": moved_images()}, tmp_path_factory.mktemp("scripts"))


def moved_images() -> Script:
    """Images of the shape `MOVED_SHAPE`, moved by the function that scripts have for it."""
    text = augmentation(MOVED_SHAPE)
    images = f"images = np.random.default_rng(2).uniform(0.0, 16.0, (5, {MOVED_SHAPE[0] * MOVED_SHAPE[1]}))"
    moved = "augment(images, 1.5, 40.0, 0.2, np.random.default_rng(9)).tolist()"
    return Script("\n".join([imports(f"{text} torch."), text, images, f"print({moved})"]))


def expected_lines(spec: TrainingSpec) -> list[tuple[str, int, tuple[float, ...]]]:
    """Label, epoch and numbers of every evaluation; label, step and nothing where a network diverged."""
    run = TrainingRun(spec)
    while not run.finished:
        run.step()
    found: list[tuple[str, int, tuple[float, ...]]] = []
    for trainee in run.trainees:
        found += [
            (trainee.label, each.epoch, (
                each.training_loss, each.training_accuracy, each.validation_loss, each.validation_accuracy))
            for each in run.records if each.name == trainee.name
        ]  # fmt: skip
        if trainee.diverged_at is not None:
            found.append((trainee.label, trainee.diverged_at, ()))
    return found


def printed_lines(text: str) -> list[tuple[str, int, tuple[float, ...]]]:
    found: list[tuple[str, int, tuple[float, ...]]] = []
    for line in text.splitlines()[1:]:
        if " diverged at step " in line:
            label, step = line.split(" diverged at step ")
            found.append((label.strip(), int(step), ()))
        else:
            label, epoch, *numbers = line.rsplit(maxsplit=5)
            values = [float(each.rstrip("%")) / (100 if "%" in each else 1) for each in numbers]
            found.append((label.strip(), int(epoch), tuple(values)))
    return found


@pytest.mark.parametrize("name", CASES)
def test_what_a_script_prints_is_what_the_program_has(name: str, printed: dict[str, str]) -> None:
    spec = CASES[name]()
    found, expected = printed_lines(printed[name]), expected_lines(spec)
    assert [each[:2] for each in found] == [each[:2] for each in expected]
    close = 1e-6 if spec.dtype == "float64" else 2e-5
    for (label, epoch, ours), (_, _, theirs) in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours[::2], theirs[::2], rtol=close, err_msg=f"{label}, epoch {epoch}")
        np.testing.assert_allclose(ours[1::2], theirs[1::2], atol=5.1e-5, err_msg=f"{label}, epoch {epoch}")


def test_networks_that_should_diverge_do(printed: dict[str, str]) -> None:
    for name, steps in {"diverging": (1, 2), "too large": (0,)}.items():
        ends = [step for _, step, numbers in printed_lines(printed[name]) if not numbers]
        assert len(ends) == 1
        assert ends[0] in steps


def test_images_of_any_shape_are_moved_as_the_program_does(printed: dict[str, str]) -> None:
    images = np.random.default_rng(2).uniform(0.0, 16.0, (5, MOVED_SHAPE[0] * MOVED_SHAPE[1]))
    wanted = Augmentation(shift=1.5, rotate=40.0, scale=0.2)
    moved = augment(images, MOVED_SHAPE, wanted, np.random.default_rng(9))
    np.testing.assert_allclose(json.loads(printed["moved"]), moved, atol=1e-12)


def test_the_first_script_is_short() -> None:
    text = network_script(default_experiment()).text
    assert text == network_script(default_experiment()).text
    assert len(text.splitlines()) <= 150
    assert max(map(len, text.splitlines())) <= 100


@pytest.mark.parametrize("name", CASES)
def test_every_script_is_tidy(name: str) -> None:
    text = script(name).text
    assert unknown_names(ast.parse(text)) == set()
    assert all(line == line.rstrip() for line in text.split("\n"))
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert "\n\n\n\n" not in text


def test_no_text_of_a_person_becomes_code() -> None:
    tree = ast.parse(script("hostile names").text)
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    imports = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert "os" not in names | imports


def test_a_script_says_only_what_its_networks_use() -> None:
    text = script("one network").text
    for name, words in FEATURES.items():
        for word in words:
            assert word in script(name).text, (name, word)
            assert word not in text, word
    assert script("one network").data is None


def test_what_no_run_would_take_is_refused() -> None:
    only = next(key for key, entry in OPTIMIZERS.items() if entry.surfaces_only)
    with pytest.raises(InputError, match="surfaces only"):
        network_script(experiment(training(variant(only))))
    with pytest.raises(InputError, match="Only images can be moved"):
        network_script(experiment(training(variant(shift=1.0))))
