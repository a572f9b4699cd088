"""Flask-Dance's OAuth2ConsumerBlueprint as a subject: a web application with its login and its storage.

As https://flask-dance.readthedocs.io/en/latest/providers.html#custom and its pages on storages show it (seen
2026-11-30): the blueprint has the views of the login, `session` calls the API in a view, and with `auto_refresh_url`
it refreshes as requests-oauthlib does, which it stands on: when the access token has expired by its own count. Every
request of a user's browser has a session of its own on the stored token.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, got_request_exception
from flask_dance.consumer import OAuth2ConsumerBlueprint, oauth_error
from flask_dance.consumer.storage import BaseStorage
from oauthlib.oauth2 import OAuth2Error, TokenExpiredError
from requests import RequestException

from refreshproof.harness.adapters.library.outcomes import Refusal
from refreshproof.harness.adapters.library.subject import PATIENCE, LibraryAdapter
from refreshproof.harness.subjects.third_party.own_login.oauthlib_scope import relaxed
from refreshproof.harness.subjects.third_party.own_login.requests_oauthlib_subject import OWN_CODES
from refreshproof.mock_servers.stacks.carrier import Carrier
from refreshproof.scenarios.steps.subject import Surroundings


class LoginEnded(Exception):
    """The blueprint's view sent the user on without a token; `error` is what it signalled."""

    def __init__(self, error: str | None) -> None:
        super().__init__(error)
        self.error = error


class Storage(BaseStorage):  # type: ignore[misc]
    """The application's table of tokens, with one user."""

    def __init__(self, subject: FlaskDance) -> None:
        self._subject = subject

    def get(self, blueprint: Any) -> Any:
        """Return the stored token, or None."""
        stored = self._subject.stored
        return stored and dict(stored)

    def set(self, blueprint: Any, token: Any) -> None:
        """Store a token."""
        self._subject.keep(token)

    def delete(self, blueprint: Any) -> None:
        """Forget the token."""
        self._subject.stored = None


class FlaskDance(LibraryAdapter):
    """An application with one blueprint; `session` is it, and `flow` the user's browser."""

    name = "Flask-Dance OAuth2ConsumerBlueprint"
    distribution = "Flask-Dance"
    refusal = Refusal(
        over=(TokenExpiredError,), passing=(RequestException,), coded=(OAuth2Error, LoginEnded), own_codes=OWN_CODES
    )

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__(surroundings)
        callback = urlsplit(self.registration.redirect_uri)
        self._origin = f"{callback.scheme}://{callback.netloc}"
        self.told: str | None = None
        self.raised: Exception | None = None

    def plug(self, carrier: Carrier) -> AbstractContextManager[Any]:
        """Configure oauthlib for the vendor."""
        return relaxed(self.registration)

    def begin(self) -> str:
        """Open the page of the login."""
        self.flow = self._application()[0].test_client()
        return str(self._opened(self.flow, "/login", base_url=self._origin).location)

    def finish(self, url: str, flow: Any) -> None:
        """Follow the redirect to the application, whose view exchanges the code."""
        before, self.stored, self.told = self.stored, None, None
        try:
            self._opened(flow, url)
        finally:
            after, self.stored = self.stored, self.stored or before
        if after is None:
            raise LoginEnded(self.told)

    def failed(self, application: Any, exception: Exception) -> None:
        """Take what a view raised, of which the user sees status 500."""
        self.raised = exception

    def _opened(self, browser: Any, url: str, **more: Any) -> Any:
        """Open a page; what its view raises is raised, after the browser has had its answer, cookies and all."""
        self.raised = None
        answer = browser.get(url, **more)
        if self.raised is not None:
            raise self.raised
        return answer

    def signalled(self, blueprint: Any, error: str | None = None, **more: Any) -> None:
        """Take the error of a callback, which the blueprint signals."""
        self.told = error

    def use(self) -> int:
        """Call the resource in a view; the session refreshes before it if it is time."""
        application, blueprint = self._application()
        with application.test_request_context("/", base_url=self._origin):
            return int(blueprint.session.get(self.surroundings.resource, timeout=PATIENCE).status_code)

    def renew(self) -> None:
        """Refresh by the session's own method; storing is the caller's."""
        chosen = self.registration
        application, blueprint = self._application()
        with application.test_request_context("/", base_url=self._origin):
            blueprint.session.load_token()
            blueprint.token = blueprint.session.refresh_token(
                chosen.token_endpoint, client_id=chosen.client_id, client_secret=chosen.client_secret
            )

    def _application(self) -> Any:
        if self.session is None:
            chosen = self.registration
            blueprint = OAuth2ConsumerBlueprint(
                "vendor",
                __name__,
                client_id=chosen.client_id,
                client_secret=chosen.client_secret,
                scope=self.scopes,
                authorization_url=chosen.authorization_endpoint,
                authorization_url_params=dict(chosen.authorization_parameters),
                token_url=chosen.token_endpoint,
                auto_refresh_url=chosen.token_endpoint,
                login_url="/login",
                authorized_url=urlsplit(chosen.redirect_uri).path,
                storage=Storage(self),
                use_pkce=chosen.pkce,
            )
            oauth_error.connect(self.signalled, sender=blueprint)
            application = Flask(__name__)
            application.config.update(SECRET_KEY=f"of the session's cookie {self.surroundings.seed}")
            got_request_exception.connect(self.failed, sender=application)
            application.register_blueprint(blueprint)
            self.session = (application, blueprint)
        return self.session
