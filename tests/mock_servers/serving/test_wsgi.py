"""A vendor as a WSGI application: the same answers as over the server's sockets, mounted anywhere."""

from typing import Any

import pytest
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client
from werkzeug.wrappers import Response

from kit.serving import CALLBACK, authorization_url, options, parameters, token_form
from refreshproof.mock_servers.faults.faults import FaultSpec
from refreshproof.mock_servers.serving import Served
from refreshproof.mock_servers.serving.sockets.clock import VirtualClock
from refreshproof.mock_servers.serving.sockets.parsing import LONGEST_BODY
from refreshproof.mock_servers.serving.wsgi import WsgiApplication

ORIGIN = "http://tests.example/vendors/generic"


class Mounted:
    """The generic vendor below a path of another application."""

    def __init__(self) -> None:
        chosen = options("generic")
        self.one = Served(chosen.vendors[0], chosen, ORIGIN)
        self.clock = VirtualClock()
        application = WsgiApplication(self.one, self.clock.now, self.clock.wait)
        self.client = Client(DispatcherMiddleware(Response("elsewhere"), {"/vendors/generic": application}))

    def get(self, url: str) -> Any:
        return self.client.get(url.removeprefix("http://tests.example"), base_url="http://tests.example", buffered=True)

    def post(self, path: str, fields: Any) -> Any:
        return self.client.post(f"/vendors/generic{path}", base_url="http://tests.example", data=fields, buffered=True)

    def log_in(self) -> str:
        code = parameters(self.get(authorization_url(self.one)).location)["code"]
        fields = token_form("authorization_code", code=code, redirect_uri=CALLBACK)
        return str(self.post("/token", fields).json["refresh_token"])

    def strike(self, fault: str, **parameters_: Any) -> None:
        self.one.queue.add(FaultSpec(fault=fault, parameters=parameters_, times=1))


@pytest.fixture
def mounted() -> Mounted:
    return Mounted()


def test_a_login_and_a_refresh_work_below_the_mount_point(mounted: Mounted) -> None:
    token = mounted.log_in()
    answer = mounted.post("/token", token_form("refresh_token", refresh_token=token))
    assert answer.json["refresh_token"] != token
    assert mounted.get("http://tests.example/other").text == "elsewhere"
    assert all(entry.delivered for entry in mounted.one.provider.ledger.entries)


def test_metadata_names_addresses_below_the_mount_point(mounted: Mounted) -> None:
    document = mounted.get(f"{ORIGIN}/.well-known/openid-configuration").json
    assert document["token_endpoint"] == f"{ORIGIN}/token"
    assert document["issuer"] == ORIGIN


def test_a_delay_is_handed_to_the_caller(mounted: Mounted) -> None:
    token, before = mounted.log_in(), mounted.clock.now()
    mounted.strike("delay", seconds_=30)
    mounted.post("/token", token_form("refresh_token", refresh_token=token))
    assert mounted.clock.now() - before == 30_000_000


@pytest.mark.parametrize(("fault", "settings"), [("drop", {"how": "before_headers"}), ("truncate", {"at": 3})])
def test_an_answer_that_is_cut_off_is_an_error_of_the_host(mounted: Mounted, fault: str, settings: Any) -> None:
    token = mounted.log_in()
    mounted.strike(fault, **settings)
    with pytest.raises(ConnectionAbortedError):
        mounted.post("/token", token_form("refresh_token", refresh_token=token))
    assert mounted.one.provider.ledger.entries[-1].delivered is False


def test_a_body_that_is_too_long_is_413(mounted: Mounted) -> None:
    assert mounted.post("/token", b"a" * (LONGEST_BODY + 1)).status_code == 413


def test_a_path_reaches_the_vendor_as_it_was_sent(mounted: Mounted) -> None:
    document = mounted.get(f"{ORIGIN}/a%20b%3Fc?d=e%20f").json
    assert document["error_description"] == "Nothing at /a%20b%3Fc."
