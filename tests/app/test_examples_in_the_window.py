"""What examples ask the window for is there."""

import pytest

from app.parts import OVERLAYS, PANELS
from core.examples import examples


@pytest.mark.parametrize("key", examples())
def test_panels_and_overlays_of_examples_are_known(key: str) -> None:
    saved = examples()[key].saved
    assert saved.view.panel in {"network", *(panel.name for panel in PANELS)}
    assert set(saved.experiment.overlays) <= {overlay.name for overlay in OVERLAYS}
    assert saved.view.playing
    assert saved.view.step is None
