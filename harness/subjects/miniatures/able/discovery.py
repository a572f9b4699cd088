"""A correct client that finds out where to log in, on which miniatures of that build."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import urlsplit

from refreshproof.harness.adapters.tiny.answers import Failure
from refreshproof.harness.adapters.tiny.client import PATIENCE, TinyClient
from refreshproof.mock_servers.wire import WireRequest, WireResponse
from refreshproof.scenarios.steps.subject import Capability, Outcome, Registration, Surroundings

_NAMED = re.compile(r'\b(resource_metadata|scope)="([^"]*)"')


class Discovers(TinyClient):
    """Asks the resource before each login whose users it serves, and registers once with each server."""

    extra_capabilities: ClassVar[frozenset[Capability]] = TinyClient.extra_capabilities | {"discovers"}

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__(surroundings)
        self.registrations: dict[str, Registration] = {}

    def authorize_by_discovery(self) -> str | Outcome:
        """Find the server, and begin a login there; what another one granted is given up."""
        try:
            found = self.found()
        except Failure as failure:
            return failure.outcome
        if found.issuer != self.registration.issuer:
            self.disk.grant = None
        self.registration = found
        return self.authorize()

    def found(self) -> Registration:
        """Return the registration with the server that the resource names; raises `Failure`."""
        resource = self.surroundings.resource
        told = dict(_NAMED.findall(self.ask(resource).header("www-authenticate") or ""))
        document = self.read(self.place(resource, told))
        if not self.is_of_resource(document):
            raise Failure(Outcome(kind="permanent_error", detail="The document is about another resource."))
        issuer = document["authorization_servers"][0]
        metadata = self.read(well_known(issuer, "oauth-authorization-server"))
        if not self.is_of_issuer(metadata, issuer):
            raise Failure(Outcome(kind="permanent_error", detail="The metadata are those of another issuer."))
        return self.registered(metadata, tuple(told.get("scope", "").split()) or self.registration.scopes)

    def place(self, resource: str, told: Mapping[str, str]) -> str:
        """Return where the document of a resource is: where its refusal says."""
        return told.get("resource_metadata") or well_known(resource, "oauth-protected-resource")

    def is_of_resource(self, document: Mapping[str, Any]) -> bool:
        """Compare whom a document is about."""
        return bool(document["resource"] == self.surroundings.resource)

    def is_of_issuer(self, metadata: Mapping[str, Any], issuer: str) -> bool:
        """Compare whose metadata these are."""
        return bool(metadata["issuer"] == issuer)

    def registered(self, metadata: Mapping[str, Any], scopes: tuple[str, ...]) -> Registration:
        """Return the registration with a server, made now if there is none."""
        issuer = self.key(metadata)
        known = self.registrations.get(issuer)
        if known is None:
            wanted = {
                "redirect_uris": [self.redirect_uri()],
                "grant_types": ["authorization_code", "refresh_token"],
                "token_endpoint_auth_method": "client_secret_post",
            }
            made = json.loads(self.ask(metadata["registration_endpoint"], wanted).body)
            known = self.registrations[issuer] = replace(
                self.registration,
                client_id=made["client_id"],
                client_secret=made["client_secret"],
                client_authentication="client_secret_post",
            )
        return replace(
            known,
            scopes=scopes,
            issuer=metadata["issuer"],
            authorization_endpoint=metadata["authorization_endpoint"],
            token_endpoint=metadata["token_endpoint"],
            revocation_endpoint=metadata.get("revocation_endpoint"),
        )

    def key(self, metadata: Mapping[str, Any]) -> str:
        """Return by what a registration is kept."""
        return str(metadata["issuer"])

    def read(self, url: str) -> Mapping[str, Any]:
        """Return a document; raises `Failure` where there is none."""
        answer = self.ask(url)
        if answer.status != 200:
            raise Failure(Outcome(kind="permanent_error", status=answer.status, detail="There is no such document."))
        return self.document(answer)

    def ask(self, url: str, document: Mapping[str, Any] | None = None) -> WireResponse:
        """Send a request without a token."""
        if document is None:
            return self.surroundings.carrier(WireRequest(method="GET", url=url), PATIENCE)
        kind, body = (("Content-Type", "application/json"),), json.dumps(document).encode()
        return self.surroundings.carrier(WireRequest(method="POST", url=url, headers=kind, body=body), PATIENCE)


def well_known(url: str, suffix: str) -> str:
    """Return the address of a document about a URL, between its host and its path (RFC 8414 s3.1)."""
    parts = urlsplit(url)
    return parts._replace(path=f"/.well-known/{suffix}{parts.path}").geturl()
