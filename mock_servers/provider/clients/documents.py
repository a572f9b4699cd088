"""Client ID metadata documents: a client whose id is the address of a document about it.

Pure: what is found at the addresses stands in the profile. Source: draft-ietf-oauth-client-id-metadata-document-03 s3,
s4.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from refreshproof.mock_servers.profile.profile import Profile
from refreshproof.mock_servers.provider.state.records import Application


def documented(profile: Profile) -> Iterator[Application]:
    """Yield the clients that the documents describe; one that says something else than it must makes no client."""
    for address, document in profile.client_documents.items():
        application = _application(address, document)
        if application is not None:
            yield application


def _application(address: str, document: Mapping[str, Any]) -> Application | None:
    uris: Any = document.get("redirect_uris")
    grants: Any = document.get("grant_types", ["authorization_code"])
    told = document.get("client_id") == address and isinstance(document.get("client_name"), str)
    if not (_is_client_id(address) and told and _texts(uris) and _texts(grants)) or "client_secret" in document:
        return None
    return Application(
        client_id=address,
        client_secret=None,
        redirect_uris=tuple(uris),
        refresh_tokens="refresh_token" in grants,
        kind="native" if document.get("application_type") == "native" else "web",
        name=document["client_name"],
    )


def _is_client_id(address: str) -> bool:
    """Tell whether an address may be a client id: https, with a path, and with neither fragment nor user."""
    split = urlsplit(address)
    return split.scheme == "https" and split.path.strip("/") != "" and not split.fragment and "@" not in split.netloc


def _texts(value: Any) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(one, str) for one in value)
