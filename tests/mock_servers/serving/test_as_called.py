"""A server that is called by other names, over either family of addresses, with other methods, from pages elsewhere."""

from __future__ import annotations

import base64
import json
import socket
from typing import Any

import httpx
import pytest

from kit.ports import PATIENCE
from kit.serving import CALLBACK, ORIGIN, Browser, authorization_url, log_in, options, parameters, served, token_form
from refreshproof.mock_servers.serving import Served, Server
from refreshproof.mock_servers.serving.served.asked_origin import asked_origin
from refreshproof.mock_servers.serving.sockets.clock import VIRTUAL_START
from refreshproof.mock_servers.wire import WireRequest, WireResponse

OWN = "http://idp.internal:8001"
PROXY = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "login.example.com, inner.example"}


def send(one: Served, path: str, method: str = "GET", origin: str = OWN, **headers: str) -> WireResponse:
    given = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return one.handle(WireRequest(method=method, url=origin + path, headers=given), VIRTUAL_START)


@pytest.mark.parametrize(
    ("headers", "origin"),
    [
        ({}, OWN),
        (PROXY, "https://login.example.com"),
        ({**PROXY, "X-Forwarded-Port": "8443"}, "https://login.example.com:8443"),
        ({**PROXY, "X-Forwarded-Port": "443"}, "https://login.example.com"),
        ({"X-Forwarded-Host": "login.example.com:99", "X-Forwarded-Port": "8443"}, "http://login.example.com:99"),
        ({"X-Forwarded-Proto": "https"}, "https://idp.internal:8001"),
        ({"Forwarded": 'for=1.2.3.4;proto=https;host="login.example.com:44", for=5.6.7.8'}, "https://login.example.com:44"),
        ({"X-Forwarded-Host": 'a"<script>', "X-Forwarded-Proto": "javascript"}, OWN),
        ({"X-Forwarded-Host": "[::1]:9", "X-Forwarded-Port": "x"}, "http://[::1]:9"),
    ],
)  # fmt: skip
def test_a_client_is_answered_as_it_or_the_proxy_before_it_asked(headers: dict[str, str], origin: str) -> None:
    assert asked_origin(WireRequest(method="GET", url=f"{OWN}/x", headers=tuple(headers.items()))) == origin


def test_the_issuer_is_as_the_client_calls_the_server_where_that_was_asked_for() -> None:
    one = served("okta", issuer="host")
    for headers, origin in (({}, OWN), (PROXY, "https://login.example.com")):
        document = send(one, "/oauth2/default/.well-known/openid-configuration", **headers).document
        assert document["issuer"] == f"{origin}/oauth2/default"
        assert document["token_endpoint"] == f"{origin}/oauth2/default/v1/token"
    unmoved = send(served("okta"), "/.well-known/openid-configuration", **PROXY).document
    assert unmoved["issuer"] == ORIGIN


def test_id_token_and_callback_are_of_the_issuer_that_discovery_names() -> None:
    one = served("generic", issuer="host")
    document = Browser(one).open(f"{ORIGIN}/.well-known/openid-configuration").document
    send(one, "/.well-known/openid-configuration")  # somebody else, by another name
    callback = parameters(Browser(one).open(authorization_url(one, scope="openid read")).header("location"))
    assert callback["iss"] == document["issuer"] == ORIGIN
    found = exchanged(one, callback["code"])
    claims = json.loads(base64.urlsafe_b64decode(found["id_token"].split(".")[1] + "=="))
    assert claims["iss"] == ORIGIN


def exchanged(one: Served, code: str) -> dict[str, Any]:
    form = token_form("authorization_code", code=code, redirect_uri=CALLBACK)
    body = str(httpx.QueryParams(form)).encode()
    headers = (("Content-Type", "application/x-www-form-urlencoded"),)
    request = WireRequest(method="POST", url=f"{ORIGIN}/token", headers=headers, body=body)
    found: dict[str, Any] = one.handle(request, VIRTUAL_START).document
    return found


@pytest.mark.parametrize(("cors", "status"), [("all", 204), ("vendor", 405)])
def test_every_vendor_answers_a_preflight_where_that_was_asked_for(cors: str, status: int) -> None:
    asked = {"Origin": "https://app.example", "Access_Control_Request_Method": "POST"}
    own = {"Access_Control_Request_Headers": "authorization, mcp-protocol-version"}
    answer = send(served("slack", cors=cors), "/api/oauth.v2.access", "OPTIONS", ORIGIN, **asked, **own)
    assert answer.status == status
    told = "Accept, Authorization, Content-Type, mcp-protocol-version" if status == 204 else None
    assert answer.header("access-control-allow-headers") == told


def test_head_is_answered_as_get() -> None:
    one = served("google")
    tokens = log_in(one)
    for path in ("/.well-known/openid-configuration", "/oauth2/v3/certs", "/gmail/v1/users/me/profile"):
        bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
        got, head = (send(one, path, method, ORIGIN, **bearer) for method in ("GET", "HEAD"))
        assert (head.status, head.body) == (got.status, got.body) == (200, got.body)
    assert send(one, "/token", "HEAD", ORIGIN).status == 405


@pytest.mark.sockets
def test_localhost_is_either_family_and_head_brings_no_body() -> None:
    with Server(options("generic")) as server:
        port = httpx.URL(server.origin("generic")).port
        assert httpx.get(f"http://[::1]:{port}/jwks", trust_env=False, timeout=PATIENCE).status_code == 200
        with socket.create_connection(("::1", port or 0)) as sock:
            sock.sendall(b"HEAD /jwks HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            answer = b"".join(iter(lambda: sock.recv(65536), b""))
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert answer.endswith(b"\r\n\r\n")
        control = httpx.URL(server.control).port
        bearer = {"Authorization": f"Bearer {server.token}"}
        assert (
            httpx.get(f"http://[::1]:{control}/v1/clock", headers=bearer, trust_env=False, timeout=PATIENCE).status_code
            == 200
        )
