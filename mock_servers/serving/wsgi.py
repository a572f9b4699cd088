"""One vendor as a WSGI application (PEP 3333), to be mounted in any host by way of werkzeug.

A host does its own sending, so of the faults on the wire only those remain that an application can bring about: an
answer that would be cut off raises `ConnectionAbortedError` instead, and waits are the caller's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING
from urllib.parse import quote

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from refreshproof.mock_servers.serving.served.served import Served
from refreshproof.mock_servers.serving.sockets.parsing import LONGEST_BODY, Malformed, check_host
from refreshproof.mock_servers.wire import Instant, WireRequest, WireResponse

_PATH = "/:@!$&'()*+,;=~"  # RFC 3986 s3.3: what a path holds besides unreserved characters

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


class WsgiApplication:
    """Answers for one vendor at whatever address it is mounted; `sleep` takes the seconds an answer is late."""

    def __init__(
        self, served: Served, now: Callable[[], Instant], sleep: Callable[[float], object] = lambda seconds: None
    ) -> None:
        self._served = served
        self._now = now
        self._sleep = sleep

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        try:
            request = _request(environ)
        except HTTPException as refusal:
            return refusal(environ, start_response)
        except Malformed as malformed:
            return self._sent(self._served.refuse(malformed.status, malformed.reason, self._now()))(
                environ, start_response
            )
        response = self._served.handle(request, self._now())
        late = response.delay + response.drip * len(response.body)
        if late:
            self._sleep(late)
        cut = response.truncate_at is not None and response.truncate_at < len(response.body)
        if response.drop is not None or cut:
            self._served.delivered(response, False)
            raise ConnectionAbortedError(f"a fault cuts this answer off: {response.drop or 'truncated'}")
        return self._sent(response)(environ, start_response)

    def _sent(self, response: WireResponse) -> Response:
        sent = Response(response.body, status=response.status, headers=list(response.headers))
        sent.call_on_close(lambda: self._served.delivered(response, True))
        return sent


def _request(environ: WSGIEnvironment) -> WireRequest:
    """Read a request; raises werkzeug's HTTPException for one that is too long, `Malformed` for a host that is none."""
    request = Request(environ)
    check_host(request.host)
    request.max_content_length = LONGEST_BODY
    # Without the mount point: the vendor's paths begin where the application is mounted.
    query = request.query_string.decode("latin-1")
    url = f"{request.scheme}://{request.host}{quote(request.path, safe=_PATH)}"
    return WireRequest(
        method=request.method,
        url=f"{url}?{query}" if query else url,
        headers=tuple(request.headers.items()),
        body=request.get_data(),
    )
