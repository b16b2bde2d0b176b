"""Every kind of part in the language of this process, in the smallest window: all of it can be read.

Run by test_other_words.py in processes of their own.
"""

import pytest
from pytestqt.qtbot import QtBot

from agentdesk.desk.command import Tasks
from agentdesk.desk.theme import theme
from agentdesk.desk.window import Window
from agentdesk.i18n import LEFTWARDS, language
from tests.desk.cut import cut, shortened, wait_for_none
from tests.desk.fake_hub import FakeHub
from tests.desk.pseudo_walk import DATA
from tests.desk.shots import STAGES, Stage

#: Enough to see each kind of part once: all screens are walked in English and in the language nobody speaks.
_SHOWN = """
    sign_in set_up ringing waiting_not_ready connected several trouble help_overlay command_box
    promise_form withdrawal plan_form plan_pausing plan_stands receipt_preview refunds_found
    check_open saved_form consent_reading link_form link_open link_qr routes_off must_confirm payments
    payment_open needs_person decide_charged refund_form part several_payments capturing keying_slowly
    field_failed cancel_confirm checking declined
    hung_up rehearsing rehearsal_scored rehearsals_of_all duplicate sign_out_confirm readiness_drawer
""".split()
_STAGES = [stage for stage in STAGES if stage.__name__ in _SHOWN]


@pytest.mark.parametrize("stage", _STAGES, ids=lambda stage: stage.__name__)
def test_all_of_it_can_be_read(
    stage: Stage, window: Window, hub: FakeHub, tasks: Tasks, qtbot: QtBot
) -> None:
    theme.set_text_scale(1.0 if language() in LEFTWARDS else 1.5)
    window.resize(1280, 720)
    staged = tasks.start(stage(hub, window))
    qtbot.waitUntil(staged.done, timeout=60_000)
    staged.result()
    wait_for_none(lambda: cut(window), qtbot)
    assert [text for text in shortened(window) if not DATA.search(text)] == []


def test_no_stage_has_lost_its_name() -> None:
    assert len(_STAGES) == len(_SHOWN)


@pytest.mark.skipif(language() not in LEFTWARDS, reason="it runs to the right")
def test_the_regions_stand_mirrored(window: Window, hub: FakeHub, tasks: Tasks, qtbot: QtBot) -> None:
    stage = next(one for one in STAGES if one.__name__ == "connected")
    qtbot.waitUntil(tasks.start(stage(hub, window)).done, timeout=60_000)
    assert window.shell.customer.x() > window.shell.call.x()
