"""The reference client engine: configurations, flows and tokens that survive refresh. `ClientEngine` is the way in."""

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
    ClientConfigurationAlarm,
    ClientEngineError,
    ConfigurationError,
    FieldErrors,
    FlowError,
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
from refreshproof.harness.client.model.token import ClientToken, ClientTokenEntity, FailureKind, Health, Lease, Status
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
    "FailureKind",
    "FieldErrors",
    "FlowError",
    "FlowRequest",
    "FlowRequestService",
    "FlowResult",
    "FlowResultError",
    "Health",
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
