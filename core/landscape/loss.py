"""The loss of one network as a function of its parameters alone."""

import msgspec
import numpy as np

from core.landscape.spec import LandscapeSpec
from core.network.arrays import Array, Workspace
from core.network.model import Network
from core.training.feed import Feed
from core.training.specimen import training_loss, without_noise


class ParameterLoss:
    """Mean loss over the first training samples, without penalties, dropout or augmentation.

    Batch norm takes the statistics of these very samples at every point, as a training step would. (Its
    running averages belong to the parameters at which they were gathered: elsewhere they are wrong, and
    evaluated with them the loss would rise around any network, however flat its surroundings.)

    Parameters
    ----------
    spec
        Checked.
    place
        Which variant's network.
    dtype
        Precision, or "" for the run's.

    Attributes
    ----------
    network
        Its parameters are those of the last call.
    samples
        How many the mean is over.
    """

    def __init__(self, spec: LandscapeSpec, place: int, dtype: str = "") -> None:
        training = msgspec.structs.replace(spec.training, dtype=dtype or spec.training.dtype)
        variant = without_noise(training.variants[place])
        feed = Feed(training, variant)
        self._x = feed.training[: spec.loss_samples]
        self._labels = feed.data.training_labels[: spec.loss_samples]
        self.samples = len(self._labels)
        workspace = Workspace(self.samples, training.dtype)
        self.network = Network(variant.network, feed.data.features, feed.data.classes, workspace)

    def __call__(self, parameters: Array) -> float:
        """The loss; infinite or not a number where it overflows."""
        self.network.vector.values[:] = parameters
        with np.errstate(all="ignore"):
            return training_loss(self.network, self._x, self._labels)

    def gradient(self, parameters: Array) -> Array:
        """Its gradient, as a copy."""
        self.network.vector.values[:] = parameters
        with np.errstate(all="ignore"):
            self.network.loss_and_gradient(self._x, self._labels)
        return self.network.vector.gradient.copy()
