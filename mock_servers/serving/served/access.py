"""The page on which a user sees the applications that they gave access to, and takes it back.

It knows a provider and who has logged in; how they did is the front desk's.
"""

from __future__ import annotations

import hmac

from refreshproof.mock_servers.provider.provider import Provider
from refreshproof.mock_servers.provider.state.records import Grant
from refreshproof.mock_servers.serving.served.interaction import Fields
from refreshproof.mock_servers.serving.served.pages import render
from refreshproof.mock_servers.wire import Instant, WireResponse

NAME = "access"
"""What the page's address ends with."""


def login_page(provider: Provider, action: str, trouble: str = "") -> WireResponse:
    """Return the page that asks who somebody is."""
    return render(
        422 if trouble else 200,
        "login.html",
        title=provider.profile.title,
        action=f"{action}/login",
        trouble=trouble,
        client="",
        hint="",
        accounts=list(provider.state.accounts),
    )


def access_page(provider: Provider, account: str, session: str, action: str, trouble: str = "") -> WireResponse:
    """Return the page of a user: each grant that stands, with a form that withdraws it."""
    return render(
        422 if trouble else 200,
        "access.html",
        title=provider.profile.title,
        action=action,
        trouble=trouble,
        account=account,
        key=_key(session),
        grants=[_row(provider, grant) for grant in _standing(provider, account)],
    )


def withdraw(provider: Provider, account: str, session: str, fields: Fields, now: Instant) -> str:
    """Withdraw what a form names; returns what is wrong with the form, or nothing."""
    given = dict(fields)
    if not hmac.compare_digest(given.get("key", "").encode(), _key(session).encode()):
        return "This form is not of this page."
    holder = given.get("holder", "")
    if holder not in {grant.holder for grant in _standing(provider, account)}:
        return "This application has no access any more."
    provider.latest = max(provider.latest, now)
    provider.revoke_user(account, holder)
    return ""


def _standing(provider: Provider, account: str) -> list[Grant]:
    return [one for one in provider.state.grants.values() if one.account == account and not one.revoked]


def _row(provider: Provider, grant: Grant) -> dict[str, object]:
    state = provider.state
    holders = [one for one in state.applications.values() if state.holder(provider.profile, one) == grant.holder]
    sites = {site.id: site.name for site in provider.profile.sites}
    return {
        "holder": grant.holder,
        "names": [one.name or one.client_id for one in holders if not one.deleted] or [grant.holder],
        "scopes": sorted(grant.scopes),
        "sites": [sites.get(site, site) for site in grant.sites],
    }


def _key(session: str) -> str:
    """Return what only the user's own page holds, so that a form elsewhere withdraws nothing."""
    return hmac.new(session.encode(), b"withdraw", "sha256").hexdigest()
