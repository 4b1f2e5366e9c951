"""Whether OpenGL works here, tried in another process: a bad driver may end the process that asks."""

import numpy as np
from PySide6.QtCore import QSize, qInstallMessageHandler
from PySide6.QtGui import QColor, QGuiApplication

from app.plots.camera import Camera
from app.plots.gl_parts import GraphicsError
from app.plots.space_content import SpaceContent, draw_atlas
from app.plots.space_frame import frame_rows
from app.plots.space_scene import Shot, SpaceScene
from app.plots.trail_layer import Trail
from app.theme import LIGHT
from core.surface import SurfaceSpec, surface

CRASHED = "The graphics driver ended the process in which it was tried."
_SIZE = QSize(96, 64)


def needed(reason: str) -> str:
    """Say that there is no view in space, and why."""
    return f"The 3-D view needs OpenGL 3.3. {reason}"


def try_graphics() -> str:
    """Draw a small picture as the window would; return what is wrong in a sentence, or "".

    For a process that has no Qt application yet.
    """
    qInstallMessageHandler(lambda *_: None)  # what it would say is in the sentence
    application = QGuiApplication.instance() or QGuiApplication(["optiscope"])
    assert application is not None
    try:
        return _draw()
    except GraphicsError as error:
        return str(error)


def _draw() -> str:
    content = SpaceContent(surface(SurfaceSpec(formula="x**2 + y**2")))
    content.set_trails([Trail(np.array([(-4.0, -4.0), (4.0, 4.0)]), QColor("#ff0000"), 0)])
    content.step = 1
    scene = SpaceScene()
    scene.set_theme(LIGHT)
    scene.set_body(content.body)
    scene.set_frame(frame_rows(content.body, LIGHT))
    scene.set_paths(content.path_rows())
    image = draw_atlas(content.heads, LIGHT, 1.0)
    scene.set_atlas(image, image.width() // image.height())
    shot = Shot(Camera(), 1_000, content.tip_rows(), content.sprite_rows())
    picture = scene.picture(shot, _SIZE, 1.0, draft=False)
    scene.close()
    colours = {picture.pixel(x, y) for x in range(0, _SIZE.width(), 4) for y in range(0, _SIZE.height(), 4)}
    return "" if len(colours) > 8 else "The graphics driver draws nothing."
