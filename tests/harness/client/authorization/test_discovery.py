"""From the address of a resource to a configuration: what is asked for, what is believed, and what is kept."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
import pytest

from kit.client_engine import BASE, START, ManualClock, query
from refreshproof.harness.client import (
    ClientAuthentication,
    ClientConfiguration,
    ClientEngine,
    DiscoveryError,
    FieldErrors,
    MemoryStorage,
)
from refreshproof.harness.client.model.discovery import (
    Challenge,
    read_challenge,
    registration_of,
    resource_places,
    server_places,
)

RESOURCE, ISSUER = "https://mcp.example.com/mcp", "https://login.example.com/tenant1"
ABOUT = "https://mcp.example.com/about?of=mcp"
WELL_KNOWN = "https://mcp.example.com/.well-known/oauth-protected-resource"
METADATA = "https://login.example.com/.well-known/oauth-authorization-server/tenant1"
SERVER: dict[str, Any] = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize",
    "token_endpoint": f"{ISSUER}/token",
    "registration_endpoint": f"{ISSUER}/register",
    "token_endpoint_auth_methods_supported": ["none", "client_secret_basic"],
    "code_challenge_methods_supported": ["S256"],
    "authorization_response_iss_parameter_supported": True,
}
DOCUMENT = {"resource": RESOURCE, "authorization_servers": [ISSUER], "scopes_supported": ["files:read"]}
REGISTERED = {"client_id": "made-up", "client_secret": "s" * 20, "token_endpoint_auth_method": "client_secret_basic"}


class Sites:
    """Answers by address: a document, a status, or an answer; 404 where nothing stands."""

    def __init__(self, **stands: Any) -> None:
        challenge = {"www-authenticate": f'Bearer resource_metadata="{ABOUT}", scope="files:read files:write"'}
        self.stands: dict[str, Any] = {
            RESOURCE: httpx.Response(401, headers=challenge),
            ABOUT: DOCUMENT,
            METADATA: SERVER,
            f"{ISSUER}/register": httpx.Response(201, json=REGISTERED),
        }
        self.asked: list[str] = []
        self.registrations: list[dict[str, Any]] = []
        client = httpx.Client(transport=httpx.MockTransport(self))
        self.engine = ClientEngine(storage=MemoryStorage(), http=client, base_url=BASE, clock=ManualClock(START))

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url))
        if request.method == "POST":
            self.registrations.append(json.loads(request.content))
        stands = self.stands.get(str(request.url), 404)
        if isinstance(stands, Exception):
            raise stands
        if isinstance(stands, httpx.Response):
            return httpx.Response(stands.status_code, headers=dict(stands.headers), content=stands.content)
        return httpx.Response(stands) if isinstance(stands, int) else httpx.Response(200, json=stands)

    def found(self) -> ClientConfiguration:
        return self.engine.discovery.configuration_for(RESOURCE)


def test_a_refusal_leads_to_a_registration_with_the_server_that_the_resource_names() -> None:
    sites = Sites()
    made = sites.found()
    assert sites.asked == [RESOURCE, ABOUT, METADATA, f"{ISSUER}/register"]
    assert sites.registrations == [
        {
            "client_name": "Refreshproof",
            "application_type": "web",
            "redirect_uris": [sites.engine.flows.redirect_uri(made.redirect_uri_suffix)],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "client_secret_basic",
            "scope": "files:read files:write",
        }
    ]
    assert (made.client_id, made.client_secret) == ("made-up", "s" * 20)
    assert made.client_authentication is ClientAuthentication.BASIC
    assert (made.issuer, made.iss_required, made.scopes) == (ISSUER, True, ("files:read", "files:write"))
    assert made.token_parameters == made.authorization_parameters == {"resource": RESOURCE}
    flow = sites.engine.flows.create("session", made, lambda id_: f"{BASE}/{id_}")
    sent = query(sites.engine.flows.start("session", flow.id))
    assert (sent["client_id"], sent["resource"], sent["scope"]) == ("made-up", RESOURCE, "files:read files:write")


def test_the_engine_registers_once_with_each_server_and_finds_the_old_one_again() -> None:
    sites = Sites()
    first = sites.found()
    assert sites.found() == first
    other = "https://auth.example.net"
    sites.stands |= {
        ABOUT: DOCUMENT | {"authorization_servers": [other]},
        f"{other}/.well-known/oauth-authorization-server": {
            name: value.replace(ISSUER, other) if isinstance(value, str) else value for name, value in SERVER.items()
        },
        f"{other}/register": httpx.Response(201, json=REGISTERED | {"client_id": "made-there"}),
    }
    second = sites.found()
    assert (second.client_id, second.issuer, second.token_endpoint) == ("made-there", other, f"{other}/token")
    assert second.redirect_uri_suffix != first.redirect_uri_suffix
    sites.stands[ABOUT] = DOCUMENT
    assert sites.found() == first
    assert len(sites.registrations) == 2


def test_a_resource_that_names_no_document_is_looked_for_at_the_well_known_places() -> None:
    sites = Sites()
    sites.stands |= {RESOURCE: httpx.Response(401), WELL_KNOWN: DOCUMENT}
    assert sites.found().scopes == ("files:read",)
    assert sites.asked[1:3] == [f"{WELL_KNOWN}/mcp", WELL_KNOWN]


@pytest.mark.parametrize(
    ("stands", "complaint"),
    [
        ({RESOURCE: httpx.ConnectError("down")}, f"{RESOURCE}: no answer came"),
        ({ABOUT: 404}, f"{ABOUT}: the resource tells nothing of itself"),
        ({ABOUT: ["no object"]}, f"{ABOUT}: the resource tells nothing of itself"),
        ({ABOUT: DOCUMENT | {"resource": f"{RESOURCE}/"}}, f"{RESOURCE}: its document is about another resource"),
        ({ABOUT: {"resource": RESOURCE}}, f"{RESOURCE}: its document names no authorization server"),
        ({ABOUT: DOCUMENT | {"authorization_servers": [7]}}, f"{RESOURCE}: its document names no authorization server"),
        ({METADATA: SERVER | {"issuer": f"{ISSUER}/"}}, f"{ISSUER}: its metadata are those of another issuer"),
        ({METADATA: 503}, "the authorization server publishes no metadata"),
        ({METADATA: SERVER | {"token_endpoint": "http://a.example/t"}}, f"{ISSUER}: token_endpoint must be https"),
        ({METADATA: SERVER | {"registration_endpoint": None}}, f"{ISSUER}: registration_endpoint is not an absolute"),
        ({METADATA: SERVER | {"code_challenge_methods_supported": ["plain"]}}, f"{ISSUER}: it takes no challenge"),
        ({f"{ISSUER}/register": 400}, f"{ISSUER}/register: the registration was refused"),
        ({f"{ISSUER}/register": {"client_id": ""}}, f"{ISSUER}/register: the registration was refused"),
        (
            {f"{ISSUER}/register": {"client_id": "a", "token_endpoint_auth_method": "odd"}},
            "the registration was refused",
        ),
    ],
)
def test_what_may_not_be_used_leads_to_no_configuration(stands: dict[str, Any], complaint: str) -> None:
    sites = Sites()
    sites.stands |= stands
    with pytest.raises(DiscoveryError, match=re.escape(complaint)):
        sites.found()
    assert sites.engine.configurations.list() == []


def test_a_document_is_not_asked_for_in_clear_and_a_resource_without_scopes_makes_no_configuration() -> None:
    sites = Sites()
    challenge = {"www-authenticate": 'Bearer resource_metadata="http://mcp.example.com/about"'}
    sites.stands[RESOURCE] = httpx.Response(401, headers=challenge)
    with pytest.raises(DiscoveryError, match=re.escape("http://mcp.example.com/about: must be https")):
        sites.found()
    assert sites.asked == [RESOURCE]
    sites.stands |= {RESOURCE: httpx.Response(401), f"{WELL_KNOWN}/mcp": {**DOCUMENT, "scopes_supported": None}}
    with pytest.raises(FieldErrors, match="needs at least one scope"):
        sites.found()


def test_a_challenge_is_read_and_places_are_built_as_the_documents_say() -> None:
    assert read_challenge('Bearer realm="a", error="x", resource_metadata="https://a/b", scope="c d"') == Challenge(
        document="https://a/b", scopes=("c", "d")
    )
    assert read_challenge("Basic") == Challenge()
    assert resource_places("https://a.example", Challenge()) == (
        "https://a.example/.well-known/oauth-protected-resource",
    )
    assert resource_places("https://a.example/b?c=d", Challenge(document="https://e/f")) == ("https://e/f",)
    assert server_places("https://a.example/b") == (
        "https://a.example/.well-known/oauth-authorization-server/b",
        "https://a.example/.well-known/openid-configuration/b",
        "https://a.example/b/.well-known/openid-configuration",
    )
    assert server_places("https://a.example") == (
        "https://a.example/.well-known/oauth-authorization-server",
        "https://a.example/.well-known/openid-configuration",
    )


@pytest.mark.parametrize(
    ("known", "method"),
    [
        (None, "client_secret_basic"),
        (["none"], "none"),
        (["none", "client_secret_basic"], "client_secret_basic"),
        (["client_secret_basic", "client_secret_post"], "client_secret_post"),
        (["private_key_jwt"], "client_secret_basic"),
    ],
)
def test_the_engine_authenticates_by_the_best_way_that_the_server_has(known: Any, method: str) -> None:
    wanted = registration_of({"token_endpoint_auth_methods_supported": known}, f"{BASE}/callback", ())
    assert wanted["token_endpoint_auth_method"] == method


def test_a_public_client_has_no_secret() -> None:
    sites = Sites()
    sites.stands[f"{ISSUER}/register"] = httpx.Response(201, json={**REGISTERED, "token_endpoint_auth_method": "none"})
    made = sites.found()
    assert (made.client_authentication, made.client_secret) == (ClientAuthentication.NONE, "")
