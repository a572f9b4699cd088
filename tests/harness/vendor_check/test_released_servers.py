"""Real servers that nobody here wrote, checked over sockets: every value is the one that was measured by hand.

The profiles of the built-in vendors hold most of what was measured (2026-11-29 and 30); the facts below hold what a
profile has no field for.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kit.released_servers import LOGINS, REDIRECT_URI, SERVERS, UserByName, installed, running
from refreshproof.harness.cli.command import main
from refreshproof.harness.vendor_check.asking.limits import Limits
from refreshproof.harness.vendor_check.checking import Checking, Settings
from refreshproof.harness.vendor_check.recording.drift import drift_from_profile, drift_from_recording
from refreshproof.harness.vendor_check.recording.profile_text import vendor_from
from refreshproof.harness.vendor_check.recording.recorded import Recorded
from refreshproof.harness.vendor_check.transport import HttpCarrier
from refreshproof.mock_servers.vendors import VENDORS

pytestmark = [pytest.mark.first, pytest.mark.servers, pytest.mark.sockets, pytest.mark.timeout(900)]

FACTS: Mapping[str, Mapping[str, Any]] = {
    "oidc-provider": {
        "refresh_token_comes": "offline_access and prompt=consent", "refresh_token_on_refresh": "same",
        "late_rotation": "not measured: how long they live is not known (--lives SECONDS)",
    },
    "oidc-provider-rotating": {
        "refresh_token_comes": "offline_access and prompt=consent", "after_refused_replay": "the chain dies",
        "access_token_after_replay": "dies", "narrowing_sticks": "no", "two_generations_back": "400 invalid_grant",
    },
    "node-oauth": {
        "refresh_token_comes": "always", "after_refused_replay": "the chain lives", "narrowing_sticks": "yes",
        "wider_scope": "400 invalid_scope", "refused_scope_spends": "yes", "blank_scope": "400 invalid_scope",
    },
    "authlib": {"refresh_token_comes": "always", "refreshes_of_a_login": 1},
    "authlib-new": {
        "after_refused_replay": "the chain lives", "narrowing_sticks": "yes", "both_authentications": "taken",
        "revocation_under_wrong_hint": "nothing happens", "lifetime_at_exchange": 864000, "lifetime_at_refresh": 3600,
    },
    "canaille": {
        "after_refused_replay": "the chain lives", "error_missing_grant_type": "500 internal_server_error",
        "lifetime_at_exchange": 864000, "lifetime_at_refresh": 3600,
    },
    "django-grace": {
        "two_generations_back": "400 invalid_grant", "replay_after_1_s": "200, the first answer once more",
        "replay_lets_live": "the successor", "narrowing_sticks": "yes",
    },
    "glewlwyd": {"refresh_token_on_refresh": "omitted", "error_unknown_refresh_token": "400 empty body"},
    "glewlwyd-one-use": {
        "after_refused_replay": "the chain dies", "access_token_after_replay": "lives",
        "refused_client_spends": "yes", "replay_after_61_s": "400 empty body",
    },
}  # fmt: skip
"""What was measured, by server."""

WORKS = "works: logged in, called, refreshed, called, refreshed, called, began anew, called, refreshed, called"
ENGINE: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "oidc-provider": (WORKS, {}), "oidc-provider-rotating": (WORKS, {}), "node-oauth": (WORKS, {}),
    "authlib-new": (WORKS, {}), "django-grace": (WORKS, {}),
    "canaille": (WORKS, {"prompt": "", "nonce": "refreshproof"}),
    "glewlwyd-one-use": (WORKS, {"nonce": "refreshproof"}),
}  # fmt: skip
"""How the reference engine fares, and the parameters that it needs besides."""

_DJANGO: Mapping[str, Any] = {
    "response.members": ["access_token", "expires_in", "token_type", "scope", "refresh_token", "id_token"],
}  # fmt: skip
_GLEWLWYD: Mapping[str, Any] = {"token_request.authentication": ["client_secret_basic"]}
BESIDES: Mapping[str, Mapping[str, Any]] = {
    "django": _DJANGO, "django-grace": _DJANGO, "glewlwyd": _GLEWLWYD, "glewlwyd-one-use": _GLEWLWYD,
}  # fmt: skip
"""What a check finds otherwise than the built-in profile of a server has it, for the set-up is another: OpenID Connect
at django-oauth-toolkit, a client of Basic at glewlwyd (checked 2026-11-30). One that vanishes is a difference too."""

USUAL = (
    "oidc-provider", "oidc-provider-rotating", "oidc-provider-late", "node-oauth", "authlib", "authlib-new", "canaille",
    "django-grace", "glewlwyd-one-use",
)  # fmt: skip
"""Servers that CI checks; REFRESHPROOF_SERVERS_ONLY names others."""

LOGIN = "curl -s -o /dev/null -w %{redirect_url}"
CHANGED = (("oidc-provider", "oidc-provider-rotating"), ("authlib", "authlib-new"))
"""One server under two settings: the change is drift."""


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    kept = os.environ.get("REFRESHPROOF_SERVERS")
    return installed(Path(kept) if kept else tmp_path_factory.getbasetemp().parent / "released-servers")


def checked(name: str, packages: Path, scratch: Path) -> Recorded:
    """Check a server while it runs."""
    one = SERVERS[name]
    limits = Limits(requests=3000, rate=200, burn_grants=True)
    wanted = Settings(
        name=name, title=one.title, limits=limits, waits=one.waits, lives=one.lives, probes=one.probes
    )  # fmt: skip
    with running(one, packages, scratch / name) as target, HttpCarrier(verify=False) as carrier:
        return Checking(target, wanted, carrier, UserByName(way=LOGINS[one.log_in])).run()


def differences(name: str, found: Recorded) -> dict[str, Any]:
    """Return what is not as it was measured, by name: what it was, and what it is now."""
    one = SERVERS[name]
    profile = VENDORS[one.vendor].profile
    profile = replace(profile, refresh=replace(profile.refresh, **one.refresh))
    besides = BESIDES.get(name, {})
    drifting = {drift.name: (drift.was, drift.now) for drift in drift_from_profile(found, profile)}
    drifts: dict[str, Any] = {
        key: pair for key, pair in drifting.items() if besides.get(key) != pair[1] and not _within_a_second(*pair)
    }  # fmt: skip
    drifts |= {key: (was, "differs no longer") for key, was in besides.items() if key not in drifting}
    facts = {**FACTS.get(name, {}), **_engine(name)}
    drifts |= {fact: (was, found.facts.get(fact)) for fact, was in facts.items() if found.facts.get(fact) != was}
    return drifts | ({"unfinished": found.unfinished} if found.unfinished else {})


def _engine(name: str) -> dict[str, Any]:
    how, parameters = ENGINE.get(name, (None, None))
    return {} if how is None else {"engine": how, "engine_parameters": parameters}


def _within_a_second(was: Any, now: Any) -> bool:
    """Tell whether two lifetimes or windows are one; servers that count in whole seconds end up to one early."""
    numbers = isinstance(was, int) and isinstance(now, int) and not isinstance(was, bool)
    return numbers and abs(was - now) <= 1


def test_released_servers_are_found_as_they_were_measured(packages: Path, tmp_path: Path) -> None:
    """All at once, each in a thread with its server beside it: they wait for 61 seconds to pass."""
    names = os.environ.get("REFRESHPROOF_SERVERS_ONLY", ",".join(USUAL)).split(",")
    with ThreadPoolExecutor(len(names)) as threads:
        checks = {name: threads.submit(checked, name, packages, tmp_path) for name in names}
    results = {name: check.result() for name, check in checks.items()}
    wrong = {name: differences(name, found) for name, found in results.items()}
    assert {name: one for name, one in wrong.items() if one} == {}
    for found in results.values():
        vendor_from(found)
    for one, other in CHANGED:
        if {one, other} <= results.keys():
            drifts = drift_from_recording(results[one], json.loads(json.dumps(results[other].document())))
            assert "refresh.rotation" in {drift.name for drift in drifts}


def test_a_changed_setting_of_a_server_is_drift_and_ends_in_1(
    packages: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REFRESHPROOF_CLIENT_SECRET", "confsecret")

    def check(name: str, *more: str) -> tuple[int, str]:
        with running(SERVERS[name], packages, tmp_path / name) as target:
            given = [
                "--authorization-endpoint",
                target.authorization_endpoint,
                "--token-endpoint",
                target.token_endpoint,
            ]
            given += ["--client-id", "conf", "--redirect-uri", REDIRECT_URI, "--scope", "a b", "--login", LOGIN]
            given += ["--probe", "issuance", "--probe", "rotation", "--wait", "0", "--rate", "200"]
            with pytest.raises(SystemExit) as end:
                main(["vendor", "check", *given, "--out", str(tmp_path / f"{name}-recorded"), *more])
        return int(end.value.code or 0), capsys.readouterr().out

    assert check("node-oauth")[0] == 0
    earlier = str(tmp_path / "node-oauth-recorded" / "recording.json")
    assert check("node-oauth", "--against", earlier)[0] == 0
    code, out = check("node-oauth-keep", "--against", earlier)
    assert code == 1
    assert f"differs refresh.rotation: always in {earlier}, never here" in out
