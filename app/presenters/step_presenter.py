"""The step that is shown -> its explanation in the Step panel."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.descents import Descents
from app.document import Document
from app.playback import Playback
from app.presenters import step_texts
from app.presenters.step_common import StepCommon
from app.views.step_panel import StepCardEntry, StepPanel
from core.descent import Trajectories, Trajectory
from core.descent_step import step_at
from core.experiment import Experiment
from core.optimizer import OPTIMIZERS

if TYPE_CHECKING:
    from app.main import Laboratory


class StepPresenter(QObject):
    """Fills the panel while it is seen."""

    def __init__(
        self, document: Document, playback: Playback, descents: Descents, common: StepCommon, view: StepPanel
    ) -> None:
        super().__init__(view)
        self._document, self._playback, self._descents = document, playback, descents
        self._common, self._view = common, view
        self._focus, self._memories = common.focus, common.memories
        self._seen = True
        self._carded: Trajectories | None = None
        self._shapes = {key: index for index, key in enumerate(OPTIMIZERS)}
        document.changed.connect(self._changed)
        playback.moved.connect(lambda _: self._show_step())
        descents.changed.connect(lambda _: self._show())
        common.focus.changed.connect(self._show)
        common.memories.changed.connect(self._show_step)
        view.opened.connect(self._open)
        view.overlay_toggled.connect(self._toggle_overlay)
        view.set_overlays(document.experiment.overlays)
        self._show()

    def set_seen(self, seen: bool) -> None:
        """The panel came to the front, or is no longer there."""
        self._seen = seen
        self._show()
        open_now = [run.method.optimizer.id for run in self._common.runs(self._descents.result)]
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
        self._carded = self._descents.result
        runs = self._common.runs(self._descents.result)
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
        if self._descents.result is not self._carded:  # playback heard of the new runs first
            self._show()
            return
        runs, step = self._common.runs(self._descents.result), self._playback.step
        longest = max((run.steps for run in runs), default=0)
        self._view.set_title(step_texts.title(step, longest))
        self._memories.want(run for run in runs if run.method.optimizer.id in self._focus.keys)
        for run in runs:
            self._show_run(run, step)

    def _show_run(self, run: Trajectory, step: int) -> None:
        card = self._view.card(run.method.optimizer.id)
        shown = step_at(run, min(step, run.steps - 1))
        card.brief.set_text(step_texts.brief(shown))
        if not card.is_open:
            return
        known = self._memories.has(run)
        card.set_note(step_texts.note(run, step) if known else step_texts.WAITING)
        card.figures.set_figures(step_texts.figures(shown) if shown is not None else ())
        if shown is None or not known:
            card.set_formulas((), {})
            return
        card.set_formulas(shown.explanation.nodes, step_texts.rooms(shown))
        card.formula.set_values(step_texts.texts(shown))


def make_panel(lab: "Laboratory", switches: Iterable[tuple[str, str, str]]) -> QWidget:
    """The panel and its presenter; `switches` are name, icon and tooltip of the arrows' overlays."""
    view = StepPanel(switches)
    presenter = StepPresenter(lab.document, lab.playback, lab.descents, StepCommon.of(lab), view)
    host = lab.window.panel_host("step")
    host.seen.connect(presenter.set_seen)
    lab.window.theme_changed.connect(view.set_theme)
    view.set_theme(lab.window.theme)
    return view
