"""Document and descents -> surface, curves, optimizer panel; their signals -> document."""

from collections.abc import Callable

import numpy as np
from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal, SignalInstance
from PySide6.QtGui import QColor

from app.descents import Descents
from app.document import Document
from app.playback import Playback
from app.plots.curve_plot import Curve
from app.plots.marks_layer import CONVERGED, LegendRow
from app.plots.trail_layer import Trail
from app.theme import Theme
from app.views.curves_view import CurvesView
from app.views.optimizer_panel import OptimizerPanel, OptimizerRow
from app.views.playback_bar import PlaybackBar
from app.views.surface_view import SurfaceView
from core.choice import Choice
from core.descent import DESCENT_HYPERPARAMETERS, Trajectories, Trajectory
from core.errors import InputError
from core.experiment import Contender, Experiment
from core.hyperparameter import Value
from core.optimizer import OPTIMIZERS
from core.surface import Surface, SurfaceSpec, surface


class SurfacePresenter(QObject):
    """The surface half of the window.

    Signals
    -------
    said(str)
        A sentence for the status bar.
    """

    said = Signal(str)

    def __init__(
        self,
        document: Document,
        playback: Playback,
        descents: Descents,
        view: SurfaceView,
        curves: CurvesView,
        panel: OptimizerPanel,
        bar: PlaybackBar,
    ) -> None:
        super().__init__()
        self._document, self._playback, self._descents = document, playback, descents
        self._view, self._curves, self._panel, self._bar = view, curves, panel, bar
        self._result: Trajectories | None = None
        self._surface: Surface | None = None
        self._shapes = {key: index for index, key in enumerate(OPTIMIZERS)}
        self._theme: Theme | None = None
        self._connect()

    def _connect(self) -> None:
        self._document.changed.connect(self._changed)
        self._playback.moved.connect(self._show_step)
        self._playback.changed.connect(self._show_playback)
        self._descents.changed.connect(self._show)
        self._descents.busy_changed.connect(self._bar.set_busy)
        self._descents.refused.connect(self._view.set_error)
        self._view.surface_chosen.connect(self._choose_surface)
        self._view.start_typed.connect(self._type_start)
        self._view.tools.overlay_toggled.connect(self._toggle_overlay)
        plot = self._view.plot
        plot.start_moved.connect(self._drag_start)
        plot.start_grabbed.connect(self._show_whole)
        plot.pointer_moved.connect(self._say_pointer)
        plot.pointer_left.connect(lambda: self.said.emit(""))
        self._curves.scrubbed.connect(self._scrub)
        bar = self._bar
        bar.first_asked.connect(lambda: self._scrub(0))
        bar.back_asked.connect(lambda: self._playback.step_by(-1))
        bar.toggle_asked.connect(self._playback.toggle)
        bar.forward_asked.connect(lambda: self._playback.step_by(1))
        bar.last_asked.connect(lambda: self._scrub(self._playback.steps))
        bar.scrubbed.connect(self._scrub)
        bar.speed_chosen.connect(self._playback.set_speed)
        bar.loop_chosen.connect(self._playback.set_loop)
        self._panel.run.edited.connect(self._edit_run)
        self._panel.run.reset.connect(self._reset_run)
        for key, row in self._panel.rows.items():
            self._connect_row(key, row)

    def _connect_row(self, key: str, row: OptimizerRow) -> None:
        row.toggled.connect(lambda on: self._edit(key, lambda c: replace(c, enabled=on)))
        row.edited.connect(lambda name, value: self._edit_optimizer(key, lambda o: o.with_value(name, value)))
        row.reset.connect(lambda name: self._reset(key, name))
        self._connect_schedule(key, "schedule", row.schedule_chosen, row.schedule_edited, row.schedule_reset)
        momentum = row.momentum_schedule_chosen, row.momentum_schedule_edited, row.momentum_schedule_reset
        self._connect_schedule(key, "momentum_schedule", *momentum)

    def _connect_schedule(
        self, key: str, field: str, chosen: SignalInstance, edited: SignalInstance, reset: SignalInstance
    ) -> None:
        chosen.connect(lambda entry: self._edit_schedule(key, field, lambda _: Choice(entry)))
        edited.connect(
            lambda name, value: self._edit_schedule(key, field, lambda s: s.with_value(name, value))
        )
        reset.connect(lambda name: self._edit_schedule(key, field, lambda s: s.without_value(name)))

    def start(self) -> None:
        """Show the document as it is."""
        self._show_surface(self._document.experiment)
        self._view.set_start(*self._document.experiment.starts[0])
        self._view.tools.set_overlays(self._document.experiment.overlays)
        self._show_contenders(self._document.experiment)
        self._show_numbers(self._document.experiment)
        self._descents.compute()
        self._show_playback()

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self._theme = theme
        self._view.set_theme(theme)
        self._curves.set_theme(theme)
        self._panel.set_theme(theme)
        if self._result is not None:
            self._show(self._result)

    # Document -> views

    def _changed(self, old: Experiment, new: Experiment) -> None:
        if old.surface != new.surface:
            self._show_surface(new)
        self._view.set_start(*new.starts[0])
        self._view.tools.set_overlays(new.overlays)
        if old.contenders != new.contenders:
            self._show_contenders(new)
        if old.descent() != new.descent():
            self._show_numbers(new)
        if (old.surface.id, old.surface.formula) != (new.surface.id, new.surface.formula):
            self._playback.go(0)
            self._playback.play()

    def _show_surface(self, experiment: Experiment) -> None:
        self._surface = surface(experiment.surface)
        self._view.set_surface(self._surface)

    def _show_contenders(self, experiment: Experiment) -> None:
        for contender in experiment.contenders:
            method = contender.method
            row = self._panel.rows[method.optimizer.id]
            row.set_values(contender.enabled, method.values(), method.schedule, method.momentum_schedule)
        self._panel.show_count()

    def _show_numbers(self, experiment: Experiment) -> None:
        self._panel.run.set_values({h.name: getattr(experiment, h.name) for h in DESCENT_HYPERPARAMETERS})

    def _show(self, result: Trajectories) -> None:
        self._result = result
        self._playback.set_steps(result.steps if result.runs else 0)
        if self._theme is None:
            return
        self._view.plot.set_trails([Trail(run.points, *self._mark(run)) for run in result.runs])
        self._show_curves(result)
        outcomes = {run.method.optimizer.id: (run.outcome, run.message) for run in result.runs}
        for key, row in self._panel.rows.items():
            row.set_outcome(*outcomes.get(key, ("", "")))
        self._show_step(self._playback.step)

    def _mark(self, run: Trajectory) -> tuple[QColor, int]:
        assert self._theme is not None
        key = run.method.optimizer.id
        return self._theme.optimizer(key), self._shapes[key]

    def _show_curves(self, result: Trajectories) -> None:
        assert self._surface is not None
        lowest = self._lowest(result)
        title = "loss" if lowest == 0.0 else f"loss − lowest ({lowest:.6g})"
        losses, norms = [], []
        for run in result.runs:
            colour, _ = self._mark(run)
            steps = np.arange(len(run.losses), dtype=float)
            losses.append(Curve(steps, run.losses - lowest, colour))
            norms.append(Curve(steps, run.gradient_norms, colour))
        self._curves.set_curves(title, losses, norms, result.steps)

    def _lowest(self, result: Trajectories) -> float:
        """What losses are measured from on the log axis: the lowest known, 0 where that is the minimum."""
        assert self._surface is not None
        known = [float(self._surface.loss(*minimum)) for minimum in self._surface.entry.minima]
        seen = [float(run.losses.min()) for run in result.runs]
        lowest = min([*known, *seen], default=0.0)
        return 0.0 if abs(lowest) < 1e-9 else lowest

    def _show_step(self, step: int) -> None:
        self._view.plot.set_step(step)
        self._curves.set_step(step)
        self._bar.set_step(step)
        if self._result is not None and self._theme is not None:
            self._view.plot.set_legend([self._legend_row(run, step) for run in self._result.runs])

    def _legend_row(self, run: Trajectory, step: int) -> LegendRow:
        at = min(step, run.steps)
        ended = run.step is not None and step >= min(run.step, run.steps)
        note = {"converged": CONVERGED, "diverged": "diverged"}.get(run.outcome, "") if ended else ""
        colour, shape = self._mark(run)
        name = OPTIMIZERS[run.method.optimizer.id].name
        return LegendRow(name, f"{at:,}", f"{run.losses[at]:.3g}".replace("-", "−"), note, colour, shape)

    def _show_playback(self) -> None:
        self._bar.set_steps(self._playback.steps)
        self._bar.set_state(self._playback.playing, self._playback.speed, self._playback.loop)

    # Views -> document

    def _choose_surface(self, key: str) -> None:
        self._document.replace(self._document.experiment.with_surface(SurfaceSpec(key)))

    def _toggle_overlay(self, name: str, on: bool) -> None:
        self._document.replace(self._document.experiment.with_overlay(name, on))

    def _drag_start(self, x: float, y: float) -> None:
        """Follow the pointer inside the domain: outside it there is nothing to run on."""
        assert self._surface is not None
        x0, x1, y0, y1 = self._surface.entry.domain
        self._set_start(min(max(x, x0), x1), min(max(y, y0), y1))

    def _type_start(self, axis: str, value: float) -> None:
        x, y = self._document.experiment.starts[0]
        if not self._set_start(*((value, y) if axis == "x" else (x, value))):
            self._view.box(axis).set_error(self._view.error.text())

    def _set_start(self, x: float, y: float) -> bool:
        assert self._surface is not None
        try:
            self._surface.check_start(x, y)
        except InputError as error:
            self._view.set_error(str(error))
            return False
        self._view.set_error("")
        self._document.replace(replace(self._document.experiment, starts=((x, y),)))
        return True

    def _edit(self, key: str, change: Callable[[Contender], Contender]) -> None:
        experiment = self._document.experiment
        contenders = tuple(change(c) if c.method.optimizer.id == key else c for c in experiment.contenders)
        self._document.replace(replace(experiment, contenders=contenders))

    def _edit_optimizer(self, key: str, change: Callable[[Choice], Choice]) -> None:
        def edit(contender: Contender) -> Contender:
            method = contender.method
            return replace(contender, method=replace(method, optimizer=change(method.optimizer)))

        self._edit(key, edit)

    def _edit_schedule(self, key: str, field: str, change: Callable[[Choice], Choice]) -> None:
        """Change the method's `schedule` or `momentum_schedule`."""

        def edit(contender: Contender) -> Contender:
            method = contender.method
            return replace(contender, method=replace(method, **{field: change(getattr(method, field))}))

        self._edit(key, edit)

    def _reset(self, key: str, name: str) -> None:
        assert self._surface is not None
        rates = self._surface.entry.learning_rates
        if name == "learning_rate" and key in rates:
            self._edit_optimizer(key, lambda optimizer: optimizer.with_value(name, rates[key]))
        else:
            self._edit_optimizer(key, lambda optimizer: optimizer.without_value(name))

    def _edit_run(self, name: str, value: Value) -> None:
        self._document.replace(replace(self._document.experiment, **{name: value}))

    def _reset_run(self, name: str) -> None:
        assert self._surface is not None
        default = next(h.default for h in DESCENT_HYPERPARAMETERS if h.name == name)
        self._edit_run(name, self._surface.entry.steps if name == "steps" else default)

    # Playback and pointer

    def _scrub(self, step: int) -> None:
        self._playback.pause()
        self._playback.go(step)

    def _show_whole(self) -> None:
        """While the start is dragged the whole paths are seen."""
        self._scrub(self._playback.steps)

    def _say_pointer(self, x: float, y: float) -> None:
        assert self._surface is not None
        loss, gradient_x, gradient_y = self._surface.at(x, y)
        norm = float(np.hypot(gradient_x, gradient_y))
        self.said.emit(
            f"x {x:.4g}    y {y:.4g}    loss {loss:.6g}    "
            f"gradient ({gradient_x:.4g}, {gradient_y:.4g})    norm {norm:.4g}".replace("-", "−")
        )
