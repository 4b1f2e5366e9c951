"""What the window and the training process say to each other: orders one way, reports the other.

The window imports this and not what makes it up, which only the process needs.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.landscape import LandscapePlane, TrainedPaths
    from core.training import EpochRecord, Learned, NormMoment, Norms, TrainingFrame, TrainingSpec
    from core.training.series import Table


@dataclass(frozen=True)
class Load:
    """Order: begin the run of a spec; what was before is dropped."""

    serial: int
    generation: int
    spec: "TrainingSpec"


@dataclass(frozen=True)
class Train:
    """Order: train on, for so many epochs, up to a step, or (both None) to the end."""

    serial: int
    epochs: int | None = None
    to: int | None = None


@dataclass(frozen=True)
class Pause:
    """Order: stay at this step."""

    serial: int


@dataclass(frozen=True)
class Rewind:
    """Order: go to a step that was recorded, and stay there."""

    serial: int
    step: int


@dataclass(frozen=True)
class Watched:
    """What panels watch beside the layers' statistics: made and sent with every report.

    Attributes
    ----------
    pictures
        The network (its place) of which pictures of what it has learned are wanted, or None.
    norms
        The network whose batch norm is looked at, or None.
    noise
        Whether the noise of its batch statistics is wanted too, which takes a while.
    """

    pictures: int | None = None
    norms: int | None = None
    noise: bool = False


@dataclass(frozen=True)
class Watch:
    """Order: from now on send this, and no more of what was watched before."""

    serial: int
    watched: Watched


@dataclass(frozen=True)
class LayPlane:
    """Order: lay a plane through one network's parameters where the run is, with the recorded paths on it.

    `directions` is one of `core.landscape.DIRECTIONS`. What is `Laid` follows the answer.
    """

    serial: int
    network: int
    directions: str


Order = Load | Train | Pause | Rewind | Watch | LayPlane


@dataclass(frozen=True)
class Report:
    """News of a run.

    Attributes
    ----------
    serial, generation
        Of the newest order carried out, and of the `Load` that it belongs to.
    frame
        The run as it is now.
    since, records, series
        Evaluations and, for each network, notes of its steps (see `core.training.series`) later than
        step `since`; what was sent before of such steps is forgotten.
    recorded
        The last step that can be gone to.
    running
        Whether training goes on.
    steps_per_second
        Over the time since training began or went on; 0 when it has not.
    note
        What is not as one would expect of going back, in a sentence, or "".
    learned
        Pictures of the network that was asked for, or None.
    norms
        What batch norm does in the network that was asked for, or None: without batch norm too.
    moments
        Of its batch norm, after every epoch since the report before; of earlier steps too, where somebody
        has begun to look.
    more
        Whether another report follows though nothing is trained: earlier steps are looked at.
    """

    serial: int
    generation: int
    frame: "TrainingFrame"
    since: int
    records: "tuple[EpochRecord, ...]"
    series: "tuple[Table, ...]"
    recorded: int
    running: bool
    steps_per_second: float
    note: str
    learned: "Learned | None" = None
    norms: "Norms | None" = None
    moments: "tuple[NormMoment, ...]" = ()
    more: bool = False


@dataclass(frozen=True)
class Seeking:
    """Answer where going to a step takes longer: the run is on its way, a report follows."""

    serial: int
    generation: int


@dataclass(frozen=True)
class Refusal:
    """A spec that cannot be run: the field that is wrong, and a sentence."""

    serial: int
    generation: int
    field: str
    sentence: str


@dataclass(frozen=True, eq=False)
class Laid:
    """News after the `LayPlane` of a serial: the plane, and where the networks are, or why there is none."""

    serial: int
    generation: int
    step: int
    plane: "LandscapePlane | None"
    networks: "TrainedPaths | None"
    sentence: str


Answer = Report | Refusal | Seeking | Laid
