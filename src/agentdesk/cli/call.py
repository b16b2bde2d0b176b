"""agentdesk call: tell the running desk of a call, for phone programs that can only start a command."""

from typing import Annotated
from urllib.parse import urlencode

import typer


def call(
    link: Annotated[str, typer.Argument(help="agentdesk://call?number=…&ref=…&queue=…")] = "",
    *,
    number: Annotated[str, typer.Option(help="The caller's number.")] = "",
    queue: Annotated[str, typer.Option(help="The queue it came from.")] = "",
    ref: Annotated[str, typer.Option(help="The phone system's id of the caller's line.")] = "",
) -> None:
    """Show a call on the desk that this user has open and signed in.

    The call has a number, a ref or both. Exits with 1 when no desk is open and
    signed in, or the hub refuses; says why.
    """
    from agentdesk.desk import deep_link
    from agentdesk.domain.errors import Invalid

    given = {"number": number, "queue": queue, "ref": ref}
    link = link or "agentdesk://call?" + urlencode({name: value for name, value in given.items() if value})
    try:
        told = deep_link.parse(link)
    except Invalid as error:
        if error.code == "card_number_refused":
            deep_link.send(deep_link.REFUSED, deep_link.card())  # only the fact, for the audit log
        raise typer.BadParameter(error.text) from error
    if not (told.number or told.call_ref):
        raise typer.BadParameter("a call needs its number or its ref")
    if why_not := deep_link.send(link, deep_link.card()):
        typer.echo(why_not, err=True)
        raise typer.Exit(1)
