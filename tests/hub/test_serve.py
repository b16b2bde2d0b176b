"""How the hub serves."""

import httpx

from agentdesk.hub import serve


def test_an_idle_connection_is_closed_by_the_desk_first() -> None:
    """A request on a connection that the hub is just closing would be lost."""
    desk = httpx.AsyncClient(base_url="http://127.0.0.1:1")
    expiry = desk._transport._pool._keepalive_expiry
    assert serve._config(lambda: None).timeout_keep_alive > 2 * expiry
