"""The look of the desk: tokens, colours by role, fonts and sizes, switchable while it runs."""

import sys
import tomllib
from string import Template
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from agentdesk.assets import asset
from agentdesk.i18n import LEFTWARDS, language

NAMES = ("light", "dark", "high_contrast")
_DISPLAY_FROM_PX = 20
_FONTS = ("Inter-Regular.ttf", "Inter-Medium.ttf", "Inter-SemiBold.ttf", "InterDisplay-SemiBold.ttf")
_PALETTE = {
    QPalette.ColorRole.Window: "window",
    QPalette.ColorRole.WindowText: "text",
    QPalette.ColorRole.Base: "surface",
    QPalette.ColorRole.AlternateBase: "surface",
    QPalette.ColorRole.Text: "text",
    QPalette.ColorRole.PlaceholderText: "text_3",
    QPalette.ColorRole.Button: "surface",
    QPalette.ColorRole.ButtonText: "text",
    QPalette.ColorRole.BrightText: "on_solid",
    QPalette.ColorRole.ToolTipBase: "raised",
    QPalette.ColorRole.ToolTipText: "text",
    QPalette.ColorRole.Highlight: "accent",
    QPalette.ColorRole.HighlightedText: "on_solid",
    QPalette.ColorRole.Link: "accent_text",
    QPalette.ColorRole.LinkVisited: "accent_text",
    QPalette.ColorRole.Light: "raised",
    QPalette.ColorRole.Midlight: "line",
    QPalette.ColorRole.Mid: "line_strong",
    QPalette.ColorRole.Dark: "line_strong",
    QPalette.ColorRole.Shadow: "line_strong",
    QPalette.ColorRole.Accent: "accent",
}
_OFF = (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText)


def load_tokens() -> dict[str, Any]:
    """Read the design tokens as shipped."""
    return tomllib.loads(asset("theme/tokens.toml").read_text(encoding="utf-8"))


def parse_color(value: str) -> QColor:
    """Turn `#RRGGBB` or `#RRGGBBAA` into a colour."""
    color = QColor(value[:7])
    if len(value) == 9:
        color.setAlpha(int(value[7:], 16))
    return color


class Theme(QObject):
    """Answers every question about looks; `changed` says that all answers may be new."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._tokens = load_tokens()
        self._sizes: dict[str, Any] = self._tokens["size"] | self._tokens["space"]
        self._choice = "light"
        self._name = "light"
        self._scale = 1.0
        self._reduced_motion = self._system_is_still = False
        self._read()

    def start(self, app: QApplication, choice: str = "system") -> None:
        """Dress the application: fonts, Fusion, palette, direction; follow the system if asked."""
        for file in _FONTS:
            QFontDatabase.addApplicationFont(str(asset(f"fonts/{file}")))
        app.setStyle("Fusion")
        if language() in LEFTWARDS:
            app.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        hints = app.styleHints()
        hints.colorSchemeChanged.connect(self._follow_system)
        hints.accessibility().contrastPreferenceChanged.connect(self._follow_system)
        # only Windows tells Qt that its user asked for less motion
        animates = app.isEffectEnabled(Qt.UIEffect.UI_AnimateMenu)
        self._system_is_still = sys.platform == "win32" and not animates
        self.choose(choice)

    def choose(self, choice: str) -> None:
        """Use `light`, `dark`, `high_contrast`, or `system` to follow the computer's setting."""
        if choice not in (*NAMES, "system"):
            raise ValueError(f"no such theme: {choice}")
        self._choice = choice
        self._name = _system_theme() if choice == "system" else choice
        self._dress()

    def set_text_scale(self, scale: float) -> None:
        """Set the text size; one of the tokens' `user_scale` values."""
        if scale not in self._tokens["type"]["user_scale"]:
            raise ValueError(f"no such text size: {scale}")
        self._scale = scale
        self._dress()

    def set_reduced_motion(self, reduced: bool) -> None:
        """Turn all movement off or on; it stays off where the computer asks for that."""
        self._reduced_motion = reduced

    @property
    def reduced_motion(self) -> bool:
        """Whether nothing moves."""
        return self._reduced_motion or self._system_is_still

    @property
    def name(self) -> str:
        """The theme in use: `light`, `dark` or `high_contrast`."""
        return self._name

    @property
    def high_contrast(self) -> bool:
        """Whether tints give way to lines."""
        return self._name == "high_contrast"

    @property
    def text_scale(self) -> float:
        """The text size in use."""
        return self._scale

    def color(self, role: str, alpha: float = 1.0) -> QColor:
        """Return the colour of a role such as `accent`; `alpha` thins it."""
        color = QColor(self._colors[role])
        if alpha < 1.0:
            color.setAlphaF(alpha)
        return color

    def px(self, size: str | float) -> int:
        """Return a size at the text scale: a token of [size] or [space], or pixels at 100 %."""
        return round(self._size(size) * self._scale)

    def radius(self, name: str) -> int:
        """Return a corner radius; radii do not grow with the text."""
        return int(self._tokens["radius"][name])

    def ms(self, name: str) -> int:
        """Return a time of [motion] in milliseconds; moving ones are 0 under reduced motion."""
        motion = self._tokens["motion"]
        return int(motion["reduced"].get(name, motion[name]) if self.reduced_motion else motion[name])

    def line_height(self, style: str) -> int:
        """Return the fixed line height of a text style."""
        return self.px(self._tokens["type"][style][1])

    def font(self, style: str) -> QFont:
        """Return the font of a text style, with tabular figures."""
        if style not in self._fonts:
            self._fonts[style] = self._make_font(style)
        return QFont(self._fonts[style])

    def _make_font(self, style: str) -> QFont:
        kind = self._tokens["type"]
        size, _, weight = kind[style]
        font = QFont(kind["family_display"] if size >= _DISPLAY_FROM_PX else kind["family"])
        font.setPixelSize(self.px(size))
        font.setWeight(QFont.Weight(weight))
        font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
        for feature in (*kind["features_always"], *kind["features_figures"]):
            font.setFeature(QFont.Tag(feature), 1)
        return font

    def shadow(self, name: str) -> tuple[int, int, QColor]:
        """Return offset, blur and colour of an elevation."""
        token = self._tokens["elevation"][name]
        return token["y"], token["blur"], parse_color(token["light" if self._name == "light" else "dark"])

    def palette(self) -> QPalette:
        """Return the Qt palette of the theme."""
        palette = QPalette()
        for target, role in _PALETTE.items():
            palette.setColor(target, self.color(role))
        for target in _OFF:
            palette.setColor(QPalette.ColorGroup.Disabled, target, self.color("text_disabled"))
        return palette

    def style_sheet(self) -> str:
        """Return app.qss filled from the tokens."""
        return self._sheet

    def _sheet_values(self) -> dict[str, str]:
        colors = {role: _css(color) for role, color in self._colors.items()}
        names = [name for name, size in self._sizes.items() if not isinstance(size, list)]
        sizes = {f"px_{name}": f"{self.px(name)}px" for name in names}
        radii = {f"radius_{n}": f"{r}px" for n, r in self._tokens["radius"].items()}
        return colors | sizes | radii

    def _size(self, size: str | float) -> float:
        return float(self._sizes[size]) if isinstance(size, str) else size

    def _follow_system(self) -> None:
        if self._choice == "system":
            self.choose("system")

    def _read(self) -> None:
        """Work out what is asked for thousands of times, once for each theme and text size."""
        self._colors = {role: parse_color(value) for role, value in self._tokens[self._name].items()}
        self._fonts: dict[str, QFont] = {}
        template = Template(asset("theme/app.qss").read_text(encoding="utf-8"))
        self._sheet = template.substitute(self._sheet_values())  # KeyError: a name that is no token

    def _dress(self) -> None:
        self._read()
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.setPalette(self.palette())
            app.setFont(self.font("body"))
            QToolTip.setPalette(self.palette())
        self.changed.emit()


class _Sheet(QObject):
    # a child of what it dresses: its connection ends with it
    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._wear()
        theme.changed.connect(self._wear)

    def _wear(self) -> None:
        widget = self.parent()
        assert isinstance(widget, QWidget)
        widget.setStyleSheet(theme.style_sheet())


def wear_sheet(widget: QWidget) -> None:
    """Dress one of the few parts that Qt's own style paints, now and after each change of looks.

    Worn by the whole application the sheet would make every other part three times as slow to show.
    """
    _Sheet(widget)


def _system_theme() -> str:
    hints = QGuiApplication.styleHints()
    if hints.accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast:
        return "high_contrast"
    return "dark" if hints.colorScheme() == Qt.ColorScheme.Dark else "light"


def _css(color: QColor) -> str:
    return f"rgba({color.red()}, {color.green()}, {color.blue()}, {color.alpha()})"


theme = Theme()
