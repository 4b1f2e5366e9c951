"""What is drawn over a plot: an error in it is reported, and the program goes on."""

import sys

from app.plots.plot import Plot
from app.plots.view_layer import ViewLayer


class Broken(ViewLayer):
    def paint_layer(self, painter):
        raise ValueError("as if something were wrong")


def test_an_error_in_drawing_is_reported_and_nothing_else_fails(qtbot, monkeypatch):
    reported = []
    monkeypatch.setattr(sys, "excepthook", lambda *fault: reported.append(fault[:2]))
    plot = Plot()
    qtbot.addWidget(plot)
    Broken(plot.view, z=1)
    plot.resize(300, 200)
    for _ in range(3):
        plot.grab()
    assert [kind for kind, _ in reported] == [ValueError] * 3
