"""Parts of the window that are made when first shown: panels beside the network, overlays on the surface.

A part is one line here and a function that builds its view and its presenter from the laboratory's
objects. What it needs is imported there, so that the window's start does not wait for it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from app.main import Laboratory


@dataclass(frozen=True)
class Panel:
    """A tab beside the network.

    Attributes
    ----------
    name, title, tip
        Object name, text on the tab, and what one finds there.
    make
        Builds view and presenter; returns the view.
    """

    name: str
    title: str
    tip: str
    make: Callable[["Laboratory"], QWidget]


@dataclass(frozen=True)
class Overlay:
    """Something drawn on the surface that a button of the tool strip switches.

    Attributes
    ----------
    name
        Word in `Experiment.overlays`.
    icon, tip, key
        Of its button; `key` is the shortcut or "".
    make
        Builds layer and presenter, which follows `Experiment.overlays` from then on.
    """

    name: str
    icon: str
    tip: str
    key: str
    make: Callable[["Laboratory"], object]


def _points_panel(lab: "Laboratory") -> QWidget:
    from app.presenters.critical_presenter import make_panel

    return make_panel(lab)


def _critical_points(lab: "Laboratory") -> object:
    from app.presenters.critical_presenter import make_overlay

    return make_overlay(lab)


def _noise(lab: "Laboratory") -> object:
    from app.presenters.cloud_presenter import CloudPresenter

    return CloudPresenter(lab.document, lab.playback, lab.descents, lab.window)


PANELS: tuple[Panel, ...] = (
    Panel("points", "Points", "Minima, maxima and saddles of the surface.", _points_panel),
)
OVERLAYS: tuple[Overlay, ...] = (
    Overlay("critical_points", "critical", "Critical points: minima, maxima and saddles (C)", "C",
            _critical_points),
    Overlay(
        "noise", "noise",
        "Gradient noise. At the first optimizer's point, an arrow for the negative gradient of all"
        " samples and a dot for that of each mini-batch; on surfaces made of data (N).", "N", _noise,
    ),
)  # fmt: skip
