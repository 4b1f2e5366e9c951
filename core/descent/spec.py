"""What to run, and how long that takes."""

import msgspec

from core.batches import BATCH_SIZE, check_batch_size
from core.errors import InputError
from core.hyperparameter import Hyperparameter, Scale, Value, checked_fields
from core.mean_loss import MeanDerivatives
from core.optimizer import OPTIMIZERS, MethodSpec
from core.plane import plane_trace
from core.surface import SurfaceSpec, surface

Point = tuple[float, float]
STEPS = Hyperparameter(
    name="steps", default=300, low=10, high=10_000, minimum=1, maximum=1_000_000, scale=Scale.LOG_INTEGER,
    unit="steps", help="Steps that every optimizer makes.",
)  # fmt: skip
NOISE = Hyperparameter(
    name="noise", default=0.0, low=0, high=10, minimum=0, maximum=1e6,
    help="Standard deviation of Gaussian noise added to both gradient components, as mini-batches do.",
)  # fmt: skip
SEED = Hyperparameter(
    name="seed", default=0, low=0, high=100, minimum=0, maximum=2**32 - 1, scale=Scale.INTEGER,
    help="Where the random numbers begin; the same seed gives the same run.",
)  # fmt: skip
TOLERANCE = Hyperparameter(
    name="tolerance", default=1e-6, low=1e-12, high=1.0, minimum=0, maximum=1e6, scale=Scale.LOG,
    help="A run counts as converged from the step on from which its gradient norm stays below this.",
)  # fmt: skip
DESCENT_HYPERPARAMETERS = (STEPS, NOISE, SEED, TOLERANCE)
"""What every run has; a surface made of data has its `BATCH_SIZE` beside them."""


class DescentSpec(msgspec.Struct, frozen=True):
    """What to run: every method from every start.

    Attributes
    ----------
    surface, methods, starts
        Where, with which optimizers, and from which points (x, y).
    steps
        Steps each run makes.
    noise, seed
        Standard deviation of the gradient noise, and the seed that it comes from. Every method
        sees the same noise from the same start.
    tolerance
        Gradient norm below which a run is called converged.
    batch_size
        Samples of each step's gradient on a surface made of data, 0 for all of them. Every run of a
        seed sees the same batches; what it records are loss and gradient norm of all samples.
    """

    surface: SurfaceSpec
    methods: tuple[MethodSpec, ...]
    starts: tuple[Point, ...]
    steps: int = 300
    noise: float = 0.0
    seed: int = 0
    tolerance: float = 1e-6
    batch_size: int = 0

    def numbers(self) -> dict[str, Value]:
        """The spec's numbers by name, checked."""
        known = (*DESCENT_HYPERPARAMETERS, BATCH_SIZE)
        return checked_fields(self, known, "a run")

    def checked(self) -> "DescentSpec":
        """Return the spec with every number checked.

        Raises
        ------
        InputError
            For anything in it that is wrong.
        """
        place = surface(self.surface)
        size = check_batch_size(place, self.batch_size)
        spec = msgspec.structs.replace(self, **{**self.numbers(), "batch_size": size})
        if not spec.starts:
            raise InputError("A run needs a start point, x and y.", "start")
        for start in spec.starts:
            place.check_start(*start)
        for method in spec.methods:
            method.values()
        return spec


_EVALUATION, _SAMPLES = 15.0, 100.0
"""What a gradient over samples costs in steps of Adam, and how many samples of a path cost one more."""
_ADAM_SIZE = 26
"""`PlaneTrace.size` of Adam."""


def work(spec: DescentSpec) -> float:
    """How long a descent takes, in steps of Adam: rules with many operations count for more.

    Over samples, a step of all paths takes its time and each path's part of it grows with the batch.
    """
    runs = spec.steps * len(spec.starts)
    traces = [plane_trace(OPTIMIZERS[m.optimizer.id], m.values()) for m in spec.methods]
    alone = runs * sum(max(1.0, each.size / _ADAM_SIZE) for each in traces)
    mean = surface(spec.surface).mean
    if mean is None or not over_batches(spec):
        return alone
    batch = spec.batch_size or mean.samples.count
    return alone + spec.steps * _EVALUATION + runs * len(traces) * batch / _SAMPLES


def over_batches(spec: DescentSpec) -> bool:
    """Whether every step goes through samples."""
    return spec.batch_size > 0 or isinstance(surface(spec.surface).derivatives, MeanDerivatives)


def needs_hessian(spec: DescentSpec) -> bool:
    """Whether a method of the spec takes second derivatives."""
    return any(OPTIMIZERS[method.optimizer.id].needs_hessian for method in spec.methods)


def without_underived(spec: DescentSpec) -> DescentSpec:
    """The spec without methods that need a Hessian not derived in this process: that may take a second."""
    if not needs_hessian(spec) or surface(spec.surface).has_hessian:
        return spec
    ready = tuple(m for m in spec.methods if not OPTIMIZERS[m.optimizer.id].needs_hessian)
    return msgspec.structs.replace(spec, methods=ready)
