"""The caller check in the call region: items to tick by key, and how it ended."""

from agentdesk.desk import times
from agentdesk.desk.keys import Keys
from agentdesk.desk.screens.call.check_model import CheckModel
from agentdesk.desk.show import Show
from agentdesk.desk.widgets.announce import announce
from agentdesk.desk.widgets.badge import Badge
from agentdesk.desk.widgets.box import Card, Column, Item, Row
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.choices import CheckRow
from agentdesk.desk.widgets.frame import SectionHead
from agentdesk.desk.widgets.text import Paragraph
from agentdesk.domain.call import CheckResult
from agentdesk.i18n import _
from agentdesk.wire.calls import CallerCheck
from agentdesk.wire.readiness import CallerCheckInfo

_MOST_ITEMS, _AGAIN_KEY = 9, "Alt Q"
_LINK_ONLY = _("Take no card. Send a link to the contact details on file.")


class CheckPart(Column):
    """Shows where there is something to check; Alt with a digit ticks an item."""

    def __init__(self, model: CheckModel, keys: Keys) -> None:
        super().__init__()
        self._model = model
        model.setParent(self)
        self._rows: dict[str, CheckRow] = {}
        self._head: SectionHead | None = None
        self._built: object = ()
        self._keys = [
            keys.add(self, "Right", f"Alt {n}", lambda _=False, n=n: self._press(n), minor=True)
            for n in range(1, _MOST_ITEMS + 1)
        ]
        self._fail_key = keys.add(self, _("Caller check not passed"), "Alt 0", model.fail, minor=True)
        self._again_key = keys.add(self, _("Ask the caller again"), _AGAIN_KEY, model.again, minor=True)
        model.changed.connect(Show(self._show, self).ask)
        self._show()

    def _press(self, number: int) -> None:
        policy = self._model.policy
        if policy is not None and number <= len(policy.items):
            self._model.tick(policy.items[number - 1].code)

    def _show(self) -> None:
        model = self._model
        policy, check = model.policy, model.check
        self.setVisible(policy is not None)
        self._show_keys(policy if check is None else None)
        self._again_key.set_on() if check else self._again_key.hide()
        built = (policy, check, model.error)
        if built != self._built:
            self._say(check)
            self._built = built
            self._rows = {}
            self.set_items(self._items(policy, check) if policy else [])
        if policy is not None and check is None and self._head is not None:
            self._head.set_right(right_words(len(model.ticked), policy.must_pass))
        for code, row in self._rows.items():
            row.blockSignals(True)
            row.setChecked(code in model.ticked)
            row.blockSignals(False)

    def _show_keys(self, policy: CallerCheckInfo | None) -> None:
        items = policy.items if policy else []
        for n, key in enumerate(self._keys):
            key.set_on(_("{words} is right").format(words=items[n].words)) if n < len(items) else key.hide()
        self._fail_key.set_on() if policy else self._fail_key.hide()

    def _items(self, policy: CallerCheckInfo, check: CallerCheck | None) -> list[Item]:
        return self._ended(check) if check else self._open(policy)

    def _open(self, policy: CallerCheckInfo) -> list[Item]:
        for n, item in enumerate(policy.items, 1):
            row = CheckRow(item.words, f"Alt {n}", last=n == len(policy.items))
            row.toggled.connect(lambda _on, code=item.code: self._model.tick(code))
            self._rows[item.code] = row
        failed = Button(_("Not passed"), "link", key="Alt 0", fires=False)
        failed.clicked.connect(self._model.fail)
        error = self._model.error
        self._head = SectionHead(_("Caller check"), "")
        return [
            self._head,
            4,
            Card(*self._rows.values()),
            Paragraph(error.text, role="danger") if error else None,
            8,
            Row(Paragraph(_("Answers are not kept."), "caption"), ..., failed),
            12,
        ]

    def _ended(self, check: CallerCheck) -> list[Item]:
        passed = check.result is CheckResult.PASSED
        badge = (
            Badge("success", _("Verified"), "check-circle-fill")
            if passed
            else Badge("danger", _("Not verified"), "x-circle-fill")
        )
        again = Button(_("Ask again"), "link", key=_AGAIN_KEY, fires=False)
        again.setAccessibleName(_("Ask the caller again"))
        again.clicked.connect(self._model.again)
        by = _("by {by} at {minute}").format(by=check.by, minute=times.minute(check.at))
        words = ", ".join(part for part in (self._model.right, by) if part)
        return [
            SectionHead(_("Caller check"), again),
            4,
            Row(badge, ...),
            4,
            Paragraph(words, "caption"),
            None if passed else Paragraph(_LINK_ONLY, role="danger"),
            12,
        ]

    def _say(self, check: CallerCheck | None) -> None:
        error = self._model.error
        if error is not None:
            announce(self, error.text, assertive=True)
        elif check is not None and self._rows:
            passed = check.result is CheckResult.PASSED
            announce(
                self,
                _("Caller verified")
                if passed
                else _("Caller not verified. {link_only}").format(link_only=_LINK_ONLY),
            )


def right_words(right: int, needed: int) -> str:
    """Say how far the check is: `1 right, 2 needed`."""
    return _("{right} right, {needed} needed").format(right=right, needed=needed)
