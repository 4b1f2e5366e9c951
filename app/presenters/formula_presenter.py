"""Formulas of one's own: what is written -> checked, shown, kept; sliders of their free numbers -> document.

What is typed is read at once, which is cheap. What derives it, looks for a view and tries rates runs in
another process and comes back as printed code: the surface follows while one types.
"""

from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtCore import QObject, QTimer

from app.document import Document
from app.jobs import CallJob
from app.own_formulas import OwnFormulas
from app.playback import Playback
from app.views.surface_view import SurfaceView
from core.errors import InputError
from core.experiment import Experiment
from core.formula_code import keep_code
from core.formula_notation import equation
from core.formula_text import FormulaError, parameter_names, read
from core.surface import PARAMETER, Domain, SurfaceSpec, check_domain, surface

if TYPE_CHECKING:
    from app.views.formula_editor import FormulaEditor
    from core.suited import View

_EXAMPLE = "x^2 + y^2"
_PAUSE = 60
"""Milliseconds without a key after which a formula is computed."""


class FormulaPresenter(QObject):
    """The editor, the list of kept formulas and the sliders."""

    def __init__(
        self,
        document: Document,
        playback: Playback,
        shelf: OwnFormulas,
        job: CallJob,
        view: SurfaceView,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document, self._playback, self._shelf, self._job, self._view = (
            document, playback, shelf, job, view
        )  # fmt: skip
        self._editor: FormulaEditor | None = None
        self._before: Experiment | None = None
        self._place = -1
        self._text = ""
        self._pending: SurfaceSpec | None = None
        self._keeping = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAUSE)
        self._timer.timeout.connect(self._ask)
        self._connect()
        self._list()

    def _connect(self) -> None:
        view = self._view
        view.formula_asked.connect(self._open)
        view.formula_chosen.connect(self._choose)
        for chosen in (view.surface_chosen, view.own_chosen):
            chosen.connect(lambda _: self._close())
        view.parameters.edited.connect(self._move)
        self._shelf.changed.connect(self._list)
        self._document.changed.connect(lambda _, new: self._follow(new))
        self._job.finished.connect(self._take)
        self._job.failed.connect(self._fail)

    @property
    def _is_open(self) -> bool:
        return self._before is not None

    # The list

    def _list(self) -> None:
        self._view.set_formulas([(spec.name, spec.formula) for spec in self._shelf.specs])

    def _choose(self, place: int) -> None:
        self._close()
        try:
            self._document.replace(self._document.experiment.with_surface(self._shelf.specs[place]))
        except InputError as error:
            self._list()
            self._view.set_error(str(error))

    def _follow(self, experiment: Experiment) -> None:
        if experiment.surface.formula:
            self._shelf.update(experiment.surface)

    # The editor

    def open(self) -> None:
        """Write a formula, or edit the one that is shown."""
        self._open(new=False)

    def _open(self, new: bool) -> None:
        from core.suited import look

        editor = self._made()
        if not self._is_open:
            self._before = self._document.experiment
        shown = self._document.experiment.surface
        self._place = -1 if new else self._shelf.find(shown)
        own = bool(shown.formula) and not new
        entry = surface(shown).entry
        self._text = entry.formula if entry.data is None else _EXAMPLE  # a sample's loss is no surface
        self._pending, self._keeping = None, False
        editor.set_formula(self._text, shown.name if own else "", self._place >= 0)
        editor.set_notation(equation(self._text))
        editor.set_domain(entry.domain)
        editor.set_message("")
        self._job.submit("", look, self._text, dict(shown.parameters))  # so that the process is awake
        editor.text.setFocus()
        editor.text.selectAll()

    def _made(self) -> "FormulaEditor":
        first = self._editor is None
        editor = self._editor = self._view.open_editor()
        if first:
            editor.typed.connect(self._type)
            editor.domain_typed.connect(self._type_domain)
            editor.view_asked.connect(self._ask)
            editor.kept.connect(self._keep)
            editor.removed.connect(self._remove)
            editor.cancelled.connect(self._cancel)
        return editor

    def _close(self) -> None:
        if self._is_open:
            self._before, self._pending, self._keeping = None, None, False
            self._timer.stop()
            self._view.close_editor()

    def _cancel(self) -> None:
        """Back to what was shown before; other changes stay."""
        before = self._before
        self._job.drop()
        self._close()
        if before is not None:
            was = {name: getattr(before, name) for name in ("surface", "starts", "steps", "contenders")}
            self._document.replace(replace(self._document.experiment, **was))

    def _type(self, text: str) -> None:
        """Read the text at once; what it needs to be shown begins when the keys rest."""
        assert self._editor is not None
        self._text, self._keeping = text, False
        self._pending = None
        self._job.drop()
        try:
            node = equation(text)
        except FormulaError as error:
            self._timer.stop()
            self._editor.set_error(str(error), error.position)
            return
        self._editor.set_notation(node)
        self._timer.start()

    def _ask(self) -> None:
        """Have the formula looked at: its view, its code."""
        self._look(None)

    def _look(self, domain: Domain | None) -> None:
        from core.suited import look

        self._timer.stop()
        spec = self._wanted(domain)
        if spec is not None:
            self._pending = spec
            self._job.submit(spec.formula, look, spec.formula, spec.parameters, domain)

    def _wanted(self, domain: Domain | None) -> SurfaceSpec | None:
        """The spec of the text, with the values of the parameters that it shares with what is shown."""
        assert self._editor is not None
        try:
            names = parameter_names(read(self._text)[0])
            if domain is not None:
                check_domain(domain)
        except InputError as error:
            self._editor.set_message(str(error))
            return None
        shown = self._document.experiment.surface
        known = surface(shown).entry.parameters if shown.formula else {}
        values = {name: known.get(name, float(PARAMETER.default)) for name in names}
        return SurfaceSpec(formula=self._text, parameters=values, name=self._editor.name.text().strip())

    def _type_domain(self, domain: Domain) -> None:
        self._look(domain)

    # Results

    def _take(self, result: object) -> None:
        from core.suited import Refused, View

        if isinstance(result, Refused):
            if self._pending is not None and self._pending.formula == result.formula:
                self._fail(result.sentence, result.position)
        elif isinstance(result, View):
            keep_code(result.code)
            if self._pending is not None and self._pending.formula == result.code.formula:
                self._show(result)
        elif isinstance(result, SurfaceSpec):
            self._set_rates(result)

    def _show(self, found: "View") -> None:
        """The formula is ready: show it, then have rates tried."""
        from core.suited import with_suited_rates

        assert self._editor is not None
        assert self._pending is not None
        spec, self._pending = replace(self._pending, domain=found.domain), None
        try:
            self._document.replace(self._document.experiment.with_surface(spec))
        except InputError as error:
            self._fail(str(error))
            return
        self._editor.set_domain(found.domain)
        self._editor.set_message(found.message)
        self._job.submit(("rates", spec.formula), with_suited_rates, spec)
        if self._keeping:
            self._keep()

    def _set_rates(self, spec: SurfaceSpec) -> None:
        """Set the rates, if what they were tried on is still shown."""
        experiment = self._document.experiment
        if replace(experiment.surface, name=spec.name, learning_rates={}) == replace(spec, learning_rates={}):
            self._document.replace(experiment.with_rates(replace(spec, name=experiment.surface.name)))

    def _fail(self, sentence: str, position: int = -1) -> None:
        self._pending, self._keeping = None, False
        if self._editor is not None and self._is_open:
            self._editor.set_error(sentence, position)

    # Keeping

    def _keep(self) -> None:
        """Keep what is written, as soon as it is shown."""
        assert self._editor is not None
        if self._editor.error.text():
            return
        shown = self._document.experiment.surface
        if self._timer.isActive() or self._pending is not None:
            self._keeping = True
            if self._timer.isActive():
                self._ask()
            return
        if not shown.formula or shown.formula != self._text:
            self._keeping = True  # nothing has been typed: keep the formula as it stands there
            self._look(surface(shown).entry.domain if surface(shown).entry.formula == self._text else None)
            return
        spec = replace(shown, name=self._editor.name.text().strip())
        place = self._place
        self._close()
        self._document.replace(replace(self._document.experiment, surface=spec))
        self._shelf.keep(spec, place)

    def _remove(self) -> None:
        """Take it from the list; it stays written here, so that keeping it again undoes this."""
        assert self._editor is not None
        if self._place >= 0:
            self._shelf.remove(self._place)
            self._place = -1
            self._editor.set_kept(False)

    # Sliders

    def _move(self, name: str, value: float) -> None:
        """Another value of a parameter: the same code with another number."""
        experiment = self._document.experiment
        spec = experiment.surface
        spec = replace(spec, parameters={**spec.parameters, name: value})
        try:
            surface(spec)
        except InputError as error:
            self._view.parameters.set_error(str(error))
            return
        self._playback.pause()
        self._playback.go(self._playback.steps)
        self._document.replace(replace(experiment, surface=spec))
