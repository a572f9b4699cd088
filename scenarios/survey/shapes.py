"""What a client's requests look like, how long its logins live, and how large an answer may be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from refreshproof.mock_servers.profile.profile import Profile
from refreshproof.scenarios.evidence.evidence import in_seconds
from refreshproof.scenarios.evidence.journal import Exchange
from refreshproof.scenarios.steps.scenario import Scenario
from refreshproof.scenarios.steps.steps import Authorize, Call, Fault
from refreshproof.scenarios.survey.bisection import flips, listed
from refreshproof.scenarios.survey.item import Probe, SurveyItem, UnmeasurableError, Value
from refreshproof.scenarios.survey.probing import EXPIRED, after_login, last_outcome, logged_in, under

DAY = 86_400
FLOWS = 100
OPEN = ("response_type", "response_mode", "prompt", "access_type", "code_challenge_method", "audience", "scope")
"""Parameters whose values are worth showing; the others are the client's own."""
KIB = 1024
LARGEST_TOKEN, LARGEST_BODY = 64, 2048
"""What is tried at most, in KiB."""
TOKENS: Mapping[str, str] = {
    "access token": "access_token.length", "refresh token": "refresh_token.length", "code": "code.length"
}  # fmt: skip


def state_lifetime(probe: Probe, profile: Profile) -> Value:
    """Let the user take 1 s to 7 d to come back, with a code that lives as long, and bisect the longest time after
    which the callback still leads to a code exchange."""

    def accepted(think: int) -> bool:
        flow = Scenario(steps=(Authorize(think=think),), profile={"lifetimes.code": 8 * DAY})
        return bool(probe(flow).code_exchanges)

    points = (1, 60, 120, 300, 600, 3600, DAY, 7 * DAY)
    found = flips(accepted, points)
    if found:
        return listed([left for left, _ in found])
    if not accepted(points[-1]):
        raise UnmeasurableError("No callback led to a code exchange.")
    return f"{points[-1]} or more"


def exchange_delay(probe: Probe, profile: Profile) -> Value:
    """Log in 100 times and take the time between the arrival of the callback and the code exchange; in virtual time
    only what the client waits for counts."""
    evidence = probe(Scenario(steps=(Authorize(),) * FLOWS))
    began = {one.step: one.began_at for one in evidence.outcomes("callback")}
    waits = [in_seconds(one.sent_at - began[one.step]) for one in evidence.code_exchanges if one.step in began]
    if not waits:
        raise UnmeasurableError("No callback led to a code exchange.")
    return max(waits) if min(waits) == max(waits) else f"{min(waits):g} to {max(waits):g}"


def authorize_parameters(probe: Probe, profile: Profile) -> Value:
    """Log in once and list the parameters in order, with the length of the state and the values that are no secrets;
    the verifier is checked against RFC 7636."""
    evidence = probe(after_login())
    asked, redeemed = evidence.consents, evidence.code_exchanges
    if not asked:
        raise UnmeasurableError("The client sent no authorization request.")
    verifier = next((one.challenge for one in redeemed), None)
    proof = {None: "no verifier", "": "a malformed verifier"}.get(verifier, "a well-formed verifier")
    return f"{', '.join(_parameter(*pair) for pair in asked[0].parameters)}; {proof}"


def _parameter(name: str, value: str) -> str:
    if name == "state":
        return f"state ({len(value)} characters)"
    return f"{name}={value}" if name in OPEN else name


def token_request_shape(probe: Probe, profile: Profile) -> Value:
    """Log in, refresh once, and read both requests; where the vendor takes Basic credentials, find their encoding with
    a server that takes only one of the two."""
    evidence = probe(after_login(EXPIRED, Call()))
    shapes = [_shape(one) for one in (*evidence.code_exchanges[:1], *evidence.refreshes[:1])]
    if len(shapes) < 2:
        raise UnmeasurableError("The client sent no refresh.")
    renewal = "the same" if shapes[0] == shapes[1] else shapes[1]
    scope = "with scope" if "scope" in evidence.refreshes[0].values else "without scope"
    basic = _basic_encoding(probe) if "client_secret_basic" in profile.token_request.authentication else ""
    return f"{shapes[0]}; refresh: {renewal}, {scope}{basic}"


def _shape(one: Exchange) -> str:
    headers = {name.lower(): value for name, value in one.request_headers}
    shown = {"Content-Type": "content-type", "Accept": "accept", "User-Agent": "user-agent"}
    texts = (f"{name} {headers.get(key, 'absent')}" for name, key in shown.items())
    return ", ".join((" and ".join(one.client_authentication) or "no client authentication", *texts))


def _basic_encoding(probe: Probe) -> str:
    changes: dict[str, Any] = {"token_request__authentication": ["client_secret_basic"]}
    taken = [
        name
        for name, encoding in {"form-encoded": "form_encoded", "raw": "raw"}.items()
        if logged_in(probe(after_login(**changes, token_request__basic_encoding=encoding)))
    ]
    return f"; Basic credentials {' or '.join(taken)}" if taken else "; no Basic credentials"


def size_limits(probe: Probe, profile: Profile) -> Value:
    """Bisect the largest access token, refresh token and code, 1 to 64 KiB, with which a login, a call and a refresh
    work, and the largest body of a token answer, 64 KiB to 2 MiB in steps of 64."""
    found = {name: _largest(lambda kib, field=field: _carries(probe, field, kib)) for name, field in TOKENS.items()}
    return ", ".join(f"{name} {limit}" for name, limit in {**found, "body": _largest_body(probe)}.items())


def _carries(probe: Probe, field: str, kib: int) -> bool:
    return last_outcome(probe(Scenario(steps=_LIFE, profile={field: kib * KIB}))).kind == "ok"


_LIFE = (Authorize(), Call(), EXPIRED, Call())


def _largest(fits: Any, most: int = LARGEST_TOKEN, step: int = 1) -> str:
    if fits(most):
        return f"{most} KiB or more"
    found = flips(lambda number: bool(fits(number * step)), (1, 8, 16, most // step))
    return f"{listed([left * step for left, _ in found])} KiB" if found else f"less than {step} KiB"


def _largest_body(probe: Probe) -> str:
    def fits(kib: int) -> bool:
        padded = Fault(fault="pad", parameters={"size": kib * KIB}, grant_type=None, times=None)
        return last_outcome(probe(under(padded, after_login(Call())))).kind == "ok"

    return _largest(fits, LARGEST_BODY, 64)


ITEMS: tuple[SurveyItem, ...] = (
    SurveyItem(
        id="sv-state-lifetime",
        statement="The longest time between leaving for the provider and a callback that is still accepted.",
        measure=state_lifetime,
        unit="s",
        related=("callback-on-time-accepted", "callback-late-refused"),
    ),
    SurveyItem(
        id="sv-exchange-delay",
        statement="Time from a callback to its code exchange.",
        measure=exchange_delay,
        unit="s",
        related=("callback-client-delay",),
    ),
    SurveyItem(
        id="sv-authorize-params",
        statement="The parameters of an authorization request.",
        measure=authorize_parameters,
        related=("authz-code-request", "authz-state-unguessable", "authz-pkce-s256"),
        scope="every vendor",
    ),
    SurveyItem(
        id="sv-token-request-shape",
        statement="Client authentication and headers of a code exchange, and what a refresh does otherwise.",
        measure=token_request_shape,
        related=("exchange-client-auth", "refresh-request-shape"),
        scope="every vendor",
    ),
    SurveyItem(
        id="sv-size-limits",
        statement="The largest tokens, code and token answer that the client can work with.",
        measure=size_limits,
        related=("accept-tolerates-unknown", "failure-total-deadline"),
    ),
)
