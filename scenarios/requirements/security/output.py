"""Security: what a client says to people, in logs and results, holds no secret and cannot be forged by a provider."""

from __future__ import annotations

from collections.abc import Iterable

from refreshproof.scenarios.evidence.evidence import Evidence
from refreshproof.scenarios.evidence.journal import OutcomeRecord
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.evidence.verdict import Verdict, exercised, violated
from refreshproof.scenarios.play.tampers import FORGED_TEXT
from refreshproof.scenarios.steps.scenario import Scenario, flow
from refreshproof.scenarios.steps.steps import Advance, Authorize, Call, Fault, LogEverything, Restart, Until

CODE = "authorization_code"
CONTROLS = {"\r": "a carriage return", "\n": "a line feed", "\x1b": "an escape sequence"}
BEFORE, BEHIND = 3, 2
"""Characters around a control character by which a text of the provider's is known again."""


def no_secret_in_output(evidence: Evidence) -> Verdict:
    """No log line, print, warning, result or exception holds a token, code or secret."""
    for one in evidence.outcomes():
        if one.leaks:
            return violated(
                f"The output of a {one.operation} holds {', '.join(one.leaks)}.",
                *_numbers(evidence, one),
                expected="Names and lengths at most, also where the provider repeats a secret in its error.",
            )
    failed = [one for one in evidence.outcomes() if one.kind not in ("ok", "unsupported")]
    return exercised(bool(failed), "Nothing failed, so there was nothing to say.")


def _numbers(evidence: Evidence, outcome: OutcomeRecord) -> tuple[int, ...]:
    return tuple(one.number for one in evidence.exchanges() if outcome.made(one))[-1:]


def text_sanitised(evidence: Evidence) -> Verdict:
    """No log line, print or result holds a line break or escape sequence that a provider's text has brought."""
    forged = {name: _around(character, _said_by_provider(evidence)) for character, name in CONTROLS.items()}
    for one in evidence.outcomes():
        for text in (*one.log, one.detail or "", one.error or ""):
            found = [name for character, name in CONTROLS.items() if _around(character, [text]) & forged[name]]
            if found:
                return violated(
                    f"A text of the {one.operation} holds {' and '.join(found)} of the provider's.",
                    *_numbers(evidence, one),
                    expected="Control characters of a provider's text are dropped or escaped.",
                )
    return exercised(any(forged.values()), "No provider sent a text with control characters.")


def _said_by_provider(evidence: Evidence) -> list[str]:
    """Return the texts that have reached the client, in answers and in a callback."""
    callbacks = [action.about.get("tamper") == "error_with_forged_text" for action in evidence.actions("callback")]
    texts = [FORGED_TEXT] if any(callbacks) else []
    for one in evidence.exchanges():
        if one.delivered:
            texts += [value for value in one.members.values() if isinstance(value, str)] or [one.response_body]
    return texts


def _around(character: str, texts: Iterable[str]) -> set[str]:
    """Return where a control character stands in texts, with what is next to it; other control characters may be
    gone."""
    others = str.maketrans("", "", "".join(CONTROLS.keys() - {character}))
    plain = [text.translate(others) for text in texts]
    places = ((text, place) for text in plain for place, one in enumerate(text) if one == character)
    return {text[max(place - BEFORE, 0) : place + 1 + BEHIND] for text, place in places}


def _echo(view: str, grant_type: str | None, code: int, error: str) -> Fault:
    return Fault(fault="echo", parameters={"code": code, "error": error}, view=view, grant_type=grant_type)


def _says(view: str, grant_type: str | None, code: int) -> Fault:
    document = {"error": "temporarily_unavailable", "error_description": FORGED_TEXT}
    return Fault(fault="error_body", parameters={"code": code, "document": document}, view=view, grant_type=grant_type)


_EXPIRED = Until(limit="access_token_expiry", offset=1)
_LATER = Advance(seconds=700)

REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        id="security-no-secret-in-output",
        keyword="MUST",
        statement=(
            "Logs, prints, warnings, exceptions and results hold no secret, code or token, also where the provider "
            "repeats it."
        ),
        source="RFC 6749 s10.3, s10.4; seed 002 (its sample logs exceptions); misb err-array, iss-credentials-in-query",
        effect="Whoever reads the logs or a bug report can act in the users' names.",
        fix="Log error codes, status and correlation ids; never bodies, addresses with parameters, or headers.",
        anomaly="A7",
        check=no_secret_in_output,
        scenarios=(
            flow(Call(), _echo("resource", None, 401, "invalid_token"), Call(), name="a living token is refused"),
            flow(
                _echo("resource", None, 403, "insufficient_scope"),
                Call(),
                _EXPIRED,
                *(_echo("token", "refresh_token", 400, "invalid_request"), Call(), _LATER),
                *(_echo("token", "refresh_token", 500, "server_error"), Call(), _LATER),
                Restart(),
                *(_echo("token", "refresh_token", 400, "invalid_grant"), Call()),
                name="errors that repeat what was sent",
            ),
            Scenario(
                steps=(
                    LogEverything(),
                    *(_echo("token", CODE, 400, "invalid_grant"), Authorize()),
                    *(Authorize(), Call(), _EXPIRED),
                    *(_echo("token", "refresh_token", 400, "invalid_request"), Call(), _LATER, Call()),
                ),
                name="the same with everything logged",
            ),
        ),
        needs=frozenset({"visible_output"}),
        invariant=True,
    ),
    Requirement(
        id="security-text-sanitised",
        keyword="MUST",
        statement="A provider's text cannot forge log lines, control a terminal or carry markup.",
        source="RFC 6749 s10.14; misb net-non-ascii-members",
        effect="An attacker writes log lines of their own, or takes over the terminal of whoever reads the log.",
        fix="Replace control characters and cut the length before a provider's text is logged or shown.",
        anomaly="A14",
        check=text_sanitised,
        scenarios=(
            flow(
                _EXPIRED,
                *(_says("token", "refresh_token", 400), Call(), _LATER),
                *(_says("token", "refresh_token", 200), Call(), _LATER),
                *(_says("resource", None, 400), Call()),
                name="at refreshes and at the resource",
            ),
            Scenario(
                steps=(_says("token", CODE, 400), Authorize(), Authorize(tamper="error_with_forged_text")),
                name="at the exchange and in the callback",
            ),
        ),
        needs=frozenset({"visible_output"}),
    ),
)
"""Requirements on logs, exceptions and results."""
