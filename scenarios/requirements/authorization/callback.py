"""Callback: only the answer to a login that is under way leads to a token request, once, in time and by the right
server."""

from __future__ import annotations

from refreshproof.mock_servers.profile.profile import Cause
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.mock_servers.wire import seconds
from refreshproof.scenarios.evidence.evidence import Evidence, in_seconds
from refreshproof.scenarios.evidence.logins import Delivery, deliveries, login_of
from refreshproof.scenarios.evidence.operations import operations
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.evidence.verdict import Verdict, alternative, exercised, violated
from refreshproof.scenarios.steps.logins import FOREIGN_ERROR, FOREIGN_TEXT
from refreshproof.scenarios.steps.processes import Node
from refreshproof.scenarios.steps.scenario import Scenario, flow
from refreshproof.scenarios.steps.steps import Advance, Authorize, Call, Reload, Skew, Tamper
from refreshproof.scenarios.steps.subject import Capability

SERVER_DELAY = 120
"""Seconds that the authorization server may take: the default of seed 003 (open point O1 of the catalogue)."""

FORGED: tuple[Tamper, ...] = ("state_missing", "state_unknown", "state_of_other_user", "forged_first")
WRONG_ISS: tuple[Tamper, ...] = ("iss_wrong", "iss_with_slash", "iss_in_upper_case", "iss_missing", "iss_twice")
ERRORS: tuple[Tamper, ...] = (
    "error_server_error", "error_temporarily_unavailable", "error_unheard_of", "error_and_code",
)  # fmt: skip
_REPORTED: tuple[Tamper, ...] = (*ERRORS, "none", "twice", "error_invalid_request", "error_with_forged_text")
_FOREIGN_CODE = frozenset({Cause.WRONG_VERIFIER, Cause.UNEXPECTED_VERIFIER, Cause.MISSING_VERIFIER})


def state_checked(evidence: Evidence) -> Verdict:
    """A callback with a missing, unknown or foreign state leads to no token request."""
    forged = [one for one in deliveries(evidence) if one.tamper in FORGED and one.changed]
    for one in forged:
        for sent in one.exchanges:
            if _relies_on_pkce(evidence, one) and sent.cause in _FOREIGN_CODE:
                return alternative("Without state the code is sent; the server refuses its verifier.", sent.number)
            return violated(
                f"{sent.presented} came in a forged callback and was redeemed.",
                sent.number,
                expected="No token request for a callback whose state belongs to no login of this user.",
            )
    for one in deliveries(evidence):
        if one.tamper == "forged_first" and not one.changed and one.error is None and not one.exchanges:
            return alternative("Forged callbacks ended the login that was under way.")
    return exercised(bool(forged), "No forged callback arrived.")


def _relies_on_pkce(evidence: Evidence, delivery: Delivery) -> bool:
    login = login_of(evidence, delivery.action.step)
    return login is not None and "state" not in login.values and "code_challenge" in login.values


def single_use(evidence: Evidence) -> Verdict:
    """A callback that arrives again leads to no second token request."""
    # Codes that the provider issued: two forgeries may well bear the same text.
    issued = {code for one in evidence.exchanges("authorization") for code in one.issued}
    brought = [one.code for one in deliveries(evidence) if one.code in issued]
    redeemed: dict[str, int] = {}
    for operation in operations(evidence, "callback"):
        for code in {one.presented for one in operation.exchanges if one.grant_type == "authorization_code"} & issued:
            if code in redeemed:
                return violated(
                    f"{code} was redeemed again when its callback arrived again.",
                    redeemed[code],
                    operation.exchanges[-1].number,
                    expected="State and code are spent by the first callback.",
                )
            redeemed[str(code)] = operation.exchanges[-1].number
    return exercised(len(brought) > len(set(brought)), "No callback arrived twice.")


def error_ends_flow(evidence: Evidence) -> Verdict:
    """An error in the callback is reported and nothing is redeemed; a foreign one leaves the login alone."""
    tested, seen = False, set[int]()
    for one in deliveries(evidence):
        first = one.action.step not in seen
        seen.add(one.action.step)
        if one.error is None:
            timely = _took(evidence, one) <= seconds(SERVER_DELAY)
            if one.tamper == "error_of_other_flow_first" and timely and not one.exchanges:
                return violated(
                    "A forged error callback ended the login that was under way.",
                    expected="An error with a foreign state leaves the pending login alone.",
                )
            continue
        tested = True
        if one.exchanges:
            return violated(
                f"The callback said {one.error} and {one.code} was redeemed all the same.",
                one.exchanges[0].number,
                expected="No token request after an error callback.",
            )
        fault = _misreported(one) if first and one.tamper in _REPORTED else None
        if fault:
            return violated(fault, expected=f"The result says {one.error}.")
    return exercised(tested, "No callback brought an error.")


def _misreported(delivery: Delivery) -> str | None:
    outcome, error = delivery.outcome, delivery.error or ""
    if outcome is None or outcome.kind == "ok":
        return f"The callback said {error}; the client calls the login successful."
    if outcome.error != error and error not in (outcome.detail or ""):
        return f"The callback said {error}; the client's result does not."
    return None


def sends_iss(vendor: Vendor) -> bool:
    """Apply where the server sends iss with its callbacks."""
    return vendor.profile.authorization.sends_iss


def iss_checked(evidence: Evidence) -> Verdict:
    """A callback without iss, or with another one by comparison of strings, leads to no token request."""
    wrong = [one for one in deliveries(evidence) if one.tamper in WRONG_ISS]
    for one in wrong:
        if one.exchanges:
            return violated(
                f"{one.code} was redeemed although the callback's iss was changed ({one.tamper.replace('_', ' ')}).",
                one.exchanges[0].number,
                expected=f"No token request unless iss is exactly {evidence.profile.issuer}, once.",
            )
    return exercised(bool(wrong), "No callback with a wrong iss arrived.")


def foreign_error_untold(evidence: Evidence) -> Verdict:
    """Nothing of an error callback with another server's iss is told: neither its code nor its text."""
    foreign = [one for one in deliveries(evidence) if one.tamper == "error_of_other_server"]
    for one in foreign:
        told = one.outcome and " ".join((one.outcome.error or "", one.outcome.detail or ""))
        shown = next((text for text in (FOREIGN_ERROR, FOREIGN_TEXT) if text in (told or "")), None)
        if shown is not None:
            return violated(
                f"The callback's iss was another server's; the client told its user {shown!r}.",
                expected="The callback is refused, and nothing that it says of an error is told.",
            )
    return exercised(bool(foreign), "No error came with another server's iss.")


def _took(evidence: Evidence, delivery: Delivery) -> int:
    """Return how long the user was away."""
    login = login_of(evidence, delivery.action.step)
    return 0 if login is None else delivery.action.at - login.sent_at


def on_time_accepted(evidence: Evidence) -> Verdict:
    """A callback that comes no later than the declared delay leads to a token request."""
    timely = [one for one in deliveries(evidence) if one.tamper == "none" and one.error is None]
    timely = [one for one in timely if 0 < _took(evidence, one) <= seconds(SERVER_DELAY)]
    for one in timely:
        if not one.exchanges:
            return violated(
                f"The callback came after {in_seconds(_took(evidence, one)):g} s and was refused.",
                expected=f"A callback is accepted up to {SERVER_DELAY} s after the user left.",
            )
    return exercised(bool(timely), "No callback came after a while.")


def late_refused(evidence: Evidence) -> Verdict:
    """A callback that comes later leads to no token request, and the result says that it came too late."""
    late = [one for one in deliveries(evidence) if _took(evidence, one) > seconds(SERVER_DELAY)]
    for one in late:
        took = in_seconds(_took(evidence, one))
        if one.exchanges:
            return violated(
                f"The callback came after {took:g} s and {one.code} was redeemed.",
                one.exchanges[0].number,
                expected=f"A callback later than {SERVER_DELAY} s after the user left is refused.",
            )
        if one.outcome is None or one.outcome.kind == "ok" or not one.outcome.detail:
            return violated(
                f"The callback came after {took:g} s; the result does not say that this was too late.",
                expected="A reason in the result.",
            )
    return exercised(bool(late), "No callback came late.")


def _changed(*tampers: Tamper) -> tuple[Authorize, ...]:
    return tuple(Authorize(tamper=tamper, think=5) for tamper in tampers)


def _elsewhere(skew: int) -> Scenario:
    """Bring a callback a second late, by the clock of a process that is behind the one at which the login began."""
    late = Authorize(think=SERVER_DELAY + skew + 1, back_at=2)
    return Scenario(
        steps=(Node(number=2), Skew(seconds=-skew), Node(number=1), late), name=f"at a process {skew} s behind"
    )


_LIMITS: frozenset[Capability] = frozenset({"flow_limits"})

REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        id="callback-state-checked",
        keyword="MUST",
        statement="Only a callback whose state belongs to a pending login of the same user leads to a token request.",
        source="RFC 6749 s10.12; RFC 9700 s2.1, s4.7; seed 003, 004",
        effect="An attacker's account is connected to your user's session: what the user does lands with the attacker.",
        fix="Keep the state with the user's session and refuse a callback whose state is not there, before anything.",
        anomaly="A13",
        check=state_checked,
        scenarios=(
            Scenario(steps=(*_changed("forged_first"), Call()), name="three forged callbacks, then the genuine one"),
            Scenario(steps=_changed(*FORGED[:3]), name="one forged callback for each of three logins"),
        ),
        depends=("authz-code-request",),
        invariant=True,
    ),
    Requirement(
        id="callback-single-use",
        keyword="MUST NOT",
        statement="A callback is not processed twice: state and code are spent by the first delivery.",
        source="RFC 6749 s4.1.2; RFC 9700 s2.1",
        effect="A page reload redeems the code again, and the vendor revokes the tokens that were just issued.",
        fix="Remove the state from the session before the code is sent; refuse a callback whose state is gone.",
        anomaly="A1",
        check=single_use,
        scenarios=(
            Scenario(steps=(*_changed("twice"), Call()), name="twice in a row"),
            Scenario(steps=(*_changed("twice_at_once"), Call()), name="twice at the same moment"),
            flow(Advance(seconds=1), Reload(), Advance(seconds=3599), Reload(), Call(), name="reloaded later"),
        ),
        depends=("authz-code-request",),
        invariant=True,
    ),
    Requirement(
        id="callback-error-ends-flow",
        keyword="SHOULD",
        statement=(
            "An error callback ends the login without a token request and is reported by its code; one with a foreign "
            "state leaves the pending login alone."
        ),
        source="RFC 6749 s4.1.2.1; RFC 9207 s2.4; seed 004",
        effect="Users are told that all is well after they said no, or a forged error cancels their login.",
        fix="Check state first, then error, and only then code; hand the error code to the user.",
        anomaly="A13",
        check=error_ends_flow,
        scenarios=(
            Scenario(steps=(Authorize(answer="deny", think=5), *_changed(*ERRORS)), name="errors of five kinds"),
            Scenario(steps=_changed("error_of_other_flow_first"), name="a forged error, then the genuine callback"),
        ),
        depends=("authz-code-request",),
        invariant=True,
    ),
    Requirement(
        id="callback-iss-checked",
        keyword="MUST",
        statement="Where the server sends iss, a callback without it or with another one is refused.",
        source="RFC 9207 s2.4, s4; RFC 9700 s2.1, s4.4.2.1",
        effect="A hostile server lures the code of another server out of the client.",
        fix="Compare iss with the issuer of the login byte for byte; refuse it missing or repeated.",
        anomaly="A6",
        check=iss_checked,
        scenarios=(Scenario(steps=(*_changed(*WRONG_ISS), Authorize(), Call()), name="five wrong ones, then right"),),
        applies=sends_iss,
        depends=("authz-code-request",),
        invariant=True,
    ),
    Requirement(
        id="callback-foreign-error-untold",
        keyword="MUST NOT",
        statement="Of an error callback whose iss is another server's the user is told nothing: no code, no text.",
        source=(
            "RFC 9207 s2.4; MCP 2026-07-28, Authorization Response Validation: https://modelcontextprotocol.io/"
            "specification/2026-07-28/basic/authorization#authorization-response-validation"
        ),
        effect="A hostile server puts its own words before the user in the name of the server that they trust.",
        fix="Check state and iss before the error is looked at, and refuse the callback in words of your own.",
        anomaly="A13",
        check=foreign_error_untold,
        scenarios=(
            Scenario(steps=(*_changed("error_of_other_server"), Authorize(), Call()), name="an error, then right"),
        ),
        applies=sends_iss,
        depends=("authz-code-request",),
    ),
    Requirement(
        id="callback-on-time-accepted",
        keyword="VENDOR",
        statement="A callback that arrives within the declared server delay is accepted.",
        source="seed 003 (max server delay)",
        effect="Users who read the consent screen with care are told to start again.",
        fix="Keep pending logins for the whole of the configured delay.",
        anomaly="A21",
        check=on_time_accepted,
        scenarios=tuple(
            Scenario(steps=(Authorize(think=span),), name=f"after {span} seconds")
            for span in (1, SERVER_DELAY - 1, SERVER_DELAY)
        ),
        needs=_LIMITS,
        depends=("authz-code-request",),
    ),
    Requirement(
        id="callback-late-refused",
        keyword="VENDOR",
        statement="A callback later than the declared server delay is refused, with a reason and no token request.",
        source="seed 003 (max server delay, max clock skew)",
        effect="Links that lie around in histories and logs stay usable for ever.",
        fix="Keep with each login when it began; refuse its callback after the configured delay and say so.",
        anomaly="A13",
        check=late_refused,
        scenarios=tuple(
            Scenario(steps=(Authorize(think=span), Reload()), name=f"after {span} seconds")
            for span in (SERVER_DELAY + 1, 600, 86_400)
        )
        + tuple(_elsewhere(skew) for skew in (59, 60)),
        needs=_LIMITS,
        depends=("authz-code-request",),
    ),
)
"""The family's requirements but the one on several servers, which `servers` holds."""
