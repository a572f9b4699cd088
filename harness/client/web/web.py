"""The program's web application: the page at /login, the legs of a flow in a browser, and the REST API beside them."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from refreshproof.harness.client.authorization.report import LoginReport, login_report
from refreshproof.harness.client.engine import ClientEngine
from refreshproof.harness.client.model.errors import ClientEngineError, FlowError, NotFoundError
from refreshproof.harness.client.model.flow import CALLBACK_PATH, INIT_PATH
from refreshproof.harness.client.web import pages
from refreshproof.harness.client.web.rest import RestApi

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

COOKIE = "refreshproof_session"

RESULT_PATH = "/login/result/"

ROUTES = Map(
    [
        Rule("/", endpoint="home", methods=["GET"]),
        Rule("/login", endpoint="login", methods=["GET"]),
        Rule(RESULT_PATH + "<flow_id>", endpoint="result", methods=["GET"]),
        Rule(INIT_PATH + "<flow_id>", endpoint="start", methods=["GET"]),
        Rule(CALLBACK_PATH + "<suffix>", endpoint="callback", methods=["GET"]),
        Rule("/rest/<path:_>", endpoint="rest", methods=["GET", "POST", "PUT", "DELETE"]),
    ]
)


class WebApplication:
    """Serves one engine; `listeners` are told how every login ended. Without `rest` the API is not served."""

    def __init__(
        self,
        engine: ClientEngine,
        rest: RestApi | None = None,
        new_session: Callable[[], str] = lambda: secrets.token_urlsafe(32),
    ) -> None:
        self._engine = engine
        self._rest = rest
        self._new_session = new_session
        self.listeners: list[Callable[[LoginReport], None]] = []

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        return self._respond(Request(environ))(environ, start_response)

    def _respond(self, request: Request) -> Response:
        try:
            endpoint, arguments = ROUTES.bind_to_environ(request.environ).match()
            if endpoint == "rest":
                return self._rest.respond(request) if self._rest is not None else _guarded(Response(status=404))
            response: Response = getattr(self, f"_{endpoint}")(request, **arguments)
        except HTTPException as error:
            response = Response(error.description or error.name, status=error.code, mimetype="text/plain")
        except (FlowError, NotFoundError) as error:
            failed = LoginReport(connected=False, refreshable=False, message=str(error))
            response = _page("result", status=400, **vars(failed))
        except ClientEngineError as error:
            failed = LoginReport(connected=False, refreshable=False, message=f"{type(error).__name__}: {error}")
            response = _page("result", status=500, **vars(failed))
        return _guarded(response)

    def _home(self, _: Request) -> Response:
        return _redirect("/login")

    def _login(self, request: Request) -> Response:
        """Start at once if there is nothing to choose, else show the configurations."""
        known = self._engine.configurations.list()
        wanted = request.args.get("configuration")
        chosen = [one for one in known if wanted in (one.id, one.name)] if wanted else known
        if len(chosen) != 1:
            return _page("login", configurations=known)
        session = request.cookies.get(COOKIE) or self._new_session()
        flow = self._engine.flows.create(session, chosen[0], lambda flow_id: RESULT_PATH + flow_id)
        response = _redirect(self._engine.flows.start(session, flow.id))
        secure = self._engine.base_url.startswith("https:")
        response.set_cookie(COOKIE, session, httponly=True, samesite="Lax", secure=secure)
        return response

    def _start(self, request: Request, flow_id: str) -> Response:
        return _redirect(self._engine.flows.start(_session(request), flow_id))

    def _callback(self, request: Request, suffix: str) -> Response:
        """Take the callback at the URL the provider was given, whatever host name this server sees."""
        url = f"{self._engine.flows.redirect_uri(suffix)}?{request.query_string.decode('ascii', 'replace')}"
        return _redirect(self._engine.flows.callback(_session(request), url).landing_url)

    def _result(self, request: Request, flow_id: str) -> Response:
        """Read the result, store its token in place of the configuration's previous one, and show no secret."""
        session = _session(request)
        previous = self._engine.storage.tokens(self._engine.flows.config_id(session, flow_id))
        result, _ = self._engine.flows.finish(session, flow_id, previous[0].id if previous else "")
        report = login_report(result)
        for listener in self.listeners:
            listener(report)
        return _page("result", **vars(report))


def _session(request: Request) -> str:
    session = request.cookies.get(COOKIE)
    if not session:
        raise FlowError("this browser has not started a login here")
    return session


def _page(template: str, status: int = 200, **values: object) -> Response:
    return Response(pages.render(template, **values), status=status, mimetype="text/html")


def _redirect(location: str) -> Response:
    response = redirect(location, 303)
    response.set_data(b"")
    return response


def _guarded(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = pages.POLICY
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
