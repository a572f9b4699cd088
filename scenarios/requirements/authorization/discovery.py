"""Discovery: given nothing but a resource's address, a client goes from its refusal to the server that it names,
believes only documents about whom it asked for, and keeps what one server issued away from every other."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.mock_servers.wire import seconds
from refreshproof.scenarios.evidence.challenges import challenge_of
from refreshproof.scenarios.evidence.evidence import Evidence, once
from refreshproof.scenarios.evidence.journal import Exchange
from refreshproof.scenarios.evidence.requirement import Requirement, serves_well
from refreshproof.scenarios.evidence.verdict import Verdict, exercised, violated
from refreshproof.scenarios.steps.scenario import Scenario
from refreshproof.scenarios.steps.steps import (
    Advance,
    AuthorizeByDiscovery,
    Call,
    Fault,
    MoveAuthorization,
    ProviderChanges,
)
from refreshproof.scenarios.steps.subject import Capability

_NEEDS: frozenset[Capability] = frozenset({"discovers"})
_MCP = "https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization"
_DISCOVERY = f"{_MCP}/authorization-server-discovery"
_OF_RESOURCES = ("resource", "resource_metadata")
_METADATA = ("metadata", "discovery")


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """A login that the client was to find out about by itself: what it asked before, and the request that it sent the
    user's browser off with, None where it sent it nowhere."""

    before: tuple[Exchange, ...]
    login: Exchange | None

    def seen(self, *views: str) -> tuple[Exchange, ...]:
        """Return what it asked of some endpoints, with answers that reached it."""
        return tuple(one for one in self.before if one.view in views and one.delivered)


@once
def attempts(evidence: Evidence) -> tuple[Attempt, ...]:
    """Return the attempts to log in by discovery, in order."""
    return tuple(_attempt(evidence, one.step) for one in evidence.actions("authorize_by_discovery"))


def _attempt(evidence: Evidence, step: int) -> Attempt:
    made = [one for one in evidence.exchanges() if one.step == step]
    login = next((one for one in made if one.actor == "browser"), None)
    earlier = [one for one in made if one.actor != "browser" and (login is None or login.follows(one))]
    return Attempt(before=tuple(earlier), login=login)


def describes_itself(vendor: Vendor) -> bool:
    """Apply where a resource names a server of another host (RFC 9728), at which anybody can register (RFC 7591)."""
    profile = vendor.profile
    hosts = {urlsplit(one.url).hostname for one in profile.endpoints if one.view in _OF_RESOURCES}
    apart = urlsplit(profile.issuer).hostname not in hosts
    return bool(profile.resource_metadata and profile.url("registration") and apart and serves_well(vendor))


def may_be_replaced(vendor: Vendor) -> bool:
    """Apply where such a server is one host, the issuer's, whose place another one can take."""
    profile = vendor.profile
    hosts = {urlsplit(one.url).hostname for one in profile.endpoints if one.view not in _OF_RESOURCES}
    return describes_itself(vendor) and hosts == {urlsplit(profile.issuer).hostname}


def begins_with_the_refusal(evidence: Evidence) -> Verdict:
    """The document that a refusal names is read, at any time, and the login goes where the metadata of the server
    say."""
    led = False
    for one in attempts(evidence):
        refusals = [other for other in one.seen("resource") if other.status == 401]
        named = challenge_of(refusals[-1]).get("resource_metadata") if refusals else None
        if named is None:
            continue
        read = [other for other in evidence.exchanges() if one.login is None or one.login.follows(other)]
        if all(_place(other.url) != _place(named) for other in read):
            asked = [other for other in one.before if other.follows(refusals[-1])]
            return violated(
                f"The refusal named {named}, which was not asked for.",
                refusals[-1].number,
                *(other.number for other in asked[:1]),
                expected="The document that the refusal names is read.",
            )
        if one.login is not None:
            led = True
            told = {
                _place(str(other.members.get("authorization_endpoint")))[:3]
                for other in evidence.exchanges()
                if other.view in _METADATA and other.delivered and one.login.follows(other)
            }
            if _place(one.login.url)[:3] not in told:
                return violated(
                    f"The login went to {one.login.url.partition('?')[0]}, which no metadata had named.",
                    one.login.number,
                    expected="The login goes to the authorization_endpoint of the server that the resource names.",
                )
    return exercised(led, _why_not_led(evidence))


def _why_not_led(evidence: Evidence) -> str:
    """Say what kept a client from a login that a refusal had led to."""
    asked = [other for one in attempts(evidence) for other in one.seen("resource")]
    refused = [one for one in asked if one.status == 401]
    if any(challenge_of(one).get("resource_metadata") for one in refused):
        return "No login was begun after a refusal that named a document."
    if refused:
        return "No refusal that reached the client named a document."
    if not asked:
        return "The client was refused nothing: before its login it did not ask the resource."
    how = sorted({f"{one.method}, which was answered {one.status}" for one in asked})
    return f"The client was refused nothing: it asked the resource by {' and by '.join(how)}; a refusal is a 401."


def _place(url: str) -> tuple[str, str, str, str]:
    """Return scheme, host, path and query of an address, the same for all ways to write it (RFC 3986 s6.2)."""
    address, _, query = url.partition("#")[0].partition("?")
    scheme, _, rest = address.partition("://")
    host, _, path = rest.partition("/")
    usual = {"https": ":443", "http": ":80"}.get(scheme.lower(), "")
    return scheme.lower(), host.lower().removesuffix(usual), path, query


def resource_is_its_own(evidence: Evidence) -> Verdict:
    """Nothing follows from a document about another resource than that which was asked for."""
    wanted = evidence.profile.url("resource")
    wrong = False
    for one in attempts(evidence):
        for document in one.seen("resource_metadata"):
            about = document.members.get("resource")
            if document.status != 200 or about == wanted:
                continue
            wrong = True
            used = _used(one, document)
            if used is not None:
                return violated(
                    f"The document was about {about}, not about {wanted}, and the client went on to {used.origin}.",
                    document.number,
                    used.number,
                    expected="A document about another resource is not used.",
                )
    return exercised(wrong, "No document was about another resource.")


def issuer_is_its_own(evidence: Evidence) -> Verdict:
    """Nothing follows from metadata whose issuer is not the one that they were asked for."""
    wrong = False
    for one in attempts(evidence):
        named = [issuer for other in one.seen("resource_metadata") for issuer in _servers(other)]
        for document in one.seen(*_METADATA):
            issuer = document.members.get("issuer")
            if document.status != 200 or not named or issuer in named:
                continue
            wrong = True
            used = _used(one, document)
            if used is not None:
                return violated(
                    f"The metadata of {named[-1]} said that their issuer is {issuer}, and the client went on to"
                    f" {used.url.partition('?')[0]}.",
                    document.number,
                    used.number,
                    expected="Metadata of another issuer are not used.",
                )
    return exercised(wrong, "No metadata were of another issuer.")


def _servers(document: Exchange) -> tuple[str, ...]:
    found = document.members.get("authorization_servers")
    return tuple(one for one in found if isinstance(one, str)) if isinstance(found, list) else ()


def _used(one: Attempt, document: Exchange) -> Exchange | None:
    """Return the registration or login that followed a document."""
    sent = [other for other in one.before if other.view == "registration"]
    return next((other for other in (*sent, one.login) if other is not None and other.follows(document)), None)


def keyed_by_issuer(evidence: Evidence) -> Verdict:
    """What one server issued goes to no other, and a client that is new to a server registers there."""
    strayed = _strayed(evidence)
    if strayed is not None:
        return strayed
    registered = [one for one in evidence.exchanges("registration") if one.ok]
    moved = evidence.actions("move_authorization")
    arrived = False
    for action in moved:
        for one in attempts(evidence):
            if one.login is None or one.login.step < action.step:
                continue
            issuer = str(action.about["issuer"])
            here, client = _host(one.login), one.login.values.get("client_id", "")
            if here != urlsplit(issuer).hostname:
                if _is_fresh(evidence, one.login, issuer):
                    continue
                return violated(
                    f"The resource named {issuer}, and the login went to {one.login.origin}.",
                    one.login.number,
                    expected=f"A registration and a login at {issuer}.",
                )
            known = {other.members.get("client_id") for other in registered if _host(other) == here}
            if client not in known and not client.startswith("https://"):
                return violated(
                    f"The login at {one.login.origin} was that of a client which had not been registered there.",
                    one.login.number,
                    expected=f"A registration at {issuer}.",
                )
            arrived = True
    return exercised(arrived, "No login followed a change of the authorization server.")


def _is_fresh(evidence: Evidence, login: Exchange, issuer: str) -> bool:
    """Tell whether a client had the resource's document from before it named an issuer, and may have kept it (RFC 9728
    s7.10, RFC 9111 s4.2)."""
    documents = [one for one in evidence.exchanges("resource_metadata") if one.delivered and login.follows(one)]
    kept = [one for one in documents if one.status == 200][-1:]
    return any(
        issuer not in _servers(one) and login.sent_at - one.finished_at < seconds(_lifetime(one)) for one in kept
    )


def _lifetime(document: Exchange) -> int:
    """Return for how many seconds an answer may be used again."""
    told = ",".join(value for name, value in document.response_headers if name.lower() == "cache-control")
    found = re.search(r"\bmax-age=(\d{1,9})\b", told, re.IGNORECASE)
    return 0 if found is None or "no-store" in told.lower() or "no-cache" in told.lower() else int(found[1])


def _strayed(evidence: Evidence) -> Verdict | None:
    """Find what a server had issued in a request to another one."""
    home: dict[object, Exchange] = {}
    for one in evidence.exchanges():
        if one.view not in _OF_RESOURCES:
            for value in (one.presented, *one.basic, *(value for _, value in one.parameters)):
                issuer = home.get(value)
                if issuer is not None and _host(issuer) != _host(one):
                    return violated(
                        f"{_in_words(value, issuer)}, which {issuer.origin} had issued, went to {one.origin}.",
                        issuer.number,
                        one.number,
                        expected="Credentials go to the server that issued them.",
                    )
        credentials = [one.members.get(name) for name in ("client_id", "client_secret")]
        fresh = credentials if one.view == "registration" and one.ok else []
        home |= {value: one for value in (*one.issued, *fresh) if value}
    return None


def _in_words(value: object, issuer: Exchange) -> str:
    return "The client id" if value == issuer.members.get("client_id") else str(value)


def _host(exchange: Exchange) -> str | None:
    return urlsplit(exchange.origin).hostname


_LIFE = (AuthorizeByDiscovery(), Call(), Advance(seconds=3700), Call())
_ELSEWHERE = Fault(fault="readdress", view="resource", grant_type=None, times=None)
_OTHER = "https://other.example.net"
_NEIGHBOUR, _TENANT = "https://mcp.example.com/other", "https://login.example.com/tenant2"
"""At the hosts of the built-in vendors that these requirements apply to."""


def _falsified(name: str, field: str, value: str) -> Scenario:
    """Log in by discovery where a document says something else in one field than it should."""
    return Scenario(steps=(ProviderChanges(changes={field: value}), AuthorizeByDiscovery(), Call()), name=name)


REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        id="discovery-from-refusal",
        keyword="MUST",
        statement=(
            "A client that knows a resource's address alone follows its 401 to the document that this names, and that "
            "to the metadata of the authorization server."
        ),
        source=f"MCP 2026-07-28: {_DISCOVERY}#protected-resource-metadata-discovery-requirements; RFC 9728 s5.1",
        effect="The client finds the server of yesterday, or none, and nobody can log in.",
        fix="On 401 read resource_metadata of WWW-Authenticate; build well-known addresses only where it is missing.",
        anomaly="A15",
        check=begins_with_the_refusal,
        scenarios=(
            Scenario(steps=_LIFE, name="a resource that nobody knows"),
            Scenario(steps=(_ELSEWHERE, *_LIFE), name="a document at another address"),
        ),
        applies=describes_itself,
        needs=_NEEDS,
    ),
    Requirement(
        id="discovery-resource-matches",
        keyword="MUST NOT",
        statement="A document about another resource than that which was asked for is not used.",
        source=f"RFC 9728 s3.3; MCP 2026-07-28: {_DISCOVERY}#sequence-diagram",
        effect="A hostile resource has users log in for another one, and gets tokens that open it.",
        fix="Compare `resource` of the document with the address that was called, and stop where they differ.",
        anomaly="A6",
        check=resource_is_its_own,
        scenarios=(
            _falsified("a document about another resource", "resource_metadata.resource", f"{_OTHER}/mcp"),
            _falsified("a document about a neighbour", "resource_metadata.resource", _NEIGHBOUR),
        ),
        applies=describes_itself,
        needs=_NEEDS,
        version=2,
    ),
    Requirement(
        id="security-metadata-issuer",
        keyword="MUST NOT",
        statement="Metadata whose issuer is not identical to the one asked for is not used.",
        source=f"RFC 8414 s3.3; MCP 2026-07-28: {_DISCOVERY}#authorization-server-metadata-discovery; RFC 9207 s4",
        effect="Whoever can place a document names another server's endpoints, and collects its codes.",
        fix="Compare `issuer` with the URL that the metadata were built from, character by character.",
        anomaly="A6",
        check=issuer_is_its_own,
        scenarios=(
            _falsified("metadata of another issuer", "metadata.issuer", _OTHER),
            _falsified("metadata of a neighbouring issuer", "metadata.issuer", _TENANT),
        ),
        applies=describes_itself,
        needs=_NEEDS,
        version=2,
    ),
    Requirement(
        id="security-credentials-by-issuer",
        keyword="MUST NOT",
        statement=(
            "What one authorization server issued goes to no other; where the resource names another one, the client "
            "registers and logs in there."
        ),
        source=(
            f"MCP 2026-07-28: {_MCP}/client-registration#authorization-server-binding; RFC 6749 s2.2; RFC 9728 s7.10"
        ),
        effect="One server gets the keys to another, or nobody can log in once the resource has moved.",
        fix=(
            "Keep registrations and tokens by issuer, and the document of the resource for no longer than its"
            " Cache-Control says."
        ),
        anomaly="A6",
        check=keyed_by_issuer,
        scenarios=(
            Scenario(
                steps=(
                    *(AuthorizeByDiscovery(), Call(), MoveAuthorization(), Call(), Advance(seconds=3700)),
                    *(AuthorizeByDiscovery(), Call(), Advance(seconds=3700), Call()),
                ),
                name="a resource that moves to another authorization server",
            ),
        ),
        applies=may_be_replaced,
        needs=_NEEDS,
        version=2,
    ),
)
"""Requirements on a client that discovers."""
