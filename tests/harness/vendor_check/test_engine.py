"""The reference engine lives at the server under check, and what came of it is told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from kit.checked_vendor import InProcess, UserLogin, checked, generic, target_of
from refreshproof.harness.vendor_check.asking.limits import Limits
from refreshproof.harness.vendor_check.asking.reply import Reply
from refreshproof.harness.vendor_check.checking import Checking, Settings
from refreshproof.harness.vendor_check.recording.advice import settings_of
from refreshproof.harness.vendor_check.recording.page import page
from refreshproof.mock_servers.provider.provider import REDIRECT_URI, Provider
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.mock_servers.wire import Handler, Instant, WireRequest, WireResponse

WORKS = (
    "works: logged in, called, refreshed, called, refreshed, called, began anew, called, refreshed, called"
)  # fmt: skip


@pytest.mark.parametrize("rules", [{}, {"refresh__rotation": "never"}, {"issuance__scope": "offline_access"}])
def test_the_engine_works_under_the_settings_that_were_found(rules: dict[str, Any]) -> None:
    found = checked(generic(**rules), "issuance", "engine")
    assert found.facts["engine"] == WORKS
    assert f"The reference engine {WORKS}" in page(found, None, "")


def test_where_one_login_is_good_for_one_refresh_it_is_told_where_the_engine_came_to_its_end() -> None:
    found = checked(VENDORS["authlib"].profile, "issuance", "engine", target=_as_it_is("authlib"))
    assert found.facts["engine"].startswith(
        "does not work after it logged in, called, refreshed, called; next: refreshed: ReauthorizationRequired"
    )
    assert found.troubles == {}


def _as_it_is(name: str) -> Any:
    target = target_of(VENDORS[name].profile)
    return replace(target, metadata=None, client=replace(target.client, encoding="percent_encoded"))


def test_a_resource_that_refuses_a_fresh_token_is_told_and_the_rest_is_lived() -> None:
    found = checked(generic(), "issuance", "engine", target=replace(target_of(generic()), scopes=("write",)))
    silence = "nothing was called, for the resource answered 403 to a fresh access token"
    assert found.facts["engine"] == f"works: logged in, refreshed, refreshed, began anew, refreshed; {silence}"


@pytest.mark.parametrize(
    ("taken", "settings"),
    [
        (lambda url: "prompt=" not in url, "prompt="),
        (lambda url: "nonce=" in url, "nonce=refreshproof"),
        (lambda url: "prompt=" not in url and "nonce=" in url, "prompt= nonce=refreshproof"),
    ],
)
def test_what_the_server_wants_besides_is_found_and_the_settings_say_so(
    taken: Callable[[str], bool], settings: str
) -> None:
    def handler(provider: Provider) -> Handler:
        def handle(request: WireRequest, now: Instant) -> WireResponse:
            if "/authorize" in request.url and not taken(request.url):
                state = dict(request.query)["state"]
                refused = f"{REDIRECT_URI}?error=invalid_request&state={state}"
                return WireResponse(status=302, headers=(("Location", refused),), body=b"")
            return provider.handle(request, now)

        return handle

    target = replace(target_of(generic()), scopes=("openid", "read", "write"))
    found = checked(generic(), "issuance", "engine", handler=handler, target=target)
    assert found.facts["engine"] == WORKS
    assert settings_of(found)["authorization parameters"] == settings


def test_a_check_without_a_scope_leaves_the_engine_out_with_the_reason() -> None:
    profile = generic(scopes=())
    found = checked(profile, "issuance", "engine", target=replace(target_of(profile), scopes=()))
    assert found.skipped["engine"] == "the engine asks for one scope at least (--scope)"


@pytest.mark.parametrize("allowed", [4, 5, 7])
def test_a_check_that_stops_while_the_engine_lives_leaves_no_thread(allowed: int) -> None:
    before = threading.active_count()
    found = checked(generic(), "issuance", "engine", limits=Limits(requests=allowed, rate=1000))
    assert found.troubles == {"engine": f"the {allowed} requests that --max-requests allows are used up"}
    assert threading.active_count() == before


def test_an_answer_that_does_not_come_is_told_as_what_the_engine_met() -> None:
    class Silent(InProcess):
        def send(self, request: WireRequest) -> Reply:
            reply = super().send(request)
            refreshes = dict(request.form).get("grant_type") == "refresh_token"
            return replace(reply, response=None, why="ReadTimeout") if refreshes else reply

    carrier = Silent(Provider(generic()))
    settings = Settings(name="x", title="X", limits=Limits(requests=100, rate=1000), probes=("issuance", "engine"))
    found = Checking(target_of(generic()), settings, carrier, UserLogin(carrier)).run()
    assert found.faults == {}
    told = "does not work after it logged in, called; next: refreshed: TransientTokenError"
    assert found.facts["engine"].startswith(told)
