"""What a person sets about a network."""

import msgspec

from core.choice import Choice
from core.hyperparameter import Hyperparameter, Scale, complete
from core.network.activation import ACTIVATIONS

BATCH_NORM_PLACES = ("off", "before", "after")

NETWORK_HYPERPARAMETERS = (
    Hyperparameter(
        name="layers", default=6, low=1, high=20, minimum=1, maximum=50, scale=Scale.INTEGER,
        help="Hidden layers: each a dense layer, its activation, and batch norm where that is on.",
    ),
    Hyperparameter(
        name="units", default=64, low=1, high=256, minimum=1, maximum=512, scale=Scale.INTEGER,
        help="Units in each hidden layer.",
    ),
    Hyperparameter(
        name="batch_norm", default="off", scale=Scale.CHOICE, choices=BATCH_NORM_PLACES,
        help="Normalize each unit over the batch: off, before the activation (on z), or after it (on a).",
    ),
)  # fmt: skip


class NetworkSpec(msgspec.Struct, frozen=True):
    """The shape of a network; inputs and classes come from the data.

    Attributes
    ----------
    layers
        Hidden layers, 1 to 50. A dense layer to the classes follows them.
    units
        Width of each hidden layer, 1 to 512.
    activation
        Entry of `ACTIVATIONS`.
    batch_norm
        "off", "before" (on the pre-activation) or "after" (on the activation).
    """

    layers: int = 6
    units: int = 64
    activation: Choice = Choice("tanh")
    batch_norm: str = "off"

    def checked(self) -> "NetworkSpec":
        """Return the spec with every number checked and whole.

        Raises
        ------
        InputError
            Naming the field that is wrong.
        """
        given = {name: getattr(self, name) for name in ("layers", "units", "batch_norm")}
        numbers = complete(NETWORK_HYPERPARAMETERS, given, "a network")
        ACTIVATIONS[self.activation.id].values(self.activation.values)
        return msgspec.structs.replace(self, **numbers)

    def memory(self, inputs: int, classes: int, samples: int, networks: int) -> int:
        """Roughly how many numbers networks of this shape hold in training, at most.

        Shared are four buffers a layer for `samples` samples and two vectors as long as the parameters;
        each network has its parameters and up to three vectors of an optimizer's state.
        """
        parameters = self.weight_count(inputs, classes) + self.other_count(classes)
        return 4 * self.layers * self.units * samples + (2 + 4 * networks) * parameters

    def weight_count(self, inputs: int, classes: int) -> int:
        """Numbers in the matrices of all dense layers."""
        return self.units * (inputs + (self.layers - 1) * self.units + classes)

    def other_count(self, classes: int) -> int:
        """Biases, gammas, betas and learned slopes."""
        norm = self.batch_norm != "off"
        bias = self.batch_norm != "before"
        slope = bool(ACTIVATIONS[self.activation.id].learned)
        return self.layers * (self.units * (bias + 2 * norm) + slope) + classes
