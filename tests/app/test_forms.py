"""Controls built from descriptions: every hyperparameter of every catalogue has one that works."""

import math

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QWidget

from app.forms.fields import ChoiceField, NumberField, SwitchField, field_for
from app.forms.form import Form
from app.forms.number_box import NumberBox, number_text
from app.forms.schedule_form import rate_schedule_form
from core.choice import Choice
from core.data.dataset import DATASETS
from core.descent import DESCENT_HYPERPARAMETERS
from core.hyperparameter import Hyperparameter, Scale
from core.network.activation import ACTIVATIONS
from core.network.initializer import INITIALIZERS
from core.optimizer import OPTIMIZERS
from core.schedule import SCHEDULES
from core.training import NETWORK_HYPERPARAMETERS, TRAINING_HYPERPARAMETERS
from tests.app.laboratory_driver import wheel

CATALOGUES = {
    "optimizer": OPTIMIZERS,
    "schedule": SCHEDULES,
    "dataset": DATASETS,
    "activation": ACTIVATIONS,
    "initializer": INITIALIZERS,
}
ALL = {
    f"{kind}-{key}-{h.name}": h
    for kind, catalogue in CATALOGUES.items()
    for key, entry in catalogue.items()
    for h in entry.hyperparameters
}
ALL |= {f"descent-{h.name}": h for h in DESCENT_HYPERPARAMETERS}
ALL |= {f"network-{h.name}": h for h in NETWORK_HYPERPARAMETERS}
ALL |= {f"training-{h.name}": h for h in TRAINING_HYPERPARAMETERS}
NUMBERS = {name: h for name, h in ALL.items() if h.scale not in (Scale.SWITCH, Scale.CHOICE)}


def each(hyperparameters):
    return pytest.mark.parametrize("hyperparameter", hyperparameters.values(), ids=hyperparameters.keys())


class Heard(list):
    def __call__(self, *said):
        self.append(said[0] if len(said) == 1 else said)


@pytest.fixture
def show(qtbot):
    def show_one(widget):
        qtbot.addWidget(widget)
        widget.resize(400, 60)
        with qtbot.waitActive(widget):
            widget.show()
            widget.activateWindow()
        heard, refused = Heard(), Heard()
        widget.edited.connect(heard)
        if hasattr(widget, "refused"):
            widget.refused.connect(refused)
        return widget, heard, refused

    return show_one


def retype(qtbot, box, text):
    box.setFocus()
    box.selectAll()
    qtbot.keyClick(box, Qt.Key.Key_Delete)
    qtbot.keyClicks(box, text)
    qtbot.keyClick(box, Qt.Key.Key_Return)


# ---------------------------------------------------------------- the battery


@each(ALL)
def test_every_hyperparameter_has_a_field_that_teaches(show, hyperparameter):
    field, heard, _ = show(field_for(hyperparameter))
    field.set_value(hyperparameter.default)
    assert heard == [], "showing a value edits nothing"
    assert hyperparameter.help
    assert field.toolTip() == hyperparameter.help
    controls = [
        w for w in field.findChildren(QWidget) if w.isVisible() and w.focusPolicy() & Qt.FocusPolicy.TabFocus
    ]
    assert controls, "the keyboard gets there"
    assert {control.accessibleName() for control in controls} == {hyperparameter.title}
    wanted = {Scale.SWITCH: SwitchField, Scale.CHOICE: ChoiceField}.get(hyperparameter.scale, NumberField)
    assert type(field) is wanted


@each({name: h for name, h in ALL.items() if name not in NUMBERS})
def test_every_switch_and_list_hands_on_what_is_chosen(qtbot, show, hyperparameter):
    field, heard, _ = show(field_for(hyperparameter))
    field.set_value(hyperparameter.default)
    if hyperparameter.scale is Scale.SWITCH:
        box = field.findChild(QCheckBox)
        box.setFocus()
        qtbot.keyClick(box, Qt.Key.Key_Space)
        assert heard == [not hyperparameter.default]
    else:
        box = field.findChild(QComboBox)
        assert [box.itemData(i) for i in range(box.count())] == list(hyperparameter.choices)
        assert [box.itemText(i) for i in range(box.count())] == [
            w.replace("_", " ") for w in hyperparameter.choices
        ]
        qtbot.keyClick(box, Qt.Key.Key_Down if box.currentIndex() == 0 else Qt.Key.Key_Up)
        assert len(heard) == 1
        assert hyperparameter.check(heard[0]) == heard[0] != hyperparameter.default


@each(NUMBERS)
def test_every_slider_reaches_both_ends_of_its_span(qtbot, show, hyperparameter):
    field, heard, _ = show(NumberField(hyperparameter))
    field.set_value(hyperparameter.default)
    field.slider.setFocus()
    for key, end in ((Qt.Key.Key_Home, hyperparameter.low), (Qt.Key.Key_End, hyperparameter.high)):
        qtbot.keyClick(field.slider, key)
        if heard:  # not when the default stood there
            assert hyperparameter.check(heard[-1]) == heard[-1]
        assert field.box.value() == pytest.approx(end, rel=1e-9, abs=1e-12)


@each(NUMBERS)
def test_every_position_of_a_slider_is_a_value_that_comes_back(hyperparameter):
    for place in (0.0, 0.01, 0.2, 0.5, 0.77, 0.99, 1.0):
        value = hyperparameter.from_slider(place)
        assert hyperparameter.check(value) == value
        assert hyperparameter.low <= value <= hyperparameter.high
        again = hyperparameter.from_slider(hyperparameter.to_slider(value))
        assert again == pytest.approx(value, rel=1e-6, abs=1e-12)
        if hyperparameter.scale not in (Scale.INTEGER, Scale.LOG_INTEGER):
            assert hyperparameter.to_slider(value) == pytest.approx(place, abs=0.01)


@each(NUMBERS)
def test_every_box_takes_its_default_as_typed_and_refuses_nonsense(qtbot, show, hyperparameter):
    field, heard, refused = show(NumberField(hyperparameter))
    start = hyperparameter.low if hyperparameter.low != hyperparameter.default else hyperparameter.high
    field.set_value(start)
    for text in ("abc", "nan", "inf", "", "1e999"):
        retype(qtbot, field.box, text)
        assert heard == []
        assert hyperparameter.title in refused[-1]
        assert field.box.property("wrong") == "true"
    retype(qtbot, field.box, number_text(hyperparameter.default))
    assert heard == [hyperparameter.default]
    assert refused[-1] == ""
    assert type(heard[0]) is type(hyperparameter.check(hyperparameter.default))


@each(NUMBERS)
def test_every_box_steps_up_and_down_inside_its_bounds(qtbot, show, hyperparameter):
    field, heard, _ = show(NumberField(hyperparameter))
    field.set_value(hyperparameter.check(hyperparameter.from_slider(0.5)))
    before = field.box.value()
    qtbot.keyClick(field.box, Qt.Key.Key_Up)
    assert field.box.value() > before
    qtbot.keyClick(field.box, Qt.Key.Key_Down)
    qtbot.keyClick(field.box, Qt.Key.Key_Down)
    assert field.box.value() < before
    assert all(hyperparameter.check(value) == value for value in heard)


@pytest.mark.parametrize(("kind", "key"), [(kind, key) for kind, cat in CATALOGUES.items() for key in cat])
def test_every_entry_has_a_form(qtbot, kind, key):
    entry = CATALOGUES[kind][key]
    form = Form(entry.hyperparameters)
    qtbot.addWidget(form)
    form.set_values(entry.values({}))
    assert list(form.fields) == [h.name for h in entry.hyperparameters]
    form.show()


# ---------------------------------------------------------------- boxes

PLAIN = Hyperparameter(name="count", default=5.0, low=0, high=10, minimum=0, maximum=1000, help="A count.")


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.005, "0.005"), (1.0, "1"), (-3.0, "-3"), (1e-8, "1e-08"), (0.999, "0.999"), (300, "300"),
     (1e6, "1e+06"), (1 / 3, "0.333333"), (12_345_678, "12345678")],
)  # fmt: skip
def test_numbers_read_as_a_person_would_type_them(value, text):
    assert number_text(value) == text


def test_escape_takes_an_edit_back(qtbot, show):
    box, heard, refused = show(NumberBox(PLAIN))
    retype(qtbot, box, "abc")
    assert refused[-1]
    qtbot.keyClick(box, Qt.Key.Key_Escape)
    assert box.text() == "5"
    assert refused[-1] == ""
    assert heard == []


def test_leaving_a_box_accepts_what_is_typed(qtbot, show):
    form = Form((PLAIN, Hyperparameter(name="other", default=1.0, help="Another.")))
    shown, heard, _ = show(form)
    box = shown.fields["count"].box
    box.setFocus()
    box.selectAll()
    qtbot.keyClicks(box, "7")
    assert heard == []
    shown.fields["other"].box.setFocus()
    assert heard == [("count", 7.0)]


def test_a_value_shown_while_typing_the_same_leaves_the_typing_alone(qtbot, show):
    box, _, _ = show(NumberBox(PLAIN))
    box.setFocus()
    box.selectAll()
    qtbot.keyClicks(box, "5.")
    box.set_value(5.0)
    assert box.text() == "5."
    box.set_value(6.0)
    assert box.text() == "6"


def test_the_wheel_steps_only_a_box_with_the_focus(qtbot, show):
    form, heard, _ = show(Form((PLAIN,)))
    box = form.fields["count"].box
    box.clearFocus()
    wheel(box, box.rect().center(), 1)
    assert heard == []
    box.setFocus()
    wheel(box, box.rect().center(), 1)
    assert heard == [("count", 5.1)]


def test_a_value_beyond_the_slider_never_steps_backwards(qtbot, show):
    box, heard, _ = show(NumberBox(PLAIN))
    box.set_value(500.0)
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Up)
    assert heard == []
    assert box.value() == 500.0


def test_an_objection_stays_until_the_value_changes(qtbot, show):
    box, _, refused = show(NumberBox(PLAIN))
    retype(qtbot, box, "900")
    box.set_error("Too many.")
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert refused[-1] == "Too many."
    retype(qtbot, box, "abc")
    qtbot.keyClick(box, Qt.Key.Key_Escape)
    assert refused[-1] == "Too many.", "the value that comes back is still wrong"
    retype(qtbot, box, "9")
    assert refused[-1] == ""


def test_a_forms_sentence_is_below_its_field_as_plain_text(qtbot, show):
    form, heard, _ = show(Form((PLAIN,)))
    retype(qtbot, form.fields["count"].box, "<img src=x>")
    label = form._errors["count"]
    assert label.isVisible()
    assert "<img src=x>" in form.error("count")
    assert label.textFormat() == Qt.TextFormat.PlainText
    assert heard == []


def test_a_schedule_form_changes_with_the_schedule(qtbot):
    form = rate_schedule_form()
    qtbot.addWidget(form)
    form.show()
    for key, entry in SCHEDULES.items():
        form.set_choice(Choice(key))
        assert form.combo.currentText() == entry.name
        assert list(form.form.fields) == [h.name for h in entry.hyperparameters]
    first = next(h for h in SCHEDULES["step"].hyperparameters)
    form.set_choice(Choice("step", {first.name: 0.25}))
    assert form.form.fields[first.name].box.value() == 0.25
    assert math.isclose(form.form.fields["every"].box.value(), 100)
