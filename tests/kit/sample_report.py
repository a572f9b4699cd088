"""A report such as a run of a flawed client would give: 30 requirements, 9 providers, findings of every grade.

Test files reach it through the fixture `sample_report`; nothing in it is random and nothing comes from a real run.
"""

from refreshproof.reports import (
    Coverage,
    Dimension,
    ExchangeView,
    Explored,
    Fact,
    Harm,
    Keyword,
    Note,
    Outcome,
    ProviderInfo,
    Report,
    RequirementInfo,
    Result,
    Run,
    Skew,
    Story,
    Subject,
    SurveyValue,
    TokenLife,
    Transition,
    Trouble,
)

SECOND = 1_000_000
SUBJECT = "exec:./client --quiet"
STARTED = 1_794_000_000 * SECOND

PROVIDERS = {
    "google": "Keeps its refresh token; issues one only for access_type=offline and a consent screen.",
    "microsoft": "Rotates and never revokes the old refresh token; needs the scope offline_access.",
    "atlassian": "Rotates; the predecessor may be exchanged again for 600 seconds, later reuse ends the family.",
    "strict-single-use": "Rotates; a spent refresh token is refused at once.",
    "reuse-kills-family": "Rotates; presenting a spent refresh token revokes everything issued since.",
    "sometimes-new": "Returns a new refresh token on some refreshes only.",
    "null-refresh-token": "Answers a refresh with refresh_token: null.",
    "error-with-200": "Reports errors with status 200.",
    "short-lived": "Access tokens live 30 seconds.",
}

MUST, MUST_NOT, SHOULD, VENDOR, ADVICE = Keyword
REQUIREMENTS = {
    "authz-code-request": (MUST, "The authorization request is a GET with response_type=code and the registered URI."),
    "authz-google-offline": (VENDOR, "For Google the request carries access_type=offline and a prompt with consent."),
    "authz-offline-scope": (VENDOR, "Where refresh tokens need offline_access, the scope is asked for exactly once."),
    "authz-state-fresh": (MUST, "Every authorization request carries a state value that was never used before."),
    "authz-pkce-s256": (SHOULD, "The request carries a code challenge of method S256."),
    "callback-state-bound": (MUST_NOT, "A callback whose state belongs to no open request is not accepted."),
    "callback-error-shown": (SHOULD, "An error in the callback reaches the user with its code."),
    "callback-code-once": (MUST_NOT, "An authorization code is not presented twice."),
    "accept-success-definition": (MUST, "Only a 2xx answer with a non-empty access token counts as success."),
    "accept-oddity-keeps-pair": (MUST, "No oddity in other members loses a pair that has arrived."),
    "accept-expires-missing": (SHOULD, "A missing expires_in is an unknown lifetime, neither endless nor zero."),
    "accept-expires-odd": (ADVICE, "Digit strings and finite floats are read as numbers."),
    "accept-token-type": (MUST, "token_type is compared without case."),
    "accept-scope-as-set": (SHOULD, "Granted scope is compared as a set."),
    "expiry-never-present-expired": (SHOULD, "No access token reaches the resource at or after its expiry."),
    "expiry-constant-skew": (SHOULD, "A clock that is wrong by a constant changes nothing."),
    "expiry-lead-capped": (SHOULD, "The refresh lead is a fraction of the lifetime, so short lifetimes work."),
    "expiry-mid-operation": (SHOULD, "Validity is decided for each request, not once per operation."),
    "refresh-request-shape": (MUST, "The refresh is a POST with grant_type=refresh_token and client authentication."),
    "refresh-omitted-keeps": (MUST, "If the answer brings no refresh token, the present one is kept."),
    "refresh-null-keeps": (SHOULD, "A null or empty refresh token in the answer does not destroy the present one."),
    "rotation-persist-before-use": (VENDOR, "A new refresh token is stored before the access token is used."),
    "rotation-lost-response": (SHOULD, "After a lost answer the predecessor is presented again at most once."),
    "rotation-replace-always": (MUST, "A refresh token that arrives replaces the present one."),
    "concurrency-single-flight": (SHOULD, "Parallel callers cause one refresh."),
    "concurrency-processes": (SHOULD, "Processes that share tokens cause one refresh."),
    "failure-terminal-stops": (SHOULD, "After invalid_grant no further request presents the dead token."),
    "failure-transient-keeps": (MUST_NOT, "A 5xx or 429 does not drop the grant."),
    "failure-retry-after": (SHOULD, "Retry-After is honoured."),
    "secrets-not-in-url": (MUST_NOT, "No token and no client secret appears in a URL."),
}

VIOLATIONS = {
    ("rotation-lost-response", "reuse-kills-family"): "A1",
    ("rotation-lost-response", "strict-single-use"): "A1",
    ("rotation-persist-before-use", "atlassian"): "A0",
    ("rotation-persist-before-use", "strict-single-use"): "A0",
    ("rotation-persist-before-use", "reuse-kills-family"): "A0",
    ("refresh-null-keeps", "null-refresh-token"): "A12",
    ("accept-success-definition", "error-with-200"): "A16",
    ("expiry-lead-capped", "short-lived"): "A8",
    ("accept-expires-odd", "short-lived"): "A18",
}
HARMS = {
    "rotation-lost-response": Harm.GRANT_LOST,
    "rotation-persist-before-use": Harm.GRANT_LOST,
    "accept-success-definition": Harm.CALL_FAILED,
    "expiry-lead-capped": Harm.NEEDLESS_REQUESTS,
}
CAUSES = {
    "rotation-lost-response": "rotation: POST /token refresh_token RT1",
    "rotation-persist-before-use": "rotation: POST /token refresh_token RT1",
    "refresh-null-keeps": "null: POST /token refresh_token RT1",
}
OTHERS = {
    ("concurrency-processes", "sometimes-new"): (
        Outcome.ALTERNATIVE,
        "Waits for the other process and then refreshes.",
    ),
    ("failure-retry-after", "microsoft"): (Outcome.NOT_EXERCISED, "The client never came back after the 429."),
    ("callback-code-once", "short-lived"): (Outcome.NOT_EXERCISED, "No exchange was answered before the code expired."),
    ("refresh-omitted-keeps", "error-with-200"): (Outcome.BLOCKED, "Depends on accept-success-definition."),
    ("rotation-replace-always", "error-with-200"): (Outcome.BLOCKED, "Depends on accept-success-definition."),
    ("expiry-constant-skew", "google"): (Outcome.SUBJECT_ERROR, "The adapter raised KeyError('expires_at')."),
}


def sample_report() -> Report:
    """Build the report; every call gives an equal value."""
    return Report(
        run=Run(
            started=STARTED,
            seed=20261122,
            duration_seconds=48.217,
            virtual_seconds=35_640_127.0,
            version="0.1.0",
            python="CPython 3.11.7",
            platform="Linux x86_64",
            command=("refreshproof", "run", "example-client", "--seed", "20261122"),
            troubles=(
                Trouble(
                    where="client",
                    what="KeyError left the client in call",
                    exception="KeyError: 'expires_at'",
                    file="clients/session.py",
                    line=88,
                    step="The client calls the API.",
                    provider="google",
                    operation="call",
                    fault="Every refresh request meets the fault status (code 503).",
                    also=("atlassian", "short-lived"),
                    scenario={"schema": 1, "provider": "google", "steps": [{"do": "call"}]},
                    saved="troubles/1--google.json",
                    replay="refreshproof replay 'my report/troubles/1--google.json'",
                ),
            ),
            folder="/home/alice/the project",
            explored=Explored(
                lives=225,
                seed=20261122,
                dimensions=(
                    Dimension(name="clock of the client", count=118, values="-1 d to +1 d"),
                    Dimension(name="delay of an answer", count=97, values="0 s to 120 s"),
                    Dimension(name="lost answer", count=31),
                ),
            ),
        ),
        subject=Subject(
            name="example-client",
            version="2.4.1",
        ),
        providers=tuple(
            ProviderInfo(name=name, summary=summary, facts=_facts(name)) for name, summary in PROVIDERS.items()
        ),
        requirements=tuple(_requirement(name) for name in REQUIREMENTS),
        results=tuple(_result(name, provider) for name in REQUIREMENTS for provider in PROVIDERS),
        survey=(
            SurveyValue(name="sv-lead", provider="google", value=60, unit="s"),
            SurveyValue(name="sv-lead", provider="atlassian", value=60, unit="s"),
            SurveyValue(name="sv-retry-schedule", provider="microsoft", value="0, 1, 2, 4", unit="s"),
        ),
        unselected=("device-poll-interval",),
        coverage=(
            Coverage(
                table="Client's status table",
                transitions=(
                    Transition(state="valid", event="failed", after="recoverable", times=12),
                    Transition(state="recoverable", event="failed", after="recoverable", times=0),
                    Transition(state="recoverable", event="retired", after="gone", times=0, beyond="nobody retires it"),
                ),
            ),
        ),
    )


def _requirement(name: str) -> RequirementInfo:
    keyword, statement = REQUIREMENTS[name]
    return RequirementInfo(
        id=name,
        keyword=keyword,
        statement=statement,
        source="RFC 6749 section 6; RFC 9700 section 4.14",
        links=("https://www.rfc-editor.org/rfc/rfc6749#section-6",),
        effect="The integration stops working within a day and only a new login by the user brings it back.",
        fix="Write the new refresh token to the store in the same step that reads it from the answer, before any use.",
        family={"authz": "Authorization request", "accept": "Token acceptance"}.get(
            name.split("-")[0], name.split("-")[0].capitalize()
        ),
    )


def _result(name: str, provider: str) -> Result:
    keyword, cell = REQUIREMENTS[name][0], (name, provider)
    if cell in VIOLATIONS:
        return Result(
            requirement=name,
            provider=provider,
            outcome=Outcome.VIOLATED,
            keyword=keyword,
            examples=40,
            anomaly=VIOLATIONS[cell],
            why="RT1 was presented again 3601 s after RT2 had been issued.",
            harm=HARMS.get(name, Harm.NONE_YET),
            cause=CAUSES.get(name),
            replay=f"refreshproof replay --subject '{SUBJECT}' 'my report/scenarios/{name}--{provider}.json'",
            scenario=f"scenarios/{name}--{provider}.json",
            story=_story(name, provider),
            rests_on=("refresh.rotation", "refresh.window"),
        )
    if cell in OTHERS:
        outcome, why = OTHERS[cell]
        return Result(requirement=name, provider=provider, outcome=outcome, keyword=keyword, examples=40, why=why)
    if ("google" in name and provider != "google") or ("offline-scope" in name and provider == "google"):
        why = "The profile has no such rule."
        return Result(requirement=name, provider=provider, outcome=Outcome.NOT_APPLICABLE, keyword=keyword, why=why)
    return Result(
        requirement=name,
        provider=provider,
        outcome=Outcome.SATISFIED,
        keyword=keyword,
        examples=40,
        rests_on=("refresh.rotation",),
    )


def _facts(provider: str) -> tuple[Fact, ...]:
    """Tell of each vendor how it rotates, and of some that nobody has verified for how long it forgives."""
    return (
        Fact(
            field="refresh.rotation",
            label="A refresh brings a new refresh token",
            topic="rotation",
            value="always",
            trust="documented",
            where="the vendor's page on tokens",
            seen="2026-11-22",
            links=("https://vendor.example/tokens",),
        ),
        Fact(
            field="refresh.window",
            value="600 s",
            trust="unverified" if provider in ("atlassian", "strict-single-use") else "default",
            where="an assumption" if provider in ("atlassian", "strict-single-use") else "",
        ),
        Fact(
            field="errors.unknown_refresh_token",
            label="unknown refresh token",
            topic="errors",
            value="403 invalid_grant",
            trust="observed",
            where="a report, and another",
            seen="2026-11-22",
            links=("https://issues.example/1", "https://issues.example/2"),
        ),
    )


def _story(name: str, provider: str) -> Story:
    return Story(
        started=STARTED,
        scenario={
            "schema": 1,
            "provider": provider,
            "steps": [
                {"do": "authorize"},
                {"do": "advance", "seconds": 3601},
                {"do": "lose", "leg": "answer"},
                {"do": "call"},
                {"do": "restart"},
                {"do": "call"},
            ],
        },
        prose=(
            f"The user authorizes the client at {provider}; the client holds AT1 and RT1.",
            "3601 seconds pass; AT1 has expired.",
            "The client refreshes with RT1; the provider issues AT2 and RT2, the answer is lost.",
            "The client restarts.",
            "The client calls the resource and presents RT1 again: the provider revokes the family.",
        ),
        expected="After the lost answer the client reports an unknown outcome and presents RT1 at most once more.",
        happened="RT1 was presented 3 times, the last time 11 s after the family had been revoked.",
        pytest=(
            f"def test_{name.replace('-', '_')}(oauth_world):\n"
            "    oauth_world.authorize()\n"
            "    oauth_world.advance(seconds=3601)\n"
            '    with oauth_world.lose("answer"):\n'
            "        oauth_world.call()\n"
            "    oauth_world.restart()\n"
            "    assert oauth_world.call().ok\n"
        ),
        notes=(
            Note(at=STARTED + 3602 * SECOND, text="The next answer is lost.", follows=1, kind="fault"),
            Note(
                at=STARTED + 3632 * SECOND,
                text="client: refresh ended in crash",
                follows=3,
                kind="crash",
                lines=("KeyError: 'expires_at'", "in clients/session.py, line 88", "WARNING giving up"),
            ),
            Note(at=STARTED + 3632 * SECOND, text="client restarts", follows=3),
        ),
        exchanges=_exchanges(provider),
        tokens=(
            TokenLife(
                alias="AT1",
                kind="access",
                issued_at=STARTED + 2 * SECOND,
                expires_at=STARTED + 3602 * SECOND,
                issued_by=1,
            ),
            TokenLife(
                alias="RT1",
                kind="refresh",
                issued_at=STARTED + 2 * SECOND,
                ended_at=STARTED + 3603 * SECOND,
                ending="replaced by RT2",
                issued_by=1,
                ended_by=2,
            ),
            TokenLife(alias="RT2", kind="refresh", issued_at=STARTED + 3603 * SECOND, issued_by=2),
        ),
        skews=(Skew(at=STARTED + 3603 * SECOND, seconds=-300.0), Skew(at=STARTED + 3645 * SECOND, seconds=0.0)),
    )


def _exchanges(provider: str) -> tuple[ExchangeView, ...]:
    host = f"auth.{provider}.example"
    answer = (
        "HTTP/1.1 200 OK",
        "Content-Type: application/json",
        "",
        '{"access_token": "AT2", "refresh_token": "RT2"}',
    )
    return (
        _exchange(1, 2, host, "POST /token authorization_code C1", "200 AT1, RT1", response=answer),
        _exchange(2, 3603, host, "POST /token refresh_token RT1", "200 AT2, RT2", trouble="connection reset"),
        _exchange(3, 3633, host, "POST /token refresh_token RT1", "", trouble="no route to host"),
        _exchange(4, 3634, host, "POST /token refresh_token RT1", "400 invalid_grant, family revoked", response=answer),
        _exchange(5, 3645, host, "POST /token refresh_token RT1", "400 invalid_grant", response=answer),
    )


def _exchange(
    number: int,
    second: int,
    host: str,
    summary: str,
    answer: str,
    *,
    trouble: str | None = None,
    response: tuple[str, ...] = (),
) -> ExchangeView:
    at = STARTED + second * SECOND
    return ExchangeView(
        number=number,
        at=at,
        answered_at=at + SECOND // 4,
        endpoint=f"https://{host}/token",
        summary=summary,
        answer=answer,
        request=(
            "POST /token HTTP/1.1",
            f"Host: {host}",
            "Content-Type: application/x-www-form-urlencoded",
            "",
            "grant_type=refresh_token&refresh_token=RT1&client_id=CLIENT1&client_secret=SECRET1",
        ),
        response=response,
        status=int(answer[:3]) if answer else None,
        delivered=(trouble is None) if answer else None,
        trouble=trouble,
        witness="revoked" in answer,
    )
