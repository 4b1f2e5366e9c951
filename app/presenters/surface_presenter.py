"""Document and descents -> surface, curves, optimizer panel; their signals -> document."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray
from PySide6.QtCore import QObject, SignalInstance
from PySide6.QtGui import QColor

from app.descents import Descents
from app.diagnoses import Diagnoses
from app.document import Document
from app.forms.controls import plain_tip
from app.language import tr
from app.loss_floor import loss_floor, loss_title
from app.playback import Playback
from app.plots.curve_plot import Curve
from app.plots.event_layers import Burst
from app.plots.marks_layer import LegendRow
from app.plots.trail_layer import Trail
from app.presenters.verdicts import note, verdict
from app.shown.clouds import cloud_curves, cloud_row, cloud_title, cloud_verdict
from app.start_points import StartPoints
from app.theme import Theme
from app.views.curves_view import CurvesView
from app.views.numbers import true_minus
from app.views.optimizer_panel import OptimizerPanel
from app.views.optimizer_row import OptimizerRow
from app.views.playback_bar import PlaybackBar
from app.views.surface_view import SurfaceView
from core.choice import Choice
from core.clouds import Cloud, clouds
from core.descent import DESCENT_HYPERPARAMETERS, Trajectories, Trajectory
from core.effort import MEASURES, effort
from core.experiment import Contender, Experiment
from core.hyperparameter import Value, values_of
from core.optimizer import OPTIMIZERS
from core.surface import Surface, SurfaceSpec, surface


def _which(experiment: Experiment) -> tuple[object, ...]:
    """The surface, whatever the numbers of its formula are."""
    spec = experiment.surface
    return spec.id, spec.formula, spec.data


class SurfacePresenter(QObject):
    """The surface half of the window."""

    def __init__(
        self,
        document: Document,
        playback: Playback,
        descents: Descents,
        diagnoses: Diagnoses,
        starts: StartPoints,
        view: SurfaceView,
        curves: CurvesView,
        panel: OptimizerPanel,
        bar: PlaybackBar,
    ) -> None:
        super().__init__()
        self._document, self._playback = document, playback
        self._descents, self._diagnoses = descents, diagnoses
        self._starts = starts
        self._view, self._curves, self._panel, self._bar = view, curves, panel, bar
        self._result: Trajectories | None = None
        self._clouds: tuple[Cloud, ...] = ()
        self._surface: Surface | None = None
        self._shapes = {key: index for index, key in enumerate(OPTIMIZERS)}
        self._theme: Theme | None = None
        self._connect()

    def _connect(self) -> None:
        self._document.changed.connect(self._changed)
        self._playback.moved.connect(self._show_step)
        self._playback.changed.connect(self._show_playback)
        self._descents.changed.connect(self._show)
        self._diagnoses.changed.connect(self._show_diagnoses)
        self._descents.busy_changed.connect(self._bar.set_busy)
        self._descents.refused.connect(self._view.set_error)
        self._view.surface_chosen.connect(self._choose_surface)
        self._view.tools.overlay_toggled.connect(self._toggle_overlay)
        plot = self._view.plot
        plot.start_grabbed.connect(self._show_whole)
        self._starts.selection_changed.connect(self._show_trails)
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
        self._panel.rows_made.connect(self._take_rows)
        self._connect_rows(self._panel.rows)

    def _connect_rows(self, rows: Mapping[str, OptimizerRow]) -> None:
        for key, row in rows.items():
            self._connect_row(key, row)

    def _take_rows(self) -> None:
        """Those of the optimizers that are not basic, made when they are first looked at."""
        self._connect_rows({k: row for k, row in self._panel.rows.items() if not row.optimizer.basic})
        self._show_contenders(self._document.experiment)
        self._show_diagnoses()

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
        self._view.tools.set_overlays(new.overlays)
        if old.contenders != new.contenders:
            self._show_contenders(new)
        if old.descent() != new.descent():
            self._show_numbers(new)
        if old.measure != new.measure and self._result is not None:
            self._show(self._result)
        if _which(old) != _which(new):
            self._playback.go(0)
            self._playback.play()

    def _show_surface(self, experiment: Experiment) -> None:
        self._surface = surface(experiment.surface)
        self._view.set_surface(self._surface)

    def _show_contenders(self, experiment: Experiment) -> None:
        for contender in experiment.contenders:
            method = contender.method
            row = self._panel.rows.get(method.optimizer.id)
            if row is not None:
                row.set_values(contender.enabled, method.values(), method.schedule, method.momentum_schedule)
        on = [c.method.optimizer.id for c in experiment.contenders if c.enabled]
        self._panel.show_count(sum(not OPTIMIZERS[key].basic for key in on))

    def _show_numbers(self, experiment: Experiment) -> None:
        self._panel.run.set_values(values_of(experiment, DESCENT_HYPERPARAMETERS))

    def _show(self, result: Trajectories) -> None:
        self._result = result
        self._playback.set_steps(result.steps if result.runs else 0)
        if self._theme is None:
            return
        self._clouds = clouds(result) if len(result.spec.starts) > 1 else ()
        self._show_trails()
        self._show_curves(result)
        self._show_diagnoses()

    def _show_diagnoses(self) -> None:
        """Say what is known of each run: at its row, in the legend, and where a step burst."""
        if self._result is None or self._theme is None:
            return
        if self._clouds:
            self._show_cloud_outcomes()
            return
        runs = {run.method.optimizer.id: run for run in self._result.runs}
        bursts = []
        for key in OPTIMIZERS:
            run, row = runs.get(key), self._panel.rows.get(key)
            found = None if run is None else self._diagnoses.of(run)
            if row is not None:
                row.set_verdict(None if run is None else verdict(run, found))
            if run is not None and found is not None and found.burst is not None:
                begin, end = run.points[found.burst - 1].tolist(), run.points[found.burst].tolist()
                bursts.append(Burst(tuple(begin), tuple(end), found.burst, self._mark(run)[0]))
        self._view.plot.set_bursts(tuple(bursts))
        self._show_step(self._playback.step)

    def _show_trails(self) -> None:
        """The selected start's paths, and those of all others as a cloud."""
        if self._result is None or self._theme is None:
            return
        strong = self._starts.place_in(self._result.spec.starts)
        trails: list[Trail] = []
        cloud: list[Trail] = []
        starts = len(self._result.spec.starts)
        for first in range(0, len(self._result.runs), starts):
            runs = self._result.runs[first : first + starts]
            mark = self._mark(runs[0])
            for run in runs:
                (trails if run.start_index == strong else cloud).append(Trail(run.points, *mark))
        self._view.plot.set_trails(trails, cloud)

    def _show_cloud_outcomes(self) -> None:
        """From several starts: how many of the runs came to what."""
        verdicts = {cloud.method.optimizer.id: cloud_verdict(cloud) for cloud in self._clouds}
        for key, row in self._panel.rows.items():
            row.set_verdict(verdicts.get(key))
        self._view.plot.set_bursts(())
        self._show_step(self._playback.step)

    def _mark(self, run: Trajectory) -> tuple[QColor, int]:
        assert self._theme is not None
        key = run.method.optimizer.id
        return self._theme.optimizer(key), self._shapes[key]

    def _show_curves(self, result: Trajectories) -> None:
        assert self._surface is not None
        assert self._theme is not None
        lowest = loss_floor(self._surface, result)
        title = loss_title(lowest)
        against, costs = self._costs([cloud.longest for cloud in self._clouds] or result.runs)
        places = max(costs, key=len, default=np.zeros(1))
        if self._clouds:
            losses, norms = cloud_curves(self._clouds, costs, lowest, self._theme)
            about = f"{title}{against}: {cloud_title(self._clouds)}"
            self._curves.set_curves((about, f"gradient norm{against}"), losses, norms, places)
            return
        losses, norms = [], []
        for run, cost in zip(result.runs, costs, strict=True):
            colour, _ = self._mark(run)
            losses.append(Curve(cost, run.losses - lowest, colour))
            norms.append(Curve(cost, run.gradient_norms, colour))
        self._curves.set_curves((title + against, "gradient norm" + against), losses, norms, places)

    def _costs(self, runs: Sequence[Trajectory]) -> tuple[str, list[NDArray[np.float64]]]:
        """What the titles say of the axis, and each run's places on it; a formula knows only its steps."""
        assert self._surface is not None
        measure = self._document.experiment.measure
        if measure == "steps" or self._surface.mean is None:
            return "", [np.arange(run.steps + 1, dtype=float) for run in runs]
        costs = [effort(run, measure) for run in runs]
        if measure != "seconds":
            return f" by {MEASURES[measure]}", costs
        return " by milliseconds", [1e3 * cost for cost in costs]

    def _show_step(self, step: int) -> None:
        self._view.plot.set_step(step)
        self._curves.set_step(step)
        self._bar.set_step(step)
        if self._result is not None and self._theme is not None:
            self._view.plot.set_legend(self._legend(self._result, step, self._theme))

    def _legend(self, result: Trajectories, step: int, theme: Theme) -> list[LegendRow]:
        if self._clouds:
            return [cloud_row(cloud, step, theme) for cloud in self._clouds]
        return [self._legend_row(run, step) for run in result.runs]

    def _legend_row(self, run: Trajectory, step: int) -> LegendRow:
        at = min(step, run.steps)
        colour, shape = self._mark(run)
        name = tr(OPTIMIZERS[run.method.optimizer.id].name)
        loss = f"{run.losses[at]:.3g}".replace("-", "−")
        found = self._diagnoses.of(run)
        tip = plain_tip(true_minus(found.sentence)) if found is not None else ""
        return LegendRow(name, f"{at:,}", loss, note(run, found, step), colour, shape, tip)

    def _show_playback(self) -> None:
        self._bar.set_steps(self._playback.steps)
        self._bar.set_state(self._playback.playing, self._playback.speed, self._playback.loop)

    # Views -> document

    def _choose_surface(self, key: str) -> None:
        self._document.replace(self._document.experiment.with_surface(SurfaceSpec(key)))

    def _toggle_overlay(self, name: str, on: bool) -> None:
        self._document.replace(self._document.experiment.with_overlay(name, on))

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

    # Playback

    def _scrub(self, step: int) -> None:
        self._playback.pause()
        self._playback.go(step)

    def _show_whole(self) -> None:
        """While the start is dragged the whole paths are seen."""
        self._scrub(self._playback.steps)
