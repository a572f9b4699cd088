"""Faults of what a server asks for: parameters of its own, other names and places for the standard ones."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Literal, TypeAlias
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from refreshproof.mock_servers.faults.body import member
from refreshproof.mock_servers.faults.middleware import Pairs, after, before, parameters_of, with_form, with_query
from refreshproof.mock_servers.profile.units import Status
from refreshproof.mock_servers.wire import (
    SECOND,
    Fault,
    Handler,
    Instant,
    WireRequest,
    WireResponse,
    html_response,
    json_response,
)

CERTIFICATE_PAGE = "<!doctype html><html><title>400</title><h1>400 Bad Request</h1><p>{}</p></html>"
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
        renamed = tuple((name if key == to else key, value) for key, value in pairs)
        return with_form(request, renamed) if request.form else with_query(request, renamed)

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


def demand_certificate() -> Fault:
    """Refuse a request that came without the TLS certificate of a client, with the page of the proxy that ends TLS.

    A proxy hands the certificate on in the header Client-Cert (RFC 9440 s2.2); over a socket of ours, whoever tests
    sets it in the proxy's stead. One that cannot be read or is not valid now is refused too.
    """

    def check(request: WireRequest, now: Instant) -> WireRequest | WireResponse:
        field = request.header("client-cert")
        if field is None:
            return html_response(400, CERTIFICATE_PAGE.format("No required TLS client certificate was sent"))
        if not _valid(field, now):
            return html_response(400, CERTIFICATE_PAGE.format("The TLS client certificate is not valid"))
        return request

    return before(check)


def _valid(field: str, now: Instant) -> bool:
    from cryptography import x509  # takes as long to import as a server to start

    try:
        certificate = x509.load_der_x509_certificate(
            b64decode(field.removeprefix(":").removesuffix(":"), validate=True)
        )
    except ValueError:
        return False
    moment = datetime.fromtimestamp(now / SECOND, UTC)
    return certificate.not_valid_before_utc <= moment <= certificate.not_valid_after_utc


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
