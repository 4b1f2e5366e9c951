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


def _starts(lab: "Laboratory") -> QWidget:
    from app.presenters.starts_panel_presenter import make

    return make(lab)


PANELS: tuple[Panel, ...] = (
    Panel("starts", "Starts", "Many start points, and the minima that are reached from them.", _starts),
)
OVERLAYS: tuple[Overlay, ...] = ()
