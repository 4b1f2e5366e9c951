"""`optiscope train`: one network for each initializer, as a table, CSV, JSON and a picture."""

import sys
from argparse import Namespace
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from app import drawing
from app.choices import read_choice
from app.exporters import tables
from app.exporters.files import check_files, write_files
from app.options import Parser
from app.own_file import read_own_file
from app.progress import progress
from app.text_table import text_table
from core.choice import Choice
from core.data.dataset import DATASETS
from core.errors import InputError
from core.hyperparameter import Hyperparameter
from core.momentum_schedule import MOMENTUM_SCHEDULES
from core.network.activation import ACTIVATIONS
from core.network.initializer import INITIALIZERS
from core.network.spec import NETWORK_HYPERPARAMETERS, NetworkSpec
from core.optimizer import OPTIMIZERS, MethodSpec
from core.schedule import SCHEDULES
from core.training import TRAINING_HYPERPARAMETERS, NetworkFrame, TrainingFrame, TrainingRun, TrainingSpec

ENDINGS = (".csv", ".json", ".png")
HEADER = (
    "initializer", "outcome", "epochs",
    "training loss", "training accuracy", "validation loss", "validation accuracy",
)  # fmt: skip
DEFAULT = TrainingSpec()

EXAMPLES = """\
examples:
  optiscope train --initializer he_normal --initializer small_normal:std=0.05 --activation relu
  optiscope train --dataset spirals --batch-norm before --epochs 50 --optimizer sgd:learning_rate=0.1
  optiscope train --csv iris.csv --batch-size 10 --initializer he_normal
  optiscope train --layers 10 --units 100 --epochs 5 --out curves.csv --out layers.json --out layers.png
"""


def parser() -> Parser:
    """The options of `optiscope train`."""
    result = Parser(
        "optiscope train",
        usage="optiscope train [--dataset ID | --csv FILE] [--initializer ID ...] [options]",
        summary="Train one network for each initializer, side by side on the same batches.",
        epilog=EXAMPLES,
    )
    shape = "ID[:name=value,...]"
    result.option(
        "--dataset", metavar=shape, example="spirals",
        help=f"see optiscope list datasets. Default: {DEFAULT.dataset.id}",
    )  # fmt: skip
    result.option(
        "--csv", metavar="FILE", example="iris.csv",
        help="data of your own: columns of numbers, and the class in the last one. What was read, and what"
        " was left out, is said on standard error",
    )  # fmt: skip
    result.option(
        "--initializer", metavar=(shape, "ID"), nargs="+", action="extend", default=[], example="he_normal",
        help=f"may be repeated; see optiscope list initializers. Default: {_default_initializers()}",
    )  # fmt: skip
    activation, optimizer = DEFAULT.network.activation.id, DEFAULT.method.optimizer.id
    result.option(
        "--activation", metavar=shape, example="relu", default=activation,
        help=f"see optiscope list activations. Default: {activation}",
    )  # fmt: skip
    result.option(
        "--optimizer", metavar=shape, example="adam:learning_rate=0.001", nargs="+", action="extend",
        default=[],  # more than one is refused in a sentence of its own
        help=f"see optiscope list optimizers; not those for surfaces only. Default: {optimizer}",
    )  # fmt: skip
    result.option(
        "--schedule", metavar=shape, example="cosine:warmup_steps=20", default="constant",
        help="how the learning rate changes; see optiscope list schedules. Default: constant",
    )  # fmt: skip
    result.option(
        "--momentum-schedule", metavar=shape, example="linear:start=0.5,end=0.99", default="constant",
        help="how the momentum changes; see optiscope list momentum-schedules. Default: constant",
    )  # fmt: skip
    result.numbers(NETWORK_HYPERPARAMETERS)
    result.numbers(TRAINING_HYPERPARAMETERS)
    result.option(
        "--out", metavar=("FILE", "FILE"), nargs="+", action="extend", default=[], example="curves.csv",
        help="write a .csv, .json or .png file; may be repeated",
    )  # fmt: skip
    return result


def _default_initializers() -> str:
    return " and ".join(choice.id for choice in DEFAULT.initializers)


def run(options: Namespace) -> None:
    """Carry out `optiscope train`."""
    paths = check_files(options.out, ENDINGS)
    spec = read_spec(options).checked()
    if spec.own is not None:
        print("\n".join([spec.own.summary(), spec.own.class_counts(), *spec.own.notes]), file=sys.stderr)
    drawing.prepare(paths)
    frames = _trained(spec)
    write(spec, frames, paths)
    print(summary(frames[-1]))


def write(spec: TrainingSpec, frames: Sequence[TrainingFrame], paths: Sequence[Path]) -> None:
    """Write the run to each path, as its ending says."""
    write_files(
        paths,
        {
            ".csv": partial(tables.write_training_csv, frames),
            ".json": partial(tables.write_training_json, spec, frames),
            ".png": partial(_write_picture, spec, frames[-1]),
        },
    )


def _write_picture(spec: TrainingSpec, frame: TrainingFrame, path: Path) -> None:
    from app.exporters.pictures import save_distributions_picture  # brings Qt with it

    save_distributions_picture(frame, path, title(spec, frame))


def title(spec: TrainingSpec, frame: TrainingFrame) -> str:
    """What a picture of a frame shows, in one line."""
    network, data = spec.network, spec.data_name
    norm = (
        "no batch norm" if network.batch_norm == "off" else f"batch norm {network.batch_norm} the activation"
    )
    when = f"after epoch {frame.epoch}" if frame.step else "before training"
    shape = f"{network.layers} x {network.units} units, {ACTIVATIONS[network.activation.id].name}, {norm}"
    return f"Activations {when}: {data}, {shape}"


def read_spec(options: Namespace) -> TrainingSpec:
    """What the options ask for."""
    if options.dataset is not None and options.csv is not None:
        raise InputError("--dataset and --csv exclude each other; give one of them.", "csv")
    initializers = tuple(read_choice(text, INITIALIZERS) for text in options.initializer)
    method = MethodSpec(
        _optimizer(options.optimizer),
        read_choice(options.schedule, SCHEDULES),
        read_choice(options.momentum_schedule, MOMENTUM_SCHEDULES),
    )
    network = NetworkSpec(
        activation=read_choice(options.activation, ACTIVATIONS), **_given(NETWORK_HYPERPARAMETERS, options)
    )
    spec = TrainingSpec(
        dataset=DEFAULT.dataset if options.dataset is None else read_choice(options.dataset, DATASETS),
        network=network, method=method, **_given(TRAINING_HYPERPARAMETERS, options),
    )  # fmt: skip
    spec = _with_own(spec, options)
    return msgspec.structs.replace(spec, initializers=initializers) if initializers else spec


def _with_own(spec: TrainingSpec, options: Namespace) -> TrainingSpec:
    """The spec with the samples of --csv; batches fit them unless their size is given."""
    if options.csv is None:
        return spec
    own = read_own_file(options.csv)
    return spec.with_own(own) if options.batch_size is None else msgspec.structs.replace(spec, own=own)


def _optimizer(texts: Sequence[str]) -> Choice:
    if len(texts) > 1:
        raise InputError("All networks train with one optimizer; give --optimizer once.", "optimizer")
    return read_choice(texts[0], OPTIMIZERS) if texts else DEFAULT.method.optimizer


def _given(hyperparameters: Sequence[Hyperparameter], options: Namespace) -> dict[str, Any]:
    texts = {each: getattr(options, each.name) for each in hyperparameters}
    return {each.name: each.check(text) for each, text in texts.items() if text is not None}


def _trained(spec: TrainingSpec) -> list[TrainingFrame]:
    """A frame before the first step, and one after every epoch."""
    training = TrainingRun(spec)
    frames = [training.frame()]
    with progress(training.steps) as bar:
        while not training.finished:
            training.step()
            epoch = min(training.epoch + 1, training.spec.epochs)
            bar.show(training.step_index, f"epoch {epoch} of {training.spec.epochs}")
            if training.finished or training.step_index % training.steps_per_epoch == 0:
                frames.append(training.frame())
    return frames


def summary(frame: TrainingFrame) -> str:
    """A table of the networks, and what happened to those that diverged."""
    table = text_table(HEADER, [_row(network) for network in frame.networks], "llrrrrr")
    diverged = [f"{each.name}: {each.message}" for each in frame.networks if each.outcome == "diverged"]
    return "\n\n".join("\n".join(lines) for lines in ([table], diverged) if lines)


def _row(network: NetworkFrame) -> tuple[str, ...]:
    record = network.record
    return (
        network.name, network.outcome, str(record.epoch),
        f"{record.training_loss:.4g}", f"{record.training_accuracy:.1%}",
        f"{record.validation_loss:.4g}", f"{record.validation_accuracy:.1%}",
    )  # fmt: skip
