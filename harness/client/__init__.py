"""The reference client engine: configurations, flows and tokens that survive refresh. `ClientEngine` is the way in.

Names are imported when they are used: a storage brings a database library that few callers need.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from refreshproof.harness.client.authorization.discovery import DiscoveryService
    from refreshproof.harness.client.authorization.flow_service import FlowRequestService
    from refreshproof.harness.client.authorization.report import LoginReport, TokenReport
    from refreshproof.harness.client.authorization.services import ClientConfigStorageService, ClientTokenStorageService
    from refreshproof.harness.client.engine import ClientEngine
    from refreshproof.harness.client.model.clock import DAY, SECOND, Clock, SystemClock
    from refreshproof.harness.client.model.configuration import (
        BodyFormat,
        ClientAuthentication,
        ClientConfiguration,
        ProviderType,
        missing_scopes,
    )
    from refreshproof.harness.client.model.errors import (
        AuthenticationRefused,
        ClientConfigurationAlarm,
        ClientEngineError,
        ConfigurationError,
        DiscoveryError,
        FieldErrors,
        FlowError,
        InsufficientAuthentication,
        InsufficientScope,
        InvalidToken,
        NotFoundError,
        ReauthorizationRequired,
        ScopeRefused,
        StorageError,
        TokenError,
        TransientTokenError,
    )
    from refreshproof.harness.client.model.flow import FlowRequest, FlowResult, FlowResultError
    from refreshproof.harness.client.model.settings import Settings
    from refreshproof.harness.client.model.token import (
        ClientToken,
        ClientTokenEntity,
        FailureKind,
        Health,
        Lease,
        Status,
    )
    from refreshproof.harness.client.prune import Pruned, PruneJob
    from refreshproof.harness.client.refresh.handler import TokenHandler, TokenService
    from refreshproof.harness.client.storage.crypto import Cipher
    from refreshproof.harness.client.storage.memory import MemoryStorage
    from refreshproof.harness.client.storage.sql import SqlStorage
    from refreshproof.harness.client.storage.storage import Storage
    from refreshproof.harness.client.web.rest import RestApi
    from refreshproof.harness.client.web.web import WebApplication

__all__ = [
    "DAY",
    "SECOND",
    "AuthenticationRefused",
    "BodyFormat",
    "Cipher",
    "ClientAuthentication",
    "ClientConfigStorageService",
    "ClientConfiguration",
    "ClientConfigurationAlarm",
    "ClientEngine",
    "ClientEngineError",
    "ClientToken",
    "ClientTokenEntity",
    "ClientTokenStorageService",
    "Clock",
    "ConfigurationError",
    "DiscoveryError",
    "DiscoveryService",
    "FailureKind",
    "FieldErrors",
    "FlowError",
    "FlowRequest",
    "FlowRequestService",
    "FlowResult",
    "FlowResultError",
    "Health",
    "InsufficientAuthentication",
    "InsufficientScope",
    "InvalidToken",
    "Lease",
    "LoginReport",
    "MemoryStorage",
    "NotFoundError",
    "ProviderType",
    "PruneJob",
    "Pruned",
    "ReauthorizationRequired",
    "RestApi",
    "ScopeRefused",
    "Settings",
    "SqlStorage",
    "Status",
    "Storage",
    "StorageError",
    "SystemClock",
    "TokenError",
    "TokenHandler",
    "TokenReport",
    "TokenService",
    "TransientTokenError",
    "WebApplication",
    "missing_scopes",
]

_HOME_OF = {
    "DAY": "model.clock",
    "SECOND": "model.clock",
    "AuthenticationRefused": "model.errors",
    "BodyFormat": "model.configuration",
    "Cipher": "storage.crypto",
    "ClientAuthentication": "model.configuration",
    "ClientConfigStorageService": "authorization.services",
    "ClientConfiguration": "model.configuration",
    "ClientConfigurationAlarm": "model.errors",
    "ClientEngine": "engine",
    "ClientEngineError": "model.errors",
    "ClientToken": "model.token",
    "ClientTokenEntity": "model.token",
    "ClientTokenStorageService": "authorization.services",
    "Clock": "model.clock",
    "ConfigurationError": "model.errors",
    "DiscoveryError": "model.errors",
    "DiscoveryService": "authorization.discovery",
    "FailureKind": "model.token",
    "FieldErrors": "model.errors",
    "FlowError": "model.errors",
    "FlowRequest": "model.flow",
    "FlowRequestService": "authorization.flow_service",
    "FlowResult": "model.flow",
    "FlowResultError": "model.flow",
    "Health": "model.token",
    "InsufficientAuthentication": "model.errors",
    "InsufficientScope": "model.errors",
    "InvalidToken": "model.errors",
    "Lease": "model.token",
    "LoginReport": "authorization.report",
    "MemoryStorage": "storage.memory",
    "NotFoundError": "model.errors",
    "ProviderType": "model.configuration",
    "PruneJob": "prune",
    "Pruned": "prune",
    "ReauthorizationRequired": "model.errors",
    "RestApi": "web.rest",
    "ScopeRefused": "model.errors",
    "Settings": "model.settings",
    "SqlStorage": "storage.sql",
    "Status": "model.token",
    "Storage": "storage.storage",
    "StorageError": "model.errors",
    "SystemClock": "model.clock",
    "TokenError": "model.errors",
    "TokenHandler": "refresh.handler",
    "TokenReport": "authorization.report",
    "TokenService": "refresh.handler",
    "TransientTokenError": "model.errors",
    "WebApplication": "web.web",
    "missing_scopes": "model.configuration",
}


if not TYPE_CHECKING:  # a type checker would take any name for one of these

    def __getattr__(name: str) -> Any:
        """Import a public name from its module."""
        if name not in _HOME_OF:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(importlib.import_module(f"{__name__}.{_HOME_OF[name]}"), name)

    def __dir__() -> list[str]:
        """Name what can be had, whether it has been imported yet or not."""
        return sorted({*globals(), *__all__})
