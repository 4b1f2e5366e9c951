"""What a person sets about a training run, and what of it makes no sense."""

from collections import Counter
from collections.abc import Callable, Sequence

import msgspec
import numpy as np

from core.choice import Choice
from core.data.dataset import DATASETS
from core.data.own_samples import OwnSamples
from core.data.preprocessing import TrainingData, held_out, prepare
from core.errors import InputError
from core.hyperparameter import Hyperparameter, Scale, checked_fields
from core.training.lanes import lanes_of, shares_of
from core.training.variant import MOST_VARIANTS, Variant, alike, shape_key

EVALUATION_SAMPLES = 512
"""Samples in one pass of an evaluation."""
_MOST_MEMORY = 4_000_000_000
"""Bytes that a run may take."""
_MOST_STEPS = 2_000_000
"""Steps that a run may have; each has its learning rate in a table."""

TRAINING_HYPERPARAMETERS = (
    Hyperparameter(
        name="batch_size", default=128, low=1, high=512, minimum=1, maximum=1e6, scale=Scale.INTEGER,
        help="Samples in each step: few give many noisy steps an epoch, many give few steady ones.",
    ),
    Hyperparameter(
        name="epochs", default=20, low=1, high=100, minimum=0, maximum=10_000, scale=Scale.INTEGER,
        help="How often all training samples are gone through, in a new order each time.",
    ),
    Hyperparameter(
        name="seed", default=0, low=0, high=100, minimum=0, maximum=2**32 - 1, scale=Scale.INTEGER,
        help="The same seed gives the same data, weights and order of samples.",
    ),
    Hyperparameter(
        name="dtype", default="float32", scale=Scale.CHOICE, choices=("float32", "float64"),
        label="precision", help="float32 is faster; float64 has twice the digits.",
    ),
)  # fmt: skip


class TrainingSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that shapes a training run.

    Attributes
    ----------
    dataset
        Entry of `DATASETS`, which `own` takes the place of.
    variants
        One network each, 1 to `MOST_VARIANTS`.
    batch_size
        From 1 to the training set's size (from 2 with batch norm).
    epochs
        Passes through the training set; 0 shows the networks as initialized.
    seed
        Of everything that is drawn.
    dtype
        "float32" or "float64".
    own
        Samples of the person's own, or None.
    """

    dataset: Choice = Choice("digits")
    variants: tuple[Variant, ...] = alike((Choice("small_normal"), Choice("xavier_normal")))
    batch_size: int = 128
    epochs: int = 20
    seed: int = 0
    dtype: str = "float32"
    own: OwnSamples | None = None

    @property
    def data_name(self) -> str:
        """What the data is called."""
        return DATASETS[self.dataset.id].name if self.own is None else self.own.name

    def with_own(self, own: OwnSamples) -> "TrainingSpec":
        """Return the spec with samples of one's own, in batches that are no larger than the training set."""
        training = sum(count - held_out(count) for count in own.counts())
        return msgspec.structs.replace(self, own=own, batch_size=min(self.batch_size, training))

    def checked(self) -> "TrainingSpec":
        """Return the spec with every number checked and of its own type.

        Raises
        ------
        InputError
            Naming the field that is wrong.
        """
        numbers = checked_fields(self, TRAINING_HYPERPARAMETERS, "training")
        _check_count(len(self.variants))
        spec = msgspec.structs.replace(self, variants=tuple(v.checked() for v in self.variants), **numbers)
        data = prepare(spec.dataset, spec.seed, own=spec.own)
        _check_batch_size(spec, data.training_samples)
        _check_size(spec, data)
        return spec

    @property
    def batch_normed(self) -> bool:
        """Whether any of the networks has batch norm."""
        return any(variant.network.batch_norm != "off" for variant in self.variants)

    def portion(self, places: Sequence[int]) -> "TrainingSpec":
        """Return the spec with some of its variants alone."""
        return msgspec.structs.replace(self, variants=tuple(self.variants[place] for place in places))

    def with_variants(self, change: Callable[[Variant], Variant], place: int | None = None) -> "TrainingSpec":
        """Return the spec with all variants changed, or with one of them."""
        changed = (change(v) if place in (None, i) else v for i, v in enumerate(self.variants))
        return msgspec.structs.replace(self, variants=tuple(changed))


def _check_count(variants: int) -> None:
    if not variants:
        raise InputError("Training needs at least one network.", "variants")
    if variants > MOST_VARIANTS:
        raise InputError(
            f"{variants} networks side by side are too many to tell apart: choose up to {MOST_VARIANTS}.",
            "variants",
        )


def _check_batch_size(spec: TrainingSpec, samples: int) -> None:
    if spec.batch_size > samples:
        raise InputError(
            f"batch size must be at most {samples}, the size of the training set, not {spec.batch_size}.",
            "batch_size",
        )
    if spec.batch_size == 1 and spec.batch_normed:
        raise InputError(
            "batch size must be at least 2 with batch norm: one sample alone has no variance.", "batch_size"
        )


def _check_size(spec: TrainingSpec, data: TrainingData) -> None:
    """Refuse what would end in a machine without memory, rather than in a result."""
    if (needed := _memory(spec, data, (0,) * len(spec.variants))) > _MOST_MEMORY:
        raise InputError(
            f"These networks would take about {needed / 1e9:.0f} GB of memory, more than"
            f" {_MOST_MEMORY / 1e9:.0f} GB: choose fewer units, layers or networks,"
            " or a smaller batch size.",
            "units",
        )
    steps = spec.epochs * steps_per_epoch(spec, data.training_samples)
    if steps > _MOST_STEPS:
        raise InputError(
            f"{spec.epochs} epochs would be {steps:,} steps, more than {_MOST_STEPS:,}:"
            " choose fewer epochs or a larger batch size.",
            "epochs",
        )


def _memory(spec: TrainingSpec, data: TrainingData, lanes: Sequence[int]) -> int:
    """Bytes that a run takes, roughly: networks of one shape share buffers, those of other lanes do not."""
    samples = max(spec.batch_size, EVALUATION_SAMPLES)
    places = [(lane, shape_key(v.network)) for lane, v in zip(lanes, spec.variants, strict=True)]
    shapes = {place: v.network for place, v in zip(places, spec.variants, strict=True)}
    counts = Counter(places)
    numbers = (
        network.memory(data.features, data.classes, samples, counts[place])
        for place, network in shapes.items()
    )
    return sum(numbers) * np.dtype(spec.dtype).itemsize


def lanes_within_memory(
    spec: TrainingSpec, data: TrainingData, threads: int | None = None
) -> tuple[int, ...]:
    """The lane of each variant: one for all where the buffers of more would take too much memory."""
    lanes = lanes_of([variant.network for variant in spec.variants], spec.batch_size, threads)
    return lanes if _memory(spec, data, lanes) <= _MOST_MEMORY else (0,) * len(lanes)


def shares_that_work(spec: TrainingSpec, data: TrainingData) -> tuple[tuple[int, ...], ...]:
    """The variants (their places) of each process, see `core.training.lanes.shares_of`.

    One share where the last batch of an epoch depends on who is in the run, and where what helpers keep
    as well would take too much memory.
    """
    shares = shares_of([variant.network for variant in spec.variants], spec.batch_size)
    parts = [spec.portion(share) for share in shares]
    samples = data.training_samples
    in_step = all(steps_per_epoch(part, samples) == steps_per_epoch(spec, samples) for part in parts)
    memory = sum(_memory(each, data, (0,) * len(each.variants)) for each in (spec, *parts[1:]))
    whole = (tuple(range(len(spec.variants))),)
    return shares if in_step and memory <= _MOST_MEMORY else whole


def steps_per_epoch(spec: TrainingSpec, samples: int) -> int:
    """Batches in an epoch, without a last one of a single sample where batch norm is on."""
    full, rest = divmod(samples, spec.batch_size)
    smallest = 2 if spec.batch_normed else 1
    return full + (rest >= smallest)
