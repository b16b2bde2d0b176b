"""A small web server that keeps what is posted to it: the other end of callbacks in tests."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

from tests.until import WITHIN_S


@dataclass(frozen=True)
class Post:
    """One request as it came; header names are in lower case."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        """Return the form parameters, blank ones included."""
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


@dataclass
class Receiver:
    """The posts so far; `status` is what each is answered."""

    url: str
    status: int = 204
    posts: list[Post] = field(default_factory=list)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def keep(self, post: Post) -> int:
        """Add a post and return the status to answer."""
        with self._changed:
            self.posts.append(post)
            self._changed.notify_all()
        return self.status

    def wait_for(self, wanted: Callable[[Post], object], *, count: int = 1) -> Post:
        """Return the count-th post that fulfils the condition, waiting for it until a deadline."""
        with self._changed:
            came = self._changed.wait_for(lambda: self._nth(wanted, count), WITHIN_S)
            assert came, f"not posted; {len(self.posts)} posts came: {[p.body[:300] for p in self.posts]}"
            found = self._nth(wanted, count)
            assert found
            return found

    def _nth(self, wanted: Callable[[Post], object], count: int) -> Post | None:
        found = [post for post in self.posts if wanted(post)]
        return found[count - 1] if len(found) >= count else None


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Listen on a free port of this computer while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            self.send_response(receiver.keep(Post(self.path, headers, body)))
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver = Receiver(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
