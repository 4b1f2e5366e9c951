"""What a person sets about a landscape."""

import msgspec

from core.errors import InputError
from core.hyperparameter import Hyperparameter, Scale, checked_fields
from core.training.spec import TrainingSpec
from core.training.variant import shape_key

DIRECTIONS = ("path", "own", "random")

LANDSCAPE_HYPERPARAMETERS = (
    Hyperparameter(
        name="directions", default="path", scale=Scale.CHOICE, choices=DIRECTIONS,
        help="Principal components of all networks' paths, or of the centre's own and those that begin at the"
        " same weights; or random directions scaled like the weights.",
    ),
    Hyperparameter(
        name="resolution", default=64, low=16, high=128, minimum=2, maximum=1024, scale=Scale.INTEGER,
        help="Points along each side of the plane.",
    ),
    Hyperparameter(
        name="extent", default=1.0, low=0.1, high=2.0, minimum=0, maximum=1e6, open_minimum=True,
        help="How far a plane of random directions reaches each way, in lengths of the weights themselves.",
    ),
    Hyperparameter(
        name="loss_samples", default=512, low=128, high=2048, minimum=2, maximum=20_000, scale=Scale.INTEGER,
        help="Training samples whose mean loss is shown, the first of the training set.",
    ),
)  # fmt: skip


class LandscapeSpec(msgspec.Struct, frozen=True):
    """A plane through the parameters of one trained network of a run.

    Attributes
    ----------
    training
        The run.
    place
        Which of its variants stands at the centre: its loss is shown.
    directions
        One of `DIRECTIONS`, see `core.landscape.plane`.
    resolution
        Points along each side.
    extent
        Half the side of a plane of random directions.
    loss_samples
        How many training samples the loss is the mean over, at most.
    """

    training: TrainingSpec = TrainingSpec()
    place: int = 0
    directions: str = "path"
    resolution: int = 64
    extent: float = 1.0
    loss_samples: int = 512

    def checked(self) -> "LandscapeSpec":
        """Return the spec with everything in it checked.

        Raises
        ------
        InputError
            Naming the field that is wrong.
        """
        numbers = checked_fields(self, LANDSCAPE_HYPERPARAMETERS, "a landscape")
        training = self.training.checked()
        if not 0 <= self.place < len(training.variants):
            raise InputError(f"There is no network {self.place + 1} among {len(training.variants)}.", "place")
        if training.epochs == 0:
            raise InputError("A landscape needs a trained network: set epochs to 1 or more.", "epochs")
        return msgspec.structs.replace(self, training=training, **numbers)

    @property
    def companions(self) -> tuple[int, ...]:
        """Places of the variants whose parameters mean the same as the centre's, and see the same data."""
        key = _key(self.training, self.place)
        return tuple(i for i in range(len(self.training.variants)) if _key(self.training, i) == key)

    @property
    def drawn(self) -> tuple[int, ...]:
        """Places of the variants whose paths lie on the plane, as long as they do not diverge."""
        variants = self.training.variants
        start = variants[self.place].initializer
        return tuple(
            i for i in self.companions if self.directions != "own" or variants[i].initializer == start
        )


def _key(training: TrainingSpec, place: int) -> tuple[bytes, str]:
    variant = training.variants[place]
    plain = msgspec.structs.replace(variant.network, dropout=0.0, drop_connect=0.0)
    return shape_key(plain), variant.preprocessing
