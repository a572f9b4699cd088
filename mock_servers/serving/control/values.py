"""What the control API says and hears, as JSON values: instants, ledger entries, applications, and a provider at rest.

Aliases only; a secret is in none of them.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any

from refreshproof.mock_servers.provider.provider import Provider
from refreshproof.mock_servers.provider.state.consent import Decision
from refreshproof.mock_servers.provider.state.ledger import LedgerEntry
from refreshproof.mock_servers.provider.state.records import Account, Application, Family, Grant
from refreshproof.mock_servers.serving.served.served import Served
from refreshproof.mock_servers.serving.sockets.clock import ServerClock
from refreshproof.mock_servers.wire import Instant

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def as_date(instant: Instant) -> str:
    """Return an instant in ISO 8601, to the microsecond."""
    return (_EPOCH + timedelta(microseconds=instant)).isoformat()


def as_instant(text: str) -> Instant:
    """Return the instant of an ISO 8601 date with a zone; raises ValueError that says what is expected."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"date is {text!r}; expected ISO 8601 such as 2030-03-17T17:46:40+00:00") from None
    if moment.tzinfo is None:
        raise ValueError(f"date is {text!r}; expected a zone such as Z or +00:00 at its end")
    return (moment - _EPOCH) // timedelta(microseconds=1)


def clock_row(clock: ServerClock) -> dict[str, Any]:
    """Return what the server's clock shows."""
    now = clock.now()
    return {"mode": clock.mode, "now": now, "date": as_date(now)}


def provider_row(served: Served) -> dict[str, Any]:
    """Return a provider and where its endpoints are."""
    profile = served.vendor.profile
    return {
        "name": served.vendor.name,
        "title": served.vendor.title,
        "origin": served.origin,
        "issuer": served.provider.profile.issuer,
        "endpoints": [
            {"view": endpoint.view, "methods": list(endpoint.methods), "url": endpoint.url,
             "local_url": served.addresses.local_url(endpoint.url)}
            for endpoint in profile.endpoints
        ],
        "hosts": sorted(served.addresses.hosts),
        "scopes": list(profile.scopes),
        "client_parameters": dict(profile.client_parameters),
        "sites": [{"id": site.id, "name": site.name, "url": site.url} for site in profile.sites],
    }  # fmt: skip


def entry_row(entry: LedgerEntry) -> dict[str, Any]:
    """Return a ledger entry."""
    row = {one.name: getattr(entry, one.name) for one in fields(entry)}
    return row | {"issued": list(entry.issued)}


def application_row(application: Application) -> dict[str, Any]:
    """Return an application without its secret and certificate."""
    return {
        "client_id": application.client_id,
        "app_id": application.app_id,
        "name": application.name,
        "description": application.description,
        "avatar_url": application.avatar_url,
        "owner": application.owner,
        "confidential": application.client_secret is not None or application.certificate is not None,
        "redirect_uris": list(application.redirect_uris),
        "any_loopback": application.any_loopback,
        "kind": application.kind,
        "status": application.status,
        "refusal": application.refusal,
        "project": application.project,
        "refresh_tokens": application.refresh_tokens,
        "scopes": None if application.scopes is None else sorted(application.scopes),
        "shared": application.shared,
        "approved": application.approved,
        "spans_sites": application.spans_sites,
        "tenant": application.tenant,
        "client_family": application.client_family,
        "updated_at": application.updated_at,
    }


def account_row(account: Account) -> dict[str, Any]:
    """Return a user."""
    return {
        "name": account.name,
        "kind": account.kind,
        "sites": None if account.sites is None else list(account.sites),
        "permissions": sorted(account.permissions),
        "refusal": account.refusal,
        "passwords_set": account.passwords_set,
        "password_can_go_back": bool(account.earlier_passwords),
    }


def decision_row(decision: Decision) -> dict[str, Any]:
    """Return an answer of the user's that is queued."""
    return {
        "account": decision.account,
        "answer": decision.answer,
        "scopes": None if decision.scopes is None else sorted(decision.scopes),
        "site": decision.site,
        "seconds": decision.seconds,
    }


def snapshot(served: Served, clock: ServerClock) -> dict[str, Any]:
    """Return all that a provider keeps, as it stands."""
    state = served.provider.state
    return {
        "clock": clock_row(clock),
        "applications": [application_row(one) for one in state.applications.values() if not one.deleted],
        "accounts": [account_row(account) for account in state.accounts.values()],
        "grants": [_grant(served.provider, grant) for grant in state.grants.values()],
        "families": [_family(family) for family in state.families],
        "faults": served.queue.rows(),
        "decisions": [decision_row(one) for one in served.provider.user.queued],
        "ledger_entries": served.provider.ledger.count,
        "exchanges": served.journal.count,
        "snapshots": list(served.snapshots),
    }


def _grant(provider: Provider, grant: Grant) -> dict[str, Any]:
    return {
        "account": grant.account,
        "holder": grant.holder,
        "client_ids": [one.client_id for one in provider.state.applications.values()
                       if provider.state.holder(provider.profile, one) == grant.holder],
        "scopes": sorted(grant.scopes),
        "granted_at": grant.granted_at,
        "sites": {site: sorted(scopes) for site, scopes in grant.sites.items()},
        "revoked": grant.revoked,
        "revoked_by": grant.revoked_by,
    }  # fmt: skip


def _family(family: Family) -> dict[str, Any]:
    return {
        "number": family.number,
        "client_id": family.client_id,
        "account": family.account,
        "started_at": family.started_at,
        "refresh_tokens": [
            {"alias": token.alias, "state": token.state.value, "issued_at": token.issued_at}
            for token in family.refresh_tokens
        ],
        "access_tokens": [
            {"alias": token.alias, "expires_at": token.expires_at, "revoked": token.revoked}
            for token in family.access_tokens
        ],
    }
