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
    at_start
        Whether its tab is there at the first start; others are opened from elsewhere, or by the menu.
    """

    name: str
    title: str
    tip: str
    make: Callable[["Laboratory"], QWidget]
    at_start: bool = True


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


def _step_panel(lab: "Laboratory") -> QWidget:
    from app.presenters.step_presenter import make_panel

    return make_panel(lab, [(o.name, o.icon, o.tip) for o in OVERLAYS if o.make is _vectors])


def _vectors(lab: "Laboratory") -> object:
    from app.presenters.vector_presenter import make_vectors

    return make_vectors(lab)


def _starts_panel(lab: "Laboratory") -> QWidget:
    from app.presenters.starts_panel_presenter import make

    return make(lab)


def _points_panel(lab: "Laboratory") -> QWidget:
    from app.presenters.critical_presenter import make_panel

    return make_panel(lab)


def _critical_points(lab: "Laboratory") -> object:
    from app.presenters.critical_presenter import make_overlay

    return make_overlay(lab)


def _noise(lab: "Laboratory") -> object:
    from app.presenters.cloud_presenter import CloudPresenter

    return CloudPresenter(lab.document, lab.playback, lab.descents, lab.starts, lab.window)


def _three_d(lab: "Laboratory") -> object:
    from app.presenters.space_presenter import SpacePresenter

    return SpacePresenter(lab)


def _map_panel(laboratory: "Laboratory") -> QWidget:
    from app.presenters.number_map_presenter import make_panel

    return make_panel(laboratory)


def _map_overlay(laboratory: "Laboratory") -> object:
    from app.presenters.start_map_presenter import make_overlay

    return make_overlay(laboratory)


def _tune_panel(laboratory: "Laboratory") -> QWidget:
    from app.presenters.tune_presenter import make_panel

    return make_panel(laboratory)


def _learned_panel(laboratory: "Laboratory") -> QWidget:
    from app.presenters.learned_presenter import make_panel

    return make_panel(laboratory)


def _norm_panel(laboratory: "Laboratory") -> QWidget:
    from app.presenters.norm_presenter import make_panel

    return make_panel(laboratory)


def _checks_panel(laboratory: "Laboratory") -> QWidget:
    from app.presenters.checks_presenter import make_panel

    return make_panel(laboratory)


def _health_panel(laboratory: "Laboratory") -> QWidget:
    from app.presenters.health_presenter import make_panel

    return make_panel(laboratory)


def _landscape_panel(laboratory: "Laboratory") -> QWidget:
    from app.presenters.landscape_presenter import make_panel

    return make_panel(laboratory)


PANELS: tuple[Panel, ...] = (
    Panel("step", "Step", "One step explained: every optimizer's rule with its numbers.", _step_panel),
    Panel("points", "Points", "Minima, maxima and saddles of the surface.", _points_panel),
    Panel("map", "Map", "What an optimizer does from every start, and with any two numbers.", _map_panel),
    Panel("tune", "Tune", "Tunes every optimizer with the same number of trials.", _tune_panel),
    Panel("starts", "Starts", "Many start points, and the minima that are reached from them.", _starts_panel),
    Panel(
        "health", "Health", "What is wrong with the layers of each network, and what to try.", _health_panel
    ),
    Panel(
        "learned",
        "Learned",
        "What a network has learned: boundary or weights, mistakes, the gap.",
        _learned_panel,
    ),
    Panel(
        "norm",
        "Norm",
        "Batch norm: gamma and beta, its statistics, training against evaluation, noise.",
        _norm_panel,
    ),
    Panel("checks", "Checks", "The checks a trainer makes by hand, by one button each.", _checks_panel),
    Panel(
        "landscape",
        "Landscape",
        "A trained network's loss over a plane, with the training paths on it.",
        _landscape_panel,
        at_start=False,
    ),
)
OVERLAYS: tuple[Overlay, ...] = (
    Overlay(
        "step", "vector_step",
        "Step arrows: the step that comes next, true to scale. Drawn for the optimizers that are open in the"
        " Step tab, and for the one under the pointer (Shift+S).", "Shift+S", _vectors,
    ),
    Overlay(
        "gradient", "vector_gradient",
        "Gradient arrows: the negative gradient, straight down the slope; dotted the one that the step"
        " used, where noise or a mini-batch makes it another (Shift+G).", "Shift+G", _vectors,
    ),
    Overlay(
        "velocity", "vector_velocity",
        "Velocity arrows: what momentum remembers, its velocity or the negative first moment (Shift+V).",
        "Shift+V", _vectors,
    ),
    Overlay(
        "second_moment", "vector_second_moment",
        "Second-moment ellipses: the root of the squares gathered along x and along y, by which the step is"
        " divided (Shift+E).", "Shift+E", _vectors,
    ),
    Overlay("critical_points", "critical", "Critical points: minima, maxima and saddles (C)", "C",
            _critical_points),
    Overlay(
        "map", "map",
        "Map of starts: every point coloured by what one optimizer does from there; the Map tab says which"
        " and by what (M).", "M", _map_overlay,
    ),
    Overlay(
        "noise", "noise",
        "Gradient noise. At the first optimizer's point, an arrow for the negative gradient of all"
        " samples and a dot for that of each mini-batch; on surfaces made of data (N).", "N", _noise,
    ),
    Overlay(
        "three_d", "three_d", "3-D view: the same surface and paths as a landscape that you can turn (D)",
        "D", _three_d,
    ),
)  # fmt: skip
