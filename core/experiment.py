"""Everything that a person sets up, as one immutable value, to and from JSON."""

import msgspec

from core.choice import Choice
from core.descent import DescentSpec, Point
from core.effort import Measure
from core.errors import InputError, unknown_name
from core.network.spec import NetworkSpec
from core.optimizer import OPTIMIZERS, MethodSpec
from core.start_pattern import check_count
from core.surface import SurfaceSpec, surface, surfaces
from core.training import TrainingSpec

VERSION = 1
SHOWN = ("pre_activation", "activation", "gradient")
"""What the distributions can show."""
DEFAULT_SURFACE = "himmelblau"
DEFAULT_INITIALIZERS = ("small_normal", "large_normal", "xavier_normal", "he_normal")


class Contender(msgspec.Struct, frozen=True):
    """An optimizer in the comparison: its method, and whether it is switched on."""

    method: MethodSpec
    enabled: bool = True


class Experiment(msgspec.Struct, frozen=True):
    """All that shapes a result; the window shows it, files keep it, undo steps through it.

    Attributes
    ----------
    surface, starts
        Where the descents run, and from which points.
    contenders
        Every optimizer of the catalogue, in its order.
    steps, noise, seed, tolerance, batch_size
        Of the descents.
    training
        The network beside them.
    shown
        Which values the distributions show, one of `SHOWN`.
    measure
        What loss and gradient norm are drawn against, one of `core.effort.MEASURES`.
    overlays
        Names of what is drawn on the surface beside the paths.
    version
        Of the file format.
    """

    surface: SurfaceSpec
    starts: tuple[Point, ...]
    contenders: tuple[Contender, ...]
    training: TrainingSpec
    steps: int = 300
    noise: float = 0.0
    seed: int = 0
    tolerance: float = 1e-6
    batch_size: int = 0
    shown: str = "activation"
    measure: Measure = "steps"
    overlays: tuple[str, ...] = ()
    version: int = VERSION

    def descent(self) -> DescentSpec:
        """The descents that are switched on."""
        return DescentSpec(
            surface=self.surface,
            methods=tuple(c.method for c in self.contenders if c.enabled),
            starts=self.starts,
            steps=self.steps,
            noise=self.noise,
            seed=self.seed,
            tolerance=self.tolerance,
            batch_size=self.batch_size,
        )

    def checked(self) -> "Experiment":
        """Return the experiment with every number checked; raises `InputError` for what no run would take."""
        for contender in self.contenders:
            contender.method.values()
        if self.shown not in SHOWN:
            raise unknown_name("shown value", self.shown, SHOWN)
        check_count(len(self.starts))
        numbers = self.descent().checked().numbers()
        return msgspec.structs.replace(self, training=self.training.checked(), **numbers)

    def with_surface(self, spec: SurfaceSpec) -> "Experiment":
        """The same comparison on another surface: its first start, its rates, its steps, all its samples."""
        entry = surface(spec).entry
        return msgspec.structs.replace(
            self,
            surface=spec,
            batch_size=0,
            starts=entry.starts[:1],
            steps=entry.steps,
            contenders=tuple(
                Contender(_at_rate(c.method, entry.learning_rates), c.enabled) for c in self.contenders
            ),
        )

    def with_rates(self, spec: SurfaceSpec) -> "Experiment":
        """The same comparison at a surface's rates; starts and steps stay."""
        contenders = tuple(
            Contender(_at_rate(c.method, spec.learning_rates), c.enabled) for c in self.contenders
        )
        return msgspec.structs.replace(self, surface=spec, contenders=contenders)

    def with_overlay(self, name: str, on: bool) -> "Experiment":
        """The same with something more, or less, drawn on the surface."""
        others = tuple(overlay for overlay in self.overlays if overlay != name)
        return msgspec.structs.replace(self, overlays=(*others, name) if on else others)

    def to_json(self) -> bytes:
        """The experiment as JSON text."""
        return msgspec.json.format(msgspec.json.encode(self), indent=1)


def _at_rate(method: MethodSpec, rates: dict[str, float]) -> MethodSpec:
    key = method.optimizer.id
    optimizer = method.optimizer.without_value("learning_rate")
    return msgspec.structs.replace(
        method, optimizer=optimizer.with_value("learning_rate", rates[key]) if key in rates else optimizer
    )


def from_json(text: bytes | str) -> Experiment:
    """Read an experiment.

    Raises
    ------
    InputError
        For text that is no experiment, of a version that this program does not know, or with
        something in it that no run would take.
    """
    try:
        version = msgspec.json.decode(text, type=_Version).version
        if version != VERSION:
            raise InputError(
                f"The experiment has format version {version}; this program reads version {VERSION}.",
                "version",
            )
        return msgspec.json.decode(text, type=Experiment).checked()
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise InputError(f"This is not an experiment of Optiscope: {error}.") from None


class _Version(msgspec.Struct):
    """What every version of the format has: read first, since the rest may differ."""

    version: int


def default_experiment() -> Experiment:
    """What the first start shows."""
    contenders = tuple(Contender(MethodSpec(Choice(key)), entry.basic) for key, entry in OPTIMIZERS.items())
    training = TrainingSpec(
        network=NetworkSpec(batch_norm="before"),
        initializers=tuple(Choice(key) for key in DEFAULT_INITIALIZERS),
        # With this, batch norm trains all four; without it the smallest weights die and Xavier lives.
        method=MethodSpec(Choice("momentum", {"learning_rate": 0.03})),
    )
    spec = SurfaceSpec(DEFAULT_SURFACE)
    blank = Experiment(
        surface=spec, starts=surfaces()[spec.id].starts[:1], contenders=contenders, training=training
    )
    return blank.with_surface(spec)
