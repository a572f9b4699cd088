"""What is judged of a client that finds out where to log in, on both sides of every boundary."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest

from kit.journal import callback, exchange, journal, verdict_on
from kit.requirement import breaks, caught, outcomes
from refreshproof.harness.adapters.tiny.client import PATIENCE, Flow
from refreshproof.harness.run.cells import judge
from refreshproof.harness.subjects.engine import EngineSubject
from refreshproof.harness.subjects.miniatures.able.discovery import Discovers, well_known
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.mock_servers.vendors.mcp import ISSUER, METADATA, RESOURCE, RESOURCE_METADATA
from refreshproof.mock_servers.wire import WireRequest, WireResponse, seconds
from refreshproof.scenarios.clocks.clock import START
from refreshproof.scenarios.evidence.journal import Exchange, Record, UserAction
from refreshproof.scenarios.play.play import play
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.requirements.authorization.discovery import REQUIREMENTS
from refreshproof.scenarios.steps.scenario import Scenario
from refreshproof.scenarios.steps.steps import AuthorizeByDiscovery, Call, MoveAuthorization
from refreshproof.scenarios.steps.subject import Outcome, Registration, Surroundings
from refreshproof.scenarios.world.second_server import HOST

FROM, RESOURCES, ISSUERS, KEYED = (one.id for one in REQUIREMENTS)
ELSEWHERE = f"https://{HOST}/tenant1"
OTHER = "https://other.example.net"


@pytest.mark.parametrize("requirement", [FROM, RESOURCES, ISSUERS, KEYED])
@pytest.mark.parametrize("client", [Discovers, EngineSubject])
def test_a_correct_client_satisfies_it(requirement: str, client: Any) -> None:
    told = outcomes(requirement, client)
    if client is EngineSubject:  # which takes no short-lived access token without a refresh token
        told = {"mcp": told["mcp"]}
    assert set(told.values()) == {"satisfied"}


@pytest.mark.parametrize("requirement", [FROM, RESOURCES, ISSUERS, KEYED])
def test_its_miniature_is_caught_and_a_client_that_is_given_its_server_is_not_asked(requirement: str) -> None:
    assert caught(requirement)
    assert set(outcomes(requirement).values()) == {"unsupported"}


class KeepsItsServer(Discovers):
    """Looks once where to log in."""

    known: Registration | None = None

    def found(self) -> Registration:
        self.known = self.known or super().found()
        return self.known


class KeepsDocuments(Discovers):
    """Keeps the documents that it reads for as long as they say, an hour, as an HTTP cache does."""

    seconds_kept = 3600

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__(surroundings)
        self.read_at: dict[str, tuple[int, Mapping[str, Any]]] = {}

    def read(self, url: str) -> Mapping[str, Any]:
        at, kept = self.read_at.get(url, (None, {}))
        if at is None or self.now() - at >= seconds(self.seconds_kept):
            kept = super().read(url)
            self.read_at[url] = self.now(), kept
        return kept


class KeepsDocumentsTooLong(KeepsDocuments):
    """Keeps them for a day."""

    seconds_kept = 86_400


@pytest.mark.parametrize("requirement", [FROM, RESOURCES, ISSUERS, KEYED])
def test_documents_may_be_kept_for_as_long_as_they_say(requirement: str) -> None:
    assert set(outcomes(requirement, KeepsDocuments).values()) == {"satisfied"}
    assert breaks(KEYED, KeepsDocumentsTooLong)


class AsksByHead(Discovers):
    """Sends HEAD to the resource, which takes none."""

    def ask(self, url: str, document: Mapping[str, Any] | None = None) -> WireResponse:
        if url == self.surroundings.resource:
            return self.surroundings.carrier(WireRequest(method="HEAD", url=url), PATIENCE)
        return super().ask(url, document)


def test_a_client_that_was_refused_nothing_is_told_why_it_was_not_tested() -> None:
    cell = judge(CATALOGUE[FROM], VENDORS["mcp"], AsksByHead, frozenset({"discovers"}))
    assert (cell.outcome, cell.why) == (
        "not_exercised",
        "The client was refused nothing: it asked the resource by HEAD, which was answered 405; a refusal is a 401.",
    )


class KeepsItsTokens(Discovers):
    """Forgets that its refresh token is another server's."""

    def authorize_by_discovery(self) -> Any:
        kept, url = self.disk.grant, super().authorize_by_discovery()
        self.disk.grant, self.not_before = kept and replace(kept, dead=False), 0
        if kept is not None:
            self.refresh()
        return url


class ShowsTheOldSecret(Discovers):
    """Authenticates by what an earlier server had given it before it tries what this one gave it."""

    first: Registration | None = None

    def registered(self, metadata: Mapping[str, Any], scopes: tuple[str, ...]) -> Registration:
        found = replace(super().registered(metadata, scopes), client_authentication="client_secret_basic")
        self.first = self.first or found
        return found

    def exchange(self, code: str, flow: Flow) -> Outcome:
        now, before = self.registration, self.first or self.registration
        self.registration = replace(now, client_id=before.client_id, client_secret=before.client_secret)
        self.post(now.token_endpoint, {"grant_type": "refresh_token", "refresh_token": "none"})
        self.registration = now
        return super().exchange(code, flow)


@pytest.mark.parametrize("client", [KeepsItsServer, KeepsItsTokens, ShowsTheOldSecret])
def test_what_one_server_knows_is_no_use_at_another(client: Any) -> None:
    assert breaks(KEYED, client)
    assert not breaks(ISSUERS, client)


def test_a_secret_that_a_server_issued_is_an_alias_wherever_it_is_written_down() -> None:
    steps = (AuthorizeByDiscovery(), Call(), MoveAuthorization(), Call(), AuthorizeByDiscovery(), Call())
    story = play(VENDORS["mcp"], Discovers, Scenario(steps=steps))
    secrets = [one.members["client_secret"] for one in story.exchanges("registration")]
    assert secrets == ["SECRET1", "SECRET2"]
    assert [one.origin for one in story.exchanges("token") if one.values.get("client_secret") == "SECRET2"] == [
        f"https://{HOST}"
    ]


def host_of(url: str) -> str:
    return urlsplit(url).hostname or ""


class ComparesHosts(Discovers):
    """Takes a neighbour for whom it asked about."""

    def is_of_resource(self, document: Mapping[str, Any]) -> bool:
        return host_of(document["resource"]) == host_of(self.surroundings.resource)

    def is_of_issuer(self, metadata: Mapping[str, Any], issuer: str) -> bool:
        return host_of(metadata["issuer"]) == host_of(issuer)


class ReadsBeforeItCalls(Discovers):
    """Has read the document before it is refused, and reads no other where the refusal names that one."""

    def found(self) -> Registration:
        place = well_known(self.surroundings.resource, "oauth-protected-resource")
        self.documents: dict[str, Mapping[str, Any]] = {}
        self.documents[place] = super().read(place)
        return super().found()

    def read(self, url: str) -> Mapping[str, Any]:
        return self.documents.get(url) or super().read(url)


@pytest.mark.parametrize("requirement", [RESOURCES, ISSUERS])
def test_a_neighbour_is_another(requirement: str) -> None:
    assert breaks(requirement, ComparesHosts)


@pytest.mark.parametrize("requirement", [FROM, RESOURCES, ISSUERS, KEYED])
def test_a_document_may_be_read_before_the_refusal_that_names_it(requirement: str) -> None:
    assert set(outcomes(requirement, ReadsBeforeItCalls).values()) == {"satisfied"}


BEGUN = UserAction(step=1, at=START, what="authorize_by_discovery", about={})
REFUSED: dict[str, Any] = {
    "status": 401,
    "response_headers": (("WWW-Authenticate", f'Bearer resource_metadata="{RESOURCE_METADATA}"'),),
}


def refusal(number: int = 1, **changes: Any) -> Exchange:
    return exchange(number, "resource", RESOURCE, **(REFUSED | changes))


def document(number: int = 2, url: str = RESOURCE_METADATA, **members: Any) -> Exchange:
    told = {"resource": RESOURCE, "authorization_servers": [ISSUER], **members}
    return exchange(number, "resource_metadata", url, members=told)


def metadata(number: int = 3, **members: Any) -> Exchange:
    return exchange(number, "metadata", "https://login.example.com/m", members={**METADATA, **members})


def registered(number: int = 4, url: str = f"{ISSUER}/register", client_id: str = "A") -> Exchange:
    return exchange(number, "registration", url, members={"client_id": client_id}, status=201)


def login(number: int = 5, url: str = f"{ISSUER}/authorize", client_id: str = "A", step: int = 1) -> Exchange:
    asked = (("client_id", client_id),)
    return exchange(number, "authorization", url, actor="browser", step=step, parameters=asked)


def judged(requirement: str, *records: Record) -> str:
    return verdict_on(requirement, journal(BEGUN, *records), "mcp").outcome


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ((refusal(), document(), metadata(), login()), "satisfied"),
        ((refusal(), document(), metadata()), "not_exercised"),
        ((document(), metadata(), login()), "not_exercised"),
        ((refusal(response_headers=()), document(), metadata(), login()), "not_exercised"),
        ((refusal(), metadata(), login()), "violated"),
        ((document(0), refusal(), metadata(), login()), "satisfied"),
        ((refusal(), document(), metadata(), refusal(4), login()), "satisfied"),
        ((refusal(), document(url=RESOURCE_METADATA.replace("mcp.", "MCP.") + "#a"), metadata(), login()), "satisfied"),
        (
            (
                refusal(),
                document(),
                metadata(authorization_endpoint=f"{OTHER}/a?p=1"),
                login(url=f"{OTHER}:443/a?p=1&q"),
            ),
            "satisfied",
        ),
        ((refusal(), document(), metadata(authorization_endpoint=None), login()), "violated"),
        ((refusal(), document(url=f"{RESOURCE_METADATA}?of=1"), metadata(), login()), "violated"),
        ((refusal(), document(), login()), "violated"),
        ((refusal(), document(), metadata(), login(url=f"{OTHER}/authorize")), "violated"),
        ((refusal(), document(), metadata(authorization_endpoint=f"{OTHER}/a"), login(url=f"{OTHER}/a")), "satisfied"),
    ],
)
def test_the_login_goes_where_the_refusal_leads(records: tuple[Record, ...], expected: str) -> None:
    assert judged(FROM, *records) == expected


@pytest.mark.parametrize(
    ("requirement", "wrong"),
    [(RESOURCES, (document(resource=f"{OTHER}/mcp"), metadata())), (ISSUERS, (document(), metadata(issuer=OTHER)))],
)
def test_nothing_follows_from_a_document_about_another(requirement: str, wrong: tuple[Exchange, ...]) -> None:
    assert judged(requirement, refusal(), *wrong) == "satisfied"
    assert judged(requirement, refusal(), *wrong, registered()) == "violated"
    assert judged(requirement, refusal(), *wrong, login()) == "violated"
    assert judged(requirement, refusal(), document(), metadata(), registered(), login()) == "not_exercised"
    unseen = tuple(replace(one, delivered=False) for one in wrong)
    assert judged(requirement, refusal(), *unseen, login()) == "not_exercised"


MOVED = UserAction(step=2, at=START, what="move_authorization", about={"issuer": ELSEWHERE})
AGAIN = UserAction(step=3, at=START, what="authorize_by_discovery", about={})
HERE = f"{ELSEWHERE}/register", f"{ELSEWHERE}/authorize", f"{ELSEWHERE}/token"


def at(number: int, url: str, client_id: str) -> Exchange:
    return login(number, url, client_id, step=3)


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ((), "not_exercised"),
        ((registered(6, HERE[0], "B"), at(7, HERE[1], "B")), "satisfied"),
        ((at(7, HERE[1], "https://app.example.com/client.json"),), "satisfied"),
        ((at(7, HERE[1], "A"),), "violated"),
        ((at(7, HERE[1], "C"),), "violated"),
        ((at(7, f"{ISSUER}/authorize", "A"),), "violated"),
        ((document(6, authorization_servers=[ELSEWHERE]), at(7, f"{ISSUER}/authorize", "A")), "violated"),
        (
            (registered(6, HERE[0], "B"), at(7, HERE[1], "B"), exchange(8, "token", HERE[2], presented="RT1")),
            "violated",
        ),
    ],
)
def test_a_client_that_is_new_to_a_server_registers_there(after: tuple[Record, ...], expected: str) -> None:
    tokens = exchange(6, "token", f"{ISSUER}/token", issued=("AT1", "RT1"))
    before = (refusal(), document(), metadata(), registered(), login(), callback(), tokens)
    assert judged(KEYED, *before, MOVED, AGAIN, *after) == expected


def test_a_vendor_without_registration_or_with_everything_on_one_host_is_not_asked() -> None:
    applies = CATALOGUE[FROM].applies
    assert [name for name, one in VENDORS.items() if applies(one)] == ["mcp", "mcp-no-offline"]
    profile = VENDORS["mcp"].profile
    unregistered = tuple(one for one in profile.endpoints if one.view != "registration")
    for changes in ({"endpoints": unregistered}, {"issuer": "https://mcp.example.com"}):
        assert not applies(replace(VENDORS["mcp"], profile=replace(profile, **changes)))


def test_a_server_on_two_hosts_is_not_replaced() -> None:
    profile = VENDORS["mcp"].profile
    apart = tuple(replace(one, url=one.url.replace("/login.", "/accounts.", 1)) for one in profile.endpoints[:1])
    spread = replace(VENDORS["mcp"], profile=replace(profile, endpoints=(*apart, *profile.endpoints[1:])))
    assert {one: CATALOGUE[one].applies(spread) for one in (FROM, RESOURCES, ISSUERS, KEYED)} == {
        FROM: True, RESOURCES: True, ISSUERS: True, KEYED: False,
    }  # fmt: skip


@pytest.mark.parametrize(("told", "expected"), [("public, max-age=3600", "not_exercised"), ("no-store", "violated")])
def test_a_document_from_before_the_move_excuses_a_login_while_it_may_be_kept(told: str, expected: str) -> None:
    kept = replace(document(), response_headers=(("Cache-Control", told),))
    again = at(7, f"{ISSUER}/authorize", "A")
    assert judged(KEYED, refusal(), kept, metadata(), registered(), login(), MOVED, AGAIN, again) == expected
    assert judged(KEYED, refusal(), document(), metadata(), registered(), login(), MOVED, AGAIN, again) == "violated"
