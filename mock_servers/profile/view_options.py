"""What each kind of endpoint can be told by its options, as types; `views` says what they do.

Data only. An option without a default must be given, which is written `...` as pydantic has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from refreshproof.mock_servers.profile.sites import Api, Product

Document: TypeAlias = Mapping[str, Any]
Names: TypeAlias = tuple[str, ...]
Headers: TypeAlias = tuple[tuple[str, str], ...]
Option: TypeAlias = tuple[Any, Any]
"""A type, and a default or `...`."""

OPTIONS: Mapping[str, Mapping[str, Option]] = {
    "authorization": {},
    "token": {},
    "revocation": {"authenticate": (bool, True)},
    "resource": {"scopes": (Names, ()), "document": (Document, {}), "identity": (Document, {})},
    "discovery": {"document": (Document, {}), "headers": (Headers, ())},
    "metadata": {"document": (Document, {}), "headers": (Headers, ())},
    "resource_metadata": {},
    "tenant_document": {"document": (Document, ...), "headers": (Headers, ())},
    "instance_discovery": {"authorities": (tuple[Document, ...], ...)},
    "device_authorization": {},
    "device_verification": {},
    "userinfo": {"scopes": (Names, ()), "any_scope": (Names, ()), "claims": (Mapping[str, str], ...)},
    "page": {"text": (str, ...)},
    "end_session": {"return_to": (str, "post_logout_redirect_uri")},
    "token_information": {"members": (Mapping[str, str], ...), "strings": (bool, False)},
    "keys": {"members": (Document, {})},
    "certificates": {},
    "introspection": {},
    "registration": {},
    "accessible_resources": {"products": (tuple[Product, ...], ...)},
    "gateway": {"api": (Api, ...)},
    "site_host": {},
    "login": {},
    "user_error": {},
    "exchange": {
        "life": (int, ...),
        "scopes": (Names, ()),
        "member": (str, ""),
        "extra": (Document, {}),
        "grant_types": (Names, ()),
    },
}
"""The options of every kind of endpoint in `views.VIEWS`."""
