"""The optimizers beyond the basic six: their section of the panel, their rows, colours and shapes."""

from msgspec.structs import replace
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QLabel

from app.plots.trail_layer import HEADS
from app.views.optimizer_row import OptimizerRow
from core.experiment import default_experiment
from core.optimizer import OPTIMIZERS, basic_optimizers
from core.surface import SurfaceSpec


def test_the_methods_beyond_the_six_are_one_click_away(lab):
    panel = lab.window.optimizers
    hidden = [key for key, entry in OPTIMIZERS.items() if not entry.basic]
    assert all(lab.optimizer_row(key).isVisible() for key in basic_optimizers())
    assert not set(hidden) & set(panel.rows)
    lab.click(panel.more_expander)
    lab.process_events()
    assert all(lab.optimizer_row(key).isVisible() for key in hidden)
    lab.click(panel.more_expander)
    assert not any(lab.optimizer_row(key).isVisible() for key in hidden)


def test_switching_one_of_them_on_draws_it_in_its_own_colour_and_shape(lab, subtests):
    panel = lab.window.optimizers
    first = lab.experiment
    for key, entry in OPTIMIZERS.items():
        if entry.basic:
            continue
        with subtests.test(key):
            lab.laboratory.document.replace(first)
            lab.click(panel.more_expander)
            panel.ensureWidgetVisible(lab.optimizer_row(key).switch)
            lab.process_events()
            before = [(trail.colour.name(), trail.shape) for trail in lab.plot._trails._trails]
            lab.click(lab.optimizer_row(key).switch)
            name = entry.name
            lab.until(lambda name=name: name in lab.legend())  # the first Hessian takes a moment
            trails = [(trail.colour.name(), trail.shape) for trail in lab.plot._trails._trails]
            colour, shape = trails[-1]
            assert trails[:-1] == before
            assert colour == lab.window.theme.optimizer(key).name()
            assert colour not in [other for other, _ in before]
            assert shape not in [other for _, other in before]
            assert list(lab.legend())[-1] == entry.name
            lab.click(panel.more_expander)
            assert panel._more_title.text() == "More methods: 1 on"


def test_a_hessian_is_derived_elsewhere_while_the_others_run_on(open_laboratory):
    from core import formula_code
    from core import surface as surfaces_here

    lab = open_laboratory(executor=None)  # processes, as a person has them
    surfaces_here._catalogued.cache_clear()
    formula_code._kept.clear()
    lab.choose(lab.window.surface.chooser, "beale")
    place = surfaces_here.surface(SurfaceSpec("beale"))
    before = list(lab.legend())
    lab.click(lab.window.optimizers.more_expander)
    lab.window.optimizers.ensureWidgetVisible(lab.optimizer_row("newton").switch)
    lab.process_events()
    lab.click(lab.optimizer_row("newton").switch)
    assert not place.has_hessian
    assert list(lab.legend()) == before, "the others are there at once"
    lab.until(lambda: "Newton" in lab.legend(), 60)
    assert place.has_hessian
    assert "hessian" not in vars(place.derivatives), "the window's process derived nothing"
    computed_elsewhere = lab.path("Newton")
    lab.drag_ring(lab.pixel_of(1, 1))
    assert lab.path("Newton")[0] != computed_elsewhere[0], "now it follows at once"
    assert lab.path("Newton")[0] == lab.experiment.starts[0]


def test_rows_of_those_that_are_not_basic_are_made_when_they_are_opened(open_laboratory):
    experiment = default_experiment()
    on = replace(experiment.contenders[-1], enabled=True)
    lab = open_laboratory(replace(experiment, contenders=(*experiment.contenders[:-1], on)))
    panel, key = lab.window.optimizers, on.method.optimizer.id
    assert set(panel.rows) == set(basic_optimizers())
    assert panel._more_title.text() == "More methods: 1 on"
    assert OPTIMIZERS[key].name in lab.legend(), "it runs all the same"
    lab.click(panel.more_expander)
    assert set(panel.rows) == set(OPTIMIZERS)
    assert panel.rows[key].switch.isChecked()
    assert panel.rows[key].rate.box.value() == on.method.values()["learning_rate"]
    assert panel.rows[key].key.theme is not None
    assert [row.optimizer.id for row in panel.more.findChildren(OptimizerRow)] == [
        each for each in OPTIMIZERS if not OPTIMIZERS[each].basic
    ]
    lab.click(panel.more_expander)
    assert not panel.more.isVisible()


def test_those_for_surfaces_only_are_marked(lab):
    panel = lab.window.optimizers
    lab.click(panel.more_expander)
    panel.ensureWidgetVisible(lab.optimizer_row("lbfgs").switch)
    lab.process_events()
    (caption,) = [each for each in panel.more.findChildren(QLabel) if each.text() == "On surfaces only"]
    assert caption.isVisible()
    for key, row in panel.rows.items():
        below = row.mapTo(panel, QPoint()).y() > caption.mapTo(panel, QPoint()).y()
        marked = "On surfaces only" in row.switch.toolTip()
        assert below == marked == OPTIMIZERS[key].surfaces_only or not row.isVisible()


def test_every_optimizer_has_a_head_of_its_own():
    assert len(HEADS) >= len(OPTIMIZERS)
    written = [None if head is None else tuple(map(tuple, head.round(6))) for head in HEADS]
    assert len(set(written)) == len(HEADS)
