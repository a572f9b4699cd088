"""Rotation: a new refresh token replaces the old one, is kept safe before it is used, and survives a lost answer."""

from __future__ import annotations

from refreshproof.mock_servers.profile.profile import Profile
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.mock_servers.wire import seconds
from refreshproof.scenarios.evidence.evidence import Evidence, in_seconds, refresh_token_of
from refreshproof.scenarios.evidence.journal import Exchange
from refreshproof.scenarios.evidence.requirement import COSMETIC, Requirement
from refreshproof.scenarios.evidence.verdict import Verdict, alternative, exercised, violated
from refreshproof.scenarios.steps.processes import Crash
from refreshproof.scenarios.steps.scenario import flow
from refreshproof.scenarios.steps.steps import Advance, Call, Fault, Lose, Refresh, Restart, Until

PROMPT = 5
"""Seconds within which a replay counts as prompt once an answer has been taken for lost."""


def rotates(vendor: Vendor) -> bool:
    """Apply where refreshes bring new refresh tokens."""
    return vendor.profile.issuance.ever and vendor.profile.refresh.rotation != "never"


def keeps(vendor: Vendor) -> bool:
    """Apply where refreshes leave the refresh token as it is."""
    return vendor.profile.issuance.ever and vendor.profile.refresh.rotation == "never"


def replaced(evidence: Evidence) -> Verdict:
    """Every refresh presents the newest refresh token that has reached the client."""
    for change in evidence.supersessions:
        later = [one for one in evidence.refreshes if one.follows(change.exchange)]
        if later and later[0].presented == change.old and not _new_login(evidence, change.at, later[0].sent_at):
            return violated(
                f"The next refresh presented {change.old} again although {change.new} had replaced it.",
                change.exchange.number,
                later[0].number,
                expected=f"The next refresh presents {change.new}.",
            )
    return exercised(_presented_successors(evidence) > 0, "No refresh followed a rotation.")


def _new_login(evidence: Evidence, since: int, until: int) -> bool:
    """Tell whether the user logged in again between two instants."""
    return any(since < one.sent_at < until for one in evidence.exchanges("token", "authorization_code"))


def _presented_successors(evidence: Evidence) -> int:
    successors = {change.new for change in evidence.supersessions}
    return sum(one.presented in successors for one in evidence.refreshes)


def never_reused(evidence: Evidence) -> Verdict:
    """No superseded refresh token is presented again, at the token or the revocation endpoint."""
    changes = evidence.supersessions
    for one in (*evidence.refreshes, *evidence.exchanges("revocation")):
        for change in changes:
            if one.presented == change.old and one.follows(change.exchange):
                return violated(
                    f"{one.presented} was presented {in_seconds(one.sent_at - change.at):g} s after {change.new} had"
                    " reached the client.",
                    change.exchange.number,
                    one.number,
                    expected="A superseded refresh token is never presented again.",
                )
    return exercised(bool(changes), "No refresh token was replaced.")


def persisted_before_use(evidence: Evidence) -> Verdict:
    """After a restart the refresh token that the last answer brought is the one presented."""
    restarts = [record.step for record in evidence.outcomes("restart") if record.kind == "ok"]
    if not restarts:
        return exercised(False, "The client was not restarted.")
    changes = [change for change in evidence.supersessions if change.exchange.step < restarts[-1]]
    later = [one for one in evidence.refreshes if one.step > restarts[-1]]
    if not changes or not later:
        return exercised(False, "No rotation before, or no refresh after the restart.")
    if later[0].presented != changes[-1].new:
        return violated(
            f"After the restart {later[0].presented} was presented; {changes[-1].new} had been received before it.",
            changes[-1].exchange.number,
            later[0].number,
            expected=f"The first refresh after the restart presents {changes[-1].new}.",
        )
    return exercised(True)


def kept(evidence: Evidence) -> Verdict:
    """A refresh token survives answers that bring none: absent, null or blank."""
    held: str | None = None
    tested = False
    for one in evidence.exchanges("token"):
        if one.grant_type == "refresh_token" and held is not None:
            if one.presented != held:
                return violated(
                    f"Refresh {one.number} presented {one.presented or 'an empty refresh token'} instead of {held}.",
                    one.number,
                    expected=f"An answer without a refresh token leaves {held} in place.",
                )
            tested = tested or _came_after_silence(evidence, one.number)
        if one in evidence.token_answers:
            held = refresh_token_of(one) or held
    if held is not None and _gave_up(evidence):
        return violated(
            "The client asked for the user although its refresh token was still good.",
            expected=f"An answer without a refresh token leaves {held} in place.",
        )
    return exercised(tested, "No refresh followed an answer without a refresh token.")


def _came_after_silence(evidence: Evidence, number: int) -> bool:
    return any(one.number < number and refresh_token_of(one) is None for one in evidence.token_answers)


def _gave_up(evidence: Evidence) -> bool:
    silent = [one for one in evidence.token_answers if refresh_token_of(one) is None]
    refused = [one for one in evidence.refreshes if one.cause is not None]
    asked = [record for record in evidence.outcomes("call") if record.kind == "reauthorization_required"]
    return bool(silent) and bool(asked) and not refused


def lost_response_recovers(evidence: Evidence) -> Verdict:
    """After the answer of a committed rotation was lost: one replay inside the window, or a request for consent."""
    came = evidence.answered
    lost = [one for one in evidence.refreshes if len(one.issued) > 1 and one.number not in came]
    if not lost:
        return exercised(False, "No answer of a rotation was lost.")
    first = next(one for one in lost if one.arrived_at is not None)
    replays = [one for one in evidence.refreshes if one.presented == first.presented and one.number > first.number]
    late = [one for one in replays if _too_late(evidence.profile, first, one)]
    for one in late:
        if one.sent_at - first.finished_at > seconds(PROMPT):
            return violated(
                f"{one.presented} was replayed {in_seconds(one.sent_at - first.sent_at):g} s after it was spent;"
                f" the window is {evidence.profile.refresh.window} s.",
                first.number,
                one.number,
                expected="One replay, promptly, inside the vendor's window; or asking for consent.",
            )
    if len(replays) > len(lost):
        return violated(
            f"{first.presented} was replayed {len(replays)} times.",
            first.number,
            *(one.number for one in replays),
            expected="One replay, promptly, inside the vendor's window; or asking for consent.",
        )
    if not replays:
        return _without_replay(evidence, first.number)
    if late:
        return alternative(
            f"The client waited {in_seconds(first.finished_at - first.sent_at):g} s for the lost answer, and the window"
            f" of {evidence.profile.refresh.window} s had closed:"
            " with a shorter time-out the replay would have come in time.",
            first.number,
            late[0].number,
        )
    return exercised(True)


def _too_late(profile: Profile, lost: Exchange, replay: Exchange) -> bool:
    """Tell whether the window had closed when a refresh was repeated."""
    window = profile.refresh.window
    return window is not None and replay.sent_at - (lost.arrived_at or lost.sent_at) > seconds(window)


def _without_replay(evidence: Evidence, number: int) -> Verdict:
    asked = [record for record in evidence.outcomes("call") if record.kind == "reauthorization_required"]
    if asked:
        return alternative("The client asked for consent instead of replaying the refresh.", number)
    return violated(
        "The client neither replayed the refresh nor asked for consent.",
        number,
        expected="One replay, promptly, inside the vendor's window; or asking for consent.",
    )


def forgives_replay(vendor: Vendor) -> bool:
    """Apply where a lost rotation can be rescued: refreshes are carried out, and a prompt replay is answered."""
    carried_out = all(spec.fault in COSMETIC | {"drop"} for spec in vendor.faults)
    return rotates(vendor) and carried_out and vendor.profile.refresh.on_replay != "reject"


_EXPIRED = Until(limit="access_token_expiry", offset=1)
_DUE = Until(limit="rotation_due")
"""Where a vendor gives another refresh token now and then only, it is time for that."""
_LIVES = (_EXPIRED, _DUE, Call(times=3, every=60))
# Three calls a minute apart, so that a vendor that falters once a lifetime is met recovered.


def _without_member(**change: object) -> Fault:
    return Fault(fault="member", parameters={"name": "refresh_token", **change}, times=None)


def _lost(fault: str, **parameters: object) -> Fault:
    return Fault(fault=fault, parameters=parameters)


REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        id="rotation-replace",
        keyword="MUST",
        statement="A new refresh token replaces the old one: the next refresh presents the newest.",
        source="RFC 6749 s6; OAuth 2.1 s4.3.2; seed 004 (rotating refresh tokens)",
        effect=(
            "The integration works for one more lifetime and then dies, because the vendor disabled the token it kept."
        ),
        fix="Store the refresh_token of every token answer that carries one, in place of the one you sent.",
        anomaly="A1",
        check=replaced,
        scenarios=(flow(Call(), *_LIVES * 20, name="twenty lifetimes"),),
        applies=rotates,
        invariant=True,
    ),
    Requirement(
        id="rotation-old-never-reused",
        keyword="MUST NOT",
        statement=(
            "Once its successor has arrived, a refresh token is not presented again, even where the server would "
            "take it."
        ),
        source="RFC 6749 s6; RFC 9700 s4.14.2; seed 004 (reuse interval)",
        effect=(
            "Reuse detection takes the replay for theft and revokes the whole token family: every worker is logged out."
        ),
        fix="Read the token from the store when you use it; keep no second copy in workers, jobs or the logout path.",
        anomaly="A1",
        check=never_reused,
        scenarios=(
            flow(*_LIVES * 3, Restart(), *_LIVES, Refresh(), *_LIVES, name="rotations, a restart, a forced refresh"),
            flow(*_LIVES, Until(limit="end_of_window", offset=-1), Call(), *_LIVES, name="inside the window"),
            flow(*_LIVES, Until(limit="end_of_window", offset=1), Call(), *_LIVES, name="after the window"),
        ),
        applies=rotates,
        invariant=True,
    ),
    Requirement(
        id="rotation-persist-before-use",
        keyword="SHOULD",
        statement="The new pair is durable before its access token is used.",
        source="RFC 6749 s6; seed 002, 004 (the sample keeps it in memory); misb rot-single-use-strict",
        effect=(
            "A deploy or crash at the wrong moment brings back a refresh token that the vendor has already disabled."
        ),
        fix="Write the new pair to the store, and only then use or return the new access token.",
        anomaly="A0",
        check=persisted_before_use,
        scenarios=(
            flow(*_LIVES, Restart(), *_LIVES, name="restart right after a rotation"),
            flow(
                _EXPIRED,
                _DUE,
                Crash(moment="arrived", view="resource", grant_type=None),
                Call(times=3, every=60),
                Restart(),
                *_LIVES,
                name="dies when the new access token is first used",
            ),
        ),
        applies=rotates,
        needs=frozenset({"restart"}),
    ),
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
            flow(_without_member(remove=True), *_LIVES * 2, Restart(), *_LIVES, name="three refreshes that bring none"),
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
        scenarios=(flow(_without_member(value=None), *_LIVES * 3, name="null three times"),),
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
            flow(_without_member(value=""), *_LIVES * 3, name="empty three times"),
            flow(_without_member(value=" "), *_LIVES * 3, name="a blank three times"),
        ),
        applies=keeps,
    ),
    Requirement(
        id="rotation-lost-response-recovers",
        keyword="VENDOR",
        statement=(
            "When the answer of a committed rotation is lost the client replays once and promptly, else asks for "
            "consent."
        ),
        source="seed 004 (reuse interval 10 minutes); misb rot-lost-response, net-timeout-after-commit",
        effect=(
            "One lost packet at the wrong moment ends the integration, or a late replay makes the vendor revoke the "
            "family."
        ),
        fix=(
            "After an ambiguous failure repeat the same refresh once, within seconds, under the lock; then stop and "
            "ask."
        ),
        anomaly="A1",
        check=lost_response_recovers,
        scenarios=(
            flow(
                _EXPIRED,
                Lose(leg="response"),
                Call(),
                Advance(seconds=300),
                Call(),
                Advance(seconds=400),
                Call(),
                name="reset",
            ),
            flow(_EXPIRED, Lose(leg="response", silent=True), Call(), Advance(seconds=700), Call(), name="time-out"),
            flow(_EXPIRED, _lost(fault="drop", how="after_headers"), Call(), Advance(seconds=300), Call(), name="half"),
            flow(_EXPIRED, _lost(fault="truncate", at=20), Call(), Advance(seconds=300), Call(), name="truncated"),
            flow(
                _EXPIRED,
                _lost(fault="relabel", code=504),
                Call(),
                Advance(seconds=300),
                Call(),
                name="a gateway's 504",
            ),
            flow(
                Until(limit="access_token_expiry", offset=-60),
                Lose(leg="response"),
                Call(times=3, every=25),
                name="a minute before expiry",
            ),
        ),
        applies=forgives_replay,
    ),
)
