"""Authorization: what is new and unguessable in every request, the state and the PKCE verifier."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from itertools import takewhile

from refreshproof.mock_servers.profile.profile import Profile
from refreshproof.scenarios.evidence.evidence import Evidence
from refreshproof.scenarios.evidence.journal import Exchange
from refreshproof.scenarios.evidence.logins import configuration, deliveries, login_of, logins
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.evidence.verdict import Verdict, alternative, exercised, not_exercised, violated
from refreshproof.scenarios.steps.scenario import Scenario
from refreshproof.scenarios.steps.steps import Advance, Authorize

LEAST_VARIED = 22
"""Characters of base64url that hold 128 bits (RFC 6749 s10.10)."""


def states_unguessable(evidence: Evidence) -> Verdict:
    """State is new for every request, long, not a counter, and tells nothing about the user."""
    requests = logins(evidence)
    states = [one.values.get("state", "") for one in requests]
    if len(requests) < 2:
        return not_exercised("Fewer than two logins.")
    if not any(states) and _pkce_guards(requests, evidence.profile):
        return alternative("The client sends no state and relies on PKCE.")
    for one, state in zip(requests, states, strict=True):
        if states.count(state) > 1:
            return violated("Two requests have the same state.", one.number, expected="A new state for every request.")
    named = [
        name for name, theirs in _states_of(evidence, requests).items() if all(_tells(one, name) for one in theirs)
    ]
    if named:
        return violated(f"Each state names the user, {named[0]}.", expected="A state that says nothing.")
    varied = min(map(len, states)) - _common(states) - _common([state[::-1] for state in states])
    if varied < LEAST_VARIED:
        return violated(
            f"Only {max(varied, 0)} characters of the state differ between {len(states)} requests.",
            *(one.number for one in requests),
            expected=f"At least {LEAST_VARIED} characters, 128 bits, that nobody can guess.",
        )
    return exercised(True)


def _pkce_guards(requests: Sequence[Exchange], profile: Profile) -> bool:
    advertised = "S256" in profile.metadata.get("code_challenge_methods_supported", ())
    return advertised and all(one.values.get("code_challenge_method") == "S256" for one in requests)


def _common(texts: list[str]) -> int:
    """Count the characters that all texts begin with."""
    return sum(1 for _ in takewhile(lambda characters: len(set(characters)) == 1, zip(*texts, strict=False)))


def _states_of(evidence: Evidence, requests: Sequence[Exchange]) -> dict[str, list[str]]:
    """Return the states of each user's logins; a short name may stand in one by chance, but not in all."""
    accounts = {action.step: str(action.about["account"]) for action in evidence.actions("authorize")}
    found: dict[str, list[str]] = {}
    for one in requests:
        found.setdefault(accounts.get(one.step, ""), []).append(one.values.get("state", ""))
    found.pop("", None)
    return found


def _tells(state: str, name: str) -> bool:
    """Tell whether a state holds a name, in clear or in one of its base64 parts."""
    if name in state:
        return True
    return any(name.encode() in _decoded(part) for part in re.split(r"[.:]", state))


def _decoded(part: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except (binascii.Error, ValueError):
        return b""


def verifier_fresh(evidence: Evidence) -> Verdict:
    """PKCE with S256 and a new verifier for every request; nothing of it where the provider refuses it."""
    requests, seen = logins(evidence), set[str]()
    refused = evidence.profile.authorization.pkce == "refused"
    bare = [one for one in requests if "code_challenge" not in one.values]
    for one in requests:
        fault = _fault(one, refused=refused, seen=seen)
        if fault:
            return violated(fault, one.number, expected="S256, a new verifier, and none where PKCE is refused.")
        seen.add(one.values.get("code_challenge", ""))
    broken = _broken_exchange(evidence, requests)
    if broken is not None:
        return broken
    wanted = configuration(evidence).get("pkce", True) and not refused
    if wanted and bare and not configuration(evidence).get("secret", False):
        return violated("A public client sent no challenge.", bare[0].number, expected="A challenge by S256.")
    if wanted and bare:
        return alternative("The client has a secret and does without PKCE.", bare[0].number)
    return exercised(len(requests) > 1 or (bool(requests) and not wanted), "Fewer than two logins.")


def _fault(one: Exchange, *, refused: bool, seen: set[str]) -> str | None:
    challenge = one.values.get("code_challenge")
    if challenge is None:
        return None
    if refused:
        return "The request carries a challenge, and the provider refuses every request that does."
    if one.values.get("code_challenge_method") != "S256":
        return f"The challenge is by {one.values.get('code_challenge_method', 'plain')}."
    return "Two requests have the same challenge, hence the same verifier." if challenge in seen else None


def _broken_exchange(evidence: Evidence, requests: Sequence[Exchange]) -> Verdict | None:
    """Find an exchange of an unchanged callback whose verifier does not belong to its request."""
    for delivery in deliveries(evidence):
        login = login_of(evidence, delivery.action.step)
        if login is None or delivery.changed or delivery.tamper not in ("none", "forged_first"):
            continue
        for one in delivery.exchanges:
            if one.challenge != login.values.get("code_challenge"):
                return violated(
                    "The verifier does not fit the challenge of its request, or is not one.",
                    login.number,
                    one.number,
                    expected="The verifier of the same request, 43 to 128 unreserved characters, if and only if a "
                    "challenge was sent.",
                )
    return None


_PAIR = (Authorize(), Authorize(account="bob"), Advance(seconds=1))

REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        id="authz-state-unguessable",
        keyword="MUST",
        statement="state is new for every request, cannot be guessed, and shows no user data.",
        source="RFC 6749 s10.8, s10.10, s10.12; RFC 9700 s2.1; seed 004",
        effect="An attacker guesses the state and connects their own account to your user's session.",
        fix="Draw at least 128 random bits for every login and keep them with the user's session.",
        anomaly="A13",
        check=states_unguessable,
        scenarios=(Scenario(steps=_PAIR * 32, name="sixty-four logins of two users, two at each instant"),),
        depends=("authz-code-request",),
    ),
    Requirement(
        id="authz-pkce-s256",
        keyword="MUST",
        statement=(
            "PKCE uses S256 and a new verifier for every request, never plain, and is left out where the provider "
            "refuses it. A client with a secret should use it."
        ),
        source="RFC 7636 s4.1, s4.2, s7.2; RFC 9700 s2.1.1; OAuth 2.1 s4.1.1; misb iss-pkce-intolerant",
        effect="A code that is stolen on its way back can be redeemed by whoever has it.",
        fix="Make a verifier of 43 random characters for every login and send its SHA-256; do not fall back to plain.",
        anomaly="A13",
        check=verifier_fresh,
        recorded="whole",
        scenarios=(
            Scenario(steps=_PAIR * 8, name="sixteen logins"),
            Scenario(
                steps=(Authorize(tamper="error_invalid_request"), Authorize(), Advance(seconds=86_400), Authorize()),
                name="a request refused as invalid",
            ),
        ),
        depends=("authz-code-request",),
    ),
)
"""Requirements on state and verifier."""
