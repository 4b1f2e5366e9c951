"""What a person sets about a network."""

import msgspec

from core.choice import Choice
from core.hyperparameter import Hyperparameter, Scale, checked_fields
from core.network.activation import ACTIVATIONS
from core.network.layers.batch_norm import MOMENTUM
from core.network.loss import LOSSES

BATCH_NORM_PLACES = ("off", "before", "after")
RESIDUALS = ("off", "on", "zero_last")
BIASES = ("auto", "on")

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
    Hyperparameter(
        name="batch_norm_momentum", default=MOMENTUM, low=0.01, high=1.0, minimum=0, maximum=1,
        scale=Scale.LOG,
        help="Share of the newest batch in the running averages that evaluation normalizes with:"
        " small is steady but late, 1 is the last batch alone.",
    ),
    Hyperparameter(
        name="bias", default="auto", scale=Scale.CHOICE, choices=BIASES,
        help="auto leaves biases out where batch norm would take them off again; on keeps them everywhere,"
        " to see that they have no effect there.",
    ),
    Hyperparameter(
        name="residual", default="off", scale=Scale.CHOICE, choices=RESIDUALS,
        help="A shortcut past every two hidden layers adds their input to their output;"
        " zero_last starts each such block as the identity.",
    ),
    Hyperparameter(
        name="loss", default="cross_entropy", scale=Scale.CHOICE, choices=tuple(LOSSES),
        help="Cross-entropy of the softmax, or half the squared distance of the logits from 0 and 1.",
    ),
    Hyperparameter(
        name="dropout", default=0.0, low=0.0, high=0.9, minimum=0, maximum=1, open_maximum=True,
        help="Share of each hidden layer's outputs that a training step sets to 0; the others are"
        " scaled up to make up for it. Nothing is dropped in evaluation.",
    ),
    Hyperparameter(
        name="drop_connect", default=0.0, low=0.0, high=0.9, minimum=0, maximum=1, open_maximum=True,
        label="DropConnect",
        help="Share of each hidden layer's weights that a training step leaves out; the others are"
        " scaled up to make up for it.",
    ),
)  # fmt: skip


class NetworkSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
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
    batch_norm_momentum
        Share of the newest batch in batch norm's running averages, 0 to 1 (torch's convention).
    bias
        "auto": hidden layers have biases unless batch norm follows at once; "on": they always have.
    residual
        "off", "on" or "zero_last". Hidden layers 1 and 2, 3 and 4 and so on are blocks; the input of
        each is added to its output. The first has such a shortcut only where the data have as many
        features as there are units; an odd layer at the end belongs to no block. With "zero_last"
        the second weight matrix of each block with a shortcut starts at 0 (other weights as drawn).
    loss
        "cross_entropy" or "squared_error", see `core.network.loss`.
    dropout
        Share of each hidden layer's outputs that is dropped in training, from 0 to below 1: after the
        activation and its batch norm, before a shortcut is added.
    drop_connect
        Share of each hidden layer's weights that is dropped in training, from 0 to below 1.
    """

    layers: int = 6
    units: int = 64
    activation: Choice = Choice("tanh")
    batch_norm: str = "off"
    batch_norm_momentum: float = MOMENTUM
    bias: str = "auto"
    residual: str = "off"
    loss: str = "cross_entropy"
    dropout: float = 0.0
    drop_connect: float = 0.0

    def checked(self) -> "NetworkSpec":
        """Return the spec with every number checked and whole.

        Raises
        ------
        InputError
            Naming the field that is wrong.
        """
        numbers = checked_fields(self, NETWORK_HYPERPARAMETERS, "a network")
        ACTIVATIONS[self.activation.id].values(self.activation.values)
        return msgspec.structs.replace(self, **numbers)

    @property
    def has_bias(self) -> bool:
        """Whether hidden layers have biases: by themselves not where batch norm takes them off again."""
        return self.batch_norm != "before" or self.bias == "on"

    def shortcuts(self, inputs: int) -> range:
        """Index (from 0) of the first hidden layer of each block that has a shortcut."""
        if self.residual == "off":
            return range(0)
        return range(0 if inputs == self.units else 2, self.layers - 1, 2)

    def memory(self, inputs: int, classes: int, samples: int, networks: int) -> int:
        """How many numbers networks of this shape hold in training, at most.

        Shared are the buffers of a pass over `samples` samples, two vectors as long as the parameters
        and DropConnect's masks; each network has its parameters, its weights of before the last step, up
        to three vectors of an optimizer's state, and batch norm's statistics. Without the data.
        """
        parameters = self.weight_count(inputs, classes) + self.other_count(classes)
        masked = self.weight_count(inputs, 0) * bool(self.drop_connect)
        per_sample = self.units * self._buffers(inputs) + inputs + 2 * classes + 3
        per_network = 5 * parameters + 8 * self.layers * self.units
        return per_sample * samples + 2 * (parameters + masked) + per_network * networks

    def _buffers(self, inputs: int) -> int:
        """Buffers of a hidden layer's width that passes use.

        A layer has up to four: pre-activation, activation, centred and normalized; and mask and output
        of dropout. Derivatives take four in all, whatever the depth, and each shortcut ends in one.
        """
        return self.layers * (6 if self.dropout else 4) + len(self.shortcuts(inputs)) + 4

    def weight_count(self, inputs: int, classes: int) -> int:
        """Numbers in the matrices of all dense layers."""
        return self.units * (inputs + (self.layers - 1) * self.units + classes)

    def other_count(self, classes: int) -> int:
        """Biases, gammas, betas and learned slopes."""
        norm = self.batch_norm != "off"
        slope = bool(ACTIVATIONS[self.activation.id].learned)
        return self.layers * (self.units * (self.has_bias + 2 * norm) + slope) + classes
