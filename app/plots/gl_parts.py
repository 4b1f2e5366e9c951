"""What Qt brings of OpenGL, in pieces that a scene is made of: no other package is needed."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage, QMatrix4x4, QOpenGLContext, QVector2D, QVector3D, QVector4D
from PySide6.QtOpenGL import (
    QOpenGLBuffer,
    QOpenGLFramebufferObject,
    QOpenGLFramebufferObjectFormat,
    QOpenGLShader,
    QOpenGLShaderProgram,
    QOpenGLTexture,
    QOpenGLVertexArrayObject,
)
from shiboken6 import VoidPtr

from core.resource import resource_path

Uniform = float | int | QMatrix4x4 | QVector2D | QVector3D | QVector4D

COLOUR, DEPTH, STENCIL = 0x4000, 0x0100, 0x0400
_TRIANGLES, _TRIANGLE_STRIP = 0x0004, 0x0005
_FLOAT, _UNSIGNED_INT, _NEAREST = 0x1406, 0x1405, 0x2600


class GraphicsError(RuntimeError):
    """OpenGL is there but does not do what is needed; the message is a sentence for a person."""


class Program:
    """A pair of shaders of `resources/shaders`."""

    def __init__(self, name: str) -> None:
        self._program = QOpenGLShaderProgram()
        kind = QOpenGLShader.ShaderTypeBit
        for stage, suffix in ((kind.Vertex, "vert"), (kind.Fragment, "frag")):
            text = resource_path(f"shaders/{name}.{suffix}").read_text(encoding="utf-8")
            self._program.addShaderFromSourceCode(stage, _header() + text)
        if not self._program.link():
            raise GraphicsError(f"The graphics driver refuses a shader: {self._program.log().strip()}")

    def use(self, **uniforms: Uniform) -> None:
        """Draw with these shaders and values from now on."""
        self._program.bind()
        for name, value in uniforms.items():
            place = self._program.uniformLocation(name)
            if isinstance(value, float):
                self._program.setUniformValue1f(place, value)
            elif isinstance(value, int):
                self._program.setUniformValue1i(place, value)
            else:
                self._program.setUniformValue(place, value)


class Rectangles:
    """Rows of floats in the graphics memory, each of which a program makes a rectangle of.

    `columns` are the sizes of the program's attributes, in the order of their locations.
    """

    def __init__(self, columns: Sequence[int]) -> None:
        self.count = 0
        self._columns = sum(columns)
        self._calls = QOpenGLContext.currentContext().extraFunctions()
        self._array, self._buffer = _vertex_array(columns, divisor=1)
        self._array.release()

    def set_rows(self, rows: NDArray[np.float32]) -> None:
        """Put (n, sum of columns) floats in place of those before."""
        assert rows.shape[1:] == (self._columns,)
        _fill(self._buffer, rows)
        self.count = len(rows)

    def draw(self, count: int | None = None) -> None:
        """Draw all, or the first `count`."""
        number = self.count if count is None else min(count, self.count)
        if number:
            self._array.bind()
            self._calls.glDrawArraysInstanced(_TRIANGLE_STRIP, 0, 4, number)
            self._array.release()

    def destroy(self) -> None:
        """Give the memory back."""
        self._buffer.destroy()
        self._array.destroy()


class Mesh:
    """Vertices in the graphics memory, and triangles among them: all, and fewer for a draft."""

    def __init__(self, columns: Sequence[int]) -> None:
        self._calls = QOpenGLContext.currentContext().extraFunctions()
        self._array, self._buffer = _vertex_array(columns, divisor=0)
        self._indices = QOpenGLBuffer(QOpenGLBuffer.Type.IndexBuffer)
        self._indices.create()
        self._indices.bind()
        self._array.release()
        self._count = self._fewer = 0

    def set_vertices(
        self, rows: NDArray[np.float32], triangles: NDArray[np.uint32], fewer: NDArray[np.uint32]
    ) -> None:
        """Put (n, sum of columns) floats and (m, 3) indices of them in place of those before."""
        _fill(self._buffer, rows)
        self._array.bind()
        _fill(self._indices, np.concatenate([triangles, fewer]))
        self._array.release()
        self._count, self._fewer = triangles.size, fewer.size

    def draw(self, draft: bool) -> None:
        """Draw all triangles, or those of the draft."""
        count, first = (self._fewer, self._count) if draft else (self._count, 0)
        if count:
            self._array.bind()
            self._calls.glDrawElements(_TRIANGLES, count, _UNSIGNED_INT, _offset(4 * first))
            self._array.release()

    def destroy(self) -> None:
        """Give the memory back."""
        self._buffer.destroy()
        self._indices.destroy()
        self._array.destroy()


def _vertex_array(columns: Sequence[int], divisor: int) -> tuple[QOpenGLVertexArrayObject, QOpenGLBuffer]:
    """A buffer of rows of floats, and how a program reads it; the array stays bound."""
    calls = QOpenGLContext.currentContext().extraFunctions()
    array = QOpenGLVertexArrayObject()
    array.create()
    array.bind()
    buffer = QOpenGLBuffer(QOpenGLBuffer.Type.VertexBuffer)
    buffer.create()
    buffer.bind()
    before = 0
    for location, size in enumerate(columns):
        calls.glEnableVertexAttribArray(location)
        calls.glVertexAttribPointer(location, size, _FLOAT, False, 4 * sum(columns), _offset(4 * before))
        calls.glVertexAttribDivisor(location, divisor)
        before += size
    return array, buffer


def _fill(buffer: QOpenGLBuffer, values: NDArray[Any]) -> None:
    buffer.bind()
    buffer.allocate(values.tobytes(), values.nbytes)


class Canvas:
    """Somewhere to draw that is no window: colours, depths and stencils, made anew for another size."""

    def __init__(self, samples: int) -> None:
        self._samples = samples
        self.buffer: QOpenGLFramebufferObject | None = None

    def bind(self, size: QSize) -> QOpenGLFramebufferObject:
        """Draw here from now on."""
        if self.buffer is None or self.buffer.size() != size:
            self.buffer = None  # first, so that there is room for the new one
            form = QOpenGLFramebufferObjectFormat()
            form.setAttachment(QOpenGLFramebufferObject.Attachment.CombinedDepthStencil)
            form.setSamples(self._samples)
            buffer = QOpenGLFramebufferObject(size, form)
            if not buffer.isValid():
                raise GraphicsError("The graphics driver has no room for a picture of this size.")
            self.buffer = buffer
        self.buffer.bind()
        return self.buffer


def copy(source: QOpenGLFramebufferObject, target: QOpenGLFramebufferObject, what: int) -> None:
    """Copy colours or depths between canvases of one size."""
    QOpenGLFramebufferObject.blitFramebuffer(target, source, what, _NEAREST)


def picture_texture(image: QImage) -> QOpenGLTexture:
    """A texture that is smooth between pixels and ends at its edges."""
    texture = QOpenGLTexture(image, QOpenGLTexture.MipMapGeneration.DontGenerateMipMaps)
    texture.setMinMagFilters(QOpenGLTexture.Filter.Linear, QOpenGLTexture.Filter.Linear)
    texture.setWrapMode(QOpenGLTexture.WrapMode.ClampToEdge)
    return texture


def _offset(count: int) -> Any:
    """Bytes into a buffer, where OpenGL takes a pointer."""
    return VoidPtr(count)


def matrix(values: NDArray[np.float64]) -> QMatrix4x4:
    """(4, 4) as Qt takes it."""
    return QMatrix4x4(values.ravel().tolist())


def _header() -> str:
    if QOpenGLContext.currentContext().isOpenGLES():
        return "#version 300 es\nprecision highp float;\nprecision highp int;\n"
    return "#version 330 core\n"
