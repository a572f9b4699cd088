"""Faults of what a server asks for: parameters of its own, other names and places for the standard ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Literal, TypeAlias
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from refreshproof.mock_servers.body_faults import member
from refreshproof.mock_servers.middleware import Pairs, after, before, parameters_of, with_form
from refreshproof.mock_servers.sighting import read_credentials
from refreshproof.mock_servers.units import Status
from refreshproof.mock_servers.wire import Fault, Handler, Instant, WireRequest, WireResponse, json_response

Demand: TypeAlias = Literal["present", "absent", "not empty"]


def refusal(code: int, error: str, expected: str, found: str) -> WireResponse:
    """Return a refusal that says what was expected and what came."""
    return json_response(code, {"error": error, "error_description": f"expected {expected}, found {found}"})


def demand(parameter: str, rule: Demand = "present", code: Status = 400, error: str = "invalid_request") -> Fault:
    """Refuse a request unless a parameter keeps a rule, in the query or the body."""

    def check(request: WireRequest, now: Instant) -> WireRequest | WireResponse:
        values = [value for name, value in parameters_of(request) if name == parameter]
        if DEMANDS[rule](values):
            return request
        found = "none" if not values else "an empty one" if "" in values else "one"
        return refusal(code, error, f"{parameter} {rule}", found)

    return before(check)


DEMANDS: Mapping[Demand, Callable[[list[str]], bool]] = {
    "present": lambda values: any(values),
    "absent": lambda values: not values,
    "not empty": lambda values: "" not in values,
}
"""What `demand` can ask of a parameter, given every value it has in the request."""


def rename_parameter(name: str, to: str) -> Fault:
    """Take a parameter under the vendor's own name only."""

    def translate(request: WireRequest, now: Instant) -> WireRequest | WireResponse:
        pairs = parameters_of(request)
        if name in dict(pairs) or to not in dict(pairs):
            return refusal(400, "invalid_request", to, name if name in dict(pairs) else "none")
        return with_form(request, tuple((name if key == to else key, value) for key, value in pairs))

    return before(translate)


def parameters_in_query(method: Literal["GET", "POST", "PUT"] = "POST") -> Fault:
    """Take the parameters of a token request in the URL only, by the method given."""

    def translate(request: WireRequest, now: Instant) -> WireRequest | WireResponse:
        if request.method != method:
            return refusal(405, "invalid_request", method, request.method)
        if request.form or not request.query:
            return refusal(400, "invalid_request", "parameters in the query", "parameters in the body")
        return with_form(request, request.query)

    return before(translate)


def only_if_asked(parameter: str, name: str) -> Fault:
    """Leave a member out of the answer unless the request carries a parameter."""

    def fault(handler: Handler) -> Handler:
        without = member(name, remove=True)(handler)
        return lambda request, now: (handler if parameter in dict(parameters_of(request)) else without)(request, now)

    return fault


def secret_as_username(client_id: str) -> Fault:
    """Take the client's secret as the user name of Basic credentials without a password, and in no other way."""

    def translate(request: WireRequest, now: Instant) -> WireRequest | WireResponse:
        basic = read_credentials(request, {})
        if not basic.raw_client_id or basic.raw_client_secret or "client_secret" in dict(request.form):
            return refusal(401, "invalid_client", "the secret as user name", "other credentials")
        headers = tuple(pair for pair in request.headers if pair[0].lower() != "authorization")
        secret = (("client_id", client_id), ("client_secret", basic.raw_client_id))
        others = tuple(pair for pair in request.form if pair[0] != "client_id")
        return with_form(replace(request, headers=headers), (*others, *secret))

    return before(translate)


def refresh_at(suffix: str) -> Fault:
    """Take refreshes only at the token endpoint's address with a suffix to its path; elsewhere they meet 404.

    It has to see every request, because the other address is none of the provider's own.
    """

    def route(request: WireRequest, now: Instant) -> WireRequest | WireResponse:
        split = urlsplit(request.url)
        if dict(request.form).get("grant_type") != "refresh_token":
            return request
        if not split.path.endswith(suffix):
            return refusal(404, "not_found", f"{split.path}{suffix}", split.path)
        return replace(request, url=urlunsplit(split._replace(path=split.path.removesuffix(suffix))))

    return before(route)


def rename_callback(names: Mapping[str, str]) -> Fault:
    """Give the parameters of the redirect back to the client other names."""

    def edit(response: WireResponse, now: Instant) -> WireResponse:
        location = response.header("location")
        if location is None:
            return response
        split = urlsplit(location)
        pairs: Pairs = tuple(parse_qsl(split.query, keep_blank_values=True))
        query = urlencode([(names.get(name, name), value) for name, value in pairs])
        return response.with_headers(("Location", urlunsplit(split._replace(query=query))))

    return after(edit)
