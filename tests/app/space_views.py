"""What tests of the view in space share."""

from app.views.space_view import ADVICE

LONG = 60.0
"""Seconds that the driver's trial may take on a busy machine."""


def switch(lab):
    return lab.window.surface.tools.switches["three_d"]


def space(lab):
    return lab.laboratory._overlays["three_d"].view


def settled(lab):
    """Wait until the driver was tried and the picture is drawn in full."""
    view = space(lab)
    lab.until(lambda: view.plot.isVisible() or ADVICE in view.reason.text(), LONG)
    assert view.plot.isVisible(), view.reason.text()
    lab.until(lambda: view.plot._picture is not None and not view.plot._moving, LONG)
    return view.plot
