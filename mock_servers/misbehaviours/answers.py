"""Misbehaviours of the token endpoint's answers: lifetimes, body shapes, errors, client authentication and
transport."""

from __future__ import annotations

from collections.abc import Mapping

from refreshproof.mock_servers.misbehaviours.implementation import (
    KEEPS,
    Implementation,
    faulty,
    now_and_then,
    on_refresh,
    on_token,
    on_view,
    profile,
    scenario,
)
from refreshproof.mock_servers.profile.profile import (
    ErrorReply,
    LifetimeRule,
    ProofRules,
    ResponseShape,
    SecondPair,
)
from refreshproof.mock_servers.wire import JSON_TYPE

_DAY = 86_400
_CATCH_ALL = (
    "The grant is invalid, expired, revoked, does not match the redirection URI, or was issued to another client."
)
_BLOCKED = "<!doctype html><html><title>Blocked</title><h1>Blocked by network security</h1></html>"

EXPIRY: Mapping[str, Implementation] = {
    "exp-missing": profile(response__expires_in="omitted"),
    "exp-missing-on-refresh-only": faulty(on_refresh("member", name="expires_in", remove=True)),
    "exp-string": profile(response__expires_in="string"),
    "exp-null": faulty(on_token("member", name="expires_in", value=None)),
    "exp-zero-means-never": faulty(
        on_token("member", name="expires_in", value=0), lifetimes__access_token=3650 * _DAY
    ),
    "exp-zero-real": profile(**KEEPS, refresh__access_token_on_refresh="same"),
    "exp-milliseconds": faulty(on_token("convert", name="expires_in", to="milliseconds")),
    "exp-wrong-key-expires": faulty(on_token("rename", names={"expires_in": "expires"})),
    "exp-absolute-timestamp": faulty(
        on_token("stamp", name="expires_at", ahead=True), on_token("member", name="expires_in", remove=True)
    ),
    "exp-duration-format": faulty(on_token("convert", name="expires_in", to="duration")),
    "exp-renamed-relative": faulty(on_token("rename", names={"expires_in": "expireIn"})),
    "exp-float": faulty(on_token("convert", name="expires_in", to="float")),
    "exp-huge": profile(lifetimes__access_token=3_153_600_000),
    "exp-negative-nan-garbage": faulty(
        now_and_then("convert", every=5, name="expires_in", to="nan"),
        now_and_then("member", skip=1, every=5, name="expires_in", value=-1),
        now_and_then("member", skip=2, every=5, name="expires_in", value="1 hour"),
        now_and_then("member", skip=3, every=5, name="expires_in", value=""),
        now_and_then("convert", skip=4, every=5, name="expires_in", to="with_letters"),
    ),
    "exp-lies-short": faulty(on_token("convert", name="expires_in", to="sixfold"), lifetimes__access_token=600),
    "exp-remaining-of-cached": profile(**KEEPS, refresh__access_token_on_refresh="same"),
    "exp-refresh-expiry-zoo": faulty(
        now_and_then("rename", names={"refresh_token_expires_in": "x_refresh_token_expires_in"}),
        now_and_then("rename", skip=1, names={"refresh_token_expires_in": "refresh_expires_in"}),
        lifetime_rules=(LifetimeRule(when={}, absolute=100 * _DAY, announced=True),),
        response__members=("access_token", "token_type", "expires_in", "refresh_token", "refresh_token_expires_in"),
    ),
    "exp-refresh-zero-lie": profile(
        refresh__inactivity_ttl=30 * _DAY, response__extra={"refresh_expires_in": 0},
        errors__refresh_token_idle=ErrorReply(status=400, error="invalid_grant", description="Session not active"),
    ),
    "exp-refresh-timeout": profile(
        refresh__inactivity_ttl=7 * _DAY, refresh__absolute_ttl=10 * _DAY,
        response__members=(*ResponseShape().members, "id_token", "refresh_token_timeout", "authorization_expires_in"),
        metadata__refresh_token_expiration_types_supported=["authorization", "token_timeout"],
    ),
    "exp-two-tokens-two-expiries": profile(
        issuance__second=SecondPair(member="authed_user", token_type="user", access_token=1800)
    ),
}  # fmt: skip

SHAPES: Mapping[str, Implementation] = {
    "shape-nested-envelope": faulty(on_token("nest", under="data", beside={"code": 0, "message": "OK"})),
    "shape-token-is-object": faulty(on_token("convert", name="access_token", to="object")),
    "shape-camel-case": faulty(
        on_token(
            "rename",
            names={"access_token": "accessToken", "refresh_token": "refreshToken", "expires_in": "expiresIn"},
        )
    ),
    "shape-form-encoded": faulty(on_token("encode", to="form")),
    "shape-wrong-content-type": faulty(on_token("header", name="Content-Type", value="text/javascript")),
    "shape-no-content-type": faulty(on_token("header", name="Content-Type", value=None)),
    "shape-xml": faulty(on_token("encode", to="xml")),
    "shape-array-wrapped": faulty(on_token("encode", to="array")),
    "shape-tt-missing": profile(response__token_type=None),
    "shape-tt-nonstandard": profile(response__token_type="User Access Token"),
    "shape-tt-case": profile(response__token_type="bearer"),
    "shape-scope-array": faulty(on_token("convert", name="scope", to="array")),
    "shape-scope-null-or-comma": faulty(
        now_and_then("member", name="scope", value=None), now_and_then("convert", skip=1, name="scope", to="commas")
    ),
    "shape-status-201": faulty(on_token("relabel", code=201)),
    "shape-no-access-token-200": faulty(now_and_then("document", content={"token_type": "Bearer"})),
    "shape-token-growth": profile(access_token__growth=700, refresh_token__growth=400),
    "shape-www-authenticate-on-2xx": faulty(on_token("header", name="WWW-Authenticate", value="Bearer")),
    "shape-cacheable-token": faulty(
        on_token("header", name="Cache-Control", value=None), on_refresh("remember", seconds_=60)
    ),
    "shape-gzip-unlabelled": faulty(on_token("encode", to="gzip")),
}

ERRORS: Mapping[str, Implementation] = {
    "err-200-error-body": faulty(
        on_token(
            "restyle", only="invalid_grant", code=200,
            document={"error": "bad_refresh_token", "error_description": "$error_description"},
        ),
        now_and_then("error_body"),
    ),
    "err-object": faulty(
        on_token(
            "restyle", code=400,
            document={"error": {"message": "$error_description", "type": "OAuthException", "code": 190,
                                "fbtrace_id": "AbCdEfGhIjKlMnOpQrStUv"}},
        )
    ),
    "err-array": faulty(
        on_token(
            "restyle",
            document={
                "errors": [{"errorType": "$error", "message": "Refresh token invalid: $refresh_token."}],
                "success": False,
            },
        )
    ),
    "err-flat-vendor-keys": faulty(
        on_token("restyle", document={"status": "BAD_REFRESH_TOKEN", "message": "$error_description"})
    ),
    "err-invalid-request-for-dead-grant": faulty(
        on_token(
            "restyle", only="invalid_grant",
            document={"error": "invalid_request", "error_description": "$error_description"},
        )
    ),
    "err-403-unauthorized-client": faulty(
        on_token(
            "restyle", only="invalid_grant", code=403,
            document={"error": "unauthorized_client", "error_description": "refresh_token is invalid"},
        )
    ),
    "err-status-drift": faulty(now_and_then("restyle", code=401)),
    "err-500-html": faulty(on_token("restyle", only="invalid_grant", code=500, page="<h1>Internal error</h1>")),
    "err-html-200-or-json-labelled": faulty(
        now_and_then("html", every=4), now_and_then("html", skip=2, every=4, content_type=JSON_TYPE)
    ),
    "err-vendor-code": faulty(
        on_token("restyle", only="invalid_grant", document={"error": "bad_refresh_token"})
    ),
    "err-catch-all-description": faulty(
        on_token("restyle", only="invalid_grant", document={"error": "$error", "error_description": _CATCH_ALL})
    ),
    "err-ms-interaction-required": faulty(
        now_and_then(
            "error_body", code=400,
            document={
                "error": "interaction_required", "suberror": "basic_action", "error_codes": [50076],
                "error_description": "AADSTS50076: multi-factor authentication is needed.",
                "timestamp": "2030-03-17 17:46:40Z", "trace_id": "7f2e4c10-0000-4000-8000-3f5a7c9e1b2d",
                "correlation_id": "0c9d1e2f-0000-4000-8000-a1b2c3d4e5f6",
            },
        )
    ),
    "err-429-token": faulty(
        now_and_then("status", every=4, code=429, retry_after="30"),
        now_and_then("html", skip=2, every=4, code=429, body="Too many requests", content_type="text/plain"),
    ),
    "err-waf-403-html": faulty(now_and_then("html", code=403, body=_BLOCKED)),
    "err-invalid-client-is-config": faulty(now_and_then("error_body", code=401, document={"error": "invalid_client"})),
    "err-hidden-expiry": profile(errors__access_token_expired=ErrorReply(status=404, error="not_found")),
    "err-fields-in-error-body": faulty(
        on_token(
            "restyle",
            document={"error": "$error", "access_token": "none", "refresh_token": "none", "expires_in": 0},
        )
    ),
}  # fmt: skip

AUTHENTICATION: Mapping[str, Implementation] = {
    "auth-basic-rejected": profile(token_request__authentication=("client_secret_post",)),
    "auth-body-rejected": profile(token_request__authentication=("client_secret_basic",)),
    "auth-both-rejected": profile(token_request__both_at_once="refused"),
    "auth-basic-encoding": profile(token_request__basic_encoding="form_encoded"),
    "auth-secret-as-bearer-or-username": profile(
        token_request__authentication=("secret_as_username", "secret_as_bearer")
    ),
    "auth-empty-secret-rejected": faulty(on_token("demand", parameter="client_secret", rule="not empty")),
    "auth-probe-double-spend": scenario("after any error the client repeats the refresh with the other authentication"),
    "auth-nonce-changes": profile(proof=ProofRules(kinds=("web",), nonce_lasts=300)),
    "auth-assertion-once": profile(
        token_request__authentication=("private_key_jwt",), token_request__assertion_ids="once"
    ),
    "auth-mtls-required": faulty(on_token("demand_certificate")),
}

TRANSPORT: Mapping[str, Implementation] = {
    "redir-301-302-post-to-get": faulty(now_and_then("redirect_to", code=301, location="$url?moved=1")),
    "redir-307-308-replays-secrets": faulty(
        now_and_then("redirect_to", code=307, location="http://collector.example.net/token")
    ),
    "net-timeout-after-commit": faulty(now_and_then("delay", seconds_=120)),
    "net-reset-after-headers": faulty(
        now_and_then("drop", every=4, how="after_headers"), now_and_then("truncate", skip=2, every=4, at=40)
    ),
    "net-truncated-json": faulty(now_and_then("cut", at=40)),
    "net-5xx-retry-after": faulty(
        now_and_then("status", every=5, code=503, retry_after="30"),
        now_and_then("status", skip=1, every=5, code=503, retry_after="date:30"),
        now_and_then("status", skip=2, every=5, code=502),
        now_and_then("status", skip=3, every=5, code=504, acts=True),
    ),
    "net-duplicate-delivery": faulty(now_and_then("duplicate")),
    "net-propagation-delay": faulty(on_view(None, "accept_late", seconds_=5)),
    "net-bom": faulty(on_token("prefix", text="\ufeff")),
    "net-leading-whitespace": faulty(on_token("prefix", text="\r\n")),
    "net-duplicate-json-keys": faulty(
        on_token("rewrite", old='"refresh_token":', new='"refresh_token":"stale-refresh-token-0123","refresh_token":')
    ),
    "net-huge-or-slow-body": faulty(
        now_and_then("pad", every=4, size=2_000_000), now_and_then("drip", skip=2, every=4, seconds_=1)
    ),
    "net-tls-and-proxy-failures": faulty(
        now_and_then("refuse_connection", every=4),
        now_and_then("refuse_connection", skip=1, every=4, how="tls"),
        now_and_then("html", skip=2, every=4, body="<h1>Log in to this network</h1>"),
    ),
    "net-non-ascii-members": faulty(
        on_token(
            "restyle",
            document={
                "error": "$error",
                "error_description": 'Le jeton \u00ab exp\u00e9r\u00e9 \u00bb dit "non"\r\n\u2026',
            },
        )
    ),
}
