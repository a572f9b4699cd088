"""A whole check in virtual time: every value right at vendors of our own, and what goes wrong is told and kept."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from itertools import pairwise
from typing import Any, cast

import pytest

from kit.checked_vendor import InProcess, UserLogin, checked, generic, target_of
from kit.provider import Bench
from refreshproof.harness.vendor_check.asking.limits import Limits
from refreshproof.harness.vendor_check.asking.target import Client
from refreshproof.harness.vendor_check.asking.trouble import TroubleError
from refreshproof.harness.vendor_check.checking import Checking, Settings
from refreshproof.harness.vendor_check.probes.registry import PROBES, STAGES
from refreshproof.harness.vendor_check.recording.page import page
from refreshproof.harness.vendor_check.recording.profile_text import profile_text
from refreshproof.mock_servers.profile.causes import Cause, ErrorReply
from refreshproof.mock_servers.provider.provider import Provider
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.mock_servers.wire import Handler, Instant, WireRequest, WireResponse, html_response, json_response


def test_every_probe_stands_in_one_stage() -> None:
    staged = [name for stage in STAGES for name in stage]
    assert sorted(staged) == sorted(PROBES)
    assert len(staged) == len(set(staged))


@pytest.mark.parametrize(
    ("rules", "needed", "settings"),
    [
        ({}, "always", (("read", "write"), {})),
        ({"issuance__scope": "offline_access"}, "offline_access", (("read", "write", "offline_access"), {})),
        (
            {"issuance__parameter": ("access_type", "offline")},
            "access_type=offline",
            (("read", "write"), {"access_type": "offline"}),
        ),
        (
            {"issuance__scope": "offline_access", "issuance__parameter": ("prompt", "consent")},
            "offline_access and prompt=consent",
            (("read", "write", "offline_access"), {"prompt": "consent"}),
        ),
        (
            {"issuance__parameter": ("access_type", "offline"), "issuance__consent_shown": True},
            "access_type=offline, and with prompt=consent at a second login",
            (("read", "write"), {"access_type": "offline", "prompt": "consent"}),
        ),
    ],
)
def test_what_a_refresh_token_takes_is_found_and_told(
    rules: dict[str, Any], needed: str, settings: tuple[tuple[str, ...], dict[str, str]]
) -> None:
    found = checked(generic(**rules), "issuance", "rotation")
    assert found.facts["refresh_token_comes"] == needed
    assert (found.scopes, found.parameters) == settings
    for name, value in rules.items():
        asked = list(value) if isinstance(value, tuple) else value
        assert found.values[name.replace("__", ".")] == asked
    assert found.values["refresh.rotation"] == "always"


def test_a_server_that_gives_none_is_told_from_one_that_takes_no_login() -> None:
    never = checked(generic(issuance__ever=False), "issuance", "rotation")
    assert never.values["issuance.ever"] is False
    assert never.skipped["rotation"] == "no refresh token comes"
    nobody = replace(target_of(generic()), client=Client(client_id="refreshproof-client", client_secret="wrong"))
    found = checked(generic(), "issuance", "rotation", target=nobody)
    assert "issuance.ever" not in found.values
    assert "wrong client id or secret" in found.troubles["issuance"]
    assert found.skipped["rotation"].startswith("no login came through")


@pytest.mark.parametrize("fresh_users", [True, False])
@pytest.mark.parametrize(
    "window", [pytest.param(7, id="7 s"), pytest.param(10, id="a wait"), pytest.param(45, id="45 s")]
)
def test_the_window_is_right_to_the_second(window: int, fresh_users: bool) -> None:
    profile = generic(refresh__on_replay="same_successor", refresh__window=window)
    found = checked(profile, "rotation", "replay", fresh_users=fresh_users)
    assert found.values["refresh.window"] == window


def test_a_window_beyond_the_longest_wait_stays_open() -> None:
    found = checked(generic(refresh__on_replay="same_pair", refresh__window=120), "rotation", "replay", "generations")
    assert found.facts["window"] == "at least 61 s, the longest that was tried"
    assert found.missing["refresh.window"] == "replay: at least 61 s, the longest that was tried"


@pytest.mark.parametrize(
    ("rules", "values"),
    [
        ({"refresh__inactivity_ttl": 40}, {"refresh.inactivity_ttl": 40, "refresh.absolute_ttl": None}),
        ({"refresh__absolute_ttl": 25}, {"refresh.absolute_ttl": 25, "refresh.inactivity_ttl": None}),
    ],
)
def test_a_life_that_ends_within_the_time_given_is_found_to_the_second(
    rules: dict[str, Any], values: dict[str, Any]
) -> None:
    found = checked(generic(**rules), "issuance", "lifetimes", lives=61.0)
    assert {name: found.values[name] for name in values} == values


@pytest.mark.parametrize("name", ["generic", "google", "gitlab", "okta", "keycloak", "auth0"])
def test_fields_that_are_measured_at_a_built_in_vendor_are_what_its_profile_says(name: str) -> None:
    profile = VENDORS[name].profile
    policy = ("issuance", "rotation", "replay", "generations", "breach", "second-login")
    found = checked(replace(profile, lifetime_rules=()), *policy, target=target_of(profile, public=None, second=None))
    rotation = found.values["refresh.rotation"]
    assert rotation == profile.refresh.rotation
    if rotation == "always" and profile.refresh.window:
        assert found.values["refresh.on_replay"] == profile.refresh.on_replay


def test_refusals_are_recorded_as_the_server_gives_them() -> None:
    profile = replace(
        generic(),
        errors={
            Cause.UNKNOWN_REFRESH_TOKEN: ErrorReply(status=403, error="invalid_grant"),
            Cause.UNSUPPORTED_GRANT_TYPE: ErrorReply(status=501, error=None),
        },
    )  # fmt: skip
    found = checked(profile, "refusals")
    assert found.facts["error_unknown_refresh_token"] == "403 invalid_grant"
    assert found.values["errors.unknown_refresh_token"] == {"status": 403, "error": "invalid_grant", "headers": []}
    assert found.facts["error_unsupported_grant_type"] == "501 empty body"


class Broken:
    """Lets some token requests through and answers the others itself."""

    def __init__(self, answer: WireResponse, after: int) -> None:
        self.answer, self.left = answer, after

    def around(self, provider: Provider) -> Handler:
        def handle(request: WireRequest, now: Instant) -> WireResponse:
            if "/token" in request.url:
                self.left -= 1
                if self.left < 0:
                    return self.answer
            return provider.handle(request, now)

        return handle


def test_429_in_the_middle_stops_the_check_and_keeps_what_was_measured() -> None:
    slow_down = json_response(429, {"error": "slow_down"}, headers=(("Retry-After", "30"),))
    found = checked(generic(), "issuance", "rotation", "replay", handler=Broken(slow_down, 4).around)
    assert found.values["issuance.ever"] is True
    assert found.troubles == {"rotation": "the server answered 429, too many requests; Retry-After: 30"}
    assert found.skipped["replay"].startswith("the check stopped: the server answered 429")
    assert found.missing["refresh.rotation"] == "rotation: the server answered 429, too many requests; Retry-After: 30"


def test_a_page_in_the_middle_ends_a_probe_and_the_others_go_on() -> None:
    page = Broken(html_response(200, "<p>maintenance</p>"), 4)
    found = checked(generic(), "issuance", "rotation", "metadata", handler=page.around)
    assert found.troubles == {"rotation": "the server answered 200 text/html"}
    assert found.values["fact.metadata_against_truth"] == []


def test_a_server_that_is_not_there_is_told_by_the_probe_that_asked() -> None:
    class Nobody(InProcess):
        def send(self, request: WireRequest) -> Any:
            return replace(super().send(request), response=None, why="ConnectError: refused")

    carrier = Nobody(Provider(generic()))
    found = Checking(target_of(generic()), Settings(name="x", title="X"), carrier, UserLogin(carrier)).run()
    assert found.troubles == {"issuance": "no answer: ConnectError: refused"}


def test_a_login_that_does_not_end_is_told_and_the_rest_is_left() -> None:
    class Endless:
        fresh_users = False

        def __call__(self, url: str, user: str) -> str:
            raise TroubleError("drive did not end within 5 s (--login-timeout)")

    found = checked(generic(), "issuance", "rotation", login=Endless())
    assert found.troubles == {"issuance": "drive did not end within 5 s (--login-timeout)"}
    assert set(found.skipped) >= {"rotation"}


def test_no_more_is_sent_than_was_allowed() -> None:
    limits = Limits(requests=12, rate=1000, burn_grants=True)
    found = checked(generic(), limits=limits)
    assert found.requests <= 12
    assert "the 12 requests that --max-requests allows are used up" in found.troubles.values()


def test_the_rate_is_kept() -> None:
    found = checked(generic(), "issuance", "rotation", limits=Limits(requests=100, rate=2))
    times = [one.at for one in found.journal]
    assert min(later - earlier for earlier, later in pairwise(times)) >= 500_000


def test_probes_that_end_grants_wait_for_leave() -> None:
    found = checked(generic(), limits=Limits(requests=5000, rate=1000))
    assert {name for name, why in found.skipped.items() if why == "ends grants (--burn-grants)"} == {
        name for name, probe in PROBES.items() if probe.destructive
    }


def test_nothing_is_sent_to_a_host_that_was_not_named() -> None:
    target = replace(target_of(generic()), resource=None, revocation_endpoint=None)
    seen: set[str] = set()

    def handler(provider: Provider) -> Handler:
        def handle(request: WireRequest, now: Instant) -> WireResponse:
            seen.add(request.host)
            return provider.handle(request, now)

        return handle

    checked(generic(), target=target, handler=handler)
    assert seen == {"auth.example.com"}


def test_a_start_token_is_enough_for_what_one_grant_can_tell() -> None:
    bench = Bench(generic())
    start = bench.login()["refresh_token"]
    carrier = InProcess(bench.provider)
    found = Checking(target_of(generic()), Settings(name="x", title="X"), carrier, None, start=start).run()
    assert found.values["refresh.rotation"] == "always"
    assert found.logins == 0
    assert found.troubles == {}


def test_no_secret_stands_in_a_recording() -> None:
    seen: set[str] = set()

    def handler(provider: Provider) -> Handler:
        def handle(request: WireRequest, now: Instant) -> WireResponse:
            response = provider.handle(request, now)
            document = response.document if isinstance(response.document, dict) else {}
            seen.update(str(document[name]) for name in ("access_token", "refresh_token") if document.get(name))
            seen.update(value for name, value in request.form if name in ("code", "client_secret", "code_verifier"))
            return response

        return handle

    found = checked(generic(), handler=handler)
    text = json.dumps(found.document()) + repr(found)
    assert len(seen) > 50
    assert not [secret for secret in seen if secret in text and not secret.startswith("refreshproof-")]


def changed(**changes: Any) -> Any:
    """Let a provider say something else in every answer of its token endpoint that has one of these members."""

    def around(provider: Provider) -> Handler:
        def handle(request: WireRequest, now: Instant) -> WireResponse:
            response = provider.handle(request, now)
            document = response.document
            if "/token" not in request.url or not isinstance(document, dict):
                return response
            form = dict(request.form)
            other = {
                name: value.format_map({"refresh_token": "", "client_secret": ""} | form)
                if isinstance(value, str)
                else value
                for name, value in changes.items()
                if name in document
            }
            return json_response(response.status, document | other)

        return handle

    return around


@pytest.mark.parametrize("fresh_users", [True, False])
def test_an_interruption_while_the_check_waits_keeps_what_was_measured(fresh_users: bool) -> None:
    class Interrupted(InProcess):
        def wait(self, until: Instant) -> None:
            if until - self.time > 20_000_000:
                raise KeyboardInterrupt
            super().wait(until)

    carrier = Interrupted(Provider(generic()))
    login = UserLogin(carrier, fresh_users=fresh_users)
    settings = Settings(name="x", title="X", limits=Limits(requests=500, rate=1000, burn_grants=True))
    found = Checking(replace(target_of(generic()), public=None), settings, carrier, login).run()
    assert found.values["issuance.ever"] is True
    assert found.troubles == {"replay": "interrupted"}


def test_a_secret_that_the_server_repeats_in_its_error_stands_nowhere() -> None:
    told: list[str] = []
    presented: set[str] = set()
    around = changed(error="unknown {refresh_token} of {client_secret}")

    def handler(provider: Provider) -> Handler:
        answer = around(provider)

        def handle(request: WireRequest, now: Instant) -> WireResponse:
            presented.update(
                value for name, value in request.form if name in ("refresh_token", "client_secret") and value
            )
            return cast("WireResponse", answer(request, now))

        return handle

    provider = Provider(generic())
    carrier = InProcess(provider, handler(provider))
    settings = Settings(name="x", title="X", limits=Limits(requests=500, rate=1000, burn_grants=True))
    check = Checking(
        target_of(generic()), settings, carrier, UserLogin(carrier), tell=lambda ended: told.append(ended.why)
    )  # fmt: skip
    found = check.run()
    shown = json.dumps(found.document()) + "".join(told) + profile_text(found) + page(found, [], "generic")
    assert len(presented) > 20
    assert not [secret for secret in presented if secret in shown and not secret.startswith("refreshproof-")]
    assert "unknown RT" in shown


@pytest.mark.parametrize(
    "said",
    [
        {"error": "bad\n\n[evil]\nname = 'x'"},
        {"error": "bad\x1b[31m"},
        {"error": "bad\ud800"},
        {"token_type": {"a": 1}},
        {"token_type": 3},
    ],
)
def test_whatever_a_server_says_the_recording_can_be_written(said: dict[str, Any]) -> None:
    found = checked(generic(), handler=changed(**said))
    text = json.dumps(found.document(), ensure_ascii=False) + profile_text(found) + page(found, [], "generic")
    assert "\x1b" not in text
    assert text.encode()
    why = {"refresh.window": "replay: bad\n[evil]\nname = 1"}
    assert "evil" not in tomllib.loads(profile_text(replace(found, missing=why)))
