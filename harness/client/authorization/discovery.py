"""DiscoveryService: from the address of a resource to a configuration, by what the resource and its authorization
server tell of themselves; what may be used of that is decided in `model.discovery`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from refreshproof.harness.client.authorization.flow_service import FlowRequestService
from refreshproof.harness.client.authorization.services import ClientConfigStorageService
from refreshproof.harness.client.model.configuration import ClientConfiguration, endpoint_fault
from refreshproof.harness.client.model.discovery import (
    Challenge,
    configuration_of,
    name_of,
    read_challenge,
    registration_of,
    resource_fault,
    resource_places,
    server_fault,
    server_places,
)
from refreshproof.harness.client.model.errors import DiscoveryError
from refreshproof.harness.client.model.settings import Settings
from refreshproof.harness.client.token_endpoint.token_response import Answer

OK, REFUSED = 200, 401

Fetch: TypeAlias = Callable[[str, str, Mapping[str, Any] | None], Answer | None]
"""Sends a request (method, address, JSON document); returns None where no whole answer came in time."""


@dataclass(frozen=True, kw_only=True)
class DiscoveryService:
    """Finds out where to log in for a resource, and registers there once."""

    configurations: ClientConfigStorageService
    flows: FlowRequestService
    settings: Settings
    fetch: Fetch

    def configuration_for(self, resource: str) -> ClientConfiguration:
        """Return the configuration for the authorization server that a resource names now; the engine registers itself
        where it is not registered for this resource yet. Raises DiscoveryError, and FieldErrors as `save` does."""
        challenge = self._challenge(resource)
        described = self._document(resource_places(resource, challenge), "the resource tells nothing of itself")
        _refuse(resource_fault(described, resource), resource)
        issuer: str = described["authorization_servers"][0]
        metadata = self._document(server_places(issuer), "the authorization server publishes no metadata")
        _refuse(server_fault(metadata, issuer, self.settings), issuer)
        known = self.configurations.get_by_name(name_of(resource, issuer))
        return known or self._registered(resource, metadata, challenge.scopes or _texts(described, "scopes_supported"))

    def _challenge(self, resource: str) -> Challenge:
        """Ask the resource without a token, and read its refusal."""
        answer = self.fetch("GET", resource, None)
        if answer is None:
            raise DiscoveryError(f"{resource}: no answer came")
        return read_challenge(answer.headers.get("www-authenticate", "")) if answer.status == REFUSED else Challenge()

    def _document(self, places: tuple[str, ...], otherwise: str) -> Mapping[str, Any]:
        """Return the first document that there is at some places; raises DiscoveryError if there is none."""
        for place in places:
            skip = self.settings.skip_provider_https_requirement
            _refuse(endpoint_fault(place, skip, "skip_provider_https_requirement") or "", place)
            answer = self.fetch("GET", place, None)
            found = _members(answer) if answer is not None and answer.status == OK else None
            if found is not None:
                return found
        raise DiscoveryError(f"{', '.join(places)}: {otherwise}")

    def _registered(self, resource: str, metadata: Mapping[str, Any], scopes: tuple[str, ...]) -> ClientConfiguration:
        endpoint = metadata["registration_endpoint"]
        redirect_uri = self.flows.redirect_uri(self.configurations.suffix(metadata["authorization_endpoint"]))
        wanted = registration_of(metadata, redirect_uri, scopes)
        answer = self.fetch("POST", endpoint, wanted)
        created = _members(answer) if answer is not None and answer.status // 100 == 2 else None
        made = None if created is None else configuration_of(resource, metadata, created, scopes)
        if made is None:
            raise DiscoveryError(f"{endpoint}: the registration was refused")
        return self.configurations.save(made)


def _refuse(reason: str, about: str) -> None:
    if reason:
        raise DiscoveryError(f"{about}: {reason}")


def _members(answer: Answer) -> Mapping[str, Any] | None:
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _texts(document: Mapping[str, Any], name: str) -> tuple[str, ...]:
    found = document.get(name)
    return tuple(one for one in found if isinstance(one, str)) if isinstance(found, list) else ()
