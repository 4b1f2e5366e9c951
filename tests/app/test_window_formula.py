"""A formula of one's own: typed, checked, shown while one types, kept, and its sliders."""

import itertools

import pytest
from PySide6.QtCore import QPoint, Qt

from app.views.surface_view import _NEW, _OWN
from core.surface import SurfaceSpec, surfaces
from tests.app.laboratory_driver import Driver, count_near, handle_position, picture, small_experiment

FIRST, NEW = f"{_OWN}0", _NEW
BOWL = SurfaceSpec(formula="a*x**2 + b*y**2 + c", parameters={"a": 2.0, "b": 1.0, "c": 0.0})
BAD_SURFACES = (
    "x*y", "x + y", "5", "x", "y**2", "1/x", "1/(x - y)", "-1/(x**2 + y**2)", "abs(x) + abs(y)", "sqrt(x)",
    "sqrt(x*y)", "log(x) + 1/y", "asin(x/3)", "x**y", "sign(x)*y", "tan(x)*tan(y)", "max(x, 0)",
    "exp(exp(x))",
    "exp(x**2 + y**2)**20", "1e12*exp(20*x)*exp(20*y)", "1e12**20*x - 1e12**20*y", "x**20*y**20*1e12**20",
    "x**20 + y**20", "1e-300*x", "sin(1000*x)*sin(1000*y)", "k1*x + alpha*y**b",
)  # fmt: skip


def editor(lab: Driver):
    return lab.window.surface.editor


def open_editor(lab: Driver):
    lab.press(Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    lab.until(lambda: editor(lab) is not None and editor(lab).isVisible())
    return editor(lab)


def write(lab: Driver, text: str) -> None:
    """Type over what is there, and wait until it is shown at its rates."""
    box = editor(lab).text
    box.setFocus()
    box.selectAll()
    lab.qtbot.keyClicks(box, text)
    lab.until(lambda: lab.experiment.surface.formula == text)
    lab.until(lambda: not lab.laboratory.formula_job.busy)


def key(lab: Driver) -> str:
    return lab.window.surface.chooser.currentData()


def test_the_surface_follows_while_one_types(lab):
    open_editor(lab)
    write(lab, "x^2 + 3*y^2")
    assert lab.experiment.surface.domain == (-5.0, 5.0, -5.0, 5.0)
    assert len(lab.paths()) == 6
    assert lab.heads()
    lab.pause()
    row = next(iter(lab.legend().values()))
    x, y = lab.path(row.name)[int(row.step)]
    assert float(row.loss) == pytest.approx(x**2 + 3 * y**2, rel=1e-2)
    rates = lab.experiment.surface.learning_rates
    methods = {c.method.optimizer.id: c.method.values() for c in lab.experiment.contenders}
    assert len(rates) >= 6
    assert {name: methods[name]["learning_rate"] for name in rates} == rates
    assert "x² + 3 y²" in editor(lab).formula.text()


def test_what_is_wrong_is_said_at_once_and_marked_in_the_text(lab):
    open_editor(lab)
    write(lab, "x**2 + y")
    lab.qtbot.keyClicks(editor(lab).text, " + foo*y")
    assert "'foo' is not known" in editor(lab).error.text()
    assert editor(lab).error.isVisible()
    assert editor(lab).text.marked() == len("x**2 + y + ")
    assert not editor(lab).keep.isEnabled()
    assert lab.experiment.surface.formula == "x**2 + y", "the last good one stays"
    marked = count_near(picture(editor(lab).text), editor(lab).text._colour, within=40)
    for _ in " + foo*y":
        lab.key(Qt.Key.Key_Backspace, editor(lab).text)
    assert editor(lab).text.marked() == -1
    assert not editor(lab).error.isVisible()
    assert marked > count_near(picture(editor(lab).text), editor(lab).text._colour, within=40)


def test_what_only_the_derivation_finds_is_marked_as_well(lab):
    open_editor(lab)
    editor(lab).text.selectAll()
    lab.qtbot.keyClicks(editor(lab).text, "x + y**21")
    lab.until(lambda: editor(lab).error.text())
    assert "Exponents up to 20" in editor(lab).error.text()
    assert editor(lab).text.marked() == len("x + y**")


def test_escape_goes_back_to_what_was_before(lab):
    before = lab.experiment
    open_editor(lab)
    write(lab, "x**2 + 3*y**2")
    lab.key(Qt.Key.Key_Escape, editor(lab).text)
    assert lab.experiment == before
    assert not editor(lab).isVisible()
    assert key(lab) == "himmelblau"
    assert lab.window.surface.formula.isVisible()
    assert lab.laboratory.own_formulas.specs == []


def test_return_keeps_it_in_the_list_and_over_a_restart(lab, open_laboratory):
    open_editor(lab)
    write(lab, "a*x**2 + y**2")
    lab.qtbot.keyClicks(editor(lab).name, "Bowl")
    lab.key(Qt.Key.Key_Return, editor(lab).name)
    assert not editor(lab).isVisible()
    chooser = lab.window.surface.chooser
    assert (key(lab), chooser.currentText()) == (FIRST, "Bowl")
    assert lab.experiment.surface.name == "Bowl"
    lab.choose(chooser, "sphere")
    lab.choose(chooser, FIRST)
    assert lab.experiment.surface.formula == "a*x**2 + y**2"
    assert lab.experiment.surface.learning_rates
    lab.settings.sync()
    other = open_laboratory()
    other.choose(other.window.surface.chooser, "Bowl")
    assert other.experiment.surface == lab.experiment.surface


def test_return_before_the_result_keeps_it_when_it_comes(lab):
    open_editor(lab)
    box = editor(lab).text
    box.selectAll()
    lab.qtbot.keyClicks(box, "x**2 + 5*y**2")
    lab.key(Qt.Key.Key_Return, box)
    lab.until(lambda: not editor(lab).isVisible())
    assert [spec.formula for spec in lab.laboratory.own_formulas.specs] == ["x**2 + 5*y**2"]
    lab.until(lambda: lab.laboratory.own_formulas.specs[0].learning_rates)


def test_a_kept_formula_is_renamed_edited_and_removed(lab):
    shelf = lab.laboratory.own_formulas
    shelf.keep(BOWL)
    lab.choose(lab.window.surface.chooser, FIRST)
    lab.click(lab.window.surface.edit)
    assert editor(lab).text.text() == BOWL.formula
    lab.qtbot.keyClicks(editor(lab).name, "Bowl")
    lab.key(Qt.Key.Key_Return, editor(lab).name)
    assert [(spec.name, spec.formula) for spec in shelf.specs] == [("Bowl", BOWL.formula)]
    assert shelf.specs[0].parameters == BOWL.parameters
    lab.click(lab.window.surface.edit)
    write(lab, "a*x**2 + b*y**4")
    assert lab.experiment.surface.parameters == {"a": 2.0, "b": 1.0}, "shared parameters keep their values"
    lab.click(editor(lab).keep)
    assert [spec.formula for spec in shelf.specs] == ["a*x**2 + b*y**4"]
    lab.click(lab.window.surface.edit)
    lab.click(editor(lab).remove)
    assert shelf.specs == []
    assert editor(lab).isVisible()
    lab.click(editor(lab).keep)
    assert [spec.formula for spec in shelf.specs] == ["a*x**2 + b*y**4"], "keeping it again undoes it"


def test_the_list_asks_for_a_new_one(lab):
    lab.choose(lab.window.surface.chooser, NEW)
    assert editor(lab).isVisible()
    lab.choose(lab.window.surface.chooser, "sphere")
    assert not editor(lab).isVisible()
    assert lab.experiment.surface.id == "sphere"


def test_the_editor_opens_on_every_surface_with_something_to_keep(lab, subtests):
    shelf = lab.laboratory.own_formulas
    for key, entry in surfaces().items():
        with subtests.test(key):
            lab.laboratory.document.replace(small_experiment().with_surface(SurfaceSpec(key)))
            open_editor(lab)
            assert editor(lab).text.text() == (entry.formula if entry.data is None else "x^2 + y^2")
            lab.key(Qt.Key.Key_Return, editor(lab).text)
            lab.until(lambda: not editor(lab).isVisible())
            assert [spec.formula for spec in shelf.specs] == [editor(lab).text.text()]
            assert lab.experiment.surface.formula == editor(lab).text.text()
            shelf.remove(0)


def test_a_formula_that_is_not_kept_is_within_the_experiment(open_laboratory):
    lab = open_laboratory(small_experiment().with_surface(BOWL))
    assert key(lab) == NEW
    assert set(lab.window.surface.parameters.fields) == {"a", "b", "c"}
    assert "a x² + b y² + c" in lab.window.surface.formula.text()


def test_a_slider_moves_the_surface_and_the_paths(open_laboratory):
    lab = open_laboratory(small_experiment().with_surface(BOWL))
    field = lab.window.surface.parameters.fields["b"]
    seen, before = [], picture(lab.plot)
    for begin, end in ((0.6, 0.7), (0.7, 0.8), (0.8, 0.9)):
        lab.drag(field.slider, handle_position(field.slider, begin), handle_position(field.slider, end))
        seen.append((lab.experiment.surface.parameters["b"], lab.paths()))
    values = [value for value, _ in seen]
    assert values == sorted(set(values))
    assert seen[0][1] != seen[1][1] != seen[2][1]
    assert field.box.value() == values[-1]
    assert lab.laboratory.playback.step == lab.laboratory.playback.steps, "whole paths are seen"
    assert picture(lab.plot) != before
    assert lab.experiment.starts == small_experiment().with_surface(BOWL).starts


def test_a_number_beyond_the_slider_stretches_it(open_laboratory):
    lab = open_laboratory(small_experiment().with_surface(BOWL))
    field = lab.window.surface.parameters.fields["a"]
    lab.type_into(field.box, "73")
    assert lab.experiment.surface.parameters["a"] == 73.0
    assert (field.hyperparameter.low, field.hyperparameter.high) == (-100.0, 100.0)
    assert field.slider.value() == pytest.approx(865, abs=1)
    lab.type_into(field.box, "two")
    assert "must be a number" in lab.window.surface.parameters.error.text()
    assert lab.experiment.surface.parameters["a"] == 73.0


def test_a_value_at_which_nothing_is_left_is_refused_and_the_surface_stays(open_laboratory):
    spec = SurfaceSpec(formula="(x**2 + y**2)/a", parameters={"a": 1.0})
    lab = open_laboratory(small_experiment().with_surface(spec))
    lab.type_into(lab.window.surface.parameters.fields["a"].box, "0")
    assert "no finite real value" in lab.window.surface.parameters.error.text()
    assert lab.experiment.surface == spec
    lab.type_into(lab.window.surface.parameters.fields["a"].box, "2")
    assert lab.experiment.surface.parameters == {"a": 2.0}
    assert not lab.window.surface.parameters.error.isVisible()


def test_the_view_can_be_typed_and_found_again(lab):
    open_editor(lab)
    write(lab, "x**2 + y**2")
    lab.type_into(editor(lab).boxes[1], "20")
    lab.until(lambda: lab.experiment.surface.domain == (-5.0, 20.0, -5.0, 5.0))
    assert lab.plot.view.viewRange()[0] == pytest.approx([-5.0, 20.0])
    lab.until(lambda: not lab.laboratory.formula_job.busy)
    lab.type_into(editor(lab).boxes[1], "-9")
    assert "low below its high" in editor(lab).message.text()
    assert lab.experiment.surface.domain == (-5.0, 20.0, -5.0, 5.0)
    lab.click(editor(lab).automatic)
    lab.until(lambda: lab.experiment.surface.domain == (-5.0, 5.0, -5.0, 5.0))


def test_the_window_stays_alive_on_any_surface(lab, subtests):
    for formula, look in zip(BAD_SURFACES, itertools.cycle(("dark", "light")), strict=False):
        with subtests.test(formula):
            open_editor(lab)
            write(lab, formula)
            assert not editor(lab).error.text()
            lab.laboratory.playback.go(lab.laboratory.playback.steps)
            assert not picture(lab.window).isNull()
            lab.hover(lab.plot.rect().center())
            lab.drag_ring(lab.ring() + QPoint(40, 30))
            lab.wheel(lab.plot.viewport(), lab.plot.rect().center(), -3)
            lab.window.choose_look(look)  # so that each is seen in both
            assert not picture(lab.window).isNull()
            lab.key(Qt.Key.Key_Return, editor(lab).text)
            assert lab.laboratory.own_formulas.specs[-1].formula == formula


@pytest.mark.parametrize("formula", ["sqrt(-1 - x**2)", "log(-abs(x))", "1/(x - x)", "asin(10 + x**2)"])
def test_a_formula_without_any_value_is_said_to_have_none(lab, formula):
    before = lab.experiment
    open_editor(lab)
    editor(lab).text.selectAll()
    lab.qtbot.keyClicks(editor(lab).text, formula)
    lab.until(lambda: editor(lab).error.text())
    assert editor(lab).error.isVisible()
    assert lab.experiment == before
    lab.key(Qt.Key.Key_Return, editor(lab).text)
    assert lab.laboratory.own_formulas.specs == []


def test_a_formula_is_shown_by_its_own_process(open_laboratory):
    lab = open_laboratory(executor=None)
    open_editor(lab)
    write(lab, "a*x**2 + sin(3*y)")
    assert lab.experiment.surface.learning_rates
    assert lab.window.surface.parameters.fields["a"].isVisible()


@pytest.mark.parametrize("size", [(1280, 720), (1440, 900), (2560, 1440)])
def test_nothing_of_the_editor_is_cut_off(open_laboratory, size):
    lab = open_laboratory(size=size)
    open_editor(lab)
    write(lab, "a*x**2 + b*y**2/(1 + c*x**2) + d*sin(f*x + g*y)")
    for widget in (*editor(lab).boxes, editor(lab).keep, editor(lab).close_button, editor(lab).automatic,
                   *lab.window.surface.parameters.fields.values()):  # fmt: skip
        corner = widget.mapTo(lab.window.surface, widget.rect().bottomRight())
        assert lab.window.surface.rect().contains(corner)
        assert widget.width() >= widget.minimumSizeHint().width()
        assert widget.toolTip()
    assert lab.plot.height() >= 200
