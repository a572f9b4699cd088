"""The grant of an authorization code: what must match the request that brought it, and what it is exchanged for.

Sources: RFC 6749 s4.1.2, s4.1.3; RFC 7636 s4.6.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from refreshproof.mock_servers.profile.profile import Cause, Profile
from refreshproof.mock_servers.provider.http.replies import Refused, age
from refreshproof.mock_servers.provider.http.resource_by_scope import check_resource_of_scopes
from refreshproof.mock_servers.provider.http.targets import check_target
from refreshproof.mock_servers.provider.http.token_request import TokenRequest
from refreshproof.mock_servers.provider.issuance.issuance import (
    carries,
    evict,
    found_family,
    issue,
    mint_refresh_token,
    second_pair,
)
from refreshproof.mock_servers.provider.state.records import Code
from refreshproof.mock_servers.wire import seconds


def exchange_code(request: TokenRequest) -> dict[str, Any]:
    """Redeem an authorization code."""
    profile, values = request.profile, request.values
    code = _presented(request)
    if code.redirect_uri_given and values.get("redirect_uri") != code.redirect_uri:
        raise Refused(
            Cause.REDIRECT_URI_MISMATCH,
            expected=code.redirect_uri,
            found=values.get("redirect_uri", "none"),
            client_id=request.application.client_id,
        )
    _check_verifier(profile, code, values.get("code_verifier"))
    check_target(request, "authorization_code", code.resource)
    check_resource_of_scopes(profile, values, code.requested)
    code.used = True
    family = found_family(request, code)
    family.lasting = not carries(values, profile.issuance.expiring_parameter)
    offline = code.offline and carries(values, profile.issuance.token_parameter)
    refresh_token = mint_refresh_token(request, family) if offline else None
    if refresh_token is not None:
        evict(request, family)
    members = issue(request, family, refresh_token, requested=code.requested)
    second = profile.issuance.second
    return members if second is None else members | {second.member: second_pair(request, code)}


def _presented(request: TokenRequest) -> Code:
    """Return the code of a request if it is one that this client may still exchange."""
    state, application, lifetime = request.state, request.application, request.profile.lifetimes.code
    value = request.required("code")
    code = state.codes.get(value)
    alias = request.entry.presented = state.vault.name("CODE", value)
    if code is None:
        raise Refused(Cause.UNKNOWN_CODE, expected="a code of this server", found=alias)
    if code.client_id != application.client_id:
        raise Refused(Cause.CODE_OF_OTHER_CLIENT, expected=code.client_id, found=application.client_id)
    if code.used:
        # RFC 6749 s4.1.2: a second use is denied and the tokens of the first SHOULD be revoked.
        for family in code.families if request.profile.issuance.used_code == "ends_tokens" else ():
            state.kill_family(family)
        raise Refused(Cause.USED_CODE, expected="a code that was not used", found=code.alias)
    if request.now - code.issued_at >= seconds(lifetime):
        raise Refused(Cause.EXPIRED_CODE, expected=f"under {lifetime} s", found=age(code.issued_at, request.now))
    return code


def _check_verifier(profile: Profile, code: Code, verifier: str | None) -> None:
    if code.challenge is None:
        if verifier is not None and profile.authorization.pkce in ("enforced", "refused"):
            raise Refused(Cause.UNEXPECTED_VERIFIER, expected="no code_verifier", found="one, without a challenge")
        return
    expected = f"the code_verifier of the {code.challenge_method} code_challenge"
    if verifier is None:
        raise Refused(Cause.MISSING_VERIFIER, expected=expected, found="none")
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    if (digest if code.challenge_method == "S256" else verifier) != code.challenge:
        raise Refused(Cause.WRONG_VERIFIER, expected=expected, found=f"another of {len(verifier)} characters")
