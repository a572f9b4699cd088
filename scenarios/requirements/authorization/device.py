"""Device authorization: a client that polls keeps the pace it was told, slows down when asked to, and knows when to
stop."""

from __future__ import annotations

from itertools import pairwise

from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.mock_servers.wire import Instant, seconds
from refreshproof.scenarios.evidence.evidence import Evidence, in_seconds
from refreshproof.scenarios.evidence.journal import Exchange
from refreshproof.scenarios.evidence.refusals import error_of
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.evidence.verdict import Verdict, exercised, violated
from refreshproof.scenarios.steps.logins import DeviceLogin
from refreshproof.scenarios.steps.scenario import Scenario
from refreshproof.scenarios.steps.steps import Fault, Lose

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
PENDING, SLOW_DOWN = "authorization_pending", "slow_down"
USUAL_INTERVAL = 5
"""Seconds between polls where the server names none, and what each slow_down adds (RFC 8628 s3.2, s3.5)."""


def polls_with_patience(evidence: Evidence) -> Verdict:
    """Polls are as far apart as the server wants, further after a time-out, and end with the flow."""
    logins = [one for one in evidence.exchanges("device_authorization") if one.ok]
    tested = False
    for login in logins:
        polls = [one for one in evidence.exchanges("token", DEVICE_CODE) if one.step == login.step]
        over = login.finished_at + seconds(_number(login, "expires_in", 1800))
        verdict = _too_soon(login, polls) or _too_long(polls, over)
        if verdict is not None:
            return verdict
        tested = tested or len(polls) > 1
    return exercised(tested, "No client polled twice.")


def _too_soon(login: Exchange, polls: list[Exchange]) -> Verdict | None:
    interval = _number(login, "interval", USUAL_INTERVAL)
    for one, following in pairwise(polls):
        waited, wanted = in_seconds(following.sent_at - one.finished_at), f"at least {interval:g} s"
        if error_of(one) == SLOW_DOWN:
            interval += USUAL_INTERVAL
            wanted = f"at least {interval:g} s: slow_down adds five seconds for this and every later poll"
        if one.trouble is not None:
            wanted = f"more than {interval:g} s after a poll that was not answered"
        if waited < interval or (one.trouble is not None and waited == interval):
            return violated(
                f"The client polled again {waited:g} s after a poll that ended with {_ending(one)}.",
                one.number,
                following.number,
                expected=f"The pause is {wanted}.",
            )
    return None


def _too_long(polls: list[Exchange], over: Instant) -> Verdict | None:
    for one, following in pairwise(polls):
        if one.trouble is None and error_of(one) not in (PENDING, SLOW_DOWN):
            return violated(
                f"The client polled again after {_ending(one)}.",
                one.number,
                following.number,
                expected="Tokens and every other error end the flow.",
            )
    late = [one for one in polls if one.sent_at >= over]
    if late:
        return violated(
            f"The client polled {in_seconds(late[0].sent_at - over):g} s after the code had expired.",
            late[0].number,
            expected="At the end of expires_in the flow is over; the user begins another.",
        )
    return None


def _ending(one: Exchange) -> str:
    return one.trouble or error_of(one) or f"status {one.status}"


def _number(login: Exchange, member: str, usual: float) -> float:
    """Read a number of seconds from the first answer, also one written as a string."""
    try:
        return float(login.members.get(member, usual))
    except (TypeError, ValueError):
        return usual


def has_device_flow(vendor: Vendor) -> bool:
    """Apply where devices without a browser can log in."""
    return vendor.profile.device is not None


def _login(name: str, *trouble: Fault | Lose, profile: dict[str, object] | None = None, **answer: object) -> Scenario:
    login = DeviceLogin(**answer)  # type: ignore[arg-type]
    return Scenario(steps=(*trouble, login), name=name, profile=profile or {})


def _told(error: str, times: int) -> Fault:
    parameters = {"code": 400, "document": {"error": error}}
    return Fault(fault="error_body", parameters=parameters, grant_type=DEVICE_CODE, times=times)


_NO_INTERVAL = Fault(
    fault="member",
    parameters={"name": "interval", "remove": True},
    view="device_authorization",
    grant_type=None,
)

REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        id="device-polling",
        keyword="MUST",
        statement=(
            "Polls keep the interval (5 s if none is told), add 5 s for each slow_down, slow down after a time-out, "
            "and stop at tokens, at any other error and when the code expires."
        ),
        source="RFC 8628 s3.2, s3.5; G-DEVICE (428, 403); M-DEV (400); misb iss-device-pending-wrong-code",
        effect="The vendor answers slow_down for ever or blocks the client, and a device logs in late or never.",
        fix="Keep the interval as state: it only grows; stop at everything that is not pending or slow_down.",
        anomaly="A10",
        check=polls_with_patience,
        scenarios=(
            _login("approved after a minute"),
            _login("the interval is 10 s", profile={"device.interval": 10}),
            _login("no interval is told", _NO_INTERVAL),
            _login("asked to slow down twice", _told(SLOW_DOWN, 2)),
            _login("a poll is not answered", Lose(leg="response", silent=True, grant_type=DEVICE_CODE)),
            _login("denied", answer="deny", after=20),
            _login("another error", _told("invalid_request", 1)),
            _login("nobody answers", profile={"device.lifetime": 120}, answer="nothing"),
        ),
        applies=has_device_flow,
        needs=frozenset({"device"}),
    ),
)
