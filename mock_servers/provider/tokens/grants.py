"""The grants of the token endpoint, as moves on a provider's state; the client is authenticated before.

A grant returns the members of a success body or raises `Refused`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from refreshproof.mock_servers.provider.http.token_request import TokenRequest
from refreshproof.mock_servers.provider.login.device import exchange_device_code
from refreshproof.mock_servers.provider.tokens.client_grants import client_credentials
from refreshproof.mock_servers.provider.tokens.code_exchange import exchange_code
from refreshproof.mock_servers.provider.tokens.refresh import refresh

GRANTS: Mapping[str, Callable[[TokenRequest], dict[str, Any]]] = {
    "authorization_code": exchange_code,
    "refresh_token": refresh,
    "urn:ietf:params:oauth:grant-type:device_code": exchange_device_code,
    "device_code": exchange_device_code,
    "client_credentials": client_credentials,
    "urn:bitbucket:oauth2:jwt": client_credentials,
}
"""Grants by grant_type; which of them a vendor takes is `profile.token_request.grants`."""
