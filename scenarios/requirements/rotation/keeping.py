"""Rotation: an answer that brings no refresh token leaves the one that there was."""

from __future__ import annotations

from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.scenarios.evidence.asking import false_asks
from refreshproof.scenarios.evidence.evidence import Evidence, refresh_token_of
from refreshproof.scenarios.evidence.journal import Exchange
from refreshproof.scenarios.evidence.refusals import crash_over, detail_of, held
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.evidence.verdict import Verdict, exercised, violated
from refreshproof.scenarios.requirements.rotation.rotation import ONE_LIFE, rotates
from refreshproof.scenarios.steps.scenario import flow
from refreshproof.scenarios.steps.steps import Fault, Restart


def keeps(vendor: Vendor) -> bool:
    """Apply where refreshes leave the refresh token as it is."""
    return vendor.profile.renews and vendor.profile.refresh.rotation == "never"


def keeps_on(vendor: Vendor) -> bool:
    """Apply where refreshes bring new refresh tokens, and the one before is good until its own end."""
    return rotates(vendor) and vendor.profile.refresh.on_replay == "accept_until_expiry"


def kept(evidence: Evidence) -> Verdict:
    """A refresh token survives answers that bring none: absent, null or blank."""
    silent = [one for one in evidence.token_answers if refresh_token_of(one) is None]
    for one in evidence.refreshes:
        expected = held(evidence, one)
        before = next((other for other in reversed(silent) if one.follows(other)), None)
        if before is not None and expected is not None and _held_until(evidence, before) and one.presented != expected:
            return violated(
                f"Refresh {one.number} presented {one.presented or 'an empty refresh token'} instead of {expected}.",
                one.number,
                expected=f"An answer without a refresh token leaves {expected} in place.",
            )
    for one in silent:
        crash = crash_over(evidence, one)
        if crash is not None:
            return violated(
                f"The {crash.operation} in which an answer without a refresh token came ended in a"
                f" crash{detail_of(crash)}.",
                one.number,
                expected="An answer without a refresh token is a success like any other.",
            )
    for one in silent:
        asked = _asked_after(evidence, one)
        if asked is not None:
            return violated(
                f"After an answer without a refresh token the client asked for the user, without having tried {asked}"
                " again.",
                one.number,
                expected=f"An answer without a refresh token leaves {asked} in place.",
            )
    tested = any(later.follows(one) for one in silent for later in evidence.refreshes)
    return exercised(tested, "No refresh followed an answer without a refresh token.")


def kept_through_rotation(evidence: Evidence) -> Verdict:
    """The same where the vendor rotates; there a later call may crash over the token that is gone, and present none."""
    verdict = kept(evidence)
    if verdict.outcome == "violated":
        return verdict
    silent = (one for one in evidence.token_answers if refresh_token_of(one) is None)
    for one in (one for one in silent if held(evidence, one) is not None):
        later = [call for call in evidence.outcomes("call") if call.begun >= one.number and call.kind == "crash"]
        sent = [other for other in evidence.refreshes if other.follows(one)]
        if later and not sent and not any(later[0].made(other) for other in evidence.exchanges()):
            return violated(
                f"After an answer without a refresh token a call ended in a crash{detail_of(later[0])} before anything"
                " was sent.",
                one.number,
                expected="An answer without a refresh token leaves the one before in place.",
            )
    return verdict


def _held_until(evidence: Evidence, silent: Exchange) -> bool:
    """Tell whether a client still had the newest refresh token when it asked for what brought none: one that presented
    another had lost it before, or never taken it."""
    return silent not in evidence.refreshes or silent.presented == held(evidence, silent)


def _asked_after(evidence: Evidence, silent: Exchange) -> str | None:
    """Return the refresh token that a client held when it asked for the user, with no refresh since the answer."""
    for ask in (one.outcome for one in false_asks(evidence)):
        sent = [one for one in evidence.refreshes if one.number <= ask.ended and one.follows(silent)]
        if ask.begun >= silent.number and not sent:
            answers = [one for one in evidence.token_answers if one.number <= ask.ended and refresh_token_of(one)]
            return refresh_token_of(answers[-1]) if answers else None
    return None


def _without_member(times: int | None = None, **change: object) -> Fault:
    return Fault(fault="member", parameters={"name": "refresh_token", **change}, times=times)


REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        id="rotation-keep-when-absent",
        keyword="VENDOR",
        statement="A refresh answer without refresh_token leaves the stored one in place.",
        source="RFC 6749 s6; seed 004 (sample guard); G-WEB",
        effect="The second refresh fails, hours after the mistake: the client has thrown its only refresh token away.",
        fix="Overwrite the stored refresh token only with a non-empty string.",
        anomaly="A12",
        check=kept,
        scenarios=(
            flow(
                _without_member(remove=True),
                *ONE_LIFE * 2,
                Restart(),
                *ONE_LIFE,
                name="three that bring none",
            ),
        ),
        applies=keeps,
    ),
    Requirement(
        id="rotation-keep-when-null",
        keyword="SHOULD",
        statement="refresh_token null counts as absent.",
        source="RFC 6749 App. A.17; misb rot-null-rt",
        effect="The second refresh sends null or crashes: the client has stored nothing over its only refresh token.",
        fix="Overwrite the stored refresh token only with a non-empty string.",
        anomaly="A12",
        check=kept,
        scenarios=(flow(_without_member(value=None), *ONE_LIFE * 3, name="null three times"),),
        applies=keeps,
    ),
    Requirement(
        id="rotation-keep-when-empty",
        keyword="SHOULD",
        statement="refresh_token with an empty or blank value counts as absent.",
        source="RFC 6749 App. A.17; misb rot-empty-string-rt",
        effect="The second refresh sends an empty refresh token: the client has stored nothing over its only one.",
        fix="Overwrite the stored refresh token only with a non-empty string.",
        anomaly="A12",
        check=kept,
        scenarios=(
            flow(_without_member(value=""), *ONE_LIFE * 3, name="empty three times"),
            flow(_without_member(value=" "), *ONE_LIFE * 3, name="a blank three times"),
        ),
        applies=keeps,
    ),
    Requirement(
        id="rotation-keep-though-rotating",
        keyword="SHOULD",
        statement=(
            "Where the refresh token before a rotation goes on working, an answer without a new one (absent, null or "
            "blank) leaves it in place."
        ),
        source="RFC 6749 s6, App. A.17; M-RT; misb rot-null-rt",
        effect="One answer without a refresh token, and a user whose grant is in good order has to log in again.",
        fix="Overwrite the stored refresh token only with a non-empty string, also where every answer has brought one.",
        anomaly="A12",
        check=kept_through_rotation,
        scenarios=(
            flow(*ONE_LIFE, _without_member(1, value=None), *ONE_LIFE * 3, name="null once"),
            flow(*ONE_LIFE, _without_member(1, remove=True), *ONE_LIFE * 3, name="absent once"),
            flow(*ONE_LIFE, _without_member(1, value=""), *ONE_LIFE * 3, name="empty once"),
        ),
        applies=keeps_on,
    ),
)
