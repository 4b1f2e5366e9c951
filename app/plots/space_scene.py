"""Draws a surface and its paths with OpenGL, into a picture.

The scene has a context of its own and no window: the picture is shown by an ordinary widget. So the
rest of the window is painted as ever, docks may float and views may hide without a context being lost,
and the texts around the body are the window's own.
"""

import math
import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize
from PySide6.QtGui import (
    QColor,
    QImage,
    QOffscreenSurface,
    QOpenGLContext,
    QSurfaceFormat,
    QVector2D,
    QVector3D,
    QVector4D,
)
from PySide6.QtOpenGL import QOpenGLFramebufferObject, QOpenGLTexture

from app.plots.camera import Camera
from app.plots.gl_parts import (
    COLOUR,
    DEPTH,
    STENCIL,
    Canvas,
    GraphicsError,
    Mesh,
    Program,
    Rectangles,
    Uniform,
    copy,
    matrix,
    picture_texture,
)
from app.plots.relief import Relief
from app.plots.surface_layer import CONTOUR_OPACITY, LEVELS, ramp_table
from app.theme import Theme

Rows = NDArray[np.float32]

VERSION = (3, 3)
_SAMPLES = 4
_LINE, _SPRITE, _SURFACE = (3, 3, 4), (3, 1), (3, 3, 1, 1)
_HIDDEN, _HIDDEN_MARK = 0.22, 0.45
"""How much is seen of paths and of marks behind the surface."""
_DEPTH_TEST, _STENCIL_TEST, _BLEND = 0x0B71, 0x0B90, 0x0BE2
_EQUAL, _GREATER, _LEQUAL = 0x0202, 0x0204, 0x0203
_KEEP, _COUNT_UP = 0x1E00, 0x1E02
_ONE, _ALPHA, _REST = 1, 0x0302, 0x0303
LINE_LIFT, SPRITE_LIFT = 0.012, 0.07


@dataclass(frozen=True)
class Shot:
    """What changes from frame to frame.

    Attributes
    ----------
    camera
        From where.
    pieces
        How many of the paths' pieces are to be seen.
    tips
        (n, 10) rows of lines: from the last piece of each path to its head.
    sprites
        (n, 4) rows of sprites: where, and which.
    """

    camera: Camera
    pieces: int
    tips: Rows
    sprites: Rows


class SpaceScene:
    """Surface, lines and sprites in the graphics memory. Made and used in the window's thread.

    Attributes
    ----------
    seconds
        What the last ground took that was no draft; infinite before the first.

    Raises
    ------
    GraphicsError
        When OpenGL is not there or refuses something.
    """

    def __init__(self) -> None:
        wanted = QSurfaceFormat()
        wanted.setVersion(*VERSION)
        wanted.setProfile(QSurfaceFormat.OpenGLContextProfile.CoreProfile)
        self._context = QOpenGLContext()
        self._context.setFormat(wanted)
        if not self._context.create():
            raise GraphicsError("This screen offers no OpenGL.")
        self._surface = self._new_surface()
        if not self._context.makeCurrent(self._surface):
            raise GraphicsError("OpenGL cannot be used on this screen.")
        found = self._context.format().version()
        if found < ((3, 0) if self._context.isOpenGLES() else VERSION):
            raise GraphicsError(f"The graphics driver offers only OpenGL {found[0]}.{found[1]}.")
        self._calls = self._context.extraFunctions()
        self._programs = {name: Program(name) for name in ("surface", "line", "sprite")}
        self._body = Mesh(_SURFACE)
        self._lines = {name: Rectangles(_LINE) for name in ("frame", "paths", "tips")}
        self._sprites = Rectangles(_SPRITE)
        self._textures: dict[str, QOpenGLTexture] = {}
        self._atlas = (1, 1)
        self._smooth, self._ground, self._front = Canvas(_SAMPLES), Canvas(0), Canvas(0)
        self._grounded: tuple[Camera, QSize, float] | None = None
        self.seconds = math.inf
        self._theme: Theme | None = None

    def renderer(self) -> str:
        """What the driver calls itself."""
        self._current()
        return str(self._calls.glGetString(0x1F01))

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self._theme, self._grounded = theme, None
        table = ramp_table(theme.ramp)
        image = QImage(table.tobytes(), len(table), 1, 4 * len(table), QImage.Format.Format_RGB32)
        self._set_texture("ramp", image.convertToFormat(QImage.Format.Format_RGBA8888))

    def set_body(self, body: Relief) -> None:
        """Draw another surface."""
        self._current()
        self._body.set_vertices(body.vertices(), body.triangles(), body.coarse_triangles())
        self._grounded = None

    def set_frame(self, rows: Rows) -> None:
        """Draw other lines around the surface."""
        self._current()
        self._lines["frame"].set_rows(rows)
        self._grounded = None

    def set_paths(self, rows: Rows) -> None:
        """Draw other paths, whose pieces appear in their order."""
        self._current()
        self._lines["paths"].set_rows(rows)

    def set_atlas(self, image: QImage, number: int) -> None:
        """Draw other sprites: `number` squares side by side, premultiplied."""
        self._atlas = (number, image.height())
        self._set_texture("atlas", image)

    def picture(self, shot: Shot, size: QSize, ratio: float, draft: bool) -> QImage:
        """Draw everything as a picture of `size` device pixels; `ratio` of them are a pixel of the look.

        The ground, all but paths and marks, is kept as long as nobody turns it. With `draft` a new one is
        drawn from fewer triangles and with rougher edges.
        """
        self._current()
        self._lines["tips"].set_rows(shot.tips)
        self._sprites.set_rows(shot.sprites)
        self._calls.glViewport(0, 0, size.width(), size.height())
        eye = self._eye(shot.camera, size)
        if draft and self._grounded != (shot.camera, size, ratio):
            front = self._front.bind(size)
            self._clear()
            self._draw_ground(eye, ratio, draft)
        else:
            ground = self._kept_ground(shot.camera, size, ratio)
            front = self._front.bind(size)
            self._calls.glStencilMask(0xFF)
            self._calls.glClear(STENCIL)
            copy(ground, front, COLOUR | DEPTH)
            front.bind()
        self._programs["line"].use(**eye, lift=LINE_LIFT)
        self._draw_paths(shot.pieces, ratio)
        number, side = self._atlas
        self._programs["sprite"].use(**eye, lift=SPRITE_LIFT, size=float(side), sprites=float(number))
        self._draw_sprites()
        image = front.toImage()
        front.release()
        image.setDevicePixelRatio(ratio)
        return image

    def close(self) -> None:
        """Give everything back; nothing may be drawn afterwards."""
        if not self._context.makeCurrent(self._surface):
            self._surface = self._new_surface()
            if not self._context.makeCurrent(self._surface):
                return
        self._body.destroy()
        for rectangles in (*self._lines.values(), self._sprites):
            rectangles.destroy()
        for texture in self._textures.values():
            texture.destroy()
        self._textures.clear()
        self._programs.clear()
        self._smooth.buffer = self._ground.buffer = self._front.buffer = None
        self._context.doneCurrent()
        self._surface.destroy()

    def _new_surface(self) -> QOffscreenSurface:
        surface = QOffscreenSurface()
        surface.setFormat(self._context.format())
        surface.create()
        return surface

    def _current(self) -> None:
        if not self._context.makeCurrent(self._surface):
            raise GraphicsError("The graphics driver has given up the 3-D view.")

    def _set_texture(self, name: str, image: QImage) -> None:
        self._current()
        if name in self._textures:
            self._textures.pop(name).destroy()
        self._textures[name] = picture_texture(image)

    def _eye(self, camera: Camera, size: QSize) -> dict[str, Uniform]:
        projection = matrix(camera.projection(size.width(), size.height()))
        pixels = QVector2D(size.width(), size.height())
        return {"view": matrix(camera.view()), "projection": projection, "pixels": pixels}

    def _kept_ground(self, camera: Camera, size: QSize, ratio: float) -> QOpenGLFramebufferObject:
        """The surface and what stands around it, drawn once for all frames that are seen from here."""
        ground = self._ground.bind(size)
        if self._grounded == (camera, size, ratio):
            return ground
        begin = time.perf_counter()
        eye = self._eye(camera, size)
        smooth = self._smooth.bind(size)
        self._clear()
        self._draw_ground(eye, ratio, draft=False)
        copy(smooth, ground, COLOUR | DEPTH)
        self._calls.glFinish()
        self.seconds = time.perf_counter() - begin
        self._grounded = (camera, size, ratio)
        return ground

    def _draw_ground(self, eye: dict[str, Uniform], ratio: float, draft: bool) -> None:
        self._draw_body(eye, draft)
        self._draw_frame(eye, ratio)

    def _clear(self) -> None:
        assert self._theme is not None
        calls, colour = self._calls, QColor(self._theme.panel)
        calls.glClearColor(colour.redF(), colour.greenF(), colour.blueF(), 1.0)
        calls.glDepthMask(True)
        calls.glStencilMask(0xFF)
        calls.glClear(COLOUR | DEPTH | STENCIL)
        calls.glEnable(_DEPTH_TEST)
        calls.glDisable(_BLEND)
        calls.glDisable(_STENCIL_TEST)
        calls.glDepthFunc(_LEQUAL)

    def _draw_body(self, eye: dict[str, Uniform], draft: bool) -> None:
        assert self._theme is not None
        dark = self._theme.name == "dark"
        self._textures["ramp"].bind(0)
        self._programs["surface"].use(
            **eye,
            ramp=0,
            contour=_rgb(self._theme.contour),
            contour_strength=CONTOUR_OPACITY,
            levels=float(LEVELS + 1),
            darkest=0.62 if dark else 0.70,
            brightest=1.75 if dark else 1.06,
            sheen=0.05,
        )
        self._body.draw(draft)

    def _draw_frame(self, eye: dict[str, Uniform], ratio: float) -> None:
        self._calls.glDepthMask(False)
        self._blend(_ALPHA)
        own = QVector4D(0, 0, 0, 0)
        self._programs["line"].use(**eye, lift=LINE_LIFT, width=1.2 * ratio, tint=own, strength=1.0)
        self._lines["frame"].draw()

    def _draw_paths(self, pieces: int, ratio: float) -> None:
        """First what the surface hides, faintly and no spot twice; then halos, then colours."""
        assert self._theme is not None
        calls, line = self._calls, self._programs["line"]
        own, halo = QVector4D(0, 0, 0, 0), QVector4D(_rgb(self._theme.plot), 1.0)
        calls.glEnable(_DEPTH_TEST)
        calls.glDepthMask(False)
        self._blend(_ALPHA)
        calls.glDepthFunc(_GREATER)
        calls.glEnable(_STENCIL_TEST)
        calls.glStencilFunc(_EQUAL, 0, 0xFF)
        calls.glStencilOp(_KEEP, _KEEP, _COUNT_UP)
        line.use(width=2.0 * ratio, tint=own, strength=_HIDDEN)
        self._draw_trails(pieces)
        calls.glDisable(_STENCIL_TEST)
        calls.glDepthFunc(_LEQUAL)
        line.use(width=5.0 * ratio, tint=halo, strength=0.9)
        self._draw_trails(pieces)
        line.use(width=2.6 * ratio, tint=own, strength=1.0)
        self._draw_trails(pieces)

    def _draw_trails(self, pieces: int) -> None:
        self._lines["paths"].draw(pieces)
        self._lines["tips"].draw()

    def _draw_sprites(self) -> None:
        self._blend(_ONE)
        self._textures["atlas"].bind(0)
        for depth, strength in ((_GREATER, _HIDDEN_MARK), (_LEQUAL, 1.0)):
            self._calls.glDepthFunc(depth)
            self._programs["sprite"].use(pictures=0, strength=strength)
            self._sprites.draw()

    def _blend(self, source: int) -> None:
        self._calls.glEnable(_BLEND)
        self._calls.glBlendFuncSeparate(source, _REST, _ONE, _REST)


def _rgb(colour: str) -> QVector3D:
    shown = QColor(colour)
    return QVector3D(shown.redF(), shown.greenF(), shown.blueF())
