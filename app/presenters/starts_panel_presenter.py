"""Start points and descents -> the panel of many starts; its signals -> start points."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from app.descents import Descents
from app.jobs import CallJob
from app.plots.map_colours import HATCH, minimum_colour
from app.plots.shares_plot import Piece, ShareBar, ShareKey
from app.plots.surface_plot import SurfacePlot
from app.start_points import StartPoints
from app.theme import Theme
from app.views.panel_host import PanelHost
from app.views.starts_panel import StartsPanel
from core.choice import Choice
from core.clouds import Share, Shares, count_shares, final_points
from core.descent import Point
from core.errors import InputError
from core.hyperparameter import Hyperparameter
from core.optimizer import OPTIMIZERS
from core.start_pattern import START_PATTERNS, place_starts

if TYPE_CHECKING:
    from app.main import Laboratory

_QUIET = 60
"""Milliseconds without other runs after which the minima are told apart."""
_MOST_IN_KEY = 10
_AT_ONCE = 80
"""Runs of which the minima are told apart within a frame; more go to another process."""


def make(lab: "Laboratory") -> QWidget:
    """Build the panel."""
    job = CallJob(lab.clock, "shares", lab.executor, parent=lab)
    lab.window.closing.connect(job.close)
    view = StartsPanel()
    host = lab.window.panel_host("starts")
    presenter = StartsPanelPresenter(view, host, lab.starts, lab.descents, job, lab.window.surface.plot)
    presenter.setParent(lab)
    lab.window.theme_changed.connect(presenter.set_theme)
    presenter.set_theme(lab.window.theme)
    return view


class StartsPanelPresenter(QObject):
    """The panel of many starts."""

    def __init__(
        self,
        view: StartsPanel,
        host: PanelHost,
        starts: StartPoints,
        descents: Descents,
        job: CallJob,
        plot: SurfacePlot,
    ) -> None:
        super().__init__()
        self._view, self._host, self._starts = view, host, starts
        self._descents, self._job, self._plot = descents, job, plot
        self._choices = {key: Choice(key) for key in START_PATTERNS}
        self._pattern = next(iter(START_PATTERNS))
        self._placed: tuple[Point, ...] = ()
        self._centre: Point = starts.point
        self._shares: Shares | None = None
        self._theme: Theme | None = None
        self._quiet = QTimer(self)
        self._quiet.setSingleShot(True)
        self._quiet.setInterval(_QUIET)
        self._quiet.timeout.connect(self._count)
        self._connect()
        self._show_points()
        self._choose(self._pattern)
        self._follow()

    def _connect(self) -> None:
        starts, view = self._starts, self._view
        starts.changed.connect(self._show_points)
        starts.refused.connect(lambda sentence: view.set_message(sentence, is_error=True))
        view.add_asked.connect(starts.add_beside)
        view.remove_asked.connect(starts.remove)
        view.only_asked.connect(starts.keep_selected)
        view.table.chosen.connect(starts.select)
        view.table.typed.connect(self._type)
        view.table.removed.connect(starts.remove)
        view.place_asked.connect(self._place)
        view.pattern.chosen.connect(self._choose)
        view.pattern.edited.connect(lambda name, value: self._edit(self._choice.with_value(name, value)))
        view.pattern.reset.connect(lambda name: self._edit(self._choice.without_value(name)))
        self._descents.changed.connect(self._follow)
        self._host.seen.connect(self._follow)
        self._job.finished.connect(self._take)

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self._theme = theme
        self._view.set_theme(theme)
        self._show_shares()

    # Start points

    @property
    def _choice(self) -> Choice:
        return self._choices[self._pattern]

    def _show_points(self) -> None:
        self._view.set_points(self._starts.points, self._starts.selected)

    def _type(self, row: int, axis: str, text: str) -> None:
        """A coordinate from the list."""
        x_low, x_high, y_low, y_high = self._starts.surface.entry.domain
        low, high = (x_low, x_high) if axis == "x" else (y_low, y_high)
        bounds = Hyperparameter(
            name=axis,
            default=0.0,
            low=low,
            high=high,
            minimum=low,
            maximum=high,
            label=f"Start {row + 1}: {axis}",
        )
        try:
            value = bounds.check(text.replace("−", "-"))
        except InputError as error:
            self._view.set_message(str(error), is_error=True)
            return
        x, y = self._starts.points[row]
        assert isinstance(value, float)
        self._starts.put(row, *((value, y) if axis == "x" else (x, value)))

    # Patterns

    def _choose(self, key: str) -> None:
        self._pattern = key
        self._view.pattern.set_choice(self._choice)

    def _edit(self, choice: Choice) -> None:
        """Other numbers; starts that are still as they were placed follow them."""
        self._choices[choice.id] = choice
        self._view.pattern.set_choice(choice)
        if self._starts.points == self._placed:
            self._place()

    def _place(self) -> None:
        """Put the starts in the pattern; a ring that is made again keeps its centre."""
        if self._starts.points != self._placed or self._starts.selected:
            self._centre = self._starts.point
        try:
            found = place_starts(self._choice, self._starts.surface, self._centre, self._plot.shown_range())
        except InputError as error:
            self._view.set_message(str(error), is_error=True)
            return
        self._placed = found.points
        self._starts.set_points(found.points)
        self._view.set_message(found.sentence, is_error=False)

    # Minima reached

    def _follow(self, *_: object) -> None:
        if self._host.is_seen:
            self._quiet.start()

    def _count(self) -> None:
        result = self._descents.result
        if result is None or not self._host.is_seen:
            return
        spec = result.spec
        if len(result.runs) <= _AT_ONCE:
            self._job.drop()
            self._take(count_shares(spec.surface, spec.methods, final_points(result)))
            return
        self._job.submit(spec.surface, count_shares, spec.surface, spec.methods, final_points(result))

    def _take(self, found: Shares) -> None:
        self._shares = found
        self._show_shares()

    def _show_shares(self) -> None:
        if self._shares is None or self._theme is None:
            return
        theme, minima = self._theme, self._shares.minima
        names = [f"the minimum at {_written(point)}" for point in minima]
        bars = tuple(_bar(row, names, theme) for row in self._shares.rows)
        self._view.shares.set_shares(bars, _key(self._shares, theme))


def _bar(row: Share, names: list[str], theme: Theme) -> ShareBar:
    key = row.method.optimizer.id
    name = OPTIMIZERS[key].name
    parts = [
        *((minimum_colour(theme, index), count, names[index]) for index, count in enumerate(row.counts)),
        (theme.hover, row.elsewhere, "no minimum"),
    ]
    pieces = [
        Piece(colour, count, f"{name}: {count:,} of {row.total:,} runs end at {where}.")
        for colour, count, where in parts
        if count
    ]
    if row.diverged:
        pieces.append(Piece(HATCH, row.diverged, f"{name}: {row.diverged:,} of {row.total:,} runs diverge."))
    return ShareBar(name, theme.optimizer(key), list(OPTIMIZERS).index(key), tuple(pieces))


def _key(found: Shares, theme: Theme) -> tuple[ShareKey, ...]:
    """The minima that most runs reach, in their order, and what else there is."""
    totals = [sum(row.counts[index] for row in found.rows) for index in range(len(found.minima))]
    reached = [index for index, total in enumerate(totals) if total]
    shown = sorted(sorted(reached, key=lambda index: -totals[index])[:_MOST_IN_KEY])
    lines = [ShareKey(minimum_colour(theme, index), _written(found.minima[index])) for index in shown]
    if len(shown) < len(reached):
        lines.append(ShareKey("", f"and {len(reached) - len(shown)} more minima", plain=True))
    if any(row.elsewhere for row in found.rows):
        lines.append(ShareKey(theme.hover, "no minimum"))
    if any(row.diverged for row in found.rows):
        lines.append(ShareKey(HATCH, "diverged"))
    return tuple(lines)


def _written(point: Point) -> str:
    x, y = (f"{round(value, 3) + 0.0:g}".replace("-", "−") for value in point)
    return f"({x}, {y})"
