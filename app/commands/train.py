"""`optiscope train`: networks side by side, as a table, CSV, JSON and a picture."""

import sys
from argparse import Namespace
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import msgspec

from app import drawing
from app.choices import read_choice
from app.exporters import tables
from app.exporters.files import check_files, write_files
from app.options import Parser
from app.own_file import read_own_file
from app.progress import training_progress
from app.text_table import text_table
from app.variant_options import add_variant_options, given, read_variants
from app.whole_training import epoch_ends, train_through
from core.data.dataset import DATASETS
from core.errors import InputError
from core.network.activation import ACTIVATIONS
from core.network.spec import NetworkSpec
from core.training import TRAINING_HYPERPARAMETERS, NetworkFrame, TrainingFrame, TrainingRun, TrainingSpec
from core.training.variant import shape_key

ENDINGS = (".csv", ".json", ".png")
HEADER = (
    "network", "outcome", "epochs",
    "training loss", "training accuracy", "validation loss", "validation accuracy",
)  # fmt: skip
DEFAULT = TrainingSpec()

EXAMPLES = """\
examples:
  optiscope train --initializer he_normal --initializer small_normal:std=0.05 --activation relu
  optiscope train --dataset spirals --batch-norm before --epochs 50 --optimizer sgd:learning_rate=0.1
  optiscope train --csv iris.csv --batch-size 10 --initializer he_normal
  optiscope train --initializer he_normal --batch-norm before --variant batch_norm=off --variant l2=0.01
  optiscope train --layers 10 --units 100 --epochs 5 --out curves.csv --out layers.json --out layers.png
"""


def parser() -> Parser:
    """The options of `optiscope train`."""
    result = Parser(
        "optiscope train",
        usage="optiscope train [--dataset ID | --csv FILE] [--initializer ID ...] [options]",
        summary="Train networks side by side on the same batches, one for each initializer and variant.",
        epilog=EXAMPLES,
    )
    add_training_options(result)
    result.files(ENDINGS, "curves.csv")
    return result


def add_training_options(parser: Parser) -> None:
    """The options that `read_spec` reads."""
    parser.option(
        "--dataset", metavar="ID[:name=value,...]", example="spirals",
        help=f"see optiscope list datasets. Default: {DEFAULT.dataset.id}",
    )  # fmt: skip
    parser.option(
        "--csv", metavar="FILE", example="iris.csv",
        help="data of your own: columns of numbers, and the class in the last one. What was read, and what"
        " was left out, is said on standard error",
    )  # fmt: skip
    add_variant_options(parser)
    parser.numbers(TRAINING_HYPERPARAMETERS)


def run(options: Namespace) -> None:
    """Carry out `optiscope train`."""
    paths = check_files(options.out, ENDINGS)
    spec = read_spec(options).checked()
    if spec.own is not None:
        print("\n".join([spec.own.summary(), spec.own.class_counts(), *spec.own.notes]), file=sys.stderr)
    drawing.prepare(paths)
    frames, series = trained(spec, complete=any(path.suffix.lower() == ".json" for path in paths))
    write(spec, frames, series, paths)
    print(summary(frames[-1]))


def write(
    spec: TrainingSpec, frames: Sequence[TrainingFrame], series: tables.Series, paths: Sequence[Path]
) -> None:
    """Write the run to each path, as its ending says."""
    write_files(
        paths,
        {
            ".csv": partial(tables.write_training_csv, frames),
            ".json": partial(tables.write_training_json, spec, frames, series),
            ".png": partial(_write_picture, spec, frames[-1]),
        },
    )


def _write_picture(spec: TrainingSpec, frame: TrainingFrame, path: Path) -> None:
    from app.exporters.pictures import distributions_picture  # brings Qt with it

    distributions_picture(frame, title(spec, frame)).save(path)


def title(spec: TrainingSpec, frame: TrainingFrame) -> str:
    """What a picture of a frame shows, in one line."""
    when = f"after epoch {frame.epoch}" if frame.step else "before training"
    shapes = {shape_key(variant.network): variant.network for variant in spec.variants}
    what = f", {_shape(*shapes.values())}" if len(shapes) == 1 else ""
    return f"Activations {when}: {spec.data_name}{what}"


def _shape(network: NetworkSpec) -> str:
    norm = (
        "no batch norm" if network.batch_norm == "off" else f"batch norm {network.batch_norm} the activation"
    )
    return f"{network.layers} x {network.units} units, {ACTIVATIONS[network.activation.id].name}, {norm}"


def read_spec(options: Namespace) -> TrainingSpec:
    """What the options ask for."""
    if options.dataset is not None and options.csv is not None:
        raise InputError("--dataset and --csv exclude each other; give one of them.", "csv")
    dataset = DEFAULT.dataset if options.dataset is None else read_choice(options.dataset, DATASETS)
    numbers = given(TRAINING_HYPERPARAMETERS, options)
    return _with_own(TrainingSpec(dataset=dataset, variants=read_variants(options), **numbers), options)


def _with_own(spec: TrainingSpec, options: Namespace) -> TrainingSpec:
    """The spec with the samples of --csv; batches fit them unless their size is given."""
    if options.csv is None:
        return spec
    own = read_own_file(options.csv)
    return spec.with_own(own) if options.batch_size is None else msgspec.structs.replace(spec, own=own)


def trained(spec: TrainingSpec, complete: bool) -> tuple[list[TrainingFrame], tables.Series]:
    """Frames before the first step and after every epoch; what the steps noted.

    Unless they are to be `complete`, only the last one has statistics of layers, which are large.
    """
    training = TrainingRun(spec)
    with training_progress() as tell:
        frames = [
            frame if complete or training.finished else frame.only(())
            for frame in train_through(training, training.steps, epoch_ends(training), tell)
        ]
    return frames, training.series


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
