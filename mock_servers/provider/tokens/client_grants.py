"""Grants without a user: an application asks for a token of its own, which stands for the account that owns it.

Sources: RFC 6749 s4.4; Bitbucket Cloud's exchange of a token of Atlassian Connect is the same after authentication.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from refreshproof.mock_servers.profile.profile import Cause, Profile
from refreshproof.mock_servers.provider.http.replies import Refused
from refreshproof.mock_servers.provider.http.scopes import read_scopes
from refreshproof.mock_servers.provider.http.token_request import TokenRequest
from refreshproof.mock_servers.provider.issuance.issuance import found_family, issue
from refreshproof.mock_servers.provider.state.records import Account, Application, Code, Grant


def client_credentials(request: TokenRequest) -> dict[str, Any]:
    """Give a confidential client an access token for its owner, and no refresh token (RFC 6749 s4.4.3)."""
    profile, state, application, now = request.profile, request.state, request.application, request.now
    if application.client_secret is None and application.certificate is None:
        raise Refused(Cause.MISSING_SECRET, client_id=application.client_id, expected="a secret", found="none")
    requested = _scopes(profile, application, request.values)
    state.accounts.setdefault(application.owner, Account(name=application.owner))
    scopes, holder = frozenset(requested), state.holder(profile, application)
    # A grant that no user gave, and that none can find to take back.
    grant = Grant(account=application.owner, holder=holder, scopes=scopes, granted_at=now)
    code = Code(
        alias="", client_id=application.client_id, account=application.owner, redirect_uri="",
        redirect_uri_given=False, requested=requested, scopes=scopes, grant=grant, issued_at=now, offline=False,
    )  # fmt: skip
    return issue(request, found_family(request, code), None, requested=requested)


def _scopes(profile: Profile, application: Application, values: Mapping[str, str]) -> tuple[str, ...]:
    """Return the scopes asked for, all of the application's if none are."""
    if profile.token_request.scope_of_client == "required" and "scope" not in values:
        raise Refused(Cause.MISSING_PARAMETER, parameter="scope", expected="scope", found="none")
    allowed = profile.scopes if application.scopes is None else tuple(sorted(application.scopes))
    asked = read_scopes(profile, values.get("scope", "")) or allowed
    beyond = " ".join(scope for scope in asked if scope not in allowed)
    if beyond:
        raise Refused(Cause.INVALID_SCOPE, scope=beyond, expected=" ".join(allowed), found=beyond)
    return asked
