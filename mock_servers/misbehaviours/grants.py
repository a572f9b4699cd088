"""Misbehaviours of a grant's life: how tokens are issued, rotated, ended, and what concurrency and clocks do to
them."""

from __future__ import annotations

from collections.abc import Mapping

from refreshproof.mock_servers.faults.faults import FaultSpec
from refreshproof.mock_servers.misbehaviours.implementation import (
    DEVICE_GRANT,
    KEEPS,
    Implementation,
    faulty,
    now_and_then,
    on_refresh,
    on_token,
    on_view,
    profile,
    refresh_policy,
    scenario,
)
from refreshproof.mock_servers.profile.profile import DeviceRules, Endpoint, ErrorReply, ProofRules

_META_GRANTS = (
    "fb_exchange_token", "ig_exchange_token", "th_exchange_token", "ig_refresh_token", "th_refresh_token",
)  # fmt: skip
_HOST = "api.example.com"
_API = f"https://{_HOST}"
_AUTH = "https://auth.example.com"
_BAD_CLIENT = ErrorReply(status=400, error="invalid_client")
_DAY = 86_400
_STRICT = {"rotation": "always", "on_replay": "reject", "on_breach": "nothing"}
_KEEPING = {"rotation": "never", "refresh_token_on_refresh": "omitted"}
_GRACE = {"rotation": "always", "on_breach": "revoke_family", "generations": 1}

ISSUANCE: Mapping[str, Implementation] = {
    "iss-rt-first-consent-only": profile(issuance__consent_shown=True),
    "iss-offline-flag-zoo": profile(issuance__parameter=("access_type", "offline")),
    "iss-no-refresh-token-ever": profile(issuance__ever=False),
    "iss-two-hop-exchange": Implementation(
        changes={"issuance.ever": False},
        endpoints=(
            Endpoint(
                view="exchange", url=f"{_API}/access_token", options={"life": 60 * _DAY, "grant_types": _META_GRANTS}
            ),
        ),
    ),
    "iss-second-hop-session": Implementation(
        endpoints=(
            Endpoint(
                view="exchange", url=f"{_API}/login",
                options={
                    "life": 600, "scopes": ("session",), "member": "BhRestToken", "extra": {"restUrl": f"{_API}/rest/"},
                },
            ),
            Endpoint(view="resource", url=f"{_API}/resource", options={"scopes": ("session",)}),
        ),
    ),
    "iss-extra-required-params": faulty(on_token("demand", parameter="device_id")),
    "iss-param-rename": faulty(
        on_view("authorization", "rename_parameter", name="client_id", to="client_key"),
        on_token("rename_parameter", name="client_id", to="client_key"),
    ),
    "iss-json-request-body": profile(token_request__bodies=("json",)),
    "iss-code-double-redeem": scenario("the client sends the same code twice"),
    "iss-pkce-intolerant": profile(authorization__pkce="refused"),
    "iss-scope-separator": profile(authorization__scope_separator=","),
    "iss-scope-changed": faulty(on_token("member", name="scope", value="profile email openid read")),
    "iss-device-pending-wrong-code": Implementation(
        faults=(
            FaultSpec(
                fault="restyle", grant_type=DEVICE_GRANT,
                parameters={"document": {"error": "invalid_grant"}, "only": "authorization_pending"},
            ),
        ),
        changes={
            "token_request.grants": ("authorization_code", "refresh_token", DEVICE_GRANT),
            "device": DeviceRules(address=f"{_AUTH}/device"),
        },
        endpoints=(
            Endpoint(view="device_authorization", url=f"{_AUTH}/device/code", methods=("POST",)),
            Endpoint(view="device_verification", url=f"{_AUTH}/device"),
        ),
    ),
    "iss-expires-only-if-requested": faulty(on_token("only_if_asked", parameter="expires_in", name="expires_in")),
    "iss-dynamic-api-host": Implementation(
        changes={"response.extra": {"instance_url": f"https://eu7.{_HOST}"}},
        faults=(on_refresh("member", name="instance_url", value=f"https://eu8.{_HOST}"),),
        endpoints=(
            *(
                Endpoint(view="resource", url=f"https://{name}.{_HOST}/resource", options={"scopes": ("read",)})
                for name in ("eu7", "eu8")
            ),
            # The host of the documentation knows no user's data.
            Endpoint(view="resource", url=f"{_API}/resource", options={"scopes": ("instance",)}),
        ),
    ),
    "iss-secret-proof-variants": profile(
        token_request__authentication=("secret_digest", "signed_secret"),
        errors__missing_secret=_BAD_CLIENT, errors__wrong_secret=_BAD_CLIENT,
    ),
    "iss-code-field-renamed": faulty(on_view("authorization", "rename_callback", names={"code": "spapi_oauth_code"})),
    "iss-get-or-put-token-endpoint": faulty(on_token("parameters_in_query", method="GET")),
    "iss-other-resource-refused": profile(
        token_request__other_resource="refused", client_parameters={"resource": _API},
        token_parameters={"resource": _API},
    ),
    "iss-nonce-on-refresh": profile(id_token__nonce_on_refresh=True, scopes=("read", "openid")),
    "iss-credentials-in-query": faulty(on_token("parameters_in_query", method="POST")),
}  # fmt: skip

ROTATION: Mapping[str, Implementation] = {
    "rot-single-use-strict": refresh_policy(**_STRICT),
    "rot-omitted-rt": refresh_policy(**_KEEPING),
    "rot-null-rt": refresh_policy(rotation="never", refresh_token_on_refresh="null"),
    "rot-empty-string-rt": refresh_policy(rotation="never", refresh_token_on_refresh="empty"),
    "rot-sometimes-new": refresh_policy(
        **{**_STRICT, "rotation": "sometimes"}, refresh_token_on_refresh="same", rotate_every=_DAY
    ),
    "rot-policy-drift": scenario("the provider begins to rotate between two refreshes", **KEEPS),
    "rot-same-access-token": refresh_policy(
        rotation="never", refresh_token_on_refresh="same", access_token_on_refresh="same", same_above=600
    ),
    "rot-grace-idempotent": refresh_policy(**_GRACE, on_replay="same_successor", window=30),
    "rot-grace-returns-dead-rt": refresh_policy(**_GRACE, on_replay="presented", window=120),
    "rot-grace-last-replay-wins": refresh_policy(**_GRACE, on_replay="last_replay_wins", window=60, max_reuses=3),
    "rot-grace-access-only": refresh_policy(**_GRACE, on_replay="access_token_only", window=60),
    "rot-grace-multi-sibling-cap": refresh_policy(**_GRACE, on_replay="new_pair", window=60, max_reuses=3),
    "rot-revoke-on-first-use": refresh_policy(
        rotation="always", on_replay="new_pair", window=None, previous_access_token="dies_at_first_use"
    ),
    "rot-reuse-kills-family": refresh_policy(**{**_STRICT, "on_breach": "revoke_family"}),
    "rot-separate-endpoint": faulty(on_view(None, "refresh_at", suffix="/refresh")),
    "rot-needs-redirect-uri": profile(token_request__redirect_uri_on_refresh=True),
    "rot-too-early-refused": faulty(on_token("too_early", last=30), lifetimes__access_token=600),
    "rot-absolute-expiry": refresh_policy(**_GRACE, absolute_ttl=30 * _DAY),
    "rot-inactivity-expiry": refresh_policy(**_KEEPING, inactivity_ttl=30 * _DAY),
    "rot-refresh-without-token": faulty(
        on_refresh("document", content={"result": "0000", "message": "OK"}),
        **KEEPS, refresh__access_token_on_refresh="extended",
    ),
    "rot-refresh-token-equals-access-token": faulty(on_view(None, "one_token")),
    "rot-flaky-invalid-grant": faulty(
        now_and_then(
            "error_body", code=400, document={"error": "invalid_grant", "error_description": "AADSTS70000: try again"}
        )
    ),
    "rot-lock-as-400": faulty(on_refresh("busy", seconds_=2), **KEEPS),
    "rot-previous-at-revoked": refresh_policy(rotation="always", previous_access_token="dies_at_once"),
    "rot-bulk-revocation": scenario("the vendor revokes many users' grants at one moment"),
    "rot-cross-product-coupling": refresh_policy(rotation="always", ends_other_families=True),
    "rot-lost-response": faulty(now_and_then("drop", how="before_headers")),
    "rot-needs-login-parameters": profile(
        token_request__repeated_on_refresh=("resource", "scope"), token_request__other_resource="refused",
        client_parameters={"resource": _API},
    ),
    "rot-grant-not-allowed": profile(token_request__unauthorized_grants=("refresh_token",)),
    "rot-while-access-token-lives": profile(
        **KEEPS, refresh__while_access_token_lives=True, lifetimes__access_token=1800
    ),
    "rot-spent-before-nonce": profile(refresh__spent_before="proof", proof=ProofRules(kinds=("web",))),
}  # fmt: skip

CONCURRENCY: Mapping[str, Implementation] = {
    "conc-thundering-refresh": scenario("several workers present one refresh token at the same moment"),
    "conc-cross-process": scenario("two processes share one stored grant and refresh independently"),
    "conc-stale-snapshot": scenario("a job refreshes with a copy of the tokens from before another refresh"),
    "conc-lock-ttl": scenario("the client's refresh lock lapses while the token endpoint is still working"),
    "conc-return-old-token": scenario("the client refreshes, stores the new pair, and calls with the old access token"),
    "conc-persist-failure": scenario("the client's storage fails right after a rotation"),
}

CLOCK: Mapping[str, Implementation] = {
    "clk-client-skew": scenario("the client's clock runs behind or ahead of the server's"),
    "clk-skew-sign-bug": scenario("the client adds its clock tolerance to the lifetime instead of taking it off"),
    "clk-created-at": faulty(
        on_token("stamp", name="created_at"), on_token("stamp", name="issued_at", form="text of milliseconds")
    ),
    "clk-short-life-vs-margin": profile(lifetimes__access_token=300),
    "clk-expiry-mid-operation": scenario("a long operation goes on past the access token's expiry"),
    "clk-2038": profile(refresh__inactivity_ttl=3 * _DAY, response__extra={"refresh_expires_in": 20 * 365 * _DAY}),
}

REVOCATION: Mapping[str, Implementation] = {
    "rev-non-200-for-unknown": profile(errors__unknown_token=ErrorReply(status=400, error="invalid_request")),
    "rev-200-noop": faulty(on_view("revocation", "error_body", code=200, document={})),
    "rev-race-with-refresh": faulty(on_view(None, "outrun", seconds_=2)),
    "rev-oldest-evicted": refresh_policy(**_KEEPING, cap_per_user=2),
}
