"""A surface and its paths in space, turned with the mouse; set_* in, signals out."""

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from app.asked_keys import take_key
from app.language import tr
from app.plots.camera import Camera, fitting_side
from app.plots.devices import pixel_ratio
from app.plots.draping import Draped
from app.plots.first_view import first_view, fitted
from app.plots.gl_parts import GraphicsError
from app.plots.marks_layer import LegendBox, LegendRow
from app.plots.relief import Range, Relief
from app.plots.space_content import Points, SpaceContent, draw_atlas
from app.plots.space_frame import draw_axes, frame_rows, some_points
from app.plots.space_scene import Shot, SpaceScene
from app.plots.trail_layer import Trail
from app.theme import Theme
from core.surface import Surface

_TURN, _KEY_TURN, _KEY_ZOOM = 0.4, 6.0, 0.85
"""Degrees a pixel that is dragged, degrees a key press, factor a key press."""
_SLOW, _REST = 0.012, 160
"""Seconds a picture may take while it is turned, and milliseconds of rest after which it is drawn in full."""
_TURNS = {
    Qt.Key.Key_Left: (-1.0, 0.0),
    Qt.Key.Key_Right: (1.0, 0.0),
    Qt.Key.Key_Up: (0.0, 1.0),
    Qt.Key.Key_Down: (0.0, -1.0),
}
_ZOOMS = {Qt.Key.Key_Plus: _KEY_ZOOM, Qt.Key.Key_Equal: _KEY_ZOOM, Qt.Key.Key_Minus: 1.0 / _KEY_ZOOM}
_OWN_KEYS = {*_TURNS, *_ZOOMS, Qt.Key.Key_Home}


class SpacePlot(QWidget):
    """The body, its paths and its axes.

    Attributes
    ----------
    camera
        From where it is seen.
    content
        What is seen; None before a surface is set.

    Signals
    -------
    failed(str)
        A sentence: OpenGL does not do what is needed. Nothing is drawn from then on.
    """

    failed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.camera = Camera()
        self._first: Camera | None = None
        self.content: SpaceContent | None = None
        self._theme: Theme | None = None
        self._scene: SpaceScene | None = None
        self._broken = False
        self._sent: tuple[Theme | None, Relief | None, Draped | None, object] = (None,) * 4
        self._picture: QImage | None = None
        self._legend = LegendBox()
        self._with_legend = False
        self._grip: QPointF | None = None
        self._moving = False
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST)
        self._rest.timeout.connect(self.settle)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(200, 160)
        self.setAccessibleName(tr("Loss surface in 3-D"))
        self.setToolTip(tr("Drag turns, the wheel zooms, Shift-drag moves, a double click resets."))
        self.setCursor(Qt.CursorShape.OpenHandCursor)

    # What is shown

    def set_surface(self, surface: Surface) -> None:
        """Show a surface, its whole domain."""
        by_loss = self.content is not None and self.content.by_loss
        self.content = SpaceContent(surface)
        self.content.set_by_loss(by_loss)
        self._change()

    def set_range(self, shown: Range) -> None:
        """Show another part of the surface."""
        if self.content is not None:
            self.content.set_range(shown)
            self._change()

    def set_by_loss(self, by_loss: bool) -> None:
        """Let height grow with the loss itself, or on the colours' scale."""
        if self.content is not None:
            self.content.set_by_loss(by_loss)
            self._change()

    def set_trails(self, trails: list[Trail]) -> None:
        """Show other paths."""
        if self.content is not None:
            self.content.set_trails(trails)
            self.redraw()

    def set_starts(self, starts: Points, selected: int | None = None) -> None:
        """Mark other start points, with a ring the selected one; or, of a few, all where there is none."""
        if self.content is not None:
            self.content.set_starts(starts, selected)
            self.redraw()

    def set_step(self, step: int) -> None:
        """Show the paths up to a step."""
        if self.content is not None:
            self.content.step = step
            self.redraw()

    def set_legend(self, rows: list[LegendRow], shown: bool) -> None:
        """Know the optimizers by colour, and show their legend or not."""
        self._legend.rows, self._with_legend = rows, shown
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self._theme = theme
        self.redraw()

    def set_camera(self, camera: Camera) -> None:
        """Look from elsewhere."""
        self.camera = camera
        self._change()

    def reset_camera(self) -> None:
        """Look from where one looks first: all of it is seen, and little is hidden."""
        if self.content is not None:
            points = self.content.points_of_interest()
            self.set_camera(first_view(self.content.body, points, self.width(), self.height()))
            self._first = self.camera

    def redraw(self) -> None:
        """Draw anew at the next frame."""
        self._picture = None
        self.update()

    def settle(self) -> None:
        """Draw in full from now on, until something changes."""
        self._moving = False
        if self._scene is not None and self._scene.seconds > _SLOW:
            self.redraw()

    def _change(self) -> None:
        """Draw the ground anew: first quickly, and in full when nothing changes any more."""
        self._moving = True
        self._rest.start()
        self.redraw()

    def close_scene(self) -> None:
        """Give the graphics memory back."""
        scene, self._scene, self._broken = self._scene, None, True
        self._rest.stop()
        if scene is not None:
            scene.close()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Show the picture, made anew where something has changed, and write the axes around it."""
        painter = QPainter(self)
        if self._theme is None:
            return
        painter.fillRect(self.rect(), QColor(self._theme.panel))
        if self.content is None or self._broken:
            return
        try:
            picture = self._picture_for(painter, self.content)
        except GraphicsError as error:
            self.close_scene()
            self.failed.emit(str(error))
            return
        painter.drawImage(QRectF(self.rect()), picture)
        room = QRectF(self.rect())
        draw_axes(painter, self.content.body, self.camera, room, self._theme)
        self._draw_notes(painter, self.content, room)

    def _picture_for(self, painter: QPainter, content: SpaceContent) -> QImage:
        """As sharp as what is painted on; as the screen where the driver has no room for that."""
        wanted, least = pixel_ratio(painter), self.devicePixelRatioF()
        try:
            return self._picture_at(wanted, content)
        except GraphicsError:
            if wanted <= least:
                raise
        return self._picture_at(least, content)

    def _picture_at(self, ratio: float, content: SpaceContent) -> QImage:
        size = QSize(round(self.width() * ratio), round(self.height() * ratio))
        if self._picture is None or self._picture.size() != size:
            self._picture = self._draw(content, size, ratio)
        return self._picture

    def _draw(self, content: SpaceContent, size: QSize, ratio: float) -> QImage:
        assert self._theme is not None
        if self._scene is None:
            self._scene = SpaceScene()
        self._send(self._scene, content, self._theme, ratio)
        count = content.draped.count(content.step)
        shot = Shot(self.camera, count, content.tip_rows(), content.sprite_rows())
        draft = self._moving and self._scene.seconds > _SLOW
        return self._scene.picture(shot, size, ratio, draft)

    def _send(self, scene: SpaceScene, content: SpaceContent, theme: Theme, ratio: float) -> None:
        """Bring what is new into the graphics memory."""
        look, body, draped, atlas = self._sent
        wanted = (content.heads, theme, ratio)
        if look is not theme:
            scene.set_theme(theme)
        if body is not content.body:
            scene.set_body(content.body)
        if body is not content.body or look is not theme:
            scene.set_frame(frame_rows(content.body, theme))
        if draped is not content.draped:
            scene.set_paths(content.path_rows())
        if atlas != wanted:
            image = draw_atlas(content.heads, theme, ratio)
            scene.set_atlas(image, image.width() // image.height())
        self._sent = (theme, content.body, content.draped, wanted)

    def _draw_notes(self, painter: QPainter, content: SpaceContent, room: QRectF) -> None:
        """The legend, and a line that names what has left the view."""
        assert self._theme is not None
        if self._with_legend and self._legend.rows:
            box = self._corner(self._legend.size(), content, room)
            if room.contains(box):
                self._legend.draw(painter, box, self._theme)
        left = content.left()
        names = [row.name for row in self._legend.rows if row.colour in left]
        if names:
            font = QFont(self.font())
            font.setPixelSize(12)
            painter.setFont(font)
            painter.setPen(QColor(self._theme.warning))
            below = room.adjusted(12, 0, -12, -8)
            align = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom | Qt.TextFlag.TextWordWrap
            painter.drawText(below, int(align), tr(left_sentence(names)))

    def _corner(self, size: QSizeF, content: SpaceContent, room: QRectF) -> QRectF:
        """The corner in which a box of some size hides least; upper right if all are alike."""
        inner = room.adjusted(12, 12, -12, -12)
        boxes = [
            QRectF(QPointF(x, y), size)
            for y in (inner.top(), inner.bottom() - size.height())
            for x in (inner.right() - size.width(), inner.left())
        ]
        pixels = self.camera.to_pixels(some_points(content.body), room.width(), room.height())
        hidden = [
            ((pixels > (b.left(), b.top())) & (pixels < (b.right(), b.bottom()))).all(1).sum() for b in boxes
        ]
        return boxes[int(np.argmin(hidden))]

    # Mouse and keys

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the first view again while nobody has turned it."""
        if self._first is not None and self.camera == self._first:
            self._first = self.camera = fitted(self.camera, self.width(), self.height())
        self._change()
        super().resizeEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the body."""
        self._grip = event.position()
        self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Turn it, or move it with Shift or the middle button."""
        if self._grip is None:
            return
        away, self._grip = event.position() - self._grip, event.position()
        shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if shift or event.buttons() & Qt.MouseButton.MiddleButton:
            side = fitting_side(self.width(), self.height())
            self.set_camera(self.camera.moved(-away.x() / side, away.y() / side))
        else:
            self.set_camera(self.camera.turned(-_TURN * away.x(), _TURN * away.y()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self._grip = None
        self.setCursor(Qt.CursorShape.OpenHandCursor)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Go back to the first view."""
        self.reset_camera()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Come nearer or go away."""
        self.set_camera(self.camera.nearer(0.9 ** (event.angleDelta().y() / 120.0)))
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Keep the keys that turn and zoom while the body has the focus."""
        return take_key(event, _OWN_KEYS) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows turn, plus and minus zoom, Home goes back to the first view."""
        key = Qt.Key(event.key())
        if key in _TURNS:
            degrees, rise = _TURNS[key]
            self.set_camera(self.camera.turned(_KEY_TURN * degrees, _KEY_TURN * rise))
        elif key in _ZOOMS:
            self.set_camera(self.camera.nearer(_ZOOMS[key]))
        elif key == Qt.Key.Key_Home:
            self.reset_camera()
        else:
            event.ignore()


def left_sentence(names: list[str]) -> str:
    """Say whose heads are outside the view."""
    if len(names) == 1:
        return f"{names[0]} has left the view."
    return f"{', '.join(names[:-1])} and {names[-1]} have left the view."
