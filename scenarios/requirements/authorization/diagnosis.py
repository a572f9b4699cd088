"""Diagnosis: results say the truth, say whose turn it is, and name a missing refresh token when it is missed."""

from __future__ import annotations

from refreshproof.mock_servers.profile.profile import Profile
from refreshproof.scenarios.evidence.asking import may_ask
from refreshproof.scenarios.evidence.evidence import Evidence, refresh_token_of
from refreshproof.scenarios.evidence.journal import Exchange, OutcomeRecord
from refreshproof.scenarios.evidence.logins import deliveries
from refreshproof.scenarios.evidence.operations import Operation, operations
from refreshproof.scenarios.evidence.refusals import (
    CONFIGURATION_ERRORS,
    asks_for_user,
    error_of,
    is_doubtful,
    is_terminal,
)
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.evidence.verdict import Verdict, exercised, not_exercised, violated
from refreshproof.scenarios.steps.scenario import Scenario, flow
from refreshproof.scenarios.steps.steps import Advance, Authorize, Call, Fault, Lose, Mend, Refresh, Revoke, Step, Until
from refreshproof.scenarios.steps.subject import MINIMUM_LIFETIME

TOO_SHORT = "Refresh token is not present and access token lifetime is too short."
LOGGED = f"Error occurred while authorizing an integration. The error message is: {TOO_SHORT}"
"""The line of seed 000, word for word, and the part of it that the user is told."""

"""Seconds that an access token has to live if no refresh token comes with it (seed 000, 003)."""

_PASSING = (408, 425, 429, 500, 502, 503, 504)


def _bare_logins(evidence: Evidence) -> list[tuple[Exchange, OutcomeRecord]]:
    """Return logins that brought no refresh token while the client had none, with what the client said of them."""
    found: list[tuple[Exchange, OutcomeRecord]] = []
    answers = {one.number for one in evidence.token_answers}
    for delivery in deliveries(evidence):
        for one in delivery.exchanges:
            if one.number not in answers:
                continue
            if refresh_token_of(one) is not None:
                return found
            if delivery.outcome is not None:
                found.append((one, delivery.outcome))
    return found


def short_lifetime_message(evidence: Evidence) -> Verdict:
    """A short access token without a refresh token is refused in the words of the seed."""
    short = [(one, said) for one, said in _bare_logins(evidence) if _lifetime(one) < MINIMUM_LIFETIME]
    for one, said in short:
        told = said.detail or ""
        if said.kind == "ok" or not (told.startswith(TOO_SHORT) or told == LOGGED):
            return violated(
                f"A token of {_lifetime(one)} s without a refresh token ended as {said.kind}, told as {told!r}.",
                one.number,
                expected=f"The result says: {TOO_SHORT}",
            )
        if LOGGED not in (*said.log, told):
            return violated(
                f"The log says {said.log[-1]!r}." if said.log else "The log says nothing.",
                one.number,
                expected=f"The log says: {LOGGED}",
            )
    return exercised(bool(short), "No login brought a short token without a refresh token.")


def _lifetime(one: Exchange) -> int:
    value = one.members.get("expires_in")
    return int(value) if isinstance(value, int) or (isinstance(value, str) and value.isdigit()) else 0


def missing_token_told(evidence: Evidence) -> Verdict:
    """A login that brought no refresh token is not called refreshable."""
    bare = _bare_logins(evidence)
    for one, said in bare:
        if said.kind == "ok" and said.refreshable:
            return violated(
                "The login brought no refresh token and the client calls the grant refreshable.",
                one.number,
                expected="The result of the login says that it cannot be refreshed.",
            )
    silent = [said for _, said in bare if said.kind == "ok" and said.refreshable is None]
    if silent:
        return not_exercised("The client says nothing about refreshing after a login.")
    return exercised(bool(bare), "Every login brought a refresh token.")


def classes_right(evidence: Evidence) -> Verdict:
    """A failed operation is put down to the user, the configuration, the resource or a passing fault, whichever it
    was."""
    judged = False
    for operation in operations(evidence, "call", "refresh"):
        last, said = operation.last, operation.outcome
        if last is None or said.kind in ("ok", "unsupported") or last.number in evidence.answered:
            continue
        if last.view == "resource" and last.presented is None:
            continue  # a look without a token (RFC 9728) is not what failed
        expected = _class_of(last)
        if expected is None or (asks_for_user(said) and said.kind != expected and may_ask(evidence, said)):
            continue
        judged = True
        if said.kind != expected:
            return violated(
                f"{_described(last)}; the client told its caller {said.kind.replace('_', ' ')}.",
                last.number,
                expected=f"The result is {expected.replace('_', ' ')}.",
            )
        if not _names_cause(said, last):
            return violated(
                f"{_described(last)}; the result names neither the error code nor the status.",
                last.number,
                expected="Error code and status stand in the result.",
            )
    return exercised(judged, "No operation failed for a clear reason.")


def _class_of(one: Exchange) -> str | None:
    """Return the result that an operation should end with whose last request ended so; None where it is not clear."""
    status = one.status or 0
    if one.trouble is not None or status in _PASSING:
        return "transient_error"
    if one.view == "resource":
        return "permanent_error" if status in (403, 404) else None
    if one.grant_type != "refresh_token":
        return None
    if is_terminal(one):
        return "reauthorization_required"
    if status == 401 and error_of(one) in CONFIGURATION_ERRORS:
        return "permanent_error"
    # A redirect is a matter of configuration or passes: who does not follow it cannot know.
    return None if is_doubtful(one) or 300 <= status < 500 else "transient_error"


def _described(one: Exchange) -> str:
    what = "The resource" if one.view == "resource" else "The token endpoint"
    if one.trouble is not None:
        return f"{what} could not be reached ({one.trouble})"
    return f"{what} answered {one.status} {error_of(one) or ''}".rstrip()


def _names_cause(said: OutcomeRecord, one: Exchange) -> bool:
    if one.trouble is not None or one.status is None or one.status < 400:
        return True
    error, told = error_of(one), said.detail or ""
    named = error is not None and (error == said.error or error in told)
    return named or said.status == one.status or str(one.status) in told


def results_true(evidence: Evidence) -> Verdict:
    """An operation is called good if and only if its last request brought what was wanted."""
    judged = False
    for operation in operations(evidence, "call", "refresh", "callback"):
        judged = judged or any(not one.ok for one in operation.exchanges)
        lie = _lie(evidence, operation)
        if lie:
            return violated(
                lie,
                *(one.number for one in operation.exchanges[-1:]),
                expected="The result is what the last request brought.",
            )
    return exercised(judged, "No request failed.")


def _lie(evidence: Evidence, operation: Operation) -> str | None:
    said, exchanges = operation.outcome, operation.exchanges
    if said.kind == "unsupported":
        return None
    if said.operation == "call":
        return _lie_of_call(said.kind == "ok", [one for one in exchanges if one.view == "resource"], operation)
    sent = [one for one in exchanges if one.view == "token"]
    if said.kind == "ok" and sent and not _brought(evidence, operation):
        return f"No token came of the {said.operation}, and it was called a success."
    good = sent and sent[-1].number in evidence.answered and _is_bearer(sent[-1], evidence.profile)
    if said.operation == "refresh" and said.kind != "ok" and good:
        return f"The refresh brought a token and ended as {said.kind}."
    return None


def _brought(evidence: Evidence, operation: Operation) -> bool:
    """Tell whether a token came to an operation, to a refresh also by another caller's."""
    said = operation.outcome
    meanwhile = [one for one in evidence.token_answers if said.began_at <= one.finished_at <= said.at]
    return any(one in operation.exchanges or said.operation == "refresh" for one in meanwhile)


def _is_bearer(answer: Exchange, profile: Profile) -> bool:
    """Tell whether a token is of a type that every client can use; of another it may say that it cannot."""
    known = ("bearer", *map(str.lower, profile.other_bearer_types))
    return str(answer.members.get("token_type") or "bearer").lower() in known


def _lie_of_call(good: bool, used: list[Exchange], operation: Operation) -> str | None:
    if good and not any(one.ok for one in used):
        return "A call was called a success and the resource had not answered 2xx."
    # Whoever cannot read what the resource sent with its 2xx may say so, and must not crash.
    readable = bool(used and used[-1].members) or operation.outcome.kind == "crash"
    if not good and operation.last in used and used[-1].ok and readable:
        return f"The resource answered {used[-1].status} and the call ended as {operation.outcome.kind}."
    return None


def _token(code: int, error: str | None = None) -> Fault:
    return Fault(fault="status", parameters={"code": code, "error": error})


def _resource(code: int) -> Fault:
    return Fault(fault="status", parameters={"code": code, "error": None}, view="resource", grant_type=None)


def _each(*troubles: Step) -> tuple[Step, ...]:
    """Call into each trouble, and wait until the client may ask again."""
    return tuple(step for trouble in troubles for step in (trouble, Call(), Advance(seconds=700)))


_EXPIRED = Until(limit="access_token_expiry", offset=1)
_NO_REFRESH_TOKEN = {"issuance.ever": False, "lifetimes.access_token_longest": None}
_SWITCHED_OFF = {"issuance.application_switch": True}

REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        id="diagnosis-short-lifetime-message",
        keyword="VENDOR",
        statement=f"A short-lived token without a refresh token is refused with exactly: {LOGGED}",
        source="seed 000",
        effect="Administrators cannot find the one page that explains why their integration does not start.",
        fix="Use the documented sentence, and add the advice after it.",
        anomaly="A14",
        check=short_lifetime_message,
        scenarios=tuple(
            Scenario(
                steps=(Authorize(),),
                name=f"{lifetime} seconds and no refresh token",
                profile={**_NO_REFRESH_TOKEN, "lifetimes.access_token": lifetime},
            )
            for lifetime in (3600, MINIMUM_LIFETIME - 1)
        ),
        needs=frozenset({"minimum_lifetime"}),
        depends=("authz-code-request",),
    ),
    Requirement(
        id="diagnosis-missing-rt-advice",
        keyword="SHOULD",
        statement="A missing refresh token is reported when the login ends, not when the access token does.",
        source="seed 000, 001, 002; misb iss-rt-first-consent-only, iss-offline-flag-zoo",
        effect="The integration seems fine for an hour and then stops, with nobody there to log in.",
        fix="After the exchange say that the grant cannot be refreshed, and what the vendor needs for it.",
        anomaly="A14",
        check=missing_token_told,
        scenarios=(
            Scenario(steps=(Authorize(),), name="the vendor issues none", profile={"issuance.ever": False}),
            Scenario(
                steps=(Authorize(),),
                name="switched off for the application",
                profile=_SWITCHED_OFF,
                application={"refresh_tokens": False},
            ),
        ),
        depends=("authz-code-request",),
    ),
    Requirement(
        id="diagnosis-outcome-classes",
        keyword="SHOULD",
        statement="A failed operation says whether user, configuration, resource or a passing fault is the cause.",
        source="seed 003, 004 (list of causes); entra-docs reference-error-codes.md; misb err-catch-all-description",
        effect="Users are asked to log in for an outage, or nobody is asked when only the user can help.",
        fix="Keep apart: reauthorization required, configuration error, error of the API, and try again later.",
        anomaly="A14",
        check=classes_right,
        scenarios=(
            flow(
                _EXPIRED,
                *_each(_token(503), _token(429), Fault(fault="html"), _token(401, "invalid_client")),
                *_each(Lose(leg="request", times=2), Fault(fault="refuse_connection", times=2)),
                Mend(),
                Call(),
                *_each(_resource(403), _resource(404), _resource(500), _resource(429)),
                name="passing faults, configuration and resource",
            ),
            flow(Revoke(), _EXPIRED, Call(), name="the user withdrew"),
        ),
        invariant=True,
    ),
    Requirement(
        id="diagnosis-truthful-result",
        keyword="SHOULD",
        statement=(
            "An operation is called good if and only if the provider answered 2xx; no failed refresh is swallowed."
        ),
        source="seed 002 (its sample returns None)",
        effect="Jobs run on without data, and monitoring stays green while the integration is dead.",
        fix="Return or raise what the last request brought; never return an old token for a failed refresh.",
        anomaly="A14",
        check=results_true,
        scenarios=(
            flow(
                *_each(_resource(401), _resource(503), Lose(leg="response", view="resource", grant_type=None)),
                _EXPIRED,
                *_each(_token(503), Lose(leg="request", times=2)),
                *(_token(503), Refresh(), Advance(seconds=700)),
                *(Refresh(), Call(), _token(400, "invalid_grant"), Refresh(), Call()),
                name="calls and refreshes that fail in turn",
            ),
        ),
        invariant=True,
    ),
)
"""The family's requirements."""
