"""Logins of the same user with other installations of the same client: traffic that is not the tested client's.

It goes to the provider directly and leaves no exchange in the journal.
"""

from __future__ import annotations

import json
from base64 import b64encode
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from refreshproof.mock_servers.provider.provider import Provider
from refreshproof.mock_servers.provider.state.consent import Decision
from refreshproof.mock_servers.wire import Instant, WireRequest
from refreshproof.scenarios.steps.subject import Registration


def log_in_elsewhere(provider: Provider, chosen: Registration, redirect_uri: str, account: str, now: Instant) -> None:
    """Complete one flow and keep nothing of it; where the vendor refuses, nothing happens."""
    provider.user.will(Decision(account=account))
    asked = {
        "response_type": "code", "client_id": chosen.client_id, "redirect_uri": redirect_uri,
        "scope": " ".join(chosen.scopes), **chosen.authorization_parameters,
    }  # fmt: skip
    url = f"{chosen.authorization_endpoint}?{urlencode(asked)}"
    location = provider.handle(WireRequest(method="GET", url=url), now).header("location") or ""
    code = dict(parse_qsl(urlsplit(location).query)).get("code")
    if code is not None:
        provider.handle(_redemption(chosen, redirect_uri, code), now)


def _redemption(chosen: Registration, redirect_uri: str, code: str) -> WireRequest:
    secret = chosen.client_secret or ""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
    by_basic = chosen.client_authentication == "client_secret_basic"
    form |= {} if by_basic else {"client_id": chosen.client_id, "client_secret": secret}
    as_json = chosen.body_format == "json"
    headers = [("Content-Type", "application/json" if as_json else "application/x-www-form-urlencoded")]
    if by_basic:
        named = f"{quote(chosen.client_id, safe='')}:{quote(secret, safe='')}"
        headers.append(("Authorization", f"Basic {b64encode(named.encode()).decode()}"))
    body = json.dumps(form) if as_json else urlencode(form)
    return WireRequest(method="POST", url=chosen.token_endpoint, headers=tuple(headers), body=body.encode())
