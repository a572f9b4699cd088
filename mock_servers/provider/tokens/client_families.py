"""Clients that share their users' refresh tokens: a family of client ids.

Source: Microsoft's SDKs, which know a member `foci` and try the refresh token of any client of the family.
"""

from __future__ import annotations

from dataclasses import replace

from refreshproof.mock_servers.provider.http.token_request import TokenRequest
from refreshproof.mock_servers.provider.issuance.issuance import mint_refresh_token
from refreshproof.mock_servers.provider.state.records import Application, RefreshToken


def is_kin(owner: Application | None, application: Application) -> bool:
    """Tell whether two clients are of one family, whose refresh tokens serve them all (MSAL's family of client ids)."""
    return (
        application.client_family is not None and owner is not None and owner.client_family == application.client_family
    )


def lend(request: TokenRequest, token: RefreshToken) -> RefreshToken:
    """Begin a family of tokens for a client that presents the refresh token of its kin."""
    families = request.state.families
    family = replace(
        token.family,
        number=request.state.next_family,
        client_id=request.application.client_id,
        newest_generation=0,
        refresh_tokens=[],
        access_tokens=[],
    )
    families.append(family)
    return mint_refresh_token(request, family)
