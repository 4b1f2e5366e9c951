"""The look: colours in light and dark, the palette, the style sheet, icons.

Every colour of the program is here. The same colour means the same optimizer, or the same
initializer, in every plot, legend and export.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer

from core.network.initializer import INITIALIZERS
from core.optimizer import OPTIMIZERS
from core.resource import resource_path


@dataclass(frozen=True)
class Theme:
    """The colours of one look, as "#rrggbb", and how large it is drawn.

    Attributes
    ----------
    name
        "light" or "dark".
    window, panel, control, hover, plot
        Backgrounds: of the window, of panels, of buttons and boxes, of plots.
    border, text, muted, accent, on_accent, warning, error
        Lines and texts; `muted` still has a contrast of 4.5 to 1 on `panel`.
    ramp
        Colours of a surface from lowest to highest loss.
    contour
        Contour lines, drawn at low opacity.
    series
        Optimizers' colours in the order of the catalogue, at least as many as it has.
    variants
        Initializers' colours, in the order of the catalogue.
    minima
        Colours of a map's minima, in their order, repeated when there are more.
    sequence
        Colours of a map's numbers from low to high, perceptually uniform.
    signed
        Of negative and of positive numbers, which fade into `panel` towards 0.
    scale
        Of texts and lines: above 1 in a presentation.
    """

    name: str
    window: str
    panel: str
    control: str
    hover: str
    plot: str
    border: str
    text: str
    muted: str
    accent: str
    on_accent: str
    warning: str
    error: str
    ramp: tuple[str, ...]
    contour: str
    series: tuple[str, ...]
    variants: tuple[str, ...]
    minima: tuple[str, ...]
    sequence: tuple[str, ...]
    signed: tuple[str, str]
    scale: float = 1.0

    def optimizer(self, key: str) -> QColor:
        """Colour of an optimizer."""
        return QColor(self.series[_place(tuple(OPTIMIZERS), key) % len(self.series)])

    def initializer(self, key: str) -> QColor:
        """Colour of an initializer."""
        return QColor(self.variants[_place(tuple(INITIALIZERS), key) % len(self.variants)])

    def networks(self, initializers: Sequence[str]) -> list[QColor]:
        """Colours of networks by their initializers: the first with one has its colour, others a free one."""
        wanted = [_place(tuple(INITIALIZERS), key) % len(self.variants) for key in initializers]
        free = [place for place in range(len(self.variants)) if place not in wanted]
        taken: set[int] = set()
        result = []
        for place in wanted:
            if place in taken and free:
                place = free.pop(0)
            taken.add(place)
            result.append(QColor(self.variants[place]))
        return result


def _place(keys: tuple[str, ...], key: str) -> int:
    return keys.index(key) if key in keys else len(keys)


VIRIDIS = ("#440154", "#472d7b", "#3b528b", "#2c728e", "#21918c", "#28ae80", "#5ec962", "#addc30", "#fde725")
"""Perceptually uniform and readable with any colour vision (van der Walt and Smith, 2015)."""

LIGHT = Theme(
    name="light", window="#f1f3f6", panel="#ffffff", control="#f4f6f9", hover="#e8edf3", plot="#ffffff",
    border="#d8dee6", text="#1d2530", muted="#5f6b7b", accent="#2563c9", on_accent="#ffffff",
    warning="#9a5b00", error="#b3261e",
    ramp=("#eff3f8", "#cdd9e6", "#adc0d4", "#93a9c3"), contour="#34495e",
    series=("#4d4d4d", "#0072b2", "#b04a86", "#009e73", "#c98a00", "#d55e00",
            "#3a3ae0", "#41590d", "#e0405c", "#c826ff", "#158c15", "#e02bc0", "#732e2e", "#136880",
            "#101010", "#63088c"),
    variants=("#6b7280", "#007a86", "#b0365f", "#8a5a2b", "#2f6f4f", "#5b4fbf", "#8a4fa8", "#5f7a00",
              "#8a6800", "#3a6ea5"),
    minima=("#5a9bcf", "#e8a33d", "#5fb594", "#c77fae", "#e07b4a", "#9a90d6", "#b3b648", "#5bb5c0",
            "#a98f6f", "#7d8794"),
    sequence=VIRIDIS, signed=("#2166ac", "#c4500c"),
)  # fmt: skip

DARK = Theme(
    name="dark", window="#0e1217", panel="#151a21", control="#1d242d", hover="#27303b", plot="#12161c",
    border="#2a333e", text="#dfe6ee", muted="#93a0b0", accent="#5b9bf8", on_accent="#0b1220",
    warning="#ffc04d", error="#ff8a80",
    ramp=("#33465a", "#24313f", "#19222c", "#12181f"), contour="#b5c7da",
    series=("#c4c9d0", "#4aa8ee", "#e58cc0", "#2fc79b", "#ffc04d", "#ff7a3d",
            "#6f74ff", "#8c8c4d", "#d9626f", "#8f7aa6", "#97f285", "#cf3cc2", "#a66b19", "#40e6ff",
            "#fff3c4", "#c5f000"),
    variants=("#a3adb8", "#4dd0e1", "#ff8fab", "#d9a877", "#7fd6a4", "#a79bff", "#d69bf0", "#c9d64a",
              "#ffe9a8", "#82b4ea"),
    minima=("#3a7fb8", "#c08428", "#2f9472", "#a85f8f", "#bf5f31", "#786dbd", "#8f9330", "#3a93a0",
            "#8a7355", "#5f6a78"),
    sequence=VIRIDIS, signed=("#5aa9f0", "#ff9a4d"),
)  # fmt: skip

THEMES = {"light": LIGHT, "dark": DARK}
SURFACES: dict[str, Mapping[str, tuple[str, ...]]] = {
    "muted": {},
    "grey": {
        "light": ("#f4f4f4", "#d5d5d5", "#b9b9b9", "#a0a0a0"),
        "dark": ("#4c4c4c", "#363636", "#262626", "#1a1a1a"),
    },
    "viridis": {"light": VIRIDIS, "dark": VIRIDIS},
}
"""Colours of surfaces from low to high, by name and look; a look that is not there keeps its own."""


def theme_of(look: str, surface: str = "muted") -> Theme:
    """The look "light", "dark" or, for any other word, what the system asks for; with a surface's colours."""
    theme = THEMES.get(look) or system_theme()
    ramp = SURFACES.get(surface, {}).get(theme.name, theme.ramp)
    return theme if ramp == theme.ramp else replace(theme, ramp=ramp)


def system_theme() -> Theme:
    """The look that the system asks for; light where it says nothing."""
    scheme = QGuiApplication.styleHints().colorScheme()
    return DARK if scheme == Qt.ColorScheme.Dark else LIGHT


def palette(theme: Theme) -> QPalette:
    """A full palette, the disabled group too: plain X11 and Fusion bring only light ones."""
    result = QPalette()
    role = QPalette.ColorRole
    colours = {
        role.Window: theme.window, role.WindowText: theme.text, role.Base: theme.panel,
        role.AlternateBase: theme.control, role.Text: theme.text, role.Button: theme.control,
        role.ButtonText: theme.text, role.BrightText: theme.error, role.ToolTipBase: theme.panel,
        role.ToolTipText: theme.text, role.PlaceholderText: theme.muted, role.Highlight: theme.accent,
        role.HighlightedText: theme.on_accent, role.Link: theme.accent, role.LinkVisited: theme.accent,
        role.Light: theme.hover, role.Midlight: theme.control, role.Mid: theme.border,
        role.Dark: theme.border, role.Shadow: theme.window, role.Accent: theme.accent,
    }  # fmt: skip
    for key, colour in colours.items():
        result.setColor(key, QColor(colour))
    for key in (role.WindowText, role.Text, role.ButtonText):
        faded = QColor(theme.muted)
        faded.setAlphaF(0.6)
        result.setColor(QPalette.ColorGroup.Disabled, key, faded)
    return result


def style_sheet(theme: Theme) -> str:
    """What Fusion's palette cannot say: flat controls, one radius, one spacing."""
    text = resource_path("style.qss").read_text(encoding="utf-8")
    text = re.sub(r"font-size: (\d+)px", lambda m: f"font-size: {round(int(m[1]) * theme.scale)}px", text)
    words = {**vars(theme), "icons": resource_path("icons").as_posix()}
    return re.sub(
        "@(" + "|".join(sorted(words, key=len, reverse=True)) + ")", lambda m: str(words[m[1]]), text
    )


ICON_SIZE = 16
"""Pixels of an icon's side."""


def icon(name: str, colour: str, disabled: str) -> QIcon:
    """A vector icon of `resources/icons` in a theme's colours, drawn for every screen that is there."""
    ratios = frozenset(screen.devicePixelRatio() for screen in QGuiApplication.screens())
    return _icon(name, colour, disabled, tuple(sorted({round(ICON_SIZE * ratio) for ratio in ratios})))


@lru_cache(maxsize=128)
def _icon(name: str, colour: str, disabled: str, sizes: tuple[int, ...]) -> QIcon:
    result = QIcon()
    for mode, tint in ((QIcon.Mode.Normal, colour), (QIcon.Mode.Disabled, disabled)):
        for size in (*sizes, 2 * sizes[-1]):
            result.addPixmap(svg_pixmap(name, tint, QSize(size, size)), mode)
    return result


def svg_pixmap(name: str, colour: str, size: QSize) -> QPixmap:
    """An icon drawn in one colour."""
    source = resource_path(f"icons/{name}.svg").read_text(encoding="utf-8").replace("currentColor", colour)
    pixmap = QPixmap(size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(source.encode())).render(painter, QRectF(0, 0, size.width(), size.height()))
    painter.end()
    return pixmap
