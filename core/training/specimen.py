"""One network of a run, taken out of it: to be looked at and tried on batches of one's own."""

from collections.abc import Callable, Iterator

import msgspec
import numpy as np

from core.data.streams import named_stream
from core.network.arrays import Array
from core.network.model import Network
from core.optimizer import OPTIMIZERS
from core.rule_code import array_stepper
from core.training.feed import Feed
from core.training.run import TrainingRun
from core.training.spec import EVALUATION_SAMPLES, TrainingSpec
from core.training.trainee import Trainee
from core.training.variant import Variant

Step = Callable[[Array, Array], float]


class Specimen:
    """The network of one variant as its run begins, with the run's data.

    Parameters
    ----------
    spec
        Of the run (checked here).
    place
        Which of its variants.
    dtype
        Another precision than the run's, or "".

    Attributes
    ----------
    spec
        The run's, with this variant alone.
    trainee, network
        With its initial weights, the same as in the whole run.
    inputs, labels
        The training set, (samples, features) in the specimen's precision and (samples,).

    Raises
    ------
    InputError
        Naming the field of the spec that is wrong.
    """

    def __init__(self, spec: TrainingSpec, place: int = 0, dtype: str = "") -> None:
        run = TrainingRun(alone(spec, place, dtype))
        self.spec, self.trainee = run.spec, run.trainees[0]
        self.variant, self.network = self.trainee.variant, self.trainee.network
        self._feed = Feed(self.spec, self.variant)
        self.inputs, self.labels = self._feed.training, self._feed.data.training_labels
        self.classes = self._feed.data.classes
        self.initial = run.records[0]

    def steps(self, rates: list[float]) -> Step:
        """Return what makes one step after the other on given batches, with these learning rates.

        It is the run's own step with its optimizer; it returns the batch's loss before the update, which
        is not finite from the step on at which the network diverges.
        """
        method, network = self.variant.method, self.network
        rule = OPTIMIZERS[method.optimizer.id]
        stepper = array_stepper(rule, method.values(), network.vector.values.size, self.spec.dtype)
        trainee = Trainee(self.variant, self.trainee.name, self.trainee.label, network, stepper, rates)
        times = iter(range(1, len(rates) + 1))

        def step(x: Array, labels: Array) -> float:
            with np.errstate(all="ignore"):
                trainee.step(x, labels, next(times))
            return np.nan if trainee.outcome == "diverged" else trainee.batch_loss

        return step

    def batches(self, name: str) -> Iterator[tuple[Array, Array]]:
        """Batches without end, of whole size, in an order of their own stream of random numbers.

        The inputs lie in a buffer that the next batch overwrites.
        """
        stream, size = named_stream(self.spec.seed, name), self.spec.batch_size
        while True:
            order = stream.permutation(len(self.labels))
            for start in range(0, len(order) - size + 1, size):
                yield self._feed.batch(order[start : start + size])

    def evaluate(self, x: Array, labels: Array) -> tuple[float, float]:
        """Mean loss and accuracy; batch norm takes the statistics of (the first of) these samples."""
        with np.errstate(all="ignore"):
            self.network.calibrate(x[:EVALUATION_SAMPLES])
            return self.network.evaluate(x, labels)


def alone(spec: TrainingSpec, place: int, dtype: str = "") -> TrainingSpec:
    """The spec with one of its variants alone."""
    checked = spec.checked()
    return msgspec.structs.replace(checked, variants=(checked.variants[place],), dtype=dtype or checked.dtype)


def without_noise(variant: Variant) -> Variant:
    """The variant with nothing drawn at random in a pass: the same batch has the same loss each time."""
    network = msgspec.structs.replace(variant.network, dropout=0.0, drop_connect=0.0)
    return msgspec.structs.replace(variant, network=network, mixup=0.0, shift=0.0, rotate=0.0, scale=0.0)


def training_loss(network: Network, x: Array, labels: Array) -> float:
    """Mean loss of a batch in training mode, without penalties: a pass forward that learns nothing."""
    logits = network.forward(x, training=True)
    return network.loss.value(logits, labels, network.workspace.rows("probabilities", *logits.shape))
