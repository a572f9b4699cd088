"""The REST API of client configurations as a werkzeug application (CFG-02 to CFG-06); its JSON is in `documents`."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import BadRequest, Forbidden, HTTPException, Unauthorized, UnsupportedMediaType
from werkzeug.routing import BaseConverter, Map, Rule
from werkzeug.wrappers import Request, Response

from refreshproof.harness.client.engine import ClientEngine
from refreshproof.harness.client.model.configuration import endpoint_fault
from refreshproof.harness.client.model.errors import ConfigurationError, FieldErrors, NotFoundError
from refreshproof.harness.client.web.documents import PATH, from_document, to_document
from refreshproof.harness.client.web.openapi import openapi

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

LARGEST_BODY = 65_536
"""Bytes of a request body that are read."""


class _Id(BaseConverter):
    """Everything but the name beside the ids, which would else take PUT and DELETE as an id does."""

    regex = r"(?!get-redirect-uri\Z)[^/]+"
    part_isolating = True


ROUTES = Map(
    [
        Rule(PATH, endpoint="list_or_store", methods=["GET", "POST"], strict_slashes=False),
        Rule(PATH + "get-redirect-uri", endpoint="redirect_uri", methods=["GET"]),
        Rule(PATH + "<id:config_id>", endpoint="one", methods=["GET", "PUT", "DELETE"]),
        # With a slash at its end too: a redirect would turn a PUT into a GET in some clients.
        Rule(PATH + "<id:config_id>/", endpoint="one", methods=["GET", "PUT", "DELETE"]),
        Rule("/rest/oauth2-client/latest/openapi.json", endpoint="description", methods=["GET"]),
    ],
    converters={"id": _Id},
)

CHALLENGE = WWWAuthenticate("bearer", {"realm": "client configurations"})

PUBLIC = frozenset({"description"})


class RestApi:
    """The application; `administrator` is the credential every call has to carry as a bearer token."""

    def __init__(self, engine: ClientEngine, administrator: str) -> None:
        if len(administrator) < 16:
            raise ConfigurationError("administrator credential: at least 16 characters are needed")
        self._engine = engine
        self._administrator = hashlib.sha256(administrator.encode()).digest()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        return self.respond(Request(environ))(environ, start_response)

    def respond(self, request: Request) -> Response:
        """Return the response; every error is JSON."""
        request.max_content_length = LARGEST_BODY
        try:
            endpoint, arguments = ROUTES.bind_to_environ(request.environ).match()
            if endpoint not in PUBLIC:
                self._authenticate(request)
            response: Response = getattr(self, f"_{endpoint}")(request, **arguments)
        except FieldErrors as error:
            response = _json({"message": "the configuration is refused", "errors": error.fields}, 400)
        except NotFoundError as error:
            response = _json({"message": str(error)}, 404)
        except HTTPException as error:
            response = _json({"message": error.description or error.name}, error.code or 500)
            response.headers.extend(
                (name, value) for name, value in error.get_headers() if name in {"Allow", "WWW-Authenticate"}
            )
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    def _authenticate(self, request: Request) -> None:
        """Compare digests, so that neither content nor length of the credential shows in the time it takes."""
        given = request.authorization
        if given is None or given.type != "bearer" or not given.token:
            raise Unauthorized("an administrator's bearer token is needed", www_authenticate=CHALLENGE)
        if not hmac.compare_digest(hashlib.sha256(given.token.encode()).digest(), self._administrator):
            raise Forbidden("this is not the administrator's bearer token")

    def _list_or_store(self, request: Request) -> Response:
        if request.method != "POST":
            return _json([to_document(one) for one in self._engine.configurations.list()])
        saved = self._engine.configurations.save(from_document(_body(request)))
        return _json(to_document(saved), 201, Location=f"{self._engine.base_url}{PATH}{saved.id}")

    def _one(self, request: Request, config_id: str) -> Response:
        stored = self._engine.configurations.get_by_id_or_fail(config_id)
        if request.method == "DELETE":
            self._engine.configurations.delete(config_id)
            return Response(status=204)
        if request.method == "PUT":
            self._engine.configurations.save(from_document(_body(request), id=stored.id, secret=stored.client_secret))
            return Response(status=204)
        return _json(to_document(stored))

    def _redirect_uri(self, request: Request) -> Response:
        endpoint = request.args.get("authorizationEndpoint", "")
        skip = self._engine.settings.skip_provider_https_requirement
        reason = endpoint_fault(endpoint, skip, "skip_provider_https_requirement")
        if reason:
            raise FieldErrors({"authorizationEndpoint": reason})
        suffix = self._engine.configurations.suffix(endpoint)
        return _json({"redirectUri": self._engine.flows.redirect_uri(suffix), "redirectUriSuffix": suffix})

    def _description(self, _: Request) -> Response:
        return _json(openapi(self._engine.base_url))


def _body(request: Request) -> dict[str, Any]:
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("the body has to be application/json")
    try:
        document = json.loads(request.get_data().decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise BadRequest("the body is not JSON") from None
    if not isinstance(document, dict):
        raise BadRequest("the body is not a JSON object")
    return document


def _json(document: Any, status: int = 200, **headers: str) -> Response:
    return Response(json.dumps(document), status=status, mimetype="application/json", headers=headers)
