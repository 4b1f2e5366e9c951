"""Which samples a run's networks see at each step: a new order in each epoch, the same for all."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from core.data.streams import named_stream
from core.network.arrays import Array
from core.training.feed import Feed, check_feeds, feed_key
from core.training.spec import TrainingSpec, steps_per_epoch
from core.training.variant import Variant

Key = tuple[Any, ...]
"""Of networks that are fed alike, see `core.training.feed.feed_key`."""
States = tuple[dict[str, Any], ...]
"""Of streams of random numbers."""


class Sampler:
    """Deals out batches, step by step.

    Parameters
    ----------
    spec
        Of the run, checked but for what its feeds need.

    Attributes
    ----------
    data
        The first variant's, split and preprocessed; others differ in their preprocessing.
    steps_per_epoch
        Batches in an epoch.

    Raises
    ------
    InputError
        Naming the field of the spec that its data do not allow.
    """

    def __init__(self, spec: TrainingSpec) -> None:
        check_feeds(spec)
        self._feeds = {feed_key(variant): Feed(spec, variant) for variant in spec.variants}
        self.data = self.feed(spec.variants[0]).data
        self.steps_per_epoch = steps_per_epoch(spec, self.data.training_samples)
        self._batch_size = spec.batch_size
        self._shuffles = named_stream(spec.seed, "shuffles")
        self._drawn_from = self._shuffles.bit_generator.state
        self._order = np.arange(self.data.training_samples)

    def feed(self, variant: Variant) -> Feed:
        """The data as a network sees them."""
        return self._feeds[feed_key(variant)]

    def batches(self, step: int) -> dict[Key, tuple[Array, Array]]:
        """Inputs and labels of the batch after `step` steps, as each feed makes it.

        The batches of steps come one after the other, or from where `restore` has led.
        """
        place = step % self.steps_per_epoch
        if place == 0:
            self._draw_order()
        chosen = self._order[place * self._batch_size :][: self._batch_size]
        return {key: feed.batch(chosen) for key, feed in self._feeds.items()}

    def _draw_order(self) -> None:
        self._drawn_from = self._shuffles.bit_generator.state
        self._order = self._shuffles.permutation(self.data.training_samples)

    def state(self, step: int, keys: Iterable[Key]) -> tuple[dict[str, Any], States]:
        """After `step` steps: that of the shuffles that this epoch was drawn from, and those of feeds."""
        between = step % self.steps_per_epoch == 0
        shuffles = self._shuffles.bit_generator.state if between else self._drawn_from
        streams = (stream for key in dict.fromkeys(keys) for stream in self._feeds[key].streams)
        return dict(shuffles), tuple(dict(stream.bit_generator.state) for stream in streams)

    def restore(self, step: int, shuffles: dict[str, Any], feeds: States) -> None:
        """Go to where the states of all feeds were after `step` steps."""
        self._shuffles.bit_generator.state = shuffles
        if step % self.steps_per_epoch:
            self._draw_order()
        streams = [stream for feed in self._feeds.values() for stream in feed.streams]
        for stream, state in zip(streams, feeds, strict=True):
            stream.bit_generator.state = state
