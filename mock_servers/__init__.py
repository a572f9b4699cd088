"""Mock authorization servers: vendors as data, the provider that plays any of them, faults, and ways to be served.

Names are imported when they are used, so that importing the package costs nothing. It knows no client and no scenario.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from refreshproof.mock_servers.faults.faults import FAULTS, FaultSpec
    from refreshproof.mock_servers.profile.announcement import Announcement
    from refreshproof.mock_servers.profile.causes import Cause, ErrorReply
    from refreshproof.mock_servers.profile.flow_rules import (
        AuthenticationDemand,
        ClientTokens,
        ContinuousAccess,
        DeviceRules,
        ProofRules,
        ResourceIndicators,
    )
    from refreshproof.mock_servers.profile.identity import IdTokenRules
    from refreshproof.mock_servers.profile.profile import (
        AccountRules,
        AuthorizationRules,
        Endpoint,
        IssuanceRules,
        LifetimeRule,
        Lifetimes,
        Profile,
        ResponseShape,
        SecondPair,
        Source,
        TokenRequestRules,
        TokenShape,
    )
    from refreshproof.mock_servers.profile.refresh_policy import RefreshPolicy
    from refreshproof.mock_servers.profile.sites import Site
    from refreshproof.mock_servers.profile_files.file import read_vendor
    from refreshproof.mock_servers.provider.provider import Provider
    from refreshproof.mock_servers.provider.state.records import Account, Application
    from refreshproof.mock_servers.serving.served.options import ServeOptions
    from refreshproof.mock_servers.serving.server import Server, serve
    from refreshproof.mock_servers.vendors.registry import CORE, VENDORS
    from refreshproof.mock_servers.vendors.vendor import Vendor
    from refreshproof.mock_servers.wire import WireRequest, WireResponse

__all__ = [
    "CORE",
    "FAULTS",
    "VENDORS",
    "Account",
    "AccountRules",
    "Announcement",
    "Application",
    "AuthenticationDemand",
    "AuthorizationRules",
    "Cause",
    "ClientTokens",
    "ContinuousAccess",
    "DeviceRules",
    "Endpoint",
    "ErrorReply",
    "FaultSpec",
    "IdTokenRules",
    "IssuanceRules",
    "LifetimeRule",
    "Lifetimes",
    "Profile",
    "ProofRules",
    "Provider",
    "RefreshPolicy",
    "ResourceIndicators",
    "ResponseShape",
    "SecondPair",
    "ServeOptions",
    "Server",
    "Site",
    "Source",
    "TokenRequestRules",
    "TokenShape",
    "Vendor",
    "WireRequest",
    "WireResponse",
    "read_vendor",
    "serve",
]

_HOMES = {
    "CORE": "vendors.registry",
    "FAULTS": "faults.faults",
    "VENDORS": "vendors.registry",
    "Account": "provider.state.records",
    "AccountRules": "profile.profile",
    "Announcement": "profile.announcement",
    "Application": "provider.state.records",
    "AuthorizationRules": "profile.profile",
    "Cause": "profile.causes",
    "ClientTokens": "profile.flow_rules",
    "ContinuousAccess": "profile.flow_rules",
    "DeviceRules": "profile.flow_rules",
    "Endpoint": "profile.profile",
    "ErrorReply": "profile.causes",
    "FaultSpec": "faults.faults",
    "IdTokenRules": "profile.identity",
    "IssuanceRules": "profile.profile",
    "LifetimeRule": "profile.profile",
    "Lifetimes": "profile.profile",
    "Profile": "profile.profile",
    "ProofRules": "profile.flow_rules",
    "Provider": "provider.provider",
    "RefreshPolicy": "profile.refresh_policy",
    "AuthenticationDemand": "profile.flow_rules",
    "ResourceIndicators": "profile.flow_rules",
    "ResponseShape": "profile.profile",
    "SecondPair": "profile.profile",
    "ServeOptions": "serving.served.options",
    "Server": "serving.server",
    "Site": "profile.sites",
    "Source": "profile.profile",
    "TokenRequestRules": "profile.profile",
    "TokenShape": "profile.profile",
    "Vendor": "vendors.vendor",
    "WireRequest": "wire",
    "WireResponse": "wire",
    "read_vendor": "profile_files.file",
    "serve": "serving.server",
}


def __getattr__(name: str) -> Any:
    """Import a public name from its module."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Name what can be had, whether it has been imported yet or not."""
    return sorted({*globals(), *__all__})
