"""What a screen reader takes our own parts for: Qt knows only its own, and calls the rest a filler."""

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget, QWidget

_ROLE = QAccessible.Role
#: By the name of the class; what is not here and not Qt's own only holds other parts.
_ROLES = {
    "Window": _ROLE.Window,
    "Region": _ROLE.Grouping,
    "RegionHead": _ROLE.Heading,
    "SectionHead": _ROLE.Heading,
    "Overlay": _ROLE.Dialog,
    "Drawer": _ROLE.Dialog,
    "Paragraph": _ROLE.StaticText,
    "ScriptQuote": _ROLE.StaticText,
    "KeyCap": _ROLE.StaticText,
    "Lamp": _ROLE.StaticText,
    "LampRow": _ROLE.StaticText,
    "Avatar": _ROLE.Graphic,
    "Mark": _ROLE.Graphic,
    "Banner": _ROLE.Grouping,
    "Strip": _ROLE.Grouping,
    "Toast": _ROLE.AlertMessage,
    "SecuredBar": _ROLE.Grouping,
    "OutcomeBlock": _ROLE.Grouping,
    "FieldError": _ROLE.AlertMessage,
    "PaymentDrawer": _ROLE.Grouping,
    "QScrollArea": _ROLE.Grouping,
    "QWidget": _ROLE.Grouping,
}


def speak_of_our_parts() -> None:
    """Tell Qt the roles of the parts we paint; once for a process."""
    QAccessible.installFactory(_interface)


def _interface(name: str, part: QObject) -> QAccessibleInterface | None:
    """Return what is said of a part; Qt asks for its class first, then for those it comes from."""
    role = _ROLES.get(name)
    if role is None or not isinstance(part, QWidget):
        return None
    if role is _ROLE.Grouping and not part.accessibleName():
        return None
    return QAccessibleWidget(part, role)
