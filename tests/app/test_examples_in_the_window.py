"""What examples ask the window for is there."""

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt

from app.parts import OVERLAYS, PANELS
from core.examples import examples
from tests.app.laboratory_driver import Driver


@pytest.mark.parametrize("key", examples())
def test_panels_and_overlays_of_examples_are_known(key: str) -> None:
    saved = examples()[key].saved
    assert saved.view.panel in {"network", *(panel.name for panel in PANELS)}
    assert set(saved.experiment.overlays) <= {overlay.name for overlay in OVERLAYS}
    assert saved.view.playing
    assert saved.view.step is None


def test_examples_open_one_after_the_other(lab: Driver) -> None:
    """What follows the document meets surfaces, optimizers, networks and panels that it has not seen yet."""
    lab.press(Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)  # the Step tab has a card for each optimizer
    for example in [
        examples()[key] for key in ("adagrad_stalling", "burst", "newton", "saddle_escape", "ravine")
    ]:
        saved = example.saved
        lab.laboratory.files.adopt(replace(saved, view=replace(saved.view, trained=0)), example.path)
        lab.until(lambda: not lab.laboratory.descents.busy)
        lab.process_events()
        assert lab.experiment == saved.experiment
        assert lab.window.front_panel() == saved.view.panel
        assert lab.laboratory.playback.playing
