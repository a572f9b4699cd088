"""A mistake of the prober's own is told by type and place, and costs no more than the probe that met it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from kit.checked_vendor import InProcess, UserLogin, checked, generic, target_of
from refreshproof.harness.cli.vendor import exit_code_of
from refreshproof.harness.cli.vendor_checks.telling import show
from refreshproof.harness.vendor_check.asking.limits import Limits
from refreshproof.harness.vendor_check.checking import Checking, Settings
from refreshproof.harness.vendor_check.recording.drift import drift_from_profile, drift_from_recording
from refreshproof.harness.vendor_check.recording.profile_text import profile_text
from refreshproof.harness.vendor_check.recording.recorded import Recorded
from refreshproof.mock_servers.provider.provider import Provider
from refreshproof.mock_servers.vendors.generic import GENERIC
from refreshproof.mock_servers.wire import Handler, Instant, WireRequest, WireResponse, html_response
from refreshproof.reports.verdict import ExitCode


class Mishap(InProcess):
    """Carries requests, and breaks over a request for a blank scope, with the token in what it says."""

    def send(self, request: WireRequest) -> Any:
        form = dict(request.form)
        if form.get("scope") == "":
            raise KeyError(f"unforeseen: {form['refresh_token']}")
        return super().send(request)


@pytest.mark.parametrize("fresh_users", [True, False])
def test_an_unforeseen_exception_is_told_and_the_other_probes_go_on(fresh_users: bool) -> None:
    carrier = Mishap(Provider(generic()))
    told: dict[str, str] = {}
    settings = Settings(
        name="x", title="X", limits=Limits(requests=500, rate=1000, burn_grants=True),
        probes=("issuance", "rotation", "scopes", "replay"),
    )  # fmt: skip
    login = UserLogin(carrier, fresh_users=fresh_users)
    found = Checking(
        target_of(generic()), settings, carrier, login, tell=lambda ended: told.update({ended.probe.id: ended.why})
    ).run()  # fmt: skip
    assert set(found.faults) == {"scopes"}
    assert found.faults["scopes"].startswith("a fault of Refreshproof: KeyError at runner.py:")
    assert told["scopes"] == found.faults["scopes"]
    assert found.troubles == {}
    assert found.values["refresh.on_replay"] == "reject"
    assert found.missing["token_request.blank_scope"] == f"scopes: {found.faults['scopes']}"
    assert "unforeseen" not in json.dumps(found.document()) + profile_text(found)
    assert exit_code_of(found, None) == ExitCode.HARNESS_ERROR


def out_of_order() -> Recorded:
    """Check a server that answers every refresh with a page after the first."""

    def handler(provider: Provider) -> Handler:
        seen: list[str] = []

        def handle(request: WireRequest, now: Instant) -> WireResponse:
            if dict(request.form).get("grant_type") == "refresh_token":
                seen.append("refresh")
                if len(seen) > 1:
                    return html_response(503, "<p>maintenance</p>")
            return provider.handle(request, now)

        return handle

    return checked(generic(), "issuance", "rotation", "second-login", "code-twice", handler=handler)


@pytest.mark.parametrize(("fresh_users", "again"), [(True, True), (False, False)])
def test_what_a_server_does_once_is_asked_again_but_not_where_a_person_logs_in(fresh_users: bool, again: bool) -> None:
    def handler(provider: Provider) -> Handler:
        seen: list[str] = []

        def handle(request: WireRequest, now: Instant) -> WireResponse:
            if dict(request.form).get("grant_type") == "refresh_token":
                seen.append("refresh")
                if len(seen) == 3:
                    return WireResponse(status=200)
            return provider.handle(request, now)

        return handle

    found = checked(generic(), "issuance", "rotation", "code-twice", handler=handler, fresh_users=fresh_users)
    said = "the server answered 200 without a type"
    assert (said in found.unfinished) is not again
    assert (list(found.facts.get("met_once", {}).values()) == [said]) is again
    assert (exit_code_of(found, None) == ExitCode.AS_EXPECTED) is again


def test_probes_that_end_in_the_same_words_are_told_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    found = out_of_order()
    assert found.unfinished == {"the server answered 503 text/html": ["rotation", "second-login", "code-twice"]}
    show(found, None, "")
    out = capsys.readouterr().out
    assert "trouble (3) rotation, second-login, code-twice: the server answered 503 text/html" in out
    assert out.count("trouble") == 1
    assert exit_code_of(found, None) == ExitCode.INCOMPLETE


@pytest.mark.parametrize("scopes", [("read",), ("read", "write")])
def test_an_id_token_that_was_not_asked_for_is_no_difference(scopes: tuple[str, ...]) -> None:
    target = replace(target_of(generic()), scopes=scopes)
    found = checked(generic(), "issuance", "answers", target=target)
    assert drift_from_profile(found, GENERIC) == []
    asking = checked(generic(), "issuance", "answers", target=replace(target, scopes=(*scopes, "openid")))
    assert "id_token" in asking.values["response.members"]
    earlier = json.loads(json.dumps(asking.document()))
    assert [one.name for one in drift_from_recording(found, earlier)] == []


@pytest.mark.parametrize("rule", ["refused", "ignored", "revoked"])
def test_what_another_client_can_revoke_is_found(rule: str) -> None:
    found = checked(generic(revocation__other_clients_tokens=rule), "issuance", "revocation")
    assert found.values["revocation.other_clients_tokens"] == rule


def test_without_a_second_client_it_is_open_who_may_revoke_and_the_reason_is_told() -> None:
    found = checked(generic(), "issuance", "revocation", target=replace(target_of(generic()), second=None))
    why = "revocation: not asked: no second client was named (--second-client)"
    assert found.missing["revocation.other_clients_tokens"] == why


def test_one_of_several_exchanges_of_a_code_is_granted_in_every_round() -> None:
    found = checked(generic(issuance__used_code="refused"), "issuance", "parallel-codes")
    assert found.facts["parallel_exchanges"] == [{"granted": 1, "working": 1, "others": ["400 invalid_grant"]}] * 3
