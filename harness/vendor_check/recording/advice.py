"""What to set in a client that is to live with a server, from what was measured there."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from refreshproof.harness.vendor_check.recording.recorded import Recorded
from refreshproof.mock_servers.vendors import VENDORS


def settings_of(recorded: Recorded) -> dict[str, str]:
    """Return the settings under which a login brings a refresh token, by name; empty where none does."""
    if not recorded.values.get("issuance.ever"):
        return {}
    methods = recorded.values.get("token_request.authentication", [])
    return {
        "provider type": provider_type_at(recorded.endpoints["authorization"]),
        "scope": " ".join(recorded.scopes) or "none",
        "authorization parameters": _parameters(recorded),
        **({"client authentication": " or ".join(methods)} if methods else {}),
    }


def _parameters(recorded: Recorded) -> str:
    """Return what joins the authorization request; an empty prompt takes away the one that the engine sends itself."""
    parameters = {**recorded.facts.get("engine_parameters", {}), **recorded.parameters}
    return " ".join(f"{name}={value}" for name, value in parameters.items()) or "none"


def provider_type_at(authorization_endpoint: str) -> str:
    """Return the provider type of the built-in vendor whose host it is, or GENERIC."""
    host = urlsplit(authorization_endpoint).hostname
    known = (
        vendor.profile.provider_type
        for vendor in VENDORS.values()
        if urlsplit(vendor.profile.url("authorization") or "").hostname == host
    )
    return next(known, "GENERIC")


def engine_told(recorded: Recorded) -> str:
    """Return a sentence about the reference engine here: it works, it does not, or it was not tried and why."""
    unfinished = {**recorded.skipped, **recorded.faults, **recorded.troubles}
    came = recorded.facts.get("engine") or f"was not tried: {unfinished.get('engine', 'it was not asked for')}"
    return f"The reference engine {came}."


def advice(recorded: Recorded) -> list[str]:
    """Return what a client must heed here, one sentence each."""
    return list(_sentences(recorded))


def _sentences(recorded: Recorded) -> Iterator[str]:
    values, facts = recorded.values, recorded.facts
    if values.get("issuance.ever") is False:
        yield "No refresh token comes with any scope or parameter that was tried: a user must log in again each time."
    if values.get("issuance.consent_shown"):
        yield "At a second login send prompt=consent, or no refresh token comes."
    if facts.get("refreshes_of_a_login") == 1:
        yield "A login is good for one refresh: the answer brings no refresh token, and the old one is over."
    if values.get("refresh.rotation") == "always":
        yield "Every refresh brings a new refresh token: store it before anything else, in place of the old one."
    elif facts.get("refresh_token_on_refresh") in ("omitted", "null", "empty"):
        yield "A refresh brings no refresh token: keep the one there is."
    if values.get("refresh.on_breach") in ("revoke_family", "revoke_grant", "revoke_client_and_user"):
        yield "A replayed refresh token ends the chain: never let two refresh at once, nor retry with the old token."
    if values.get("refresh.on_breach") in ("revoke_grant", "revoke_client_and_user"):
        yield "It ends the user's other logins at this client too."
    if "refresh.window" in values:
        yield f"A retry with the previous token is answered for {values['refresh.window']} s."
    if values.get("refresh.previous_access_token") in ("dies_at_once", "dies_at_first_use"):
        yield "A refresh ends the access token before: requests under way may fail with 401 and are to be repeated."
    if values.get("refresh.spent_before") in ("scope", "client"):
        yield "A refresh that is refused can cost the refresh token: do not try scopes or credentials on a live grant."
    if facts.get("narrowing_sticks") == "yes":
        yield "A refresh that asks for fewer scopes loses the others for good: leave scope out."
    if facts.get("second_login") == "ends the first":
        yield "A second login of a user ends the first: one grant for each user and client."
    if values.get("token_request.basic_encoding") == "raw":
        yield "Basic credentials are not decoded: send a secret with special characters in the body, or as it is."
    if str(facts.get("basic_encoding", "")).startswith("encoded, with"):
        yield "In Basic credentials a blank must be written %20."
