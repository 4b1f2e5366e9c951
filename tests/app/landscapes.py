"""What tests of the landscape in the window share: small runs, and the way to the landscape of one."""

from typing import Any

from msgspec.structs import replace
from PySide6.QtCore import Qt

from app.views.landscape_page import LandscapePage
from app.views.landscape_panel import LandscapePanel
from core.choice import Choice
from core.experiment import Experiment
from core.landscape import LandscapePlane, LandscapeSpec, landscape_plane, recorded_paths
from core.optimizer import MethodSpec
from core.training import Recorder
from tests.app.laboratory_driver import Driver, small_experiment
from tests.training_specs import training

INITIALIZERS = (Choice("xavier_normal"), Choice("he_normal"))
SGD, ADAM = (MethodSpec(Choice(key, {"learning_rate": rate})) for key, rate in (("sgd", 0.1), ("adam", 0.01)))


FEW = Choice("blobs", {"samples": 300})
"""A landscape is the loss of all of them at four thousand places."""


def experiment(**fields: Any) -> Experiment:
    base = small_experiment()
    return replace(base, training=training(base.training, INITIALIZERS, **{"dataset": FEW, **fields}))


def optimizers() -> Experiment:
    """Two networks that begin at the same weights."""
    base = small_experiment()
    first = training(base.training, INITIALIZERS[:1]).variants[0]
    variants = tuple(replace(first, method=method) for method in (SGD, ADAM))
    return replace(base, training=replace(base.training, dataset=FEW, variants=variants))


def open_panel(lab: Driver) -> LandscapePanel:
    panel = lab.window.show_panel("landscape")
    assert isinstance(panel, LandscapePanel)
    lab.process_events()
    return panel


def train(lab: Driver) -> None:
    """To the end of the run."""
    lab.until_initialized()
    lab.window.network_dock.raise_()
    lab.process_events()
    lab.press(Qt.Key.Key_T)
    lab.until(lambda: lab.laboratory.training.is_settled and recorder(lab).finished, 60)


def recorder(lab: Driver) -> Recorder:
    found = lab.laboratory.training.channel._server._recorder
    assert isinstance(found, Recorder)
    return found


def plane(lab: Driver, place: int, directions: str) -> LandscapePlane:
    """As the core lays it where the run stands."""
    spec = LandscapeSpec(lab.experiment.training, place, directions)
    return landscape_plane(recorded_paths(spec, recorder(lab)))


def done(panel: LandscapePanel) -> bool:
    return panel.show_it.text() == "Show"


def show(lab: Driver, directions: str = "own") -> LandscapePage:
    """Train, and show the landscape of the first network to the last figure."""
    train(lab)
    panel = open_panel(lab)
    lab.click(panel.directions.buttons[directions])
    lab.click(panel.show_it)
    lab.until(lambda: done(panel), 120)
    return page_of(lab)


def page_of(lab: Driver) -> LandscapePage:
    assert lab.window.surface.page is not None
    return lab.window.surface.page


def at_catalogue(lab: Driver) -> bool:
    surface = lab.window.surface
    return surface.page is None and lab.plot.isVisible() and lab.window.curves.isVisible()
