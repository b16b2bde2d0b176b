"""python -m bench.charge: a charge through the hub against a direct one at the same Stripe face."""

import argparse
import secrets
import time
from pathlib import Path

import psycopg

from agentdesk.adapters.twilio.webhooks import signature
from bench.chaos.books import Books
from bench.figures import Figure, main, percentile, spread
from bench.seed import Submitted, submitted
from bench.stage import Stage, Wanted, stage
from bench.watch import Watch, watching

HOW = """\
Through the hub: from the moment the keypad service's callback with the token is sent to the hub, until
PostgreSQL has committed the outcome (a NOTIFY of a trigger of ours). In it: the callback's own HTTP request
and signature, the committed intention and key, the charge, the committed outcome with what it owes. Before
it: the keypad's other callbacks, which are no part of a charge. After it: write-backs; no worker runs.
Direct: commit a row, post the same form to the same Stripe face, commit a row; psycopg and httpx, bare.
The two take turns. A ratio of 1 would be a hub that costs nothing. The sandbox's face answers within a few
ms, which no processor does: that is the hardest reading. With --thinks it takes as long as a real one."""
_COMMIT = "insert into bench_commit (word) values (%s)"
_TOKEN = "pm_card_visa"


async def measure(options: argparse.Namespace, folder: Path) -> list[Figure]:
    """Measure with a Stripe face that answers at once, then with one that thinks."""
    count = 2 * options.charges + options.warm_up
    books = Books(customers=20, invoices_each=count // 20 + 1)
    wanted = Wanted(customers=books.customers, invoices_each=books.invoices_each, charges_told=False)
    async with stage(wanted, folder) as made, watching(made.database) as watch:
        connection = await psycopg.AsyncConnection.connect(made.database, autocommit=True)
        async with connection:
            await connection.execute("create table bench_commit (id bigserial primary key, word text)")
            numbers = range(1, count + 1)
            payments = submitted(made.database, books, numbers, [f"CA{n}" for n in numbers])
            arms = _Arms(made, connection, watch)
            await arms.run(payments[: options.warm_up])
            figures = []
            parts = [payments[options.warm_up :][: options.charges], payments[-options.charges :]]
            for thinks_s, part in zip((0.0, options.thinks), parts, strict=True):
                await made.told("/config", {"stripe_thinks_s": thinks_s})
                figures += _figures(thinks_s, *await arms.run(part))
    return figures


def _figures(thinks_s: float, through: list[float], direct: list[float]) -> list[Figure]:
    where = f"Stripe thinks {thinks_s * 1000:.0f} ms"
    ratios = [
        Figure(f"{where}: ratio, p{p}", percentile(through, p / 100) / percentile(direct, p / 100), "", goal)
        for p, goal in ((50, 1.3), (99, 2.0))
    ]
    return [*ratios, *spread(f"{where}: through the hub", through), *spread(f"{where}: direct", direct)]


class _Arms:
    """The two ways to charge."""

    def __init__(self, made: Stage, connection: psycopg.AsyncConnection, watch: Watch) -> None:
        self._made, self._connection, self._watch = made, connection, watch

    async def run(self, payments: list[Submitted]) -> tuple[list[float], list[float]]:
        """Charge each payment through the hub and one like it directly, in turns; return both's durations."""
        through, direct = [], []
        for payment in payments:
            through.append(await self._through(payment))
            direct.append(await self._direct())
        return through, direct

    async def _through(self, payment: Submitted) -> float:
        began = time.perf_counter()
        await send_token(self._made, payment)
        return (await self._watch.times(f"outcome {payment.attempt_id}"))[0] - began

    async def _direct(self) -> float:
        form, key = direct_form(), secrets.token_urlsafe(12)
        url, auth = f"{self._made.sandbox['url']}/v1/payment_intents", (self._made.sandbox["stripe_key"], "")
        headers = {"Idempotency-Key": key, "Stripe-Version": "2023-08-16"}
        began = time.perf_counter()
        await self._connection.execute(_COMMIT, ["sending"], prepare=True)
        answer = await self._made.http.post(url, data=form, headers=headers, auth=auth)
        await self._connection.execute(_COMMIT, ["approved"], prepare=True)
        took_s = time.perf_counter() - began
        answer.raise_for_status()
        return took_s


async def send_token(made: Stage, payment: Submitted) -> None:
    """Be the keypad service that hands over the caller's card; the hub charges it after its answer."""
    url = f"{made.hub}/webhooks/twilio/{payment.attempt_id}"
    form = {"AccountSid": made.sandbox["account_sid"], "Sid": payment.session_id, "CallSid": payment.ref}
    form |= {"Result": "success", "PaymentToken": _TOKEN}
    signed = signature(url, list(form.items()), made.sandbox["auth_token"])
    answer = await made.http.post(url, data=form, headers={"X-Twilio-Signature": signed})
    answer.raise_for_status()


def direct_form() -> dict[str, str]:
    """Return the form of a charge as our adapter writes it."""
    return {
        "amount": "12336",
        "currency": "gbp",
        "payment_method": _TOKEN,
        "confirm": "true",
        "error_on_requires_action": "true",
        "automatic_payment_methods[enabled]": "true",
        "automatic_payment_methods[allow_redirects]": "never",
        "payment_method_options[card][moto]": "true",
        "description": "Northwind Energy, charged directly",
        "metadata[attempt]": secrets.token_urlsafe(12),
        "metadata[reference]": secrets.token_urlsafe(12),
        "expand[]": "latest_charge",
    }


def arguments() -> argparse.ArgumentParser:
    """Return what can be chosen."""
    parser = argparse.ArgumentParser(prog="python -m bench.charge", description=__doc__)
    parser.add_argument("--charges", type=int, default=300, help="of each arm and speed of the face")
    parser.add_argument("--warm-up", type=int, default=30, help="charges before those that count")
    parser.add_argument("--thinks", type=float, default=0.4, help="seconds the slower processor takes")
    return parser


if __name__ == "__main__":
    main("A charge through the hub / a direct charge and two commits", HOW, arguments(), measure)
