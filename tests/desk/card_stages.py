"""Pictures of saved cards: offered, read out, charged, refused, kept by consent and removed."""

from agentdesk.desk.window import Window
from agentdesk.domain.errors import Conflict
from agentdesk.domain.payment import Advice, AttemptState, DeclineKind
from agentdesk.domain.saved_card import SavedCardState
from agentdesk.wire.payments import DeclineOut
from tests.desk import card_samples, samples
from tests.desk.fake_hub import FakeHub
from tests.desk.payment_stages import view
from tests.desk.staging import enter, settle


async def _choosing(hub: FakeHub, window: Window, *cards: str) -> None:
    card_samples.allow(hub)
    hub.customers["cus_1"] = samples.customer(saved_cards=card_samples.several(*cards))
    hub.calls["call_1"] = samples.call()
    await enter(window)
    while view(window)._body is None:  # the account is still being read
        await settle(0.05)


async def saved_offered(hub: FakeHub, window: Window) -> None:
    """Two saved cards beside keypad and link, one of them out of date."""
    await _choosing(hub, window)
    view(window)._model.form.choose_route("saved")
    await settle()


async def saved_off(hub: FakeHub, window: Window) -> None:
    """The only saved card is out of date."""
    await _choosing(hub, window, "card_2")


async def saved_form(hub: FakeHub, window: Window) -> None:
    """A saved card is read out."""
    await saved_offered(hub, window)
    view(window)._model.saved.ask()
    await settle()


async def saved_form_refused(hub: FakeHub, window: Window) -> None:
    """The hub does not take it."""
    await saved_form(hub, window)
    card = {"card": "Visa ending 4242, 08/28", "reason": "it is kept at another payment provider."}
    hub.fail("start_attempt", Conflict("saved_card_off", **card))
    view(window)._model.saved.charge()
    await settle()


async def saved_charging(hub: FakeHub, window: Window) -> None:
    """On its way."""
    await _of_call(hub, window, card_samples.tried(AttemptState.SENDING))


async def saved_declined(hub: FakeHub, window: Window) -> None:
    """The bank said no to it; the other one is offered."""
    no = DeclineOut(
        kind=DeclineKind.CALL_ISSUER,
        advice=Advice.OTHER_CARD,
        title="Card refused, ask for another",
        say="Your bank did not accept that card, and nothing was charged. Do you have another card?",
        retry_same_card=False,
    )
    await _of_call(hub, window, card_samples.tried(AttemptState.DECLINED, decline=no))


async def _of_call(hub: FakeHub, window: Window, attempt: object) -> None:
    card_samples.allow(hub)
    hub.customers["cus_1"] = samples.customer(saved_cards=card_samples.several("card_1", "card_3"))
    payment = hub.take(samples.payment(attempt))
    hub.calls["call_1"] = samples.call(payment_intent_ids=[payment.intent_id])
    await enter(window)


async def consent_offered(hub: FakeHub, window: Window) -> None:
    """Everything is keyed; the card may be saved."""
    await _of_call(hub, window, card_samples.keyed())
    while not view(window)._model.saved.can_read:  # the payment is still being read
        await settle(0.05)


async def consent_reading(hub: FakeHub, window: Window) -> None:
    """The words are read out."""
    await consent_offered(hub, window)
    view(window)._model.saved.read()
    await settle()


async def consent_given(hub: FakeHub, window: Window) -> None:
    """The caller agreed."""
    await _of_call(hub, window, card_samples.keyed(consent=card_samples.consent()))


async def consent_kept(hub: FakeHub, window: Window) -> None:
    """Approved, and the card is kept."""
    kept = card_samples.consent(SavedCardState.KEPT)
    await _of_call(hub, window, samples.approved(consent=kept))


async def consent_not_kept(hub: FakeHub, window: Window) -> None:
    """Approved, and the provider did not keep the card."""
    no = card_samples.consent(SavedCardState.NOT_KEPT, why="The payment provider did not keep it.")
    await _of_call(hub, window, samples.approved(consent=no))


async def saved_removing(hub: FakeHub, window: Window) -> None:
    """The customer wants one gone."""
    await _choosing(hub, window)
    window.shell.customer._model.ask_to_remove("card_1")
    await settle()


CARD_STAGES = (
    saved_offered, saved_off, saved_form, saved_form_refused, saved_charging, saved_declined,
    consent_offered, consent_reading, consent_given, consent_kept, consent_not_kept, saved_removing,
)  # fmt: skip
