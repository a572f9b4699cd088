"""mcp's OAuthClientProvider on httpx2 as a subject: the client of an MCP server.

As https://modelcontextprotocol.github.io/python-sdk/ shows it (its page on authorization, seen 2026-11-30): a provider
with a storage of the application's own, which is the authentication of an httpx2 client. The resource is the MCP server
here. The documents that the provider looks for (RFC 9728, RFC 8414) are those of the vendor or, where it publishes none
about its resource, the application's. It refreshes when the access token has expired, by a count that it keeps in
memory, and begins a login on a 401, or on a 403 that names scopes.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx2
from mcp.client.auth import OAuthClientProvider, OAuthFlowError
from mcp.client.auth.utils import validate_authorization_response_iss
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientInformationFull, OAuthClientMetadata, OAuthToken

from refreshproof.harness.adapters.library.outcomes import Refusal
from refreshproof.harness.adapters.library.subject import PATIENCE, LibraryAdapter
from refreshproof.scenarios.steps.subject import Capability, Outcome, Surroundings

# mcp logs each login that fails, with a traceback, by the logger of last resort unless its own has a handler.
logging.getLogger("mcp").addHandler(logging.NullHandler())

WELL_KNOWN = "/.well-known/"
FORBIDDEN = 403


class SignInNeeded(Exception):
    """The provider began a login in a call."""


class LoginRefused(Exception):
    """The callback brought an error, or belongs to no login that waits for one."""

    def __init__(self, error: str | None = None) -> None:
        super().__init__(error)
        self.error = error


class Storage:
    """The application's store: tokens of one user, none for a login, and the registration that was made by hand."""

    def __init__(self, subject: Mcp, *, empty: bool = False) -> None:
        self._subject = subject
        self._empty = empty

    async def get_tokens(self) -> Any:
        """Return the stored tokens, or None."""
        stored = None if self._empty else self._subject.stored
        return stored and OAuthToken.model_validate(stored)

    async def set_tokens(self, tokens: Any) -> None:
        """Store tokens."""
        self._empty = False
        self._subject.keep(tokens.model_dump(exclude_none=True))

    async def get_client_info(self) -> Any:
        """Return the registration: the one that the provider made, where it is to find its server by itself."""
        if self._subject.discovers:
            return self._subject.registered
        chosen = self._subject.registration
        return OAuthClientInformationFull(
            client_id=chosen.client_id,
            client_secret=chosen.client_secret,
            redirect_uris=[chosen.redirect_uri],
            token_endpoint_auth_method=chosen.client_authentication,
            issuer=None if chosen.resource_metadata is None else chosen.issuer,
        )

    async def set_client_info(self, client_info: Any) -> None:
        """Store a registration that the provider made."""
        self._subject.registered = client_info


class Published(httpx2.AsyncHTTPTransport):
    """The network, with the documents about the MCP server and its authorization server where nobody publishes them."""

    def __init__(self, subject: Mcp) -> None:
        super().__init__()
        self._subject = subject

    async def handle_async_request(self, request: Any) -> Any:
        """Answer what is asked for below /.well-known/ and not published, and send everything else."""
        unpublished = self._subject.registration.resource_metadata is None
        if unpublished and request.url.path.startswith(WELL_KNOWN):
            return httpx2.Response(200, json=self._subject.published(request.url.path))
        response = await super().handle_async_request(request)
        if str(request.url) == self._subject.surroundings.resource:
            self._subject.forbidden = response.status_code == FORBIDDEN
        return response


class Login:
    """A login under way: the page that the provider sends the user to, and what came back."""

    def __init__(self, loop: Any) -> None:
        self.page: Any = loop.create_future()
        self.answer: Any = loop.create_future()
        self.task: Any = None
        self.provider: Any = None

    async def redirected(self, url: str) -> None:
        """Take the page."""
        if self.page.done():
            raise SignInNeeded
        self.page.set_result(url)

    async def called_back(self) -> Any:
        """Wait for what comes back."""
        return await self.answer


async def nobody(url: str = "") -> Any:
    """Tell the caller that the user is needed."""
    raise SignInNeeded


class Mcp(LibraryAdapter):
    """One user and one MCP server; `session` is the provider, which all callers share.

    `discovers` tells that it knows nothing but the address of the MCP server, `registered` what it has registered as.
    `forbidden` tells that the newest answer of the MCP server said that a scope is missing: the next
    login is one that the provider begins for it.
    """

    name = "mcp OAuthClientProvider"
    distribution = "mcp"
    capabilities: frozenset[Capability] = frozenset(("restart", "parallel", "steps_up", "discovers"))
    refusal = Refusal(over=(SignInNeeded,), passing=(httpx2.HTTPError,), coded=(OAuthFlowError, LoginRefused))

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__(surroundings)
        self._logins = asyncio.new_event_loop()
        self.forbidden = self.discovers = False
        self.registered: Any = None

    def authorize_by_discovery(self) -> str | Outcome:
        """Let the provider find its server and register there, as it does of its own accord."""
        self.discovers = True
        try:
            return self.authorize()
        except Exception as error:
            outcome = self.outcome_of_error(error)
            if outcome is None:
                raise
            return outcome

    def begin(self) -> str:
        """Call the MCP server without a token, or with one that lacks a scope; the provider answers its refusal with a
        login, which waits for the user."""
        login = Login(self._logins)
        storage = Storage(self, empty=not self.forbidden)
        login.provider = self._provider(storage, login.redirected, login.called_back)
        login.task = self._logins.create_task(self._called(login.provider))
        self._logins.run_until_complete(asyncio.wait({login.task, login.page}, return_when=asyncio.FIRST_COMPLETED))
        if not login.page.done():
            raise login.task.exception() or OAuthFlowError("no login began")
        self.flow = login
        page, besides = login.page.result(), {} if self.discovers else self.registration.authorization_parameters
        missing = {name: value for name, value in besides.items() if f"{name}=" not in page}
        return f"{page}&{urlencode(missing)}" if missing else str(page)

    def finish(self, url: str, flow: Any) -> None:
        """Give the provider what came back; it exchanges the code and repeats the call."""
        came = dict(parse_qsl(urlsplit(url).query))
        if flow.answer.done():
            raise LoginRefused
        if "error" in came:
            validate_authorization_response_iss(came.get("iss"), flow.provider.context.oauth_metadata)
            raise LoginRefused(came["error"])
        flow.answer.set_result(
            AuthorizationCodeResult(code=came.get("code", ""), state=came.get("state"), iss=came.get("iss"))
        )
        self._logins.run_until_complete(flow.task)
        self.session = flow.provider

    async def use(self) -> int:
        """Call the MCP server; the provider refreshes before it if it is time."""
        if self.session is None:
            self.session = self._provider(Storage(self), nobody, nobody)
        return await self._called(self.session)

    def renew(self) -> None:
        """There is no method for it."""
        raise NotImplementedError

    def published(self, path: str) -> Mapping[str, Any]:
        """Return a document about the MCP server, or about its authorization server."""
        chosen = self.registration
        if path.startswith(f"{WELL_KNOWN}oauth-protected-resource"):
            return {"resource": self.surroundings.resource, "authorization_servers": [chosen.issuer]}
        return {
            "issuer": chosen.issuer,
            "authorization_endpoint": chosen.authorization_endpoint,
            "token_endpoint": chosen.token_endpoint,
            "response_types_supported": ["code"],
            "scopes_supported": self.scopes,
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": chosen.iss_expected,
        }

    def close(self) -> None:
        """End the logins that nobody finished."""
        left = asyncio.all_tasks(self._logins)
        for task in left:
            task.cancel()
        if left:
            self._logins.run_until_complete(asyncio.wait(left))
        self._logins.close()
        super().close()

    def _provider(self, storage: Any, redirected: Any, called_back: Any) -> Any:
        chosen = self.registration
        metadata = OAuthClientMetadata(
            redirect_uris=[chosen.redirect_uri], scope=None if self.discovers else " ".join(self.scopes)
        )
        return OAuthClientProvider(self.surroundings.resource, metadata, storage, redirected, called_back)

    async def _called(self, provider: Any) -> int:
        async with httpx2.AsyncClient(auth=provider, timeout=PATIENCE, transport=Published(self)) as client:
            return int((await client.get(self.surroundings.resource)).status_code)
