"""FlowRequestService: walks a flow through storage and the code exchange; the rules of each leg stand in `flow`."""

from __future__ import annotations

import base64
import logging
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import httpx

from refreshproof.harness.client.authorization import diagnosis
from refreshproof.harness.client.authorization.services import ClientTokenStorageService
from refreshproof.harness.client.model.clock import Clock
from refreshproof.harness.client.model.configuration import ClientConfiguration, missing_scopes
from refreshproof.harness.client.model.errors import FlowError, NotFoundError
from refreshproof.harness.client.model.flow import (
    CALLBACK_PATH,
    INIT_PATH,
    FlowRequest,
    FlowResult,
    FlowResultError,
    Stage,
    authorization_parameters,
    authorization_url,
    callback_fault,
    digest,
    ended,
    fault,
    read_callback,
    received,
    same_session,
    started,
)
from refreshproof.harness.client.model.settings import Settings
from refreshproof.harness.client.model.token import ClientTokenEntity
from refreshproof.harness.client.refresh.issue import TOO_SHORT, token_from, too_short
from refreshproof.harness.client.refresh.refresh import reply_to
from refreshproof.harness.client.storage.storage import Storage
from refreshproof.harness.client.token_endpoint.token_request import exchange_request
from refreshproof.harness.client.token_endpoint.token_response import Failed, Issued
from refreshproof.harness.client.token_endpoint.transport import send

logger = logging.getLogger("refreshproof.client")

LOGGED = "Error occurred while authorizing an integration. The error message is: %s"
"""The log line of seeds 000 and 001, word for word."""


@dataclass(frozen=True, kw_only=True)
class FlowRequestService:
    """Creates flows, sends users off, takes callbacks and hands out results, each once. Sessions are opaque texts."""

    storage: Storage
    tokens: ClientTokenStorageService
    settings: Settings
    clock: Clock
    http: httpx.Client
    rng: random.Random
    base_url: str

    def create(
        self,
        session: str,
        configuration: ClientConfiguration,
        landing: Callable[[str], str],
        scopes: tuple[str, ...] = (),
        parameters: Mapping[str, str] = MappingProxyType({}),
    ) -> FlowRequest:
        """Create a flow of this session; `landing` maps its id to the page the user ends on. `scopes` are asked for
        besides the configured ones: those of `TokenHandler.wanted_scopes`; `parameters` are those of its
        `wanted_parameters`."""
        if self.storage.configuration(configuration.id) is None:
            raise NotFoundError(f"no client configuration has the id {configuration.id!r}")
        now, flow_id = self.clock.now(), self.rng.randbytes(16).hex()
        flow = FlowRequest(
            id=flow_id,
            config_id=configuration.id,
            session=digest(session),
            init_url=f"{self.base_url}{INIT_PATH}{flow_id}",
            landing_url=landing(flow_id),
            redirect_uri=self.redirect_uri(configuration.redirect_uri_suffix),
            created_at=now,
            scopes=scopes,
            parameters=dict(parameters),
            reached_at=now,
        )
        self.storage.insert_flow(flow)
        return flow

    def redirect_uri(self, suffix: str) -> str:
        """Return the redirect URI with this suffix."""
        return f"{self.base_url}{CALLBACK_PATH}{suffix}"

    def start(self, session: str, flow_id: str) -> str:
        """Start the flow and return the authorization URL; raise FlowError."""
        flow, now = self._own(session, flow_id), self.clock.now()
        self._refuse(flow, fault(flow, Stage.CREATED, now, self.settings), now)
        configuration = self._configuration(flow)
        state, verifier = self._secret(), self._secret() if configuration.pkce else ""
        if not self.storage.replace_flow(started(flow, now, state, verifier)):
            raise FlowError("the flow was started twice at the same time")
        return authorization_url(
            configuration,
            authorization_parameters(configuration, flow.redirect_uri, state, verifier, flow.scopes, flow.parameters),
        )

    def callback(self, session: str, url: str, received_at: int | None = None) -> FlowRequest:
        """Take a callback and exchange its code; the flow returned is completed and says where the user lands.

        `received_at` is when the front end took the request, if that was earlier than now. Raises FlowError, and
        leaves every flow alone, if the state is not that of a pending flow of this session.
        """
        flow, code = self.receive(session, url, received_at)
        return flow if flow.stage is Stage.COMPLETED else self.exchange(flow, code)

    def receive(self, session: str, url: str, received_at: int | None = None) -> tuple[FlowRequest, str]:
        """Take a callback without exchanging its code: the flow, received or completed with an error, and the code."""
        callback = read_callback(url)
        state = callback.parameters.get("state", "")
        flow = self.storage.flow_by_state(digest(state)) if state and "state" not in callback.repeated else None
        if flow is None or not same_session(flow, session):
            raise FlowError("the callback does not belong to a pending flow of this session")
        at = self.clock.now() if received_at is None else received_at
        trouble = fault(flow, Stage.STARTED, at, self.settings)
        trouble = trouble or callback_fault(flow, self._configuration(flow), callback)
        if trouble:
            return self._finish(flow, FlowResult(error=trouble)), ""
        if not self.storage.replace_flow(received(flow, at)):
            raise FlowError("the callback was already used")
        return replace(received(flow, at), version=flow.version + 1), callback.parameters["code"]

    def exchange(self, flow: FlowRequest, code: str) -> FlowRequest:
        """Exchange the code of a received flow, once, and complete the flow."""
        now = self.clock.now()
        trouble = fault(flow, Stage.RECEIVED, now, self.settings)
        if trouble:
            return self._finish(flow, FlowResult(error=trouble))
        # The stage is left before the code goes out: whatever happens now, no second request can carry this code.
        configuration = self._configuration(flow)
        request = exchange_request(configuration, code, flow.redirect_uri, flow.verifier)
        sent = send(self.http, self.clock, request, now + self.settings.server_delay)
        reply = reply_to(sent, request, self.clock.now())
        if isinstance(reply, Failed):
            return self._finish(flow, FlowResult(error=_exchange_error(reply)))
        return self._finish(flow, self._result(flow, configuration, reply, now))

    def get_flow_request(self, session: str, flow_id: str) -> FlowResult:
        """Return the result of a completed flow; it can be read once. Raise FlowError."""
        flow, result = self._read(session, flow_id)
        self._spend(flow)
        return result

    def finish(self, session: str, flow_id: str, token_id: str = "") -> tuple[FlowResult, ClientTokenEntity | None]:
        """Read the result once and store its token, in place of the token with this id if one is given (FLOW-07).

        The token is stored before the result is gone, under an id that belongs to the flow: a crash in between loses
        nothing, and doing it again stores nothing twice. A failed flow leaves the token to be replaced as it is.
        """
        flow, result = self._read(session, flow_id)
        stored = None
        if result.token is not None:
            entity = ClientTokenEntity.of(result.token, config_id=flow.config_id, id=token_id)
            stored = self.tokens.save(entity, new_id=flow.id)
        self._spend(flow)
        return result, stored

    def save_result(self, session: str, flow_id: str, token_id: str = "") -> ClientTokenEntity:
        """Do as `finish` does and return the stored token; raise FlowError with the message of a failed flow."""
        result, stored = self.finish(session, flow_id, token_id)
        if stored is None:
            raise FlowError(result.to_error_result().message)
        return stored

    def _read(self, session: str, flow_id: str) -> tuple[FlowRequest, FlowResult]:
        flow, now = self._own(session, flow_id), self.clock.now()
        self._refuse(flow, fault(flow, Stage.COMPLETED, now, self.settings), now)
        if flow.result is None:
            raise FlowError("the flow has no result")
        return flow, flow.result

    def _spend(self, flow: FlowRequest) -> None:
        if not self.storage.delete_flow(flow.id, flow.version):
            raise FlowError("the result of this flow was already read")

    def config_id(self, session: str, flow_id: str) -> str:
        """Return which configuration a flow of this session is for; raise FlowError."""
        return self._own(session, flow_id).config_id

    def _own(self, session: str, flow_id: str) -> FlowRequest:
        flow = self.storage.flow(flow_id)
        if flow is None or not same_session(flow, session):
            raise FlowError("this session has no such flow")
        return flow

    def _configuration(self, flow: FlowRequest) -> ClientConfiguration:
        configuration = self.storage.configuration(flow.config_id)
        if configuration is None:
            raise FlowError("the client configuration of this flow was deleted")
        return configuration

    def _refuse(self, flow: FlowRequest, trouble: FlowResultError | None, now: int) -> None:
        """End the flow and raise if a leg may not begin; a result that expired is deleted."""
        if trouble is None:
            return
        if flow.stage is not Stage.COMPLETED:
            self.storage.replace_flow(ended(flow, FlowResult(error=trouble), now))
        elif trouble.expired:
            self.storage.delete_flow(flow.id, flow.version)
        raise FlowError(trouble.message)

    def _finish(self, flow: FlowRequest, result: FlowResult) -> FlowRequest:
        done = ended(flow, result, self.clock.now())
        if not self.storage.replace_flow(done):
            raise FlowError("the callback was already used")
        if result.error is not None:
            logger.error(LOGGED, result.error.message)
        return done

    def _result(
        self, flow: FlowRequest, configuration: ClientConfiguration, issued: Issued, sent_at: int
    ) -> FlowResult:
        token = token_from(issued, sent_at, self.settings)
        if too_short(token, self.settings):
            parameters = authorization_parameters(configuration, flow.redirect_uri, "", "")
            advice = diagnosis.missing_refresh_token(configuration, parameters, self.settings)
            return FlowResult(error=FlowResultError(message=TOO_SHORT, diagnosis=advice))
        return FlowResult(token=token, warnings=_warnings(configuration, issued))

    def _secret(self) -> str:
        """Return 43 characters of base64url, fit for a state and a verifier (RFC 7636 4.1)."""
        return base64.urlsafe_b64encode(self.rng.randbytes(32)).rstrip(b"=").decode()


def _exchange_error(failed: Failed) -> FlowResultError:
    where = f" with status {failed.status}" if failed.status else ""
    return FlowResultError(
        message=f"The token request failed{where}: {failed.error}.",
        error=failed.error,
        description=failed.description,
        diagnosis=diagnosis.failed_exchange(failed),
    )


def _warnings(configuration: ClientConfiguration, issued: Issued) -> tuple[str, ...]:
    missing = missing_scopes(configuration, issued.scope)
    return (f"Not granted: {' '.join(missing)}.",) if missing else ()
