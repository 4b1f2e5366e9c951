"""The data as some networks of a run see them: preprocessed, and each batch moved and mixed where wanted."""

from functools import cached_property
from typing import Any

from core.data.augmentation import augment
from core.data.before_after import BeforeAfter, before_after
from core.data.dataset import DATASETS
from core.data.mixup import mixup
from core.data.preprocessing import TrainingData, prepare
from core.data.streams import named_stream
from core.errors import InputError
from core.network.arrays import Array, Workspace
from core.training.spec import TrainingSpec
from core.training.variant import Variant


class Feed:
    """Batches for networks that are fed alike, see `feed_key`.

    Attributes
    ----------
    data
        Split and preprocessed.
    training, validation
        Its inputs in the run's precision.
    streams
        What augmentation and mixup are drawn from: the same numbers for every feed.
    """

    def __init__(self, spec: TrainingSpec, variant: Variant) -> None:
        self.data: TrainingData = prepare(spec.dataset, spec.seed, spec.own, variant.preprocessing)
        self.training = self.data.training_inputs.astype(spec.dtype)
        self.validation = self.data.validation_inputs.astype(spec.dtype)
        self.streams = tuple(named_stream(spec.seed, name) for name in ("augmentation", "mixup"))
        self._augmentation, self._mixup = variant.augmentation, variant.mixup
        self._shape = image_shape(spec)
        self._buffers = Workspace(spec.batch_size, spec.dtype)

    @cached_property
    def picture(self) -> BeforeAfter:
        """The data before and after preprocessing."""
        return before_after(self.data)

    def batch(self, chosen: Array) -> tuple[Array, Array]:
        """Inputs (in a buffer that the next batch overwrites) and labels of these training samples."""
        x, labels = self._inputs(chosen), self.data.training_labels.take(chosen)
        return (
            mixup(x, labels, self.data.classes, self._mixup, self.streams[1]) if self._mixup else (x, labels)
        )

    def _inputs(self, chosen: Array) -> Array:
        if self._augmentation.is_off or self._shape is None:
            x = self._buffers.rows("batch", len(chosen), self.data.features)
            return self.training.take(chosen, axis=0, out=x, mode="clip")  # other modes copy first
        images = self.data.raw.training_inputs[chosen]
        moved = augment(images, self._shape, self._augmentation, self.streams[0])
        return self.data.transform.apply(moved).astype(self.training.dtype)


def feed_key(variant: Variant) -> tuple[Any, ...]:
    """The same for networks that see the same batches."""
    augmentation = variant.augmentation
    moved = augmentation.shift, augmentation.rotate, augmentation.scale
    return variant.preprocessing, variant.mixup, *moved


def image_shape(spec: TrainingSpec) -> tuple[int, int] | None:
    """Rows and columns of a run's images, or None where its data are none."""
    return None if spec.own is not None else DATASETS[spec.dataset.id].image_shape


def check_feeds(spec: TrainingSpec) -> None:
    """Raise `InputError` where augmentation is asked of data that are no images."""
    for variant in spec.variants:
        if image_shape(spec) is None and not variant.augmentation.is_off:
            name = next(n for n in ("shift", "rotate", "scale") if getattr(variant, n))
            raise InputError(f"Only images can be moved: set {name} to 0, or choose the digits.", name)
