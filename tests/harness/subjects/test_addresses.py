"""Where a program finds the vendors: each origin at its own address, there and back, and nothing leads elsewhere."""

from __future__ import annotations

import json
from itertools import count

import pytest

from refreshproof.harness.subjects.exec.addresses import MOST_CALLERS, Addresses
from refreshproof.mock_servers.wire import WireResponse

TOKEN = "https://auth.example.com/token"


@pytest.fixture
def addresses() -> Addresses:
    numbers = count(1)
    made = Addresses(lambda: f"http://127.0.0.{next(numbers)}:80")
    assert made.local(TOKEN) == "http://127.0.0.1:80/auth.example.com/token"
    return made


@pytest.mark.parametrize(
    "url",
    [
        TOKEN, "https://auth.example.com", "https://auth.example.com/", "https://auth.example.com?a=1&b=/c",
        "https://auth.example.com:8443/token?x=https://auth.example.com/", "http://auth.example.com/token",
        "https://elsewhere.example.net/token#part",
    ],
)  # fmt: skip
def test_an_address_there_and_back_is_the_same(addresses: Addresses, url: str) -> None:
    assert addresses.real(addresses.local(url)) == url


def test_a_well_known_place_before_the_path_is_the_vendors(addresses: Addresses) -> None:
    place = "/.well-known/oauth-authorization-server"
    asked = addresses.asked("http://127.0.0.1:80", f"{place}/auth.example.com/tenant1?x=1")
    assert asked == f"https://auth.example.com{place}/tenant1?x=1"
    assert addresses.asked("http://127.0.0.1:80", f"{place}/tenant1") == f"https://auth.example.com{place}/tenant1"


def test_another_origin_is_another_address(addresses: Addresses) -> None:
    urls = (TOKEN, "https://auth.example.com/other", "https://api.example.com/", "http://auth.example.com/token")
    assert [addresses.local(url).split("/")[2] for url in urls] == [
        "127.0.0.1:80", "127.0.0.1:80", "127.0.0.2:80", "127.0.0.3:80",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "url", ["", "/path", "urn:a:b", "http://127.0.0.1:80/auth.example.com/token", "http://[", "mailto:a@b"]
)
def test_what_leads_nowhere_or_here_stays_as_it_is(addresses: Addresses, url: str) -> None:
    assert addresses.local(url) == url


def test_a_path_at_the_root_belongs_to_the_origin_that_it_arrived_at(addresses: Addresses) -> None:
    asked = addresses.asked("http://127.0.0.1:80", "/.well-known/openid-configuration?x=1")
    assert asked == "https://auth.example.com/.well-known/openid-configuration?x=1"


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("Location", "https://elsewhere.example.net/token", "http://127.0.0.2:80/elsewhere.example.net/token"),
        ("Location", "//elsewhere.example.net/token", "http://127.0.0.2:80/elsewhere.example.net/token"),
        ("Location", "http://elsewhere.example.net/", "http://127.0.0.2:80/elsewhere.example.net/"),
        ("Location", "/moved", "http://127.0.0.1:80/auth.example.com/moved"),
        ("location", "moved", "http://127.0.0.1:80/auth.example.com/moved"),
        ("Refresh", "0; url=https://e.example/", "0; url=http://127.0.0.2:80/e.example/"),
        ("Link", "<https://e.example/>; rel=next", "<http://127.0.0.2:80/e.example/>; rel=next"),
        (
            "WWW-Authenticate",
            'Bearer resource_metadata="https://e.example/meta", realm="https://e.example"',
            'Bearer resource_metadata="http://127.0.0.2:80/e.example/meta", realm="https://e.example"',
        ),
        ("X-Docs", "https://e.example/", "https://e.example/"),
        ("Location", "http://[", "http://["),
    ],
)
def test_no_header_leads_off_this_machine(addresses: Addresses, name: str, value: str, told: str) -> None:
    response = addresses.told(WireResponse(status=307, headers=((name, value),)), TOKEN)
    assert response.headers == ((name, told),)


def test_endpoints_in_an_answer_lead_here_and_names_stay(addresses: Addresses) -> None:
    found = {
        "issuer": "https://auth.example.com", "token_endpoint": TOKEN, "jwks_uri": "https://auth.example.com/keys",
        "mtls_endpoint_aliases": {"token_endpoint": TOKEN}, "access_token": "x",
    }  # fmt: skip
    here = "http://127.0.0.1:80/auth.example.com"
    told = json.loads(addresses.told(WireResponse(status=200, body=json.dumps(found).encode()), TOKEN).body)
    assert told == found | {
        "token_endpoint": f"{here}/token", "jwks_uri": f"{here}/keys",
        "mtls_endpoint_aliases": {"token_endpoint": f"{here}/token"},
    }  # fmt: skip


def test_an_answer_without_endpoints_passes_byte_for_byte(addresses: Addresses) -> None:
    response = WireResponse(status=200, body=b'{"access_token" : "x",  "scope": "https://auth.example.com/read"}')
    assert addresses.told(response, TOKEN).body is response.body


def test_no_two_origins_share_an_address_however_many_there_are() -> None:
    doors = iter([f"http://127.0.0.{number}:80" for number in (1, 2, 3)])
    addresses = Addresses(lambda: next(doors, None))
    api, elsewhere = "https://api.example.com/resource", "https://elsewhere.example.net/resource"
    told = [addresses.local(url) for url in (TOKEN, api, TOKEN)]
    told += [addresses.local(api, caller) for caller in (1, 2)]
    assert [one.partition(":80")[0].rpartition(".")[2] for one in told] == ["1", "2", "1", "3", "2"]
    assert addresses.local(TOKEN) == told[0]
    assert addresses.local(elsewhere) == "http://127.0.0.3:80/elsewhere.example.net/resource"
    assert (addresses.caller_at("http://127.0.0.3:80"), addresses.caller_at("http://127.0.0.2:80")) == (0, 2)
    assert addresses.real(addresses.local(elsewhere)) == elsewhere


def test_callers_beyond_those_that_are_told_apart_go_where_everybody_does(addresses: Addresses) -> None:
    api = "https://api.example.com/resource"
    places = {addresses.local(api, caller) for caller in range(300)}
    assert len(places) == MOST_CALLERS + 1
    assert addresses.local(api, 299) == addresses.local(api)
