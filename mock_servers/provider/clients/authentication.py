"""Client authentication at the token and revocation endpoints (RFC 6749 s2.3): which application is asking.

A function of the request, the profile and what is registered; it changes nothing but the assertions that were taken.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any
from urllib.parse import unquote

from refreshproof.mock_servers.profile.profile import Cause, ClientAuthentication, Profile, TokenRequestRules
from refreshproof.mock_servers.provider.clients.proofs import PROOFS
from refreshproof.mock_servers.provider.http.replies import Refused
from refreshproof.mock_servers.provider.http.sighting import Sighting
from refreshproof.mock_servers.provider.state.records import Application
from refreshproof.mock_servers.provider.state.state import State
from refreshproof.mock_servers.wire import SECOND, Instant


def authenticate(profile: Profile, state: State, sighting: Sighting, now: Instant) -> Application:
    """Authenticate the client of a token or revocation request; raises `Refused`."""
    rules, credentials = profile.token_request, sighting.credentials
    if len(credentials.methods) > 1 and rules.both_at_once == "refused":
        raise Refused(Cause.TWO_AUTHENTICATIONS, expected="one", found=" and ".join(credentials.methods))
    allowed = rules.grant_authentication.get(sighting.grant_type or "", rules.authentication)
    own = next((name for name in _own_ways(allowed) if PROOFS[name].offered(sighting)), None)
    if own is not None:
        return _proven(profile, state, sighting, own, now)
    application = _application(allowed, state, sighting)
    if application.client_secret is None and application.certificate is None:
        _check_public(rules, application, sighting)
    else:
        _check_confidential(profile, allowed, state, application, sighting, now)
    return application


@cache
def _own_ways(allowed: tuple[ClientAuthentication, ...]) -> tuple[ClientAuthentication, ...]:
    """Return those of the ways that single vendors have of their own."""
    return tuple(name for name in allowed if name in PROOFS)


def _check_public(rules: TokenRequestRules, application: Application, sighting: Sighting) -> None:
    found = " and ".join(sighting.credentials.methods)
    if rules.public_secret == "refused" and found:
        raise Refused(Cause.UNEXPECTED_SECRET, client_id=application.client_id, expected="none", found=found)


def _check_confidential(
    profile: Profile,
    allowed: tuple[ClientAuthentication, ...],
    state: State,
    application: Application,
    sighting: Sighting,
    now: Instant,
) -> None:
    method = next(iter(sighting.credentials.methods), "none")
    if method not in allowed or method == "none":
        expected = " or ".join(allowed)
        raise Refused(Cause.MISSING_SECRET, client_id=application.client_id, expected=expected, found=method)
    if method == "private_key_jwt":
        _check_assertion(profile, state, application, sighting, now)
    else:
        _check_secret(profile.token_request, application, sighting, method)


def registered(applications: Mapping[str, Application], client_id: str) -> Application:
    """Return the application of a client id; raises `Refused` for one that was deleted or never was."""
    application = applications.get(client_id)
    if application is not None and not application.deleted:
        return application
    cause = (application and application.refusal) or Cause.UNKNOWN_CLIENT
    expected = " or ".join(name for name, one in applications.items() if not one.deleted)
    raise Refused(cause, client_id=client_id, expected=expected, found=client_id)


def _proven(
    profile: Profile, state: State, sighting: Sighting, method: ClientAuthentication, now: Instant
) -> Application:
    """Return the application that proves itself in a way of the vendor's own."""
    proof = PROOFS[method]
    client_id = proof.whose(sighting, state.applications)
    if client_id is None:
        raise Refused(Cause.WRONG_SECRET, expected=f"a {method} of this server's clients", found="another")
    application = _in_good_standing(state, client_id)
    if not proof.holds(profile, application, sighting, now):
        raise Refused(Cause.WRONG_SECRET, client_id=client_id, expected=f"the {method} of {client_id}", found="another")
    return application


def _application(allowed: tuple[ClientAuthentication, ...], state: State, sighting: Sighting) -> Application:
    client_id = sighting.credentials.client_id
    if client_id is None:
        raise Refused(Cause.MISSING_CLIENT, expected=" or ".join(allowed), found="none")
    return _in_good_standing(state, client_id)


def _in_good_standing(state: State, client_id: str) -> Application:
    application = registered(state.applications, client_id)
    if application.refusal is not None:
        raise Refused(application.refusal, client_id=client_id, expected="a client in good standing", found=client_id)
    return application


def _check_assertion(
    profile: Profile, state: State, application: Application, sighting: Sighting, now: Instant
) -> None:
    if application.certificate is None:
        raise Refused(Cause.INVALID_ASSERTION, detail="the application has no certificate")
    # joserfc and x509 take as long to import as a server to start; few clients have a certificate.
    from refreshproof.mock_servers.provider.clients.assertions import check_assertion

    assertion = sighting.credentials.client_assertion or ""
    named = {"token_endpoint": sighting.addresses, "issuer": (profile.issuer, *profile.issuer_aliases)}
    audiences = tuple(audience for kind in profile.token_request.audiences for audience in named[kind])
    claims = check_assertion(assertion, application.certificate, application.client_id, audiences, now)
    if profile.token_request.assertion_ids == "once":
        _take_once(state, application.client_id, claims, now)


def _take_once(state: State, client_id: str, claims: Mapping[str, Any], now: Instant) -> None:
    """Refuse an assertion that names itself by no jti, or by one that the same client has used (RFC 7523 s3 (7))."""
    state.assertion_ids = {name: end for name, end in state.assertion_ids.items() if now < end}
    jti = claims.get("jti")
    if not isinstance(jti, str) or not jti:
        raise Refused(Cause.INVALID_ASSERTION, detail="jti must be there")
    if f"{client_id} {jti}" in state.assertion_ids:
        raise Refused(Cause.INVALID_ASSERTION, detail="an assertion with this jti was used before")
    state.assertion_ids[f"{client_id} {jti}"] = int(claims["exp"]) * SECOND


def _check_secret(rules: TokenRequestRules, application: Application, sighting: Sighting, method: str) -> None:
    secret = application.client_secret
    if secret is not None and _secret_matches(rules.basic_encoding, secret, sighting):
        return
    raise Refused(
        Cause.WRONG_SECRET,
        client_id=application.client_id,
        expected=f"the secret of {application.client_id}, {rules.basic_encoding} in Basic",
        found=f"another by {method}",
    )


def _secret_matches(encoding: str, secret: str, sighting: Sighting) -> bool:
    credentials = sighting.credentials
    decoded = credentials.client_secret or ""
    raw = decoded if credentials.raw_client_secret is None else credentials.raw_client_secret
    candidates = _READINGS[encoding](decoded, raw, credentials.raw_client_secret is None)
    return any(secrets.compare_digest(candidate.encode(), secret.encode()) for candidate in candidates)


_READINGS: Mapping[str, Callable[[str, str, bool], tuple[str, ...]]] = {
    "form_encoded": lambda decoded, raw, of_form: (decoded,),
    "raw": lambda decoded, raw, of_form: (raw,),
    "either": lambda decoded, raw, of_form: (decoded, raw),
    "percent_encoded": lambda decoded, raw, of_form: (decoded if of_form else unquote(raw),),
    "raw_to_colon": lambda decoded, raw, of_form: (decoded if of_form else raw.partition(":")[0],),
}
"""What a secret may be taken for by a vendor's `basic_encoding`: of the form, or decoded and raw in Basic."""
