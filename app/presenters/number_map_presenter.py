"""The map of two numbers: document -> orders to a process; its answers -> panel; picks -> document."""

from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.map_job import MapJob
from app.map_server import Drawn
from app.presenters.map_axes import map_axes, map_numbers, map_parameter, rounded
from app.presenters.map_orders import map_job, subject
from app.theme import Theme
from app.views.map_panel import NUMBERS, MapPanel
from core.choice import Choice
from core.descent import DescentSpec, Point, descend
from core.errors import InputError
from core.experiment import Experiment, MapSettings
from core.map_grades import GradedMap
from core.map_spec import MapAxis, MapSpec, check_size
from core.optimizer import OPTIMIZERS, MethodSpec

if TYPE_CHECKING:
    from app.main import Laboratory

_FRAME_STEPS = 12_000
"""Steps of a single run that fit into a frame: the run under the pointer."""


def make_panel(laboratory: "Laboratory") -> QWidget:
    """The panel of maps."""
    panel = MapPanel((key, entry.name) for key, entry in OPTIMIZERS.items())
    presenter = NumbersPresenter(laboratory, map_job(laboratory), panel)
    presenter.setParent(panel)
    return panel


class NumbersPresenter(QObject):
    """The panel, and its map of two numbers from the start, which sets them."""

    def __init__(self, laboratory: "Laboratory", job: MapJob, panel: MapPanel) -> None:
        super().__init__()
        self._document, self._job, self._panel = laboratory.document, job, panel
        self._theme = laboratory.window.theme
        self._host = laboratory.window.panel_host("map")
        self._starts = laboratory.starts
        self._settings: tuple[Any, ...] | None = None
        self._shown: Drawn | None = None
        self._asked: MapSpec | None = None
        self._document.changed.connect(self._follow)
        self._starts.selection_changed.connect(self._follow)
        self._host.seen.connect(lambda _: self._follow())
        laboratory.window.theme_changed.connect(self._set_theme)
        job.drawn.connect(self._take)
        job.refused.connect(self._refuse)
        self._connect()
        self._panel.set_map(None, self._theme)
        self._follow()

    def _connect(self) -> None:
        panel = self._panel
        panel.optimizer_chosen.connect(lambda key: self._edit(optimizer=key, x=None, y=None))
        panel.starts_toggled.connect(self._toggle_starts)
        panel.quantity_chosen.connect(lambda name, key: self._edit(**{f"{name}_by": key}))
        panel.axis_chosen.connect(self._choose_axis)
        panel.end_typed.connect(self._type_end)
        panel.axes_reset.connect(lambda: self._edit(x=None, y=None))
        panel.size_typed.connect(self._type_size)
        panel.plot.picked.connect(self._pick)
        panel.plot.pointed.connect(self._say_pointed)
        panel.plot.pointer_left.connect(partial(panel.set_pointed, ""))

    @property
    def shown(self) -> Drawn | None:
        """What the panel shows, if anything."""
        return self._shown

    # Document -> panel

    def _follow(self, *_: object) -> None:
        """Show what is set, and ask for another map where that asks for one; nothing, unless it is seen."""
        experiment = self._document.experiment
        spec, refusal = None, ""
        if self._host.is_seen:
            try:
                spec = experiment.map_of_numbers(_start(experiment, self._starts.selected))
                spec.checked()
            except InputError as error:
                spec, refusal = None, str(error)
            self._show_settings(experiment, refusal or _hint(experiment))
            self._show_cross(experiment)
        if spec != self._asked:
            self._ask(spec)

    def _ask(self, spec: MapSpec | None) -> None:
        before, self._asked = self._asked, spec
        if spec is None or before is None or subject(spec) != subject(before):
            self._show(None)
        if spec is None:
            self._job.drop(NUMBERS)
        else:
            self._job.ask(NUMBERS, subject(spec), spec)

    def _show_settings(self, experiment: Experiment, message: str) -> None:
        """Only when they have changed: a drag of the cross or of the start changes none of them."""
        maps, on, axes = experiment.maps, "map" in experiment.overlays, map_axes(experiment)
        numbers = map_numbers(experiment)
        settings = (maps, on, axes, numbers, message)
        if settings == self._settings:
            return
        self._settings = settings
        panel = self._panel
        panel.set_optimizer(maps.optimizer)
        panel.set_starts(on, maps.starts_by)
        panel.set_numbers(maps.numbers_by, maps.columns, maps.rows)
        panel.set_axes(numbers, axes)
        panel.set_message(message)

    def _show_cross(self, experiment: Experiment) -> None:
        axes = map_axes(experiment)
        values = experiment.method(experiment.maps.optimizer).values()
        known = axes is not None and all(axis.name in values for axis in axes)
        self._panel.plot.set_cross(
            (float(values[axes[0].name]), float(values[axes[1].name])) if axes is not None and known else None
        )

    def _take(self, name: str, answer: Drawn) -> None:
        if name == NUMBERS and self._asked is not None:
            self._show(answer)

    def _refuse(self, name: str, sentence: str) -> None:
        if name == NUMBERS:
            self._show(None)
            self._panel.set_message(sentence)

    def _show(self, answer: Drawn | None) -> None:
        self._shown = answer
        self._panel.set_map(self._map(), self._theme)

    def _map(self) -> GradedMap | None:
        return self._shown.map if self._shown is not None else None

    def _set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._panel.set_map(self._map(), theme)

    # Panel -> document

    def _edit(self, **changes: Any) -> None:
        experiment = self._document.experiment
        self._document.replace(replace(experiment, maps=replace(experiment.maps, **changes)))

    def _toggle_starts(self, on: bool) -> None:
        self._document.replace(self._document.experiment.with_overlay("map", on))

    def _choose_axis(self, side: str, name: str) -> None:
        """Another number on an axis; where it is the other axis's, the two change places."""
        experiment = self._document.experiment
        axes = map_axes(experiment)
        if axes is None or all(each.name != name for each in map_numbers(experiment)):
            return  # the optimizer has changed meanwhile, and the panel is about to show it
        before, other = axes if side == "x" else axes[::-1]
        chosen = before if name == other.name else None
        if chosen is None:
            parameter = map_parameter(experiment, name)
            self._set_axes(side, MapAxis(name, parameter.low, parameter.high), other)
        else:
            self._set_axes(side, other, before)

    def _set_axes(self, side: str, axis: MapAxis, other: MapAxis) -> None:
        x, y = (axis, other) if side == "x" else (other, axis)
        self._edit(x=x, y=y)

    def _type_end(self, side: str, end: str, value: float) -> None:
        experiment = self._document.experiment
        axes = map_axes(experiment)
        if axes is None:
            return
        axis, other = axes if side == "x" else axes[::-1]
        axis = replace(axis, **{end: value})
        try:
            axis.checked(map_parameter(experiment, axis.name))
        except InputError as error:
            self._panel.ends[side, end].set_error(str(error))
            self._panel.set_message(str(error))
            return
        self._set_axes(side, axis, other)

    def _type_size(self, name: str, count: int) -> None:
        maps: MapSettings = replace(self._document.experiment.maps, **{name: count})
        try:
            check_size(maps.columns, maps.rows)
        except InputError as error:
            self._panel.sizes[name].set_error(str(error))
            self._panel.set_message(str(error))
            return
        self._edit(**{name: count})

    def _pick(self, x: float, y: float) -> None:
        """Set both numbers, and switch their optimizer on so that its path is seen."""
        experiment = self._document.experiment
        picked = self._picked(experiment, x, y)
        if picked is None:
            return
        key = experiment.maps.optimizer
        contenders = tuple(
            replace(c, enabled=True, method=replace(c.method, optimizer=picked))
            if c.method.optimizer.id == key
            else c
            for c in experiment.contenders
        )
        self._document.replace(replace(experiment, contenders=contenders))

    def _picked(self, experiment: Experiment, x: float, y: float) -> Choice | None:
        axes = map_axes(experiment)
        if axes is None:
            return None
        choice = experiment.method(experiment.maps.optimizer).optimizer
        for axis, value in zip(axes, (x, y), strict=True):
            choice = choice.with_value(axis.name, rounded(map_parameter(experiment, axis.name), value))
        return choice

    def _say_pointed(self, x: float, y: float) -> None:
        """What the run under the pointer comes to."""
        experiment = self._document.experiment
        choice = self._picked(experiment, x, y)
        axes = map_axes(experiment)
        if choice is None or axes is None:
            return
        text = ", ".join(f"{a.name.replace('_', ' ')} {choice.values[a.name]:.4g}" for a in axes)
        if experiment.steps <= _FRAME_STEPS:
            method = replace(experiment.method(experiment.maps.optimizer), optimizer=choice)
            text += f": {_end(experiment, method, _start(experiment, self._starts.selected))}"
        self._panel.set_pointed(text.replace("-", "−"))


def _end(experiment: Experiment, method: MethodSpec, start: Point) -> str:
    """What becomes of one run, in words."""
    spec = DescentSpec(
        experiment.surface, (method,), (start,), experiment.steps, tolerance=experiment.tolerance
    )
    run = descend(spec).runs[0]
    if run.outcome == "diverged":
        return "diverges"
    at = f", converged at step {run.step:,}" if run.outcome == "converged" and run.step is not None else ""
    return f"final loss {run.losses[-1]:.4g}{at}"


def _start(experiment: Experiment, selected: int) -> Point:
    """The selected start; while the document changes the selection may still be one of more."""
    return experiment.starts[min(selected, len(experiment.starts) - 1)]


def _hint(experiment: Experiment) -> str:
    if experiment.batch_size > 0:
        return "Maps take all samples at every step."
    return "Maps are made without the gradient’s noise." if experiment.noise > 0 else ""
