"""The control API's client, where the server closes a connection just when it is used again."""

import httpx
import pytest

from refreshproof.mock_servers.serving.control.client import ControlClient


def answering(failures: int) -> tuple[ControlClient, list[str]]:
    """Return a client whose first requests find the connection closed, and the methods of what it sends."""
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.method)
        if len(asked) <= failures:
            raise httpx.RemoteProtocolError("Server disconnected without sending a response.")
        return httpx.Response(200, json={"now": 7})

    client = ControlClient("http://control", "token")
    client._http = httpx.Client(base_url="http://control", transport=httpx.MockTransport(answer))
    return client, asked


def test_what_may_be_asked_twice_is() -> None:
    client, asked = answering(1)
    assert client.now() == 7
    assert asked == ["GET", "GET"]


@pytest.mark.parametrize("failures", [1, 2])
def test_nothing_is_asked_a_third_time_and_no_change_is_made_twice(failures: int) -> None:
    client, asked = answering(failures)
    with pytest.raises(httpx.RemoteProtocolError):
        client.advance(60) if failures == 1 else client.now()
    assert asked == (["POST"] if failures == 1 else ["GET", "GET"])
