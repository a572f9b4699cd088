"""What the tests of the vendor check share: our own provider as the server under check, in virtual time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from kit.provider import START
from refreshproof.harness.vendor_check.asking.limits import Limits
from refreshproof.harness.vendor_check.asking.reply import Reply
from refreshproof.harness.vendor_check.asking.target import Client, Target
from refreshproof.harness.vendor_check.checking import Checking, Settings
from refreshproof.harness.vendor_check.recording.recorded import Recorded
from refreshproof.mock_servers.profile.changes import changed
from refreshproof.mock_servers.profile.profile import Profile
from refreshproof.mock_servers.provider.provider import CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, Provider
from refreshproof.mock_servers.provider.state.consent import Decision
from refreshproof.mock_servers.provider.state.records import Account, Application
from refreshproof.mock_servers.vendors.generic import GENERIC, METADATA
from refreshproof.mock_servers.wire import Handler, Instant, WireRequest, WireResponse

SECOND_CLIENT = Application(client_id="second", client_secret="another-secret", redirect_uris=(REDIRECT_URI,))
SPECIAL_SECRET = "s3c:r+t %2F&=/~"
SPECIAL_CLIENT = Application(client_id="special", client_secret=SPECIAL_SECRET, redirect_uris=(REDIRECT_URI,))
PUBLIC_CLIENT = Application(client_id="public", client_secret=None, redirect_uris=(REDIRECT_URI,))


class InProcess:
    """Carries requests to a provider; time passes only when something waits."""

    def __init__(self, provider: Provider, handler: Handler | None = None) -> None:
        self.provider = provider
        self.handler = handler or provider.handle
        self.time: Instant = START

    def now(self) -> Instant:
        return self.time

    def wait(self, until: Instant) -> None:
        self.time = max(self.time, until)

    def send(self, request: WireRequest) -> Reply:
        response: WireResponse = self.handler(request, self.time)
        return Reply(response=response, sent_at=self.time, received_at=self.time)

    def together(self, requests: Sequence[WireRequest]) -> tuple[Reply, ...]:
        return tuple(self.send(request) for request in requests)


class UserLogin:
    """Lets a user of any name consent."""

    def __init__(self, carrier: InProcess, *, fresh_users: bool = True) -> None:
        self.carrier = carrier
        self.fresh_users = fresh_users

    def __call__(self, url: str, user: str) -> str:
        name = user if self.fresh_users else "alice"
        provider = self.carrier.provider
        provider.state.accounts.setdefault(name, Account(name=name))
        provider.user.usual = Decision(account=name)
        response = self.carrier.handler(WireRequest(method="GET", url=url), self.carrier.time)
        return response.header("location") or url


def target_of(profile: Profile, **changes: Any) -> Target:
    """Describe a provider as a person would who knows its endpoints and has registered three clients."""
    target = Target(
        authorization_endpoint=profile.url("authorization") or "",
        token_endpoint=profile.url("token") or "",
        revocation_endpoint=profile.url("revocation"),
        resource=profile.url("resource"),
        redirect_uri=REDIRECT_URI,
        scopes=profile.scopes,
        client=Client(client_id=CLIENT_ID, client_secret=CLIENT_SECRET),
        second=Client(client_id="second", client_secret="another-secret"),
        special=Client(client_id="special", client_secret=SPECIAL_SECRET),
        public=Client(client_id="public", authentication="none"),
        issuer=profile.issuer,
        metadata=profile.metadata,
    )
    return replace(target, **changes)


def generic(**changes: Any) -> Profile:
    """The plain vendor with changes; two underscores in a name stand for a dot."""
    truthful = replace(GENERIC, metadata=METADATA | {"scopes_supported": ["read", "write", "offline_access"]})
    return changed(truthful, {"scopes": ("read", "write")} | {n.replace("__", "."): v for n, v in changes.items()})


def checked(
    profile: Profile,
    *probes: str,
    fresh_users: bool = True,
    handler: Any = None,
    target: Target | None = None,
    start: str | None = None,
    login: Any = None,
    **settings: Any,
) -> Recorded:
    """Check a provider of a profile with everything allowed; returns what was found."""
    provider = Provider(
        profile,
        applications=(*Provider(profile).state.applications.values(), SECOND_CLIENT, SPECIAL_CLIENT, PUBLIC_CLIENT),
    )
    carrier = InProcess(provider, None if handler is None else handler(provider))
    settings.setdefault("limits", Limits(requests=5000, rate=1000, burn_grants=True))
    found = Settings(name="checked", title="Checked", probes=probes, **settings)
    log_in = login or (UserLogin(carrier, fresh_users=fresh_users) if start is None else None)
    return Checking(target or target_of(profile), found, carrier, log_in, start=start).run()
