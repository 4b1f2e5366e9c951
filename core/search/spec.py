"""What to tune: a spec that is checked whole before anything is tried."""

import msgspec

from core.batches import BATCH_SIZE
from core.descent import NOISE, SEED, STEPS, DescentSpec, Point
from core.errors import InputError, unknown_name
from core.hyperparameter import Hyperparameter, Scale, checked_fields
from core.optimizer import OPTIMIZERS, MethodSpec
from core.surface import SurfaceSpec

RATE = "learning_rate"
BUDGET = Hyperparameter(
    name="budget", default=40, low=10, high=400, minimum=5, maximum=10_000, scale=Scale.LOG_INTEGER,
    unit="trials", help="Settings that are tried for every optimizer, each of them from every start.",
)  # fmt: skip
SEARCH_HYPERPARAMETERS = (STEPS, BUDGET, NOISE, SEED, BATCH_SIZE)


class TuneSpec(msgspec.Struct, frozen=True):
    """What to tune.

    Attributes
    ----------
    surface, methods, starts, steps, noise, batch_size
        As in `DescentSpec`; the methods hold what is set now, their schedules stay as they are.
    budget
        Settings tried for each optimizer. Each is run from every start, so that an optimizer
        makes `budget * len(starts)` descents.
    what
        Names of the hyperparameters to tune, the learning rate among them. An optimizer that lacks
        one spends its budget on the others.
    seed
        Of the random draws, and of the gradients' noise.
    """

    surface: SurfaceSpec
    methods: tuple[MethodSpec, ...]
    starts: tuple[Point, ...]
    steps: int = 300
    budget: int = 40
    what: tuple[str, ...] = (RATE,)
    seed: int = 0
    noise: float = 0.0
    batch_size: int = 0

    def checked(self) -> "TuneSpec":
        """Return the spec with everything in it checked.

        Raises
        ------
        InputError
            For anything in it that is wrong.
        """
        spec = msgspec.structs.replace(self, **checked_fields(self, SEARCH_HYPERPARAMETERS, "a search"))
        spec.descent(spec.methods).checked()
        if not spec.methods:
            raise InputError("A search needs an optimizer to tune.", "optimizer")
        _check_names(spec)
        return spec

    def descent(self, methods: tuple[MethodSpec, ...]) -> DescentSpec:
        """These methods, run as the trials run them."""
        return DescentSpec(
            self.surface, methods, self.starts, self.steps, self.noise, self.seed, batch_size=self.batch_size
        )

    @property
    def total(self) -> int:
        """Trials of all optimizers together."""
        return self.budget * len(self.methods)


def tunable_numbers(spec: TuneSpec, method: MethodSpec) -> list[Hyperparameter]:
    """The method's hyperparameters that the spec asks to tune."""
    return [each for each in OPTIMIZERS[method.optimizer.id].hyperparameters if each.name in spec.what]


def _check_names(spec: TuneSpec) -> None:
    owned = {each.name: None for m in spec.methods for each in OPTIMIZERS[m.optimizer.id].hyperparameters}
    for name in spec.what:
        if name not in owned:
            raise InputError(str(unknown_name("hyperparameter of these optimizers", name, owned)), "what")
    for method in spec.methods:
        if RATE not in {each.name for each in tunable_numbers(spec, method)}:
            raise InputError(
                f"A search tunes the learning rate of every optimizer; {RATE} is missing among its names"
                f" or in {OPTIMIZERS[method.optimizer.id].name}.", "what",
            )  # fmt: skip
