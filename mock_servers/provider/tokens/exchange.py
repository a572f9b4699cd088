"""A second hop: a view that takes a live access token and gives another one for it, under names of the vendor's own.

Not RFC 6749: Meta's long-lived tokens and Bullhorn's sessions are obtained so.
"""

from __future__ import annotations

from dataclasses import replace

from refreshproof.mock_servers.profile.profile import Cause
from refreshproof.mock_servers.provider.http.replies import Refused
from refreshproof.mock_servers.provider.http.token_request import TokenRequest
from refreshproof.mock_servers.provider.http.visit import Visit
from refreshproof.mock_servers.provider.issuance.issuance import issue
from refreshproof.mock_servers.provider.resources.resources import open_with
from refreshproof.mock_servers.wire import WireResponse, json_response


def exchange(visit: Visit) -> WireResponse:
    """Give a new access token for one that is presented in the query or as a bearer.

    The endpoint's options: `life` in seconds, `scopes` the new token has, `member` that carries it in place of
    access_token, `extra` members beside it, and the `grant_types` one of which is asked for.
    """
    sighting, options, profile = visit.sighting, visit.route.endpoint.options, visit.profile
    allowed, found = options.get("grant_types", ()), sighting.values.get("grant_type", "none")
    if allowed and found not in allowed:
        raise Refused(Cause.UNSUPPORTED_GRANT_TYPE, grant_type=found, expected=" or ".join(allowed), found=found)
    presented = sighting.values.get("access_token")
    if presented is not None:
        bearer = (("Authorization", f"Bearer {presented}"),)
        sighting = replace(sighting, request=replace(sighting.request, headers=bearer))
    visit.entry.presented = None if sighting.bearer is None else visit.state.vault.name("AT", sighting.bearer)
    token = open_with(profile, visit.state, sighting, (), visit.now)
    longer = replace(profile, lifetimes=replace(profile.lifetimes, access_token=options["life"]))
    scopes = frozenset(options.get("scopes", token.scopes))
    members = issue(
        TokenRequest(
            profile=longer,
            state=visit.state,
            application=visit.state.applications[token.family.client_id],
            values={},
            entry=visit.entry,
            now=visit.now,
        ),
        token.family,
        None,
        scopes=scopes,
    )
    if "member" in options:
        members = {options["member"]: members["access_token"]}
    return json_response(200, members | options.get("extra", {}), headers=profile.response.headers)
