"""The step that is shown -> its explanation in the panel, and its arrows on the surface."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QObject, QSettings, Signal
from PySide6.QtWidgets import QWidget

from app.descents import Descents
from app.document import Document
from app.jobs import CallJob
from app.numbers import FACTOR, WIDEST, pair, plain, short
from app.playback import Playback
from app.plots.surface_plot import SurfacePlot
from app.plots.typeset import Room
from app.plots.vector_layer import Kind, Vector, VectorKey, VectorLayer
from app.theme import Theme
from app.views.panel_host import PanelHost
from app.views.step_panel import StepCardEntry, StepPanel
from core.descent import Trajectories, Trajectory, remember
from core.descent_step import DescentStep, step_at
from core.experiment import Experiment
from core.optimizer import OPTIMIZERS
from core.rule_notation import HAT

if TYPE_CHECKING:
    from app.main import Laboratory

ARROWS = frozenset({"step", "gradient", "velocity", "second_moment"})
"""What of `Experiment.overlays` is drawn here."""
_SPREADS = ("largest_second_moment", "second_moment", "sum_of_squares")
_AT_ONCE = 20_000
"""Steps of a run that are run again within a frame or so; longer ones are left to another process."""
_FEW, _NEAR = 2, 18.0
"""Optimizers whose arrows are drawn together when none is chosen; pixels at which a head is pointed at."""


class StepFocus(QObject):
    """Which optimizers a person looks at closely: their cards are open, their arrows are drawn.

    Signals
    -------
    changed()
        Others.
    """

    changed = Signal()

    def __init__(self, settings: QSettings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        known = str(settings.value("step_open", "adam", type=str)).split(",")
        self.keys = tuple(key for key in known if key in OPTIMIZERS)

    def set_open(self, key: str, is_open: bool) -> None:
        """Look at one more closely, or no longer."""
        others = tuple(k for k in self.keys if k != key)
        self.keys = (*others, key) if is_open else others
        self._settings.setValue("step_open", ",".join(self.keys))
        self.changed.emit()

    def among(self, runs: Iterable[Trajectory]) -> list[Trajectory]:
        """Those of the runs that are looked at; where that is none, all of a few, or the first."""
        runs = list(runs)
        chosen = [run for run in runs if run.method.optimizer.id in self.keys]
        return chosen or (runs if len(runs) <= _FEW else runs[:1])


class Memories(QObject):
    """What optimizers remembered along their runs: at once, or for long runs from another process.

    Signals
    -------
    changed()
        More is known.
    """

    changed = Signal()

    def __init__(self, job: CallJob, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._job = job
        self._asked: tuple[Trajectory, ...] = ()
        job.finished.connect(self._take)

    def want(self, runs: Iterable[Trajectory]) -> None:
        """Find out about these runs."""
        missing = tuple(run for run in runs if not self.has(run))
        if not missing or all(any(run is asked for asked in self._asked) for run in missing):
            return
        self._asked = missing
        specs = [(run.spec, run.method, run.start_index) for run in missing]
        self._job.submit(missing[0].spec, remember, specs)

    @staticmethod
    def has(run: Trajectory) -> bool:
        """Whether it is known, or soon found out."""
        return run.spec.steps <= _AT_ONCE or "state" in vars(run)

    def _take(self, states: list[dict[str, Any]]) -> None:
        if len(states) == len(self._asked):
            for run, state in zip(self._asked, states, strict=True):
                run.keep_state(state)
        self._asked = ()
        self.changed.emit()


class _Shared(QObject):
    """What panel and arrows have in common; one in a laboratory."""

    def __init__(self, lab: "Laboratory") -> None:
        super().__init__(lab)
        self.focus = StepFocus(lab.settings, self)
        job = CallJob(lab.clock, "memories", parent=self)
        lab.window.closing.connect(job.close)
        self.memories = Memories(job, self)

    @staticmethod
    def of(lab: "Laboratory") -> "_Shared":
        return lab.findChild(_Shared) or _Shared(lab)


def first_runs(result: Trajectories | None) -> list[Trajectory]:
    """Every optimizer's run from the first start."""
    return [run for run in result.runs if run.start_index == 0] if result is not None else []


class StepPresenter(QObject):
    """Fills the panel while it is seen."""

    def __init__(
        self, document: Document, playback: Playback, descents: Descents, shared: _Shared, view: StepPanel
    ) -> None:
        super().__init__(view)
        self._document, self._playback, self._descents = document, playback, descents
        self._focus, self._memories, self._view = shared.focus, shared.memories, view
        self._seen = True
        self._shapes = {key: index for index, key in enumerate(OPTIMIZERS)}
        document.changed.connect(self._changed)
        playback.moved.connect(lambda _: self._show_step())
        descents.changed.connect(lambda _: self._show())
        shared.focus.changed.connect(self._show)
        shared.memories.changed.connect(self._show_step)
        view.opened.connect(self._open)
        view.overlay_toggled.connect(self._toggle_overlay)
        view.set_overlays(document.experiment.overlays)
        self._show()

    def set_seen(self, seen: bool) -> None:
        """The panel came to the front, or is no longer there."""
        self._seen = seen
        self._show()
        open_now = [run.method.optimizer.id for run in first_runs(self._descents.result)]
        for key in [key for key in self._focus.keys if key in open_now][-1:] if seen else ():
            self._view.reveal(key)

    def _changed(self, _: Experiment, new: Experiment) -> None:
        self._view.set_overlays(new.overlays)

    def _open(self, key: str, is_open: bool) -> None:
        self._focus.set_open(key, is_open)
        if is_open:
            self._view.reveal(key)

    def _toggle_overlay(self, name: str, on: bool) -> None:
        self._document.replace(self._document.experiment.with_overlay(name, on))

    def _show(self) -> None:
        if not self._seen:
            return
        runs = first_runs(self._descents.result)
        keys = [run.method.optimizer.id for run in runs]
        entries = [OPTIMIZERS[key] for key in keys]
        self._view.set_cards(
            [StepCardEntry(e.id, e.name, self._shapes[e.id], e.convention, e.source) for e in entries]
        )
        self._view.set_open(self._focus.keys)
        self._show_step()

    def _show_step(self) -> None:
        if not self._seen:
            return
        runs, step = first_runs(self._descents.result), self._playback.step
        longest = max((run.steps for run in runs), default=0)
        self._view.set_title(_title(step, longest))
        self._memories.want(run for run in runs if run.method.optimizer.id in self._focus.keys)
        for run in runs:
            self._show_run(run, step)

    def _show_run(self, run: Trajectory, step: int) -> None:
        card = self._view.card(run.method.optimizer.id)
        shown = step_at(run, min(step, run.steps - 1))
        card.brief.set_text(_brief(shown))
        if not card.is_open:
            return
        card.set_note(_note(run, step))
        card.figures.set_figures(_figures(shown) if shown is not None else ())
        if shown is None or not self._memories.has(run):
            card.set_formulas((), {})
            return
        card.set_formulas(shown.notation.nodes, _rooms(shown))
        card.formula.set_values(_texts(shown))


def _title(step: int, longest: int) -> str:
    if longest == 0:
        return "No step has been made"
    if step >= longest:
        return f"Last step, {longest:,}: from point {longest - 1:,} to {longest:,}"
    return f"Step {step + 1:,}: from point {step:,} to {step + 1:,}"


def _brief(step: DescentStep | None) -> str:
    if step is None:
        return "no step"
    angle = step.angle
    return f"step {short(step.length)}" + (f"   {angle:.0f}°" if angle is not None else "")


def _note(run: Trajectory, step: int) -> str:
    """How the run ended, once it has."""
    if run.outcome == "converged" and run.step is not None and step >= run.step:
        return run.message
    if step < run.steps:
        return ""
    return run.message if run.steps == 0 else f"{run.message} Its last step is shown."


def _figures(step: DescentStep) -> list[tuple[str, str]]:
    losses = step.run.losses[step.index : step.index + 2]
    angle = step.angle
    noisy = [("Gradient with noise", pair(step.used_gradient))] if len(step.run.noise) else []
    return [
        ("Step length", short(step.length)),
        ("Angle to −∇f", f"{angle:.1f}°" if angle is not None else "–"),
        _rate(step),
        ("Loss", f"{short(losses[0])} → {short(losses[1])}"),
        ("Gradient ∇f", pair(step.gradient)),
        *noisy,
        ("Step", pair(step.moved)),
    ]


def _rate(step: DescentStep) -> tuple[str, str]:
    rates = step.rates if Memories.has(step.run) else None
    if rates is None:
        return "Learning rate", plain(step.learning_rate)
    if rates[0] == rates[1]:
        return "Effective rate", plain(rates[0])
    return "Effective rate, x and y", pair(rates)


def _rooms(step: DescentStep) -> dict[str, Room]:
    """Room for the number of every letter but the step's own; settings take what they need."""
    fixed = _settings(step)
    samples = {key: FACTOR if uniform else WIDEST for key, uniform in step.notation.keys.items()}
    samples |= {key: plain(value) for key, value in fixed.items()}
    return {key: Room(sample, 2) for key, sample in samples.items() if key != "t"}


def _settings(step: DescentStep) -> dict[str, float]:
    """The numbers that stay as they are over the run."""
    values, method = step.run.values, step.run.method
    changing = {method.scheduled_momentum} | (
        {"learning_rate"} if method.schedule.id != "constant" else set()
    )
    return {k: v for k, v in values.items() if not isinstance(v, bool | str) and k not in changing}


def _texts(step: DescentStep) -> dict[str, tuple[str, ...]]:
    fixed, numbers = _settings(step), step.numbers
    texts: dict[str, tuple[str, ...]] = {}
    for key in step.notation.keys:
        value = numbers[key]
        if key in fixed:
            texts[key] = (plain(fixed[key]),)
        elif isinstance(value, np.ndarray):
            texts[key] = tuple(map(short, value.tolist()))
        else:
            texts[key] = (short(float(value)),)
    return texts


class VectorPresenter(QObject):
    """Draws the arrows that the document asks for."""

    def __init__(
        self,
        document: Document,
        playback: Playback,
        descents: Descents,
        shared: _Shared,
        plot: SurfacePlot,
        theme: Theme,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._document, self._playback, self._descents = document, playback, descents
        self._focus, self._memories = shared.focus, shared.memories
        self._theme, self._hovered = theme, ""
        self.layer, self.key = VectorLayer(plot.view), VectorKey(plot.view, plot.legend_box)
        for layer in (self.layer, self.key):
            plot.add_layer(layer)
        document.changed.connect(self._changed)
        playback.moved.connect(lambda _: self._show())
        descents.changed.connect(lambda _: self._show())
        shared.focus.changed.connect(self._show)
        shared.memories.changed.connect(self._show)
        plot.pointer_moved.connect(self._point_at)
        plot.pointer_left.connect(lambda: self._hover(""))
        self._show()

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self._theme = theme
        self._show()

    def _changed(self, old: Experiment, new: Experiment) -> None:
        if old.overlays != new.overlays:
            self._show()

    def _wanted(self) -> set[str]:
        return set(self._document.experiment.overlays) & ARROWS

    def _show(self) -> None:
        wanted = self._wanted()
        runs = self._runs() if wanted else []
        if wanted & {"velocity", "second_moment"}:
            self._memories.want(runs)
        vectors = [vector for run in runs for vector in self._vectors(run, wanted)]
        self.layer.set_vectors(vectors)
        self.key.set_rows(self.layer.key(), np.reshape([vector.origin for vector in vectors], (-1, 2)))

    def _runs(self) -> list[Trajectory]:
        runs = first_runs(self._descents.result)
        chosen = self._focus.among(runs)
        return chosen + [r for r in runs if r.method.optimizer.id == self._hovered and r not in chosen]

    def _vectors(self, run: Trajectory, wanted: set[str]) -> list[Vector]:
        step = step_at(run, min(self._playback.step, run.steps - 1))
        if step is None:
            return []
        colour = self._theme.optimizer(run.method.optimizer.id)
        found = list(_reaches(step, wanted, self._memories.has(run)))
        return [Vector(kind, colour, step.before, reach) for kind, reach in found]

    def _point_at(self, x: float, y: float) -> None:
        runs = first_runs(self._descents.result) if self._wanted() else []
        if not runs:
            return
        heads = np.array([run.points[min(self._playback.step, run.steps)] for run in runs])
        distances = np.hypot(*(self.layer.to_pixels(heads) - self.layer.to_pixels(np.array([[x, y]]))).T)
        nearest = int(np.argmin(distances))
        self._hover(runs[nearest].method.optimizer.id if distances[nearest] <= _NEAR else "")

    def _hover(self, key: str) -> None:
        if key != self._hovered:
            self._hovered = key
            self._show()


def _reaches(step: DescentStep, wanted: set[str], remembers: bool) -> Iterable[tuple[Kind, Any]]:
    """What is drawn of a step: kind, and how far it goes along x and y."""
    if "step" in wanted:
        yield Kind.STEP, step.moved
    if "gradient" in wanted:
        yield Kind.GRADIENT, -step.gradient
        if len(step.run.noise):
            yield Kind.NOISY_GRADIENT, -step.used_gradient
    if not remembers or not wanted & {"velocity", "second_moment"}:
        return
    names = OPTIMIZERS[step.run.method.optimizer.id].state_names
    if "velocity" in wanted and "velocity" in names:
        yield Kind.VELOCITY, step.remembered("velocity")
    if "velocity" in wanted and "first_moment" in names:
        yield Kind.MOMENT, -_unbiased(step, "first_moment")
    spread = next((name for name in _SPREADS if name in names), "")
    if "second_moment" in wanted and spread:
        yield Kind.SPREAD, np.sqrt(_unbiased(step, spread))


def _unbiased(step: DescentStep, name: str) -> Any:
    """What is remembered as the rule uses it: with the bias undone where the rule does that."""
    return step.numbers.get(name + HAT, step.numbers[name])


def make_panel(lab: "Laboratory", switches: Iterable[tuple[str, str, str]]) -> QWidget:
    """The panel and its presenter; `switches` are name, icon and tooltip of the arrows' overlays."""
    view = StepPanel(switches)
    presenter = StepPresenter(lab.document, lab.playback, lab.descents, _Shared.of(lab), view)
    host = lab.window.panel_host("step")
    assert isinstance(host, PanelHost)
    host.seen.connect(presenter.set_seen)
    lab.window.theme_changed.connect(view.set_theme)
    view.set_theme(lab.window.theme)
    return view


def make_vectors(lab: "Laboratory") -> VectorPresenter:
    """The arrows; all kinds are drawn by one layer."""
    known: VectorPresenter | None = lab.findChild(VectorPresenter)
    if known is not None:
        return known
    presenter = VectorPresenter(
        lab.document,
        lab.playback,
        lab.descents,
        _Shared.of(lab),
        lab.window.surface.plot,
        lab.window.theme,
        lab,
    )
    lab.window.theme_changed.connect(presenter.set_theme)
    return presenter
