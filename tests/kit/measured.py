"""What the tests of the measured servers share: the servers by name, and requests with good client authentication."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from kit.dumb_client import Play, basic, play
from refreshproof.mock_servers.provider.provider import DEFAULT_APPLICATION, REDIRECT_URI
from refreshproof.mock_servers.provider.state.records import Application
from refreshproof.mock_servers.vendors.released import MEASURED
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.mock_servers.wire import WireResponse

SERVERS: Mapping[str, Vendor] = {vendor.name: vendor for vendor in MEASURED}
OTHER = Application(client_id="other", client_secret="others-secret", redirect_uris=(REDIRECT_URI,))
"""A second client of each server."""


def begin(name: str) -> Play:
    """Start a server that knows two clients."""
    return play(SERVERS[name], applications=(DEFAULT_APPLICATION, OTHER))


def send(
    game: Play,
    view: str,
    form: Mapping[str, str],
    by: Application = DEFAULT_APPLICATION,
    after: float = 0,
    more: str = "",
) -> WireResponse:
    """Send a form, and more after it, in the name of a client, whose secret stands where the server wants it."""
    secret = by.client_secret or ""
    if "client_secret_post" in game.profile.token_request.authentication:
        whole = dict(form) | {"client_id": by.client_id, "client_secret": secret}
        return game.post(view, urlencode(whole) + more, after=after)
    return game.post(view, urlencode(form) + more, basic(by.client_id, secret), after=after)


def renew(game: Play, token: str, by: Application = DEFAULT_APPLICATION) -> tuple[int, Any]:
    """Present a refresh token; returns the status and the error, None where there is none."""
    response = send(game, "token", {"grant_type": "refresh_token", "refresh_token": token}, by, after=1)
    return response.status, response.document.get("error") if response.body else None


def alive(game: Play, tokens: Mapping[str, Any], kind: str) -> str:
    """Tell whether the access or the refresh token of an answer lives."""
    if kind == "access":
        used = game.call(tokens["access_token"], after=3)
    else:
        used = game.refresh(tokens["refresh_token"], after=3)
    return "lives" if used.status == 200 else "dead"
