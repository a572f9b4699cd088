"""Logging out at the vendor: the session ends, and the browser goes where the application said.

Source: OpenID Connect RP-Initiated Logout 1.0 s2, s3. Where the vendor has sessions of its own, as one that is served
to browsers has, whoever keeps them ends them when this view was asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from refreshproof.mock_servers.profile import signing
from refreshproof.mock_servers.provider.http.callback import call_back
from refreshproof.mock_servers.provider.http.visit import Visit
from refreshproof.mock_servers.provider.login.authorization_request import is_registered
from refreshproof.mock_servers.provider.state.records import Application
from refreshproof.mock_servers.wire import WireResponse, html_response

_SIGNED_OUT = (
    '<!doctype html><html lang="en"><title>Signed out</title><main><h1>You signed out of your account</h1>'
    "<p>Close all browser windows.</p></main></html>"
)


def end_session(visit: Visit) -> WireResponse:
    """Log the user out; the option `return_to` names the parameter that holds the address to go on to.

    s3: nobody is sent to an address that is not registered; the ledger says so, and the user sees a page.
    """
    request = visit.sighting.request
    values = {name: value for name, value in (*request.query, *request.form) if value}
    visit.state.signed_in = False
    onward = values.get(visit.route.endpoint.options.get("return_to", "post_logout_redirect_uri"))
    asking = tuple(_asking(visit, values))
    visit.entry.client_id = asking[0].client_id if len(asking) == 1 else None
    if onward is None or not any(is_registered(visit.profile, one, onward) for one in asking):
        if onward is not None:
            registered = " or ".join(uri for one in asking for uri in one.redirect_uris)
            visit.entry.detail = f"expected: {registered}, found: {urlsplit(onward).hostname}"
        return html_response(200, _SIGNED_OUT)
    state = values.get("state")
    return call_back(onward, [] if state is None else [("state", state)])


def _asking(visit: Visit, values: Mapping[str, str]) -> Iterator[Application]:
    """Yield the application that the request names by client_id or id_token_hint, or all where it names none."""
    claims = signing.read(values["id_token_hint"]) if "id_token_hint" in values else None
    named = values.get("client_id") or (claims or {}).get("aud")
    for application in visit.state.applications.values():
        if not application.deleted and named in (None, application.client_id):
            yield application
