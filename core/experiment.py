"""Everything that a person sets up, as one immutable value, to and from JSON."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from core.choice import Choice
from core.descent import DescentSpec, Point
from core.effort import Measure
from core.errors import InputError, unknown_name
from core.map_spec import COLUMNS, QUANTITY, ROWS, Domain, MapAxis, MapSpec, check_size, two_axes
from core.network.spec import NetworkSpec
from core.network.statistics import KINDS
from core.optimizer import OPTIMIZERS, MethodSpec
from core.search import BUDGET, RATE, TuneSpec
from core.start_pattern import check_count
from core.surface import SurfaceSpec, surface, surfaces
from core.training import TrainingSpec, alike

SHOWN = KINDS
"""What the distributions can show."""
FORMS = ("grid", "overlay", "ridges", "depth")
"""How they can show it."""
DEFAULT_SURFACE = "himmelblau"
DEFAULT_INITIALIZERS = ("small_normal", "large_normal", "xavier_normal", "he_normal")


class Words(NamedTuple):
    """What an experiment is called, in one line, and what there is to see; "" where nobody said."""

    title: str = ""
    text: str = ""


class Contender(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An optimizer in the comparison: its method, and whether it is switched on."""

    method: MethodSpec
    enabled: bool = True


class MapSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the maps show: one of start points on the surface, one of two numbers of the same optimizer.

    Attributes
    ----------
    optimizer
        Id of the one that is mapped, with the numbers that its contender has.
    starts_by, numbers_by
        What each map is coloured by, one of `QUANTITIES`.
    x, y
        The numbers from left to right and from bottom to top; None is what suits the optimizer.
    columns, rows
        Pixels.
    """

    optimizer: str = "adam"
    starts_by: str = "minimum"
    numbers_by: str = "loss"
    x: MapAxis | None = None
    y: MapAxis | None = None
    columns: int = 256
    rows: int = 256

    def checked(self) -> "MapSettings":
        """Return the settings; raises `InputError` for what no map would take."""
        if self.optimizer not in OPTIMIZERS:
            raise unknown_name("optimizer", self.optimizer, OPTIMIZERS)
        for name in (self.starts_by, self.numbers_by):
            QUANTITY.check(name)
        check_size(int(COLUMNS.check(self.columns)), int(ROWS.check(self.rows)))
        return self


class TuneSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How optimizers are tuned: trials for each, and the names of what is tuned."""

    budget: int = 40
    what: tuple[str, ...] = (RATE,)


class DistributionSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the distributions are shown.

    Attributes
    ----------
    form
        One of `FORMS`.
    own_axes, log_counts
        Whether each has an axis of its own, and heights are logarithms of counts, not square roots.
    network, layer
        Whose distribution is shown over time: place among the variants, and layer from 1; the last
        there is where there are fewer.
    """

    form: str = "grid"
    own_axes: bool = False
    log_counts: bool = False
    network: int = 0
    layer: int = 1

    def checked(self) -> "DistributionSettings":
        """Return the settings; raises `InputError` for what cannot be shown."""
        if self.form not in FORMS:
            raise unknown_name("form", self.form, FORMS)
        if self.network < 0 or self.layer < 1:
            raise InputError("Networks are counted from 0 and layers from 1.", "distributions")
        return self


class Experiment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
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
    distributions
        How they show them.
    measure
        What loss and gradient norm are drawn against, one of `core.effort.MEASURES`.
    overlays
        Names of what is drawn on the surface beside the paths.
    maps, tuning
        What the maps show, and how optimizers are tuned.
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
    distributions: DistributionSettings = DistributionSettings()
    measure: Measure = "steps"
    overlays: tuple[str, ...] = ()
    maps: MapSettings = MapSettings()
    tuning: TuneSettings = TuneSettings()

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
        _check_contenders(self.contenders)
        if self.shown not in SHOWN:
            raise unknown_name("shown value", self.shown, SHOWN)
        check_count(len(self.starts))
        numbers = self.descent().checked().numbers()
        BUDGET.check(self.tuning.budget)
        return msgspec.structs.replace(
            self,
            training=self.training.checked(),
            maps=self.maps.checked(),
            distributions=self.distributions.checked(),
            **numbers,
        )

    def method(self, optimizer: str) -> MethodSpec:
        """The method of an optimizer, by its id."""
        methods = (contender.method for contender in self.contenders)
        found = (method for method in methods if method.optimizer.id == optimizer)
        return next(found, MethodSpec(Choice(optimizer)))

    def map_of_starts(self, domain: Domain) -> MapSpec:
        """What the mapped optimizer does from every start of a domain; there is no noise in maps."""
        maps = self.maps
        return self._map("starts", maps.starts_by, self.method(maps.optimizer), domain=domain)

    def map_of_numbers(self, start: Point) -> MapSpec:
        """What it does from a start with every pair of two of its numbers.

        Raises
        ------
        InputError
            For an optimizer that has only one number.
        """
        method = self.method(self.maps.optimizer)
        x, y = two_axes(method, self.maps.x, self.maps.y)
        # What is set now on the axes does not matter: without it, setting it asks for no other map.
        others = method.optimizer.without_value(x.name).without_value(y.name)
        method = msgspec.structs.replace(method, optimizer=others)
        return self._map("hyperparameters", self.maps.numbers_by, method, start=start, x=x, y=y)

    def _map(self, kind: str, quantity: str, method: MethodSpec, **where: Any) -> MapSpec:
        return MapSpec(
            self.surface, method, kind, columns=self.maps.columns, rows=self.maps.rows,
            steps=self.steps, tolerance=self.tolerance, quantity=quantity, **where,
        )  # fmt: skip

    def tune(self) -> TuneSpec:
        """What it takes to tune every optimizer that is switched on, from these starts."""
        methods = tuple(c.method for c in self.contenders if c.enabled)
        owned = {each.name for m in methods for each in OPTIMIZERS[m.optimizer.id].hyperparameters}
        what = tuple(name for name in self.tuning.what if name in owned or name == RATE)
        return TuneSpec(
            self.surface, methods, self.starts, self.steps, self.tuning.budget, what, self.seed, self.noise,
            self.batch_size,
        )  # fmt: skip

    def with_methods(self, methods: Iterable[MethodSpec]) -> "Experiment":
        """The same with other methods for the optimizers of these."""
        others = {method.optimizer.id: method for method in methods}
        contenders = tuple(
            msgspec.structs.replace(c, method=others.get(c.method.optimizer.id, c.method))
            for c in self.contenders
        )
        return msgspec.structs.replace(self, contenders=contenders)

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


def _check_contenders(contenders: tuple[Contender, ...]) -> None:
    seen = set()
    for contender in contenders:
        contender.method.values()
        if (key := contender.method.optimizer.id) in seen:
            raise InputError(f"The optimizer '{key}' is there twice; once is enough.", "optimizer")
        seen.add(key)


def _at_rate(method: MethodSpec, rates: dict[str, float]) -> MethodSpec:
    key = method.optimizer.id
    optimizer = method.optimizer.without_value("learning_rate")
    return msgspec.structs.replace(
        method, optimizer=optimizer.with_value("learning_rate", rates[key]) if key in rates else optimizer
    )


def default_experiment() -> Experiment:
    """What the first start shows."""
    contenders = tuple(Contender(MethodSpec(Choice(key)), entry.basic) for key, entry in OPTIMIZERS.items())
    training = TrainingSpec(
        variants=alike(
            tuple(Choice(key) for key in DEFAULT_INITIALIZERS),
            network=NetworkSpec(batch_norm="before"),
            # With this, batch norm trains all four; without it the smallest weights die and Xavier lives.
            method=MethodSpec(Choice("momentum", {"learning_rate": 0.03})),
        )
    )
    spec = SurfaceSpec(DEFAULT_SURFACE)
    blank = Experiment(
        surface=spec, starts=surfaces()[spec.id].starts[:1], contenders=contenders, training=training
    )
    return blank.with_surface(spec)
