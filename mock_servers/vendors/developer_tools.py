"""Where people build: code hosting, chat, notes, issues and drawings. Two of them answer refusals with status 200."""

from __future__ import annotations

from dataclasses import replace

from refreshproof.mock_servers.faults.faults import FaultSpec
from refreshproof.mock_servers.profile.announcement import Announcement
from refreshproof.mock_servers.profile.causes import Cause, ErrorReply
from refreshproof.mock_servers.profile.pieces import (
    BAD_ACCESS_TOKEN,
    BAD_CLIENT,
    BAD_CODE,
    DAY,
    DEAD_TOKEN,
    dead_tokens,
    endpoints,
    refusals,
    sources,
)
from refreshproof.mock_servers.profile.profile import (
    AuthorizationRules,
    Endpoint,
    IssuanceRules,
    Lifetimes,
    Profile,
    ResponseShape,
    TokenRequestRules,
    TokenShape,
)
from refreshproof.mock_servers.profile.refresh_policy import RefreshPolicy
from refreshproof.mock_servers.profile.sources import NANGO, SHEET, USER_NOT_READ, source
from refreshproof.mock_servers.vendors.building import vendor
from refreshproof.mock_servers.vendors.vendor import Vendor

_GITHUB = "https://github.com/login/oauth"
_GITHUB_USER = {"login": "user", "id": "number", "name": "name", "email": "email"}
_GITHUB_ENDPOINTS = endpoints(
    "/authorize", "/access_token", "https://api.github.com/user", base=_GITHUB, identity=_GITHUB_USER
)
_GITHUB_ERRORS = (
    dead_tokens("The refresh token passed is incorrect or expired.", error="bad_refresh_token", status=200)
    | refusals(
        BAD_CODE,
        ErrorReply(status=200, error="bad_verification_code", description="The code passed is incorrect or expired."),
    )
    | refusals(
        BAD_CLIENT,
        ErrorReply(
            status=200,
            error="incorrect_client_credentials",
            description="The client_id and/or client_secret passed are incorrect.",
        ),
    )
    | refusals(BAD_ACCESS_TOKEN, ErrorReply(status=401, error=None, members={"message": "Bad credentials"}))
)
_GITHUB_SOURCES = sources(
    (USER_NOT_READ, "endpoints.identity"),
    (NANGO, "endpoints"),
    (source("octokit/auth-oauth-app.js#13, octokit/octokit.rb#347", "observed"), "errors response"),
    (SHEET, "lifetimes refresh refresh_token.length"),
)
GITHUB_APP = Profile(
    name="github-app",
    title="GitHub App with expiring user tokens: single use, refusals with status 200",
    issuer="https://github.com",
    endpoints=_GITHUB_ENDPOINTS,
    # A GitHub App's permissions are set with the app, and a scope in the request is ignored; clients want one (seed
    # 003).
    scopes=("read:user",),
    access_token=TokenShape(prefix="ghu_", length=40),
    refresh_token=TokenShape(prefix="ghr_", length=80),
    code=TokenShape(length=20),
    lifetimes=Lifetimes(access_token=28_800),
    refresh=RefreshPolicy(rotation="always", absolute_ttl=None, inactivity_ttl=15_897_600),
    response=ResponseShape(
        members=("access_token", "expires_in", "refresh_token", "token_type"),
        token_type="bearer",
        extra={"refresh_token_expires_in": 15_897_600, "scope": ""},
    ),
    errors=_GITHUB_ERRORS,
    sources=_GITHUB_SOURCES,
)
GITHUB_OAUTH = replace(
    GITHUB_APP,
    name="github-oauth",
    title="GitHub OAuth app: one token without an end",
    scopes=("read:user",),
    endpoints=endpoints(
        "/authorize",
        "/access_token",
        "https://api.github.com/user",
        ("read:user",),
        base=_GITHUB,
        identity=_GITHUB_USER,
    ),
    authorization=AuthorizationRules(pkce="ignored"),
    issuance=IssuanceRules(ever=False),
    access_token=TokenShape(prefix="gho_", length=40),
    lifetimes=Lifetimes(access_token=3650 * DAY),
    refresh=RefreshPolicy(),
    response=ResponseShape(members=("access_token", "scope", "token_type"), token_type="bearer", expires_in="omitted"),
)
# GitHub answers in form encoding unless Accept asks for JSON: octokit/auth-oauth-app.js#13.
_GITHUB_WAYS = (
    FaultSpec(fault="encode", parameters={"to": "form", "unless_accept": "application/json"}, grant_type=None),
)

_GITLAB = "https://gitlab.com"
GITLAB = Profile(
    name="gitlab",
    title="GitLab: single use, and the access token before dies with it",
    issuer=_GITLAB,
    endpoints=endpoints(
        "/oauth/authorize", "/oauth/token", "/api/v4/user", ("read_user",), "/oauth/revoke", base=_GITLAB,
        identity={"id": "number", "username": "user", "name": "name", "email": "email"},
    ),
    scopes=("read_user",),
    access_token=TokenShape(length=64),
    refresh_token=TokenShape(length=64),
    code=TokenShape(length=64),
    lifetimes=Lifetimes(access_token=7200),
    refresh=RefreshPolicy(rotation="always", previous_access_token="dies_at_once"),
    errors=refusals(
        (*DEAD_TOKEN, *BAD_CODE, Cause.REDIRECT_URI_MISMATCH),
        ErrorReply(
            status=400, error="invalid_grant",
            description="The grant is invalid, expired, revoked, issued to another client, or of another redirect URI.",
        ),
    ),
    sources=sources(
        (USER_NOT_READ, "endpoints.identity"),
        (NANGO, "endpoints"),
        (source("sourcebot-dev/sourcebot#798", "observed"), "errors"),
        # GitLab's page lists redirect_uri among the parameters of a refresh; its server does not look at it.
        (source("doorkeeper-gem/doorkeeper 015a062, RefreshTokenRequest: validates token, client and scope; "
                "hickford/git-credential-oauth#2 refreshes without redirect_uri", "observed", seen="2026-11-29"),
         "token_request.redirect_uri_on_refresh"),
        (source("harness/harness#855", "observed"), "refresh.rotation"),
        (source("doorkeeper-gem/doorkeeper#1730: without its column both die at issue", "unverified"),
         "refresh.previous_access_token"),
        (SHEET, "lifetimes"),

    ),
)  # fmt: skip
# Doorkeeper sends created_at: planningcenter/developers#1318.
_GITLAB_WAYS = (FaultSpec(fault="stamp", parameters={"name": "created_at"}, grant_type=None),)


def _slack(error: str) -> ErrorReply:
    return ErrorReply(status=200, error=error, members={"ok": False})


SLACK = Profile(
    name="slack",
    title="Slack with token rotation: every answer has status 200 and says ok or not",
    issuer="https://slack.com",
    endpoints=endpoints(
        "https://slack.com/oauth/v2/authorize",
        "https://slack.com/api/oauth.v2.access",
        "https://slack.com/api/auth.test",
        ("chat:write",),
        identity={"user": "user", "user_id": "oid"},
        methods=("GET", "POST"),
    ),
    scopes=("chat:write",),
    authorization=AuthorizationRules(scope_separator=",", pkce="ignored"),
    token_request=TokenRequestRules(without_grant_type="authorization_code"),
    access_token=TokenShape(prefix="xoxe.xoxb-1-", length=160),
    refresh_token=TokenShape(prefix="xoxe-1-", length=146),
    lifetimes=Lifetimes(access_token=43_200),
    refresh=RefreshPolicy(rotation="always"),
    response=ResponseShape(
        members=("access_token", "token_type", "scope", "refresh_token", "expires_in"),
        token_type="bot",
        extra={"ok": True},
    ),
    errors=refusals(DEAD_TOKEN, _slack("invalid_refresh_token"))
    | refusals(BAD_CODE, _slack("invalid_code"))
    | refusals(BAD_CLIENT, _slack("bad_client_secret"))
    | refusals(BAD_ACCESS_TOKEN, _slack("token_expired")),
    sources=sources(
        (USER_NOT_READ, "endpoints.identity"),
        (NANGO, "endpoints authorization.scope_separator authorization.pkce"),
        (
            source("https://docs.slack.dev/reference/methods/oauth.v2.access: optional", seen="2026-11-30"),
            "token_request.without_grant_type",
        ),
        (source("slackapi/python-slack-sdk#1242; slackapi/node-slack-sdk#1287", "observed"), "refresh errors response"),
        (SHEET, "lifetimes"),
    ),
)

_NOTION = "https://mcp.notion.com"
NOTION = Profile(
    name="notion",
    title="Notion's MCP server: a replay ends the grant's tokens",
    issuer=_NOTION,
    endpoints=endpoints("/authorize", "/token", "/mcp", base=_NOTION),
    # The server needs no scope and clients want one (seed 003): this one stands for any.
    scopes=("default",),
    authorization=AuthorizationRules(pkce="required"),
    refresh=RefreshPolicy(rotation="always", on_breach="revoke_family", previous_access_token="dies_at_once"),
    errors=dead_tokens("OAuth grant revoked"),
    sources=sources(
        (NANGO, "endpoints"),
        (source("damianvtran/local-operator#345, #945", "observed"), "refresh.rotation refresh.on_breach errors"),
        (source("PipedreamHQ/pipedream#8727", "observed"), "refresh.previous_access_token"),
    ),
)

_ROVO = "https://mcp.atlassian.com"
ATLASSIAN_ROVO_MCP = Profile(
    name="atlassian-rovo-mcp",
    title="Atlassian's Rovo MCP server: eight hours, and a refresh token of ninety days that is replaced at each use",
    issuer=_ROVO,
    endpoints=endpoints("/v1/authorize", "https://cf.mcp.atlassian.com/v1/token", "/v1/mcp", base=_ROVO),
    scopes=("read:jira-work", "offline_access"),
    authorization=AuthorizationRules(pkce="required"),
    issuance=IssuanceRules(scope="offline_access"),
    access_token=TokenShape(length=1400, jwt_shaped=True),
    refresh_token=TokenShape(length=1100, jwt_shaped=True),
    lifetimes=Lifetimes(access_token=28_800),
    refresh=RefreshPolicy(rotation="always", inactivity_ttl=90 * DAY),
    sources=sources(
        # An access token of 55 minutes was met at /v1/sse in 2025: samanhappy/mcphub#504.
        (source("anomalyco/opencode#42875, comment of 2026-08-19: eight hours, ninety days, offline_access, the claim "
                "atl_token_type of a JWT is ROTATING_REFRESH", "observed", seen="2026-11-30"),
         "lifetimes refresh.rotation refresh.inactivity_ttl issuance refresh_token"),
    ),
)  # fmt: skip

_LINEAR = source("https://linear.app/developers/oauth-2-0-authentication", seen="2026-11-30")
LINEAR = Profile(
    name="linear",
    title="Linear before 2026-04-01: an access token for ten years, and none to refresh it",
    issuer="https://linear.app",
    endpoints=endpoints(
        "https://linear.app/oauth/authorize",
        "https://api.linear.app/oauth/token",
        "https://api.linear.app/graphql",
        ("read",),
        "https://api.linear.app/oauth/revoke",
    ),
    scopes=("read",),
    authorization=AuthorizationRules(scope_separator=","),
    issuance=IssuanceRules(ever=False),
    lifetimes=Lifetimes(access_token=3650 * DAY),
    announced=(
        Announcement(
            effective="2026-04-01",
            what="Every application gets access tokens of a day with a refresh token that is replaced at each use; "
            "those of ten years are over.",
            fields={
                "title": "Linear: a day for an access token, and a new refresh token each time",
                "issuance": IssuanceRules(),
                "lifetimes": Lifetimes(access_token=DAY),
                "refresh": RefreshPolicy(rotation="always"),
            },
            ends_long_lived=True,
            source=source(
                "https://linear.app/developers/oauth-2-0-authentication; a day and rotation: ceedaragents/cyrus#285, "
                "https://nango.dev/blog/linear-oauth-refresh-token-invalid-grant",
                "observed",
                "2026-11-30",
            ),
        ),
    ),
    sources=sources(
        (NANGO, "endpoints authorization"),
        (_LINEAR, "scopes"),
        (source("chatwoot/chatwoot#13721: tokens of ten years", "observed", seen="2026-11-29"), "issuance lifetimes"),
    ),
)

FIGMA = Profile(
    name="figma",
    title="Figma: refreshes go to an address of their own, and bring no refresh token",
    issuer="https://www.figma.com",
    endpoints=(
        *endpoints(
            "https://www.figma.com/oauth",
            "https://api.figma.com/v1/oauth/token",
            "https://api.figma.com/v1/me",
            ("current_user:read",),
        ),
        Endpoint(
            view="token",
            url="https://api.figma.com/v1/oauth/refresh",
            methods=("POST",),
            overrides={
                "token_request": TokenRequestRules(authentication=("client_secret_basic",), grants=("refresh_token",))
            },
        ),
    ),
    scopes=("current_user:read",),
    authorization=AuthorizationRules(scope_separator=","),
    access_token=TokenShape(prefix="figu_", length=43),
    refresh_token=TokenShape(prefix="figur_", length=43),
    lifetimes=Lifetimes(access_token=90 * DAY),
    token_request=TokenRequestRules(authentication=("client_secret_basic",), grants=("authorization_code",)),
    refresh=RefreshPolicy(rotation="never", refresh_token_on_refresh="omitted"),
    response=ResponseShape(
        members=("access_token", "token_type", "expires_in", "refresh_token"), token_type="bearer", scope="never"
    ),
    sources=sources(
        (NANGO, "endpoints authorization.scope_separator token_request"),
        (source("https://arcticjs.dev/providers/figma", "observed", "2026-11-30"), "refresh"),
        (source("figma/code-connect#371 of 2026-03-04: the prefix figu_", "observed", "2026-11-30"), "access_token"),
    ),
)

_MIRO = source(
    "https://developers.miro.com/reference/get-new-access-token-using-refresh-token; "
    "https://developers.miro.com/docs/getting-started-with-oauth",
    seen="2026-11-30",
)
MIRO = Profile(
    name="miro",
    title="Miro with expiring tokens: an hour and sixty days, and a new refresh token each time",
    issuer="https://miro.com",
    endpoints=endpoints(
        "https://miro.com/oauth/authorize",
        "https://api.miro.com/v1/oauth/token",
        "https://api.miro.com/v2/boards",
        ("boards:read",),
    ),
    scopes=("boards:read",),
    lifetimes=Lifetimes(access_token=3599),
    token_request=TokenRequestRules(authentication=("client_secret_post",)),
    refresh=RefreshPolicy(rotation="always", inactivity_ttl=60 * DAY),
    response=ResponseShape(
        token_type="bearer", extra={"team_id": "3074457345618265000", "user_id": "3074457345618265001"}
    ),
    sources=sources(
        (NANGO, "endpoints"),
        (_MIRO, "lifetimes token_request refresh.rotation refresh.inactivity_ttl response"),
    ),
)

DEVELOPER_TOOLS: tuple[Vendor, ...] = (
    vendor(GITHUB_APP, *_GITHUB_WAYS),
    vendor(GITHUB_OAUTH, *_GITHUB_WAYS),
    vendor(GITLAB, *_GITLAB_WAYS),
    vendor(SLACK),
    vendor(NOTION),
    vendor(ATLASSIAN_ROVO_MCP),
    vendor(LINEAR),
    vendor(FIGMA),
    vendor(MIRO),
)
"""The developers' tools, in the order in which they are listed."""
