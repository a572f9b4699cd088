"""Refreshing: when a refresh is asked for, how it is asked for, and what a failing one may cost."""

from __future__ import annotations

from collections.abc import Iterator

from refreshproof.mock_servers.profile.profile import Cause
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.mock_servers.wire import SECOND
from refreshproof.scenarios.evidence.asking import false_asks
from refreshproof.scenarios.evidence.evidence import Evidence, in_seconds, refresh_token_of
from refreshproof.scenarios.evidence.journal import Exchange, OutcomeRecord
from refreshproof.scenarios.evidence.lives import GENEROUS, Life, early_refreshes, lives, newest_life
from refreshproof.scenarios.evidence.refusals import backs_off, is_over
from refreshproof.scenarios.evidence.requirement import Requirement, serves_well
from refreshproof.scenarios.evidence.sights import NotObservedError
from refreshproof.scenarios.evidence.verdict import Verdict, alternative, exercised, violated
from refreshproof.scenarios.requirements.refresh.cases import renews_again
from refreshproof.scenarios.steps.processes import Zone
from refreshproof.scenarios.steps.scenario import Scenario, flow
from refreshproof.scenarios.steps.steps import Advance, Authorize, Call, Fault, Mend, Restart, Until

_EXPIRED = Until(limit="access_token_expiry", offset=1)
_LIVES = (_EXPIRED, Call(times=3, every=60))
NEVER = 10**18
"""An instant after every other."""
MEDIA_TYPES = {"form": "application/x-www-form-urlencoded", "json": "application/json"}


def issues_refresh_tokens(vendor: Vendor) -> bool:
    """Apply where refresh tokens are issued, and may be used."""
    return vendor.profile.renews


def renews_by_lifetime(vendor: Vendor) -> bool:
    """Apply where refresh tokens are issued and answers tell how long an access token lives."""
    return issues_refresh_tokens(vendor) and vendor.profile.response.tells_lifetime


def renews_and_serves_well(vendor: Vendor) -> bool:
    """Apply where refresh tokens are issued and every request is answered as the profile says."""
    return issues_refresh_tokens(vendor) and serves_well(vendor)


def well_formed(evidence: Evidence) -> Verdict:
    """Every refresh is a POST with grant type, refresh token, one client authentication and no wider scope."""
    sent = evidence.refreshes
    for one in sent:
        fault = next(_malformed(evidence, one), None)
        if fault is not None:
            return violated(
                fault,
                one.number,
                expected=(
                    "A POST with grant_type=refresh_token, the refresh token, client authentication, and no scope."
                ),
            )
    shapeless = [
        one for one in evidence.exchanges("token") if one.grant_type is None and one.cause is not Cause.UNKNOWN_CLIENT
    ]
    for one in shapeless:
        return violated(
            f"A {one.method} without a readable grant_type came to the token endpoint.",
            one.number,
            expected="A POST whose body holds grant_type=refresh_token.",
        )
    return exercised(bool(sent), "No refresh was sent.")


def _malformed(evidence: Evidence, one: Exchange) -> Iterator[str]:
    """Say what is wrong with a refresh."""
    rules = evidence.profile.token_request
    if one.method != "POST":
        yield f"The refresh was a {one.method}."
    if not one.values.get("refresh_token", "").strip():
        yield "The refresh carried no refresh token."
    if not one.client_authentication and not one.values.get("client_id"):
        yield "The refresh carried no client authentication."
    content = {name.lower(): value for name, value in one.request_headers}.get("content-type", "")
    if content.partition(";")[0].strip().lower() not in {MEDIA_TYPES[body] for body in rules.bodies}:
        yield f"The refresh came as {content or 'no content type'}."
    if rules.redirect_uri_on_refresh and not one.values.get("redirect_uri"):
        yield "The refresh lacked the redirect_uri that the vendor wants."
    beyond = sorted(_asked(one) - _granted(evidence, one)) if _asked(one) else ()
    if beyond:
        yield f"The refresh asked for {' '.join(beyond)}, which was not granted."


def _asked(one: Exchange) -> frozenset[str]:
    return frozenset(one.values.get("scope", "").split())


def _granted(evidence: Evidence, one: Exchange) -> frozenset[str]:
    """Return what the user has granted (RFC 6749 s6): what the login told, or had asked for, and what was told since.

    Of several logins those count from the last on that brought a refresh token; unlisted scopes and aliases do always.
    """
    if not evidence.shows("login"):
        raise NotObservedError("login")
    granted: frozenset[str] = frozenset()
    for answer in evidence.token_answers:
        if not one.follows(answer):
            break
        scope = _scopes(answer.members.get("scope"))
        if answer.grant_type == "refresh_token":
            granted |= scope or frozenset()
        else:
            before = granted if refresh_token_of(answer) is None else frozenset()
            granted = before | (_requested(evidence, answer) if scope is None else scope)
    aliases = evidence.profile.authorization.scope_aliases
    same = {name for name, alias in aliases.items() if alias in granted} | {aliases.get(name, name) for name in granted}
    return granted | same | frozenset(evidence.profile.response.unlisted_scopes)


def _requested(evidence: Evidence, answer: Exchange) -> frozenset[str]:
    """Return what the last login before an answer had asked for, which is granted where the answer does not say."""
    asked = [request for request in evidence.consents if answer.follows(request)]
    return (_scopes(asked[-1].values.get("scope")) if asked else None) or frozenset()


def _scopes(text: object) -> frozenset[str] | None:
    """Return the scopes in a text, None where none is told: an empty scope is no scope (RFC 6749 App. A.4)."""
    return (frozenset(text.replace(",", " ").split()) or None) if isinstance(text, str) else None


def without_user(evidence: Evidence) -> Verdict:
    """Nobody is asked while there is no reason to."""
    for ask in false_asks(evidence):
        last = [one for one in evidence.token_answers if one.finished_at <= ask.outcome.began_at]
        if last:
            return violated(
                f"The user was asked {in_seconds(ask.outcome.began_at - last[-1].finished_at):g} s after the last token"
                f" answer; {ask.circumstances}.",
                last[-1].number,
                expected="Expiry is bridged by a refresh, without the user.",
            )
    bridged = [_ended(evidence, call) for call in evidence.calls if call.kind == "ok" and not evidence.logged_out(call)]
    return exercised(max(bridged, default=0) > 1, "No two expiries were bridged.")


def _ended(evidence: Evidence, call: OutcomeRecord) -> int:
    """Count the access tokens whose end had passed when a call began."""
    return sum(_end(evidence, life) <= call.began_at for life in lives(evidence))


def _end(evidence: Evidence, life: Life) -> int:
    """Return the end of an access token in true time; where that was not told, when it was refused as expired."""
    if life.lifetime is None or life.exchange.arrived_at is None:
        expired = [one for one in evidence.resource_calls if one.cause is Cause.ACCESS_TOKEN_EXPIRED]
        return next((one.sent_at for one in expired if one.presented == life.access_token), NEVER)
    return life.exchange.arrived_at + round(life.lifetime * SECOND)


def only_when_due(evidence: Evidence) -> Verdict:
    """No refresh in the first half of a lifetime, however many calls there are."""
    for one, life in early_refreshes(evidence):
        if (life.lifetime or 0) >= GENEROUS:
            return violated(
                f"{life.access_token} was refreshed at the age of {life.age(one):g} s of {life.lifetime:g}.",
                life.exchange.number,
                one.number,
                expected="No refresh in the first half of a lifetime.",
            )
    due = [one for one in evidence.refreshes if newest_life(evidence, one) is not None]
    return exercised(bool(due), "No refresh was sent.")


def never_empty(evidence: Evidence) -> Verdict:
    """Without a refresh token no refresh is sent, and at expiry the user is asked."""
    for one in evidence.refreshes:
        held = [other for other in evidence.token_answers if one.follows(other) and refresh_token_of(other)]
        if not held or not one.values.get("refresh_token", "").strip():
            return violated(
                "A refresh was sent although no refresh token had ever come."
                if not held
                else "A refresh was sent with an empty refresh token.",
                one.number,
                expected="Without a refresh token no refresh is sent; at expiry the user is asked.",
            )
    return _asks_the_user(evidence)


def _asks_the_user(evidence: Evidence) -> Verdict:
    if any(refresh_token_of(one) for one in evidence.token_answers):
        return exercised(False, "A refresh token came.")
    told = {one.step: one.kind for one in evidence.outcomes("callback")}
    accepted = [life for life in lives(evidence) if told.get(life.exchange.step, "ok") == "ok"]
    over = max((_end(evidence, life) for life in accepted), default=0)
    late = [
        call
        for call in evidence.outcomes("call")
        if lives(evidence) and call.began_at >= over and not _met_trouble(evidence, call)
    ]
    kinds = {call.kind for call in late}
    if kinds & {"crash", "transient_error"}:
        return violated(
            f"At expiry the caller was told {sorted(kinds)[0].replace('_', ' ')}.",
            expected="The caller is told that the user must authorize again.",
            anomaly="A14",
        )
    if late and kinds != {"reauthorization_required"}:
        return alternative("At expiry the caller was not told that the user must authorize again.")
    return exercised(bool(late), "No access token without refresh token came to its end.")


def _met_trouble(evidence: Evidence, call: OutcomeRecord) -> bool:
    """Tell whether a request of a call went wrong for another reason than its access token."""
    own = [one for one in evidence.exchanges() if call.made(one)]
    return any(not one.delivered or (one.status or 0) >= 500 or one.status == 429 for one in own)


MOST_ATTEMPTS = 6
PATIENT = 30
"""Seconds for which one more attempt is granted where a refresh goes on failing for longer than three minutes."""


def valid_token_survives(evidence: Evidence) -> Verdict:
    """While the access token is valid a failing refresh neither fails calls nor is repeated without pause."""
    tested = False
    for life in lives(evidence):
        failed = _failed_early(evidence, life)
        if not failed:
            continue
        for call in _calls_within(evidence, life, failed[0]):
            tested = True
            if call.kind != "ok" and not _resource_failed(evidence, call):
                return violated(
                    f"A refresh had failed, and a call {in_seconds(_end(evidence, life) - call.began_at):g} s before"
                    f" the end of {life.access_token} ended with {call.kind.replace('_', ' ')}, although the resource"
                    " had refused nothing.",
                    failed[0].number,
                    expected=f"{life.access_token} is used while it lives; the refresh is tried again later.",
                )
        span = in_seconds(failed[-1].sent_at - failed[0].sent_at)
        if len(failed) > max(MOST_ATTEMPTS, span / PATIENT + 1) and not backs_off(failed):
            return violated(
                f"{len(failed)} refreshes failed within {span:g} s while {life.access_token} was valid.",
                *(one.number for one in failed),
                expected="Pauses between attempts that grow, or at most six attempts, or one in 30 s.",
            )
    return exercised(tested, "No refresh failed while the access token was valid.")


def _failed_early(evidence: Evidence, life: Life) -> list[Exchange]:
    """Return refreshes that failed and did not end the grant while an access token was the newest and valid."""
    good = evidence.answered
    return [
        one
        for one in evidence.refreshes
        if one.number not in good
        and one.cause is None
        and not is_over(one)
        and one.sent_at < _end(evidence, life)
        and newest_life(evidence, one) == life
    ]


def _calls_within(evidence: Evidence, life: Life, since: Exchange) -> list[OutcomeRecord]:
    replaced = [one for one in lives(evidence) if one.exchange.settled_order > since.settled_order]
    until = min(_end(evidence, life), replaced[0].exchange.finished_at if replaced else NEVER)
    return [call for call in evidence.outcomes("call") if since.sent_at <= call.began_at < until]


def _resource_answers(code: int) -> Fault:
    return Fault(fault="status", parameters={"code": code}, view="resource", grant_type=None)


def _less(grant_type: str) -> Fault:
    told = {"name": "scope", "value": "something-less"}
    return Fault(fault="member", parameters=told, grant_type=grant_type, times=None)


def _resource_failed(evidence: Evidence, call: OutcomeRecord) -> bool:
    return any(call.made(one) and not one.ok for one in evidence.resource_calls)


REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        id="refresh-request-shape",
        keyword="MUST",
        statement=(
            "The refresh is a POST with grant_type=refresh_token, the refresh token, client authentication and the "
            "provider's extras; scope is left out or a subset of what was granted."
        ),
        source=(
            "RFC 6749 s3.2, s6; seed 002, 004; misb rot-needs-redirect-uri, rot-separate-endpoint, "
            "iss-extra-required-params"
        ),
        effect="The vendor refuses every refresh with invalid_request or invalid_scope: each token is the last.",
        fix="Send grant_type, refresh_token and your client authentication in a POST body, and leave scope out.",
        anomaly="A9",
        check=well_formed,
        recorded="grant",
        scenarios=(
            flow(*_LIVES, name="one refresh"),
            Scenario(
                steps=(_less("authorization_code"), Authorize(), *_LIVES * 2), name="less was granted than asked for"
            ),
            flow(_less("refresh_token"), *_LIVES * 2, name="a refresh tells of less than was granted"),
        ),
        applies=issues_refresh_tokens,
        invariant=True,
    ),
    Requirement(
        id="refresh-without-user",
        keyword="SHOULD",
        statement=(
            "While the refresh token lives, expiry is bridged without an authorization request, also after a restart."
        ),
        source="RFC 6749 s1.5; seed 002, 004",
        effect="Every hour somebody has to log in again.",
        fix="At expiry use the refresh token from the store; ask the user only when the provider has refused it.",
        anomaly="A21",
        check=without_user,
        scenarios=(
            flow(*_LIVES * 3, Restart(), *_LIVES * 4, Restart(), *_LIVES * 3, name="ten lifetimes and two restarts"),
        ),
        applies=renews_again,
        invariant=True,
    ),
    Requirement(
        id="refresh-only-when-due",
        keyword="SHOULD",
        statement=(
            "No refresh in the first half of a lifetime and about one per lifetime, whatever the number of calls."
        ),
        source="misb clk-short-life-vs-margin, rot-same-access-token",
        effect="The vendor's rate limit is used up by refreshes, and each of them risks a lost rotation.",
        fix="Refresh when the lead before expiry is reached, not before each call and not on a timer of your own.",
        anomaly="A8",
        check=only_when_due,
        scenarios=(
            flow(Call(times=181, every=10), Call(times=300, every=60), name="a call every ten seconds, then a minute"),
            flow(
                Call(),
                *(Advance(seconds=300), Restart(), Call()) * 4,
                *_LIVES,
                name="restarted every five minutes",
            ),
            Scenario(
                steps=(Zone(), Advance(seconds=1_148_600), Authorize(), Call(), Advance(seconds=900), Call(), *_LIVES),
                name="local time leaps in the first half of a lifetime",
                begins="fixed",
            ),
            flow(Call(times=16, every=225), Call(times=8, every=225), Advance(seconds=604_800), *_LIVES, name="busy"),
            flow(
                Call(),
                Advance(seconds=100),
                *(_resource_answers(code) for code in (500, 503, 404)),
                Call(times=6, every=5),
                name="the resource is out of order",
            ),
        ),
        applies=issues_refresh_tokens,
        invariant=True,
    ),
    Requirement(
        id="refresh-never-empty",
        keyword="MUST NOT",
        statement=(
            "Without a refresh token no refresh request is made; at expiry the client says that the user must "
            "authorize again."
        ),
        source="RFC 6749 s3.2, s6; misb iss-no-refresh-token-ever",
        effect="The vendor's log fills with refused requests, and the user is told of a technical fault.",
        fix="Without a stored refresh token skip the request and ask the user.",
        anomaly="A15",
        check=never_empty,
        scenarios=(
            flow(Call(), _EXPIRED, Call(times=2, every=100), name="no refresh token", profile={"issuance.ever": False}),
        ),
        invariant=True,
    ),
    Requirement(
        id="refresh-valid-token-survives",
        keyword="SHOULD",
        statement="While the access token is valid, a failing or too early refresh neither blocks calls nor loops.",
        source="misb rot-too-early-refused, err-429-token",
        effect="A short outage of the token endpoint stops all work, although every access token is still good.",
        fix="If a refresh fails before expiry use the token you have, and try again after a pause.",
        anomaly="A21",
        check=valid_token_survives,
        scenarios=(
            flow(
                Call(),
                Fault(fault="status", parameters={"code": 503}, times=None),
                Until(limit="access_token_expiry", offset=-115),
                Call(times=23, every=5),
                Mend(),
                *_LIVES,
                name="the token endpoint is down at the end of a lifetime",
            ),
        ),
        applies=renews_by_lifetime,
    ),
)
