"""Pictures of what is on the screen: as files of any kind, and on the clipboard."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QColor, QGuiApplication, QImage
from PySide6.QtWidgets import QWidget

from app.exporters.canvas import LiveView, save_pdf, save_png, save_svg
from app.exporters.files import check_files, write_file
from app.exporters.sheet import WIDTH, Sheet
from app.theme import theme_of
from app.views import file_dialogs as dialogs
from app.views.export_dialogs import PictureDialog
from core.errors import InputError

if TYPE_CHECKING:
    from app.main import Laboratory

_PLOTS = ("surface", "curves")
_WHAT = (
    ("surface", "Surface and paths", "The surface as it is on the screen, with all that is drawn on it."),
    ("curves", "Loss and gradient norm", "The curves below the surface."),
    ("panel", "Panel in front", "The network, or the panel that is in front of it."),
    ("window", "Whole window", "Everything."),
)
_PICTURES = (
    (".png", "PNG", "Pixels: for slides and the web."),
    (".svg", "SVG", "Lines and texts, sharp at any size: for the web and drawing programs."),
    (".pdf", "PDF", "Lines and texts, sharp at any size: for papers."),
)
_SCALE = 2.0
"""Pixels for each of the screen's, unless another width is asked for."""


class PicturePresenter(QObject):
    """The dialog of pictures, and what it asks for.

    Attributes
    ----------
    dialog
        The one that is open, if there is one.
    """

    def __init__(self, laboratory: "Laboratory", name: Callable[[str], str]) -> None:
        """`name` gives a file of an ending its first name."""
        super().__init__(laboratory)
        self._lab, self._name = laboratory, name
        self.dialog: PictureDialog | None = None

    def ask(self) -> None:
        """Ask what picture is wanted."""
        dialog = self.dialog = PictureDialog(_WHAT, _PICTURES, WIDTH, self._lab.window)
        dialog.look.set_value(self._lab.window.theme.name)
        self._suggest_width(dialog, str(dialog.what.currentData()))
        dialog.what.chosen.connect(lambda what: self._suggest_width(dialog, what))
        dialog.finished.connect(lambda _: self._forget())
        dialog.edited.connect(lambda: self._check_picture(dialog))
        dialog.save_asked.connect(lambda: self._ask_where_picture(dialog))
        dialog.copy_asked.connect(lambda: self._copy(dialog))
        dialog.open()

    def _suggest_width(self, dialog: PictureDialog, what: str) -> None:
        dialog.width_box.set_value(round(_SCALE * self._view(what).size[0]))
        self._check_picture(dialog)

    def _forget(self) -> None:
        self.dialog = None

    def _check_picture(self, dialog: PictureDialog) -> None:
        what, ending = str(dialog.what.currentData()), str(dialog.form.currentData())
        dialog.transparent.setEnabled(what in _PLOTS)
        dialog.width_box.setEnabled(ending == ".png")
        size = self._view(what).size
        try:
            sheet = Sheet(size, self._scale(dialog)).checked(what)
        except InputError as error:
            dialog.set_error(str(error))
            return
        width, height = sheet.pixels
        lines = f"{size[0]:,} × {size[1]:,} units of 1/96 inch, as lines and texts"
        dialog.set_summary(f"{width:,} × {height:,} pixels" if ending == ".png" else lines)

    def _scale(self, dialog: PictureDialog) -> float:
        return dialog.width_box.value() / self._view(dialog.what.currentData()).size[0]

    def _view(self, what: str) -> LiveView:
        """What is on the screen now."""
        window = self._lab.window
        widgets: dict[str, list[QWidget]] = {
            "surface": [window.surface.stage] if window.surface.stage.count() > 1 else [window.surface.plot],
            "curves": [window.curves.loss, window.curves.gradient],
            "panel": [self._front()],
            "window": [window],
        }
        return LiveView(widgets[what], QColor(window.theme.panel))

    def _front(self) -> QWidget:
        window = self._lab.window
        front = window.front_panel()
        return window.network if front == "network" else window.panel_host(front)

    def _painted(self, dialog: PictureDialog, paint: Callable[[LiveView, bool], None]) -> None:
        """Paint in the look that is wanted; the window goes back to its own before anybody sees it."""
        window = self._lab.window
        own = window.theme
        wanted = theme_of(dialog.look.value(), window.preferences.get("surface_colours"))
        transparent = dialog.transparent.isChecked() and dialog.what.currentData() in _PLOTS
        if wanted.name != own.name:
            window.set_theme(wanted)
        try:
            paint(self._view(str(dialog.what.currentData())), transparent)
        finally:
            if wanted.name != own.name:
                window.set_theme(own)

    def _copy(self, dialog: PictureDialog) -> None:
        scale = self._scale(dialog)
        dialog.accept()

        def paint(view: LiveView, transparent: bool) -> None:
            self._to_clipboard(view.image(scale, transparent))

        self._painted(dialog, paint)

    def copy_surface(self) -> None:
        """Put the surface with its paths on the clipboard, with twice the pixels of the screen."""
        self._to_clipboard(self._view("surface").image(_SCALE))

    def _to_clipboard(self, image: QImage) -> None:
        image.setDevicePixelRatio(1.0)
        QGuiApplication.clipboard().setImage(image)
        self._lab.window.say(
            f"A picture of {image.width():,} × {image.height():,} pixels is on the clipboard."
        )

    def _ask_where_picture(self, dialog: PictureDialog) -> None:
        ending = str(dialog.form.currentData())
        dialogs.ask_for_file(
            self._lab.window, "Save the picture", f"{ending[1:].upper()} (*{ending})", ending,
            lambda path: self._save_picture(dialog, Path(path)), saved_as=self._name(ending),
        )  # fmt: skip

    def _save_picture(self, dialog: PictureDialog, path: Path) -> None:
        ending, scale = str(dialog.form.currentData()), self._scale(dialog)

        def paint(view: LiveView, transparent: bool) -> None:
            if ending == ".png":
                image = view.image(scale, transparent)
                write_file(path, lambda part: save_png(image, part))
            else:
                save = save_svg if ending == ".svg" else save_pdf
                write_file(path, lambda part: save(view, part, transparent))

        try:
            check_files([str(path)], [ending])
            self._painted(dialog, paint)
        except (InputError, MemoryError) as error:
            dialog.set_error(str(error) or "This picture does not fit into the memory; make it smaller.")
            return
        dialog.accept()
        self._lab.window.say(f"{path.name} is saved.")
