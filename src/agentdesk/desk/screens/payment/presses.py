"""What each press of the action bar does."""

from collections.abc import Callable

from agentdesk.desk.screens.payment.view_model import PaymentViewModel


def presses(model: PaymentViewModel) -> dict[str, Callable[[], object]]:
    """Return what to do by a press's name; submit, cancel and expire ask first and are the view's."""
    return {
        "take": model.take,
        "again": model.again,
        "another": model.in_call.another,
        "slowly": model.keying.ask_slowly,
        "link_instead": model.keying.link_instead,
        "link": model.link.ask,
        "rest_link": model.in_call.rest_by_link,
        "send": model.link.send,
        "back": model.link.back,
        "send_now": model.link.send_now,
        "resend": model.link.resend,
        "move": model.link.ask_move,
        "qr": model.link.show_qr,
        "saved": model.saved.ask,
        "charge": model.saved.charge,
        "no_saved": model.saved.back,
        "read": model.saved.read,
        "agreed": model.saved.agreed,
        "leave": model.leave,
        "finish": model.wrap_up.finish,
        "ask": model.stopping.ask,
        "go_on": model.stopping.go_on,
        "change": model.stopping.change,
        "to_link": model.stopping.open_link,
    }
