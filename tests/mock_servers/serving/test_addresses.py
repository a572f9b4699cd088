"""Local addresses and the vendors' own: every path leads back to where it came from, and nothing else is touched."""

import dataclasses
import json
import re
from typing import Any

import pytest

from kit.serving import CALLBACK, ORIGIN, Browser, authorization_url, log_in, parameters, served
from refreshproof.mock_servers.profile.profile import Endpoint
from refreshproof.mock_servers.provider.state.records import Application
from refreshproof.mock_servers.serving.served.addresses import Addresses
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.mock_servers.wire import WireRequest, WireResponse, redirect


def _filled(endpoint: Endpoint) -> str:
    """An address of an endpoint with its segments filled in."""
    return re.sub(r"\{(\w+)(\.\.\.)?\}", r"\1", endpoint.url)


@pytest.mark.parametrize("name", VENDORS)
def test_every_endpoint_of_every_vendor_is_reached_by_its_path_alone(name: str) -> None:
    one = served(name)
    for endpoint in one.vendor.profile.endpoints:
        url = _filled(endpoint)
        local = one.addresses.local_url(url)
        assert local is not None
        assert local.startswith(ORIGIN)
        if endpoint.view == "site_host":
            continue  # a catch-all on a site's own host: its paths are the gateway's by right
        place = one.addresses.place(local.removeprefix(ORIGIN))
        real = one.provider.sight(WireRequest(method=endpoint.methods[0], url=url))
        found = one.provider.sight(
            WireRequest(method=endpoint.methods[0], url=place.origin + local.removeprefix(ORIGIN))
        )
        assert found.view == real.view


def test_discovery_speaks_of_local_addresses_only() -> None:
    one = served("google")
    document = Browser(one).open(f"{ORIGIN}/.well-known/openid-configuration").document
    assert document["issuer"] == ORIGIN
    assert document["token_endpoint"] == f"{ORIGIN}/token"
    assert "google" not in json.dumps(document)


def test_a_client_with_the_vendors_host_built_in_sees_the_vendors_addresses() -> None:
    one = served("google", issuer="real")
    url = "https://accounts.google.com/.well-known/openid-configuration"
    document = Browser(one).open(url).document
    assert document["token_endpoint"] == "https://oauth2.googleapis.com/token"
    assert document["issuer"] == "https://accounts.google.com"


def test_the_real_issuer_is_kept_on_request_while_endpoints_are_local() -> None:
    one = served("google", issuer="real")
    document = Browser(one).open(f"{ORIGIN}/.well-known/openid-configuration").document
    assert document["issuer"] == "https://accounts.google.com"
    assert document["token_endpoint"] == f"{ORIGIN}/token"


def test_callback_metadata_and_id_token_name_the_same_issuer() -> None:
    one = served("google")
    browser = Browser(one)
    callback = browser.open(authorization_url(one, scope="openid")).header("location")
    assert parameters(callback)["iss"] == ORIGIN
    assert browser.open(f"{ORIGIN}/.well-known/openid-configuration").document["issuer"] == ORIGIN


def test_a_redirect_to_the_client_is_left_alone() -> None:
    addresses = Addresses(VENDORS["google"].profile, ORIGIN)
    location = f"{CALLBACK}?iss=https://accounts.google.com&next=https://oauth2.googleapis.com/token"
    response = redirect(location)
    assert addresses.outward(response, addresses.place("/token")).header("location") == location


def test_a_redirect_to_the_vendors_login_page_leads_to_the_local_one_and_back() -> None:
    one = served("atlassian")
    one.provider.sign_out()
    browser = Browser(one)
    login = browser.open(authorization_url(one)).header("location")
    assert login is not None
    assert login.startswith(f"{ORIGIN}/login?continue=")
    back = browser.open(login).header("location")
    assert back is not None
    assert back.startswith(f"{ORIGIN}/authorize?")
    assert parameters(browser.open(back).header("location"))["code"]


def test_a_host_that_only_begins_like_the_vendors_is_not_turned() -> None:
    addresses = Addresses(VENDORS["google"].profile, ORIGIN)
    for url in ("https://accounts.google.com.evil.example/x", "https://accounts.google.community/"):
        assert addresses.local_url(url) == url


def test_a_path_no_endpoint_has_is_the_providers_own_404() -> None:
    one = served("generic")
    response = Browser(one).open(f"{ORIGIN}/nothing/here")
    assert response.status == 404
    assert response.entry is not None
    assert one.provider.ledger.entry(response.entry).cause == "unknown_resource"


@pytest.mark.parametrize("name", ["google", "microsoft", "atlassian", "generic"])
def test_a_login_works_through_local_addresses(name: str) -> None:
    assert log_in(served(name))["access_token"]


def test_a_numbered_response_differs_in_nothing_but_its_number() -> None:
    filled: dict[str, Any] = {
        "status": 201, "headers": (("A", "b"),), "body": b"x", "delay": 1.0, "drop": "hang", "truncate_at": 3,
        "drip": 2.0, "framing": "chunked", "entry": 4,
    }  # fmt: skip
    assert filled.keys() == {one.name for one in dataclasses.fields(WireResponse)}
    response = WireResponse(**filled)
    assert response.numbered(7) == dataclasses.replace(response, entry=7)


@pytest.mark.parametrize(
    ("uri", "accepted"),
    [
        ("http://localhost:1234/any/path?x=1", True),
        ("https://127.0.0.1/cb", True),
        ("http://[::1]:80", True),
        ("http://localhost.evil.example/", False),
        ("http://localhost@evil.example/", False),
        ("http://localhost:80@evil.example/", False),
        ("http://localhost\\@evil.example/", False),
        ("http://localhost/#fragment", False),
        ("http://localhost/a\r\nSet-Cookie: x=y", False),
        ("https://example.com/", False),
        ("custom://localhost/", False),
    ],
)
def test_the_default_application_takes_any_address_on_loopback_and_no_other(uri: str, accepted: bool) -> None:
    location = Browser(one := served("generic")).open(authorization_url(one, redirect_uri=uri)).header("location")
    assert (location is not None and location.startswith(uri)) is accepted


def test_other_applications_keep_their_registered_addresses() -> None:
    strict = Application(client_id="strict", client_secret="s" * 20, redirect_uris=("https://app.example.com/cb",))
    one = served("generic", applications=(strict,))
    response = Browser(one).open(authorization_url(one, client_id="strict"))
    assert response.status == 400
    assert response.header("location") is None
