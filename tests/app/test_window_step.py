"""The Step tab and the arrows, driven as a person does."""

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractButton

from app.numbers import short
from app.plots.arrows import Kind
from app.presenters.step_texts import WAITING
from app.presenters.vector_presenter import ARROWS, VectorPresenter
from app.theme import DARK, LIGHT
from core.descent_step import step_at
from core.optimizer import OPTIMIZERS
from core.surface import surface
from tests.app.laboratory_driver import Driver, count_near, picture, small_experiment

STEP_TAB = Qt.Key.Key_3


def open_tab(lab: Driver):
    """The Step tab, brought to the front by its key."""
    lab.press(STEP_TAB, Qt.KeyboardModifier.ControlModifier)
    host = lab.window.panel_host("step")
    lab.until(lambda: host.content is not None and host.is_seen)
    lab.process_events()
    return host.content


def layers(lab: Driver) -> VectorPresenter:
    return lab.laboratory.findChild(VectorPresenter)


def switch(lab: Driver, *names: str) -> None:
    for name in names:
        lab.click(lab.window.surface.tools.switches[name])


def run_of(lab: Driver, key: str):
    return next(r for r in lab.laboratory.descents.result.runs if r.method.optimizer.id == key)


def kinds(lab: Driver) -> list[Kind]:
    return [vector.kind for vector in layers(lab).layer.vectors()]


def with_steps(steps: int, *keys: str, **values):
    """An experiment with some optimizers on, and numbers of their own for the first."""
    experiment = small_experiment()
    contenders = [replace(c, enabled=c.method.optimizer.id in keys) for c in experiment.contenders]
    for index, contender in enumerate(contenders):
        optimizer = contender.method.optimizer
        for name, value in values.items():
            if optimizer.id == keys[0]:
                optimizer = optimizer.with_value(name, value)
        contenders[index] = replace(contender, method=replace(contender.method, optimizer=optimizer))
    return replace(experiment, steps=steps, contenders=tuple(contenders))


def test_nothing_of_it_is_made_before_it_is_asked_for(lab):
    assert lab.window.panel_host("step").content is None
    assert layers(lab) is None


def test_it_explains_the_step_that_is_shown(lab):
    panel = open_tab(lab)
    lab.laboratory.playback.go(14)
    assert panel.title() == "Step 15: from point 14 to 15"
    card = panel.card("adam")
    assert card.is_open
    assert not panel.card("sgd").is_open
    assert card.formula.text().splitlines()[-1] == "x ← x − η m̂ / (√v̂ + ε)"
    shown = card.formula.values()
    run = run_of(lab, "adam")
    assert shown["x"] == tuple(short(v) for v in run.points[15])
    assert shown["before.x"] == tuple(short(v) for v in run.points[14])
    gradient = surface(lab.experiment.surface).at(*run.points[14].tolist())[1:]
    assert shown["gradient"] == tuple(map(short, gradient))
    assert shown["first_moment"] == tuple(short(v) for v in run.state["first_moment"][15])
    assert shown["beta1"] == ("0.9",)
    moved = np.hypot(*(run.points[15] - run.points[14]))
    assert card.figures.figures()["Step length"] == short(moved)
    assert card.brief.text().startswith(f"step {short(moved)}")


def test_every_optimizer_of_the_catalogue_is_explained(open_laboratory):
    lab = open_laboratory(with_steps(60, *OPTIMIZERS))
    panel = open_tab(lab)
    lab.until(lambda: len(lab.laboratory.descents.result.runs) == len(OPTIMIZERS))  # a Hessian takes a while
    lab.laboratory.playback.go(30)
    for key, entry in OPTIMIZERS.items():
        card = panel.card(key)
        if not card.is_open:
            lab.click(card.expander)
        assert card.formula.isVisible()
        assert card.formula.values()["x"] == tuple(short(v) for v in run_of(lab, key).points[31])
        assert entry.convention in card.whole_convention.text()
        assert card.formula.height() >= card.formula.sizeHint().height()


def test_the_convention_is_named_on_closed_cards_too(lab):
    panel = open_tab(lab)
    assert panel.card("momentum").convention.text() == OPTIMIZERS["momentum"].convention
    assert panel.card("momentum").name.text() == "Momentum"


def test_a_click_on_the_line_opens_a_card_and_the_next_session_remembers(open_laboratory):
    lab = open_laboratory()
    panel = open_tab(lab)
    lab.qtbot.mouseClick(panel.card("momentum").name, Qt.MouseButton.LeftButton)
    assert panel.card("momentum").is_open
    lab.click(panel.card("adam").expander)
    assert not panel.card("adam").is_open
    again = open_tab(open_laboratory())
    assert again.card("momentum").is_open
    assert not again.card("adam").is_open


def test_scrubbing_and_stepping_change_the_numbers(lab):
    panel = open_tab(lab)
    lab.press(Qt.Key.Key_Home)
    before = dict(panel.card("adam").formula.values())
    lab.press(Qt.Key.Key_Right)
    assert panel.title() == "Step 2: from point 1 to 2"
    assert panel.card("adam").formula.values() != before


def test_dragging_the_start_explains_the_new_run(lab):
    panel = open_tab(lab)
    lab.laboratory.playback.go(5)
    lab.drag_ring(lab.ring() + QPoint(30, 20))
    at = lab.laboratory.playback.step
    run = run_of(lab, "adam")
    expected = run.points[min(at, run.steps - 1) + 1]
    assert panel.card("adam").formula.values()["x"] == tuple(short(v) for v in expected)


def test_the_end_is_said_in_words(lab):
    panel = open_tab(lab)
    lab.press(Qt.Key.Key_End)
    steps = lab.laboratory.playback.steps
    assert panel.title() == f"Last step, {steps}: from point {steps - 1} to {steps}"
    card = panel.card("adam")
    assert card.note.isVisible()
    assert run_of(lab, "adam").message in card.note.text()
    assert card.note.text().endswith("Its last step is shown.")


def test_converged_runs_say_so_from_that_step_on(open_laboratory):
    lab = open_laboratory(with_steps(300, "adagrad"))
    panel = open_tab(lab)
    lab.click(panel.card("adagrad").expander)
    run = run_of(lab, "adagrad")
    assert run.outcome == "converged"
    lab.laboratory.playback.go(run.step - 1)
    assert panel.card("adagrad").note.text() == ""
    lab.laboratory.playback.go(run.step)
    assert panel.card("adagrad").note.text() == run.message


@pytest.mark.parametrize("rate", [1.0, 1e200])
def test_diverged_runs_show_their_last_step_or_that_there_is_none(open_laboratory, rate):
    lab = open_laboratory(with_steps(300, "sgd", learning_rate=rate))
    panel = open_tab(lab)
    lab.click(panel.card("sgd").expander)
    lab.press(Qt.Key.Key_End)
    run = run_of(lab, "sgd")
    assert run.outcome == "diverged"
    assert run.message in panel.card("sgd").note.text()
    if run.steps:
        shown = panel.card("sgd").formula.values()["x"]
        assert shown == tuple(short(v) for v in run.points[-1])
    else:
        assert panel.title() == "No step has been made"
        assert not panel.card("sgd").formula.isVisible()
    switch(lab, "step", "gradient")
    picture(lab.plot)


def test_with_noise_both_gradients_are_told(open_laboratory):
    lab = open_laboratory(replace(with_steps(100, "sgd"), noise=3.0, seed=4))
    panel = open_tab(lab)
    lab.click(panel.card("sgd").expander)
    lab.laboratory.playback.go(7)
    run = run_of(lab, "sgd")
    step = step_at(run, 7)
    figures = panel.card("sgd").figures.figures()
    assert figures["Gradient ∇f"] != figures["Gradient that is used"]
    assert panel.card("sgd").formula.values()["gradient"] == tuple(map(short, step.used_gradient))
    switch(lab, "gradient")
    reaches = {v.kind: v.reach for v in layers(lab).layer.vectors()}
    assert np.allclose(reaches[Kind.GRADIENT], -step.gradient)
    assert np.allclose(reaches[Kind.NOISY_GRADIENT], -step.used_gradient)


def test_only_optimizers_that_are_on_have_cards(lab):
    panel = open_tab(lab)
    lab.click(lab.window.optimizers.rows["momentum"].switch)
    assert not panel.card("momentum").isVisible()
    assert panel.card("sgd").isVisible()


def test_a_rule_changes_its_formula_with_its_switches(open_laboratory):
    lab = open_laboratory(with_steps(60, "adam", bias_correction=False))
    panel = open_tab(lab)
    assert panel.card("adam").formula.text().splitlines()[-1] == "x ← x − η m / (√v + ε)"


def test_long_runs_are_remembered_in_another_process(open_laboratory):
    lab = open_laboratory(with_steps(30_000, "adam"))
    lab.until(lambda: lab.laboratory.playback.steps == 30_000)
    panel = open_tab(lab)
    assert panel.card("adam").note.text() == WAITING
    lab.until(lambda: bool(panel.card("adam").formula.values()))
    lab.laboratory.playback.go(20_000)
    run = run_of(lab, "adam")
    wanted = tuple(short(v) for v in run.points[20_001])
    lab.until(lambda: panel.card("adam").formula.values().get("x") == wanted)


# Arrows


def test_each_kind_of_arrow_has_a_button_a_menu_entry_and_one_in_the_tab(lab, subtests):
    panel = open_tab(lab)
    for name in sorted(ARROWS):
        with subtests.test(name):
            lab.click(panel.switches[name])
            assert lab.experiment.overlays == (name,)
            assert lab.window.surface.tools.switches[name].isChecked()
            switch(lab, name)
            assert lab.experiment.overlays == ()
            assert not panel.switches[name].isChecked()


def test_arrows_are_the_numbers_of_the_step(lab):
    lab.laboratory.playback.go(12)
    switch(lab, "step", "gradient", "velocity", "second_moment")
    run = run_of(lab, "adam")
    step = step_at(run, 12)
    found = {v.kind: v for v in layers(lab).layer.vectors()}
    assert set(found) == {Kind.STEP, Kind.GRADIENT, Kind.MOMENT, Kind.SPREAD}
    assert all(np.array_equal(v.origin, run.points[12]) for v in found.values())
    assert np.array_equal(found[Kind.STEP].reach, run.points[13] - run.points[12])
    assert np.array_equal(found[Kind.GRADIENT].reach, -step.gradient)
    assert np.allclose(found[Kind.MOMENT].reach, -run.state["first_moment"][13] / (1 - 0.9**13))
    assert np.allclose(found[Kind.SPREAD].reach ** 2, run.state["second_moment"][13] / (1 - 0.999**13))


def test_velocity_is_what_momentum_steps_by(lab):
    panel = open_tab(lab)
    lab.click(panel.card("adam").expander)
    lab.click(panel.card("momentum").expander)
    lab.laboratory.playback.go(12)
    switch(lab, "step", "velocity")
    step, velocity = (v.reach for v in layers(lab).layer.vectors())
    assert np.allclose(step, velocity, rtol=1e-9)


def test_arrows_in_units_of_the_gradient_have_one_factor_and_the_key_names_it(lab):
    switch(lab, "step", "gradient", "second_moment")
    for at in (0, 3, 40):
        lab.laboratory.playback.go(at)
        layer = layers(lab).layer
        factor = layer.factor()
        assert f"{factor:.0e}"[0] in "125"
        lengths = [np.hypot(*(v.reach * layer._scale())) * factor for v in layer.vectors() if v.kind.scaled]
        assert 36.0 <= max(lengths) <= 90.0
        words = dict(layer.key())
        assert words[Kind.STEP] == "step, true to scale"
        assert words[Kind.GRADIENT].startswith("negative gradient × ")
        assert float(words[Kind.GRADIENT].split("× ")[1].replace("−", "-")) == pytest.approx(factor)


def test_arrows_go_to_those_looked_at_and_to_the_one_under_the_pointer(lab):
    lab.laboratory.playback.go(12)
    switch(lab, "step")
    colour = LIGHT.optimizer("adam")
    assert [v.colour for v in layers(lab).layer.vectors()] == [colour]
    lab.hover(lab.pixel_of(*run_of(lab, "sgd").points[12]))
    assert [v.colour for v in layers(lab).layer.vectors()] == [colour, LIGHT.optimizer("sgd")]
    lab.hover(lab.pixel_of(4.5, -4.5))
    assert [v.colour for v in layers(lab).layer.vectors()] == [colour]


def test_with_nobody_chosen_a_few_are_all_shown(open_laboratory):
    lab = open_laboratory(with_steps(60, "sgd", "nesterov"))
    switch(lab, "gradient")
    assert len(layers(lab).layer.vectors()) == 2


@pytest.mark.parametrize("look", ["light", "dark"])
def test_arrows_are_seen_and_vanish(open_laboratory, look):
    lab = open_laboratory(with_steps(60, "sgd", learning_rate=0.02), look=look)
    colour = (DARK if look == "dark" else LIGHT).optimizer("sgd")
    before = count_near(picture(lab.plot), colour)
    lab.press(Qt.Key.Key_G, Qt.KeyboardModifier.ShiftModifier)
    assert kinds(lab) == [Kind.GRADIENT]
    assert count_near(picture(lab.plot), colour) > before + 40
    lab.press(Qt.Key.Key_G, Qt.KeyboardModifier.ShiftModifier)
    assert kinds(lab) == []
    assert count_near(picture(lab.plot), colour) == before


def test_the_key_gives_way_to_the_legend_and_to_the_heads(lab):
    switch(lab, "step", "gradient")
    for at in (0, 30, 200):
        lab.laboratory.playback.go(at)
        picture(lab.plot)
        key = layers(lab).key
        size = key._picture.deviceIndependentSize()
        box = key._place(size.width(), size.height())
        assert not box.intersects(lab.plot.legend_box())


def test_formulas_follow_the_look(open_laboratory):
    lab = open_laboratory(look="dark")
    card = open_tab(lab).card("adam")
    assert count_near(picture(card.formula), QColor(DARK.text), 40) > 30
    lab.window.choose_look("light")
    assert count_near(picture(card.formula), QColor(LIGHT.text), 40) > 30


def test_every_control_teaches_has_a_name_and_is_reached_with_tab(lab):
    panel = open_tab(lab)
    buttons = [button for button in panel.findChildren(QAbstractButton) if button.isVisible()]
    assert len(buttons) == len(ARROWS) + 6
    assert all(button.toolTip() and button.accessibleName() for button in buttons)
    lab.window.playback.bar.setFocus()
    reached = set()
    for _ in range(200):
        lab.key(Qt.Key.Key_Tab)
        reached.add(lab.window.focusWidget())
    assert set(buttons) <= reached
    panel.card("sgd").expander.setFocus()
    lab.key(Qt.Key.Key_Space)
    assert panel.card("sgd").is_open
    assert panel.card("sgd").formula.accessibleName() == "x ← x − η g"


@pytest.mark.parametrize("size", [(1280, 720), (1440, 900), (2560, 1440)])
def test_one_optimizer_is_read_without_scrolling_and_nothing_is_cut(open_laboratory, size):
    lab = open_laboratory(size=size)
    panel = open_tab(lab)
    card = panel.card("adam")
    lab.until(lambda: card.formula.height() == card.formula.sizeHint().height())
    assert card.formula.visibleRegion().boundingRect().height() == card.formula.height()
    assert card.formula._shown is card.formula._whole
    assert card.formula._whole.width <= card.formula.width() / 0.72
    metrics = card.name.fontMetrics()
    assert panel.card("sgd").brief.width() >= metrics.horizontalAdvance("step 0.001234   180°")
