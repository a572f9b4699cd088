"""Google: offline access only on request, no new refresh token on refresh, silent eviction, wordy but vague refusals.

Data only. Page keys of the sources (G-WEB ...) are those of Google's OAuth 2.0 documentation listed in `PAGES`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from refreshproof.mock_servers.profile.identity import IdTokenRules
from refreshproof.mock_servers.profile.pieces import DAY
from refreshproof.mock_servers.profile.profile import (
    AccountRules,
    AuthorizationRules,
    Cause,
    DeviceRules,
    Endpoint,
    IssuanceRules,
    LifetimeRule,
    Lifetimes,
    Profile,
    ProofRules,
    ResponseShape,
    Source,
    TokenRequestRules,
    TokenShape,
)
from refreshproof.mock_servers.profile.refresh_policy import RefreshPolicy
from refreshproof.mock_servers.profile.sources import source
from refreshproof.mock_servers.vendors.google.errors import (
    DEVICE_ERRORS,
    ERROR_SOURCES,
    ERRORS,
    REVOKE_ERRORS,
    TOKENINFO_ERRORS,
    TOKENINFO_V1_ERRORS,
    USERINFO_ERRORS,
)

PAGES: Mapping[str, str] = {
    "G-OIDC": "https://developers.google.com/identity/openid-connect/openid-connect",
    "G-REF": "https://developers.google.com/identity/openid-connect/reference",
    "G-WEB": "https://developers.google.com/identity/protocols/oauth2/web-server",
    "G-NATIVE": "https://developers.google.com/identity/protocols/oauth2/native-app",
    "G-DEVICE": "https://developers.google.com/identity/protocols/oauth2/limited-input-device",
    "G-OAUTH2": "https://developers.google.com/identity/protocols/oauth2",
    "G-HEALTH": "https://developers.google.com/health/codelabs/make-your-first-api-call",
}
"""The pages behind the keys in `GOOGLE.sources`."""

READ_AGAIN = "2026-11-30"

ISSUER = "https://accounts.google.com"
OAUTH2 = "https://oauth2.googleapis.com"
APIS = "https://www.googleapis.com"
OPENID = "https://openidconnect.googleapis.com"
GMAIL_API = "https://gmail.googleapis.com"
MAIL = "https://mail.google.com/"
GMAIL = f"{APIS}/auth/gmail"
SCOPE_ALIASES = {"email": f"{APIS}/auth/userinfo.email", "profile": f"{APIS}/auth/userinfo.profile"}
SIGN_IN_SCOPES = ("openid", *SCOPE_ALIASES, *SCOPE_ALIASES.values())
KNOWN_SCOPES = (
    *SIGN_IN_SCOPES,
    MAIL,
    f"{APIS}/auth/*",
    # Older ones, which Google reads as other names for scopes of today.
    "https://www.google.com/*", "https://docs.google.com/feeds/*", "https://spreadsheets.google.com/feeds/*",
    "https://docs.googleusercontent.com/*", "https://apps-apis.google.com/a/feeds/*",
)  # fmt: skip
DEVICE_SCOPES = (
    *SIGN_IN_SCOPES,
    *(f"{APIS}/auth/{name}" for name in ("drive.appdata", "drive.file", "youtube", "youtube.readonly")),
)
GMAIL_SCOPES = (
    MAIL,
    *(
        f"{GMAIL}.{name}"
        for name in ("readonly", "modify", "compose", "send", "insert", "labels", "metadata", "settings.basic")
    ),
    f"{GMAIL}.settings.sharing",
)

METADATA: Mapping[str, Any] = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/o/oauth2/v2/auth",
    "device_authorization_endpoint": f"{OAUTH2}/device/code",
    "token_endpoint": f"{OAUTH2}/token",
    "userinfo_endpoint": f"{OPENID}/v1/userinfo",
    "revocation_endpoint": f"{OAUTH2}/revoke",
    "jwks_uri": f"{APIS}/oauth2/v3/certs",
    "response_types_supported": [
        "code", "token", "id_token", "code token", "code id_token", "token id_token", "code token id_token", "none",
    ],
    "response_modes_supported": ["query", "fragment", "form_post"],
    "subject_types_supported": ["public"],
    "id_token_signing_alg_values_supported": ["RS256"],
    "scopes_supported": ["openid", "email", "profile"],
    "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
    "claims_supported": [
        "aud", "email", "email_verified", "exp", "family_name", "given_name", "iat", "iss", "locale", "name",
        "picture", "sub",
    ],
    "code_challenge_methods_supported": ["plain", "S256"],
    "grant_types_supported": [
        "authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code",
    ],
    "authorization_response_iss_parameter_supported": True,
}  # fmt: skip

TOKEN_HEADERS = (
    ("Cache-Control", "no-cache, no-store, max-age=0, must-revalidate"),
    ("Pragma", "no-cache"),
    ("Expires", "Mon, 01 Jan 1990 00:00:00 GMT"),
    ("Vary", "Origin, X-Origin, Referer"),
    ("Server", "scaffolding on HTTPServer2"),
)


def _tokeninfo(url: str) -> Endpoint:
    members = {
        "azp": "client_id", "aud": "client_id", "sub": "number", "scope": "scope", "exp": "exp",
        "expires_in": "expires_in", "email": "email", "email_verified": "true", "access_type": "access_type",
    }  # fmt: skip
    return Endpoint(
        view="token_information",
        url=url,
        methods=("GET", "POST"),
        options={"members": members, "strings": True},
        overrides={"errors": TOKENINFO_ERRORS},
    )


SIGN_IN = ("openid", "email", "profile")
USER_CLAIMS = {
    "email": {"email": "email", "email_verified": "true"},
    "profile": {
        "name": "name", "picture": "picture", "given_name": "given_name", "family_name": "family_name",
        "locale": "locale",
    },
}  # fmt: skip


def _userinfo(url: str) -> Endpoint:
    return Endpoint(
        view="userinfo",
        url=url,
        methods=("GET", "POST"),
        options={"any_scope": SIGN_IN, "claims": {"sub": "number", "hd": "domain"}},
        overrides={"errors": USERINFO_ERRORS},
    )


def _older_userinfo(url: str) -> Endpoint:
    """Return userinfo as it was before OpenID Connect: id for sub, verified_email for email_verified."""
    claims = {**USER_CLAIMS, "email": {"email": "email", "verified_email": "true"}}
    return Endpoint(
        view="userinfo",
        url=url,
        options={"any_scope": SIGN_IN, "claims": {"id": "number", "hd": "domain"}},
        overrides={"errors": USERINFO_ERRORS, "id_token": IdTokenRules(scope_claims=claims)},
    )


ENDPOINTS = (
    Endpoint(
        view="resource",
        url=f"{GMAIL_API}/gmail/v1/users/me/profile",
        options={
            "scopes": (MAIL,),
            "document": {"emailAddress": "", "messagesTotal": 3},
            "identity": {"emailAddress": "email"},
        },
    ),
    Endpoint(view="authorization", url=f"{ISSUER}/o/oauth2/v2/auth"),
    Endpoint(view="authorization", url=f"{ISSUER}/o/oauth2/auth"),
    Endpoint(view="token", url=f"{OAUTH2}/token", methods=("POST",)),
    Endpoint(view="token", url=f"{APIS}/oauth2/v4/token", methods=("POST",)),
    Endpoint(view="token", url=f"{ISSUER}/o/oauth2/token", methods=("POST",)),
    Endpoint(
        view="revocation",
        url=f"{OAUTH2}/revoke",
        methods=("POST",),
        options={"authenticate": False},
        overrides={"errors": REVOKE_ERRORS},
    ),
    Endpoint(
        view="revocation",
        url=f"{ISSUER}/o/oauth2/revoke",
        methods=("GET", "POST"),
        options={"authenticate": False},
        overrides={"errors": REVOKE_ERRORS},
    ),
    Endpoint(
        view="device_authorization",
        url=f"{OAUTH2}/device/code",
        methods=("POST",),
        overrides={"errors": DEVICE_ERRORS},
    ),
    Endpoint(view="device_verification", url="https://www.google.com/device"),
    _tokeninfo(f"{OAUTH2}/tokeninfo"),
    _tokeninfo(f"{APIS}/oauth2/v3/tokeninfo"),
    Endpoint(
        view="token_information",
        url=f"{APIS}/oauth2/v1/tokeninfo",
        methods=("GET", "POST"),
        options={
            "members": {
                "issued_to": "client_id",
                "audience": "client_id",
                "user_id": "number",
                "scope": "scope",
                "expires_in": "expires_in",
                "access_type": "access_type",
            },
        },
        overrides={"errors": TOKENINFO_V1_ERRORS},
    ),
    _userinfo(f"{OPENID}/v1/userinfo"),
    _userinfo(f"{APIS}/oauth2/v3/userinfo"),
    _older_userinfo(f"{APIS}/oauth2/v2/userinfo"),
    _older_userinfo(f"{APIS}/oauth2/v1/userinfo"),
    Endpoint(view="keys", url=f"{APIS}/oauth2/v3/certs"),
    Endpoint(view="certificates", url=f"{APIS}/oauth2/v1/certs"),
    Endpoint(view="discovery", url=f"{ISSUER}/.well-known/openid-configuration"),
)


SOURCES: Mapping[str, Source] = {
    **ERROR_SOURCES,
    "endpoints": source("G-WEB, G-OIDC; older addresses openid/AppAuth-iOS#226, IonicaBizau/youtube-api#87"),
    "scopes": source("mail handlers need it: support.atlassian.com, Resolve OAuth 2.0 scope issues for mail handlers"),
    "metadata": source("G-OIDC, G-REF"),
    "metadata.response_modes_supported": source("member in G-REF, values not listed", "unverified"),
    "authorization.required": source("G-WEB"),
    "authorization.consent": source("G-WEB: asked only the first time unless prompt says otherwise"),
    "authorization.project_wide_consent": source("G-WEB: per project, not per client"),
    "authorization.prompt_values": source("G-WEB; no prompt=login: dev.to/googleworkspace"),
    "authorization.errors_as_page": source("G-WEB: authorization errors shown to the user"),
    "authorization.sends_iss": source("G-REF"),
    "authorization.scope_aliases": source("G-OIDC sample"),
    "authorization.known_scopes": source(
        "refused on a page: markbates/goth#445, Lukas-Heiligenbrunner/AURCache#209; older names: Grive/grive#7",
        "observed",
        seen="2026-11-29",
    ),
    "authorization.extra_callback_parameters": source("scope: G-OIDC; the others: no capture", "unverified"),
    "authorization.refused_browsers": source("j0j00/flutter_user_agent#11 (2020-05-30): Android's webview", "observed"),
    "authorization.loopback_kinds": source("any port: G-NATIVE; a web client's address matches exactly: G-WEB"),
    "issuance.parameter": source("seed 001_d2bfe1973e2b411e.txt; G-WEB"),
    "issuance.consent_shown": source("seed 001_d2bfe1973e2b411e.txt; G-WEB"),
    "authorization.response_modes": source("member in G-REF, values not listed", "unverified"),
    "authorization.incremental": source("G-WEB; not for installed applications: G-NATIVE"),
    "authorization.timed_access": source("G-WEB: time-based access; google/GoogleSignIn-iOS#565"),
    "authorization.consent_parameter": source("usefulangle.com", "observed"),
    "issuance.ungated_kinds": source("G-NATIVE: always; one report against it, pdobsan/oama#36 (use () for it)"),
    "access_token": source("G-OAUTH2 (at most 2048 bytes), G-HEALTH (prefix)"),
    "refresh_token": source("G-OAUTH2 (at most 512 bytes), G-HEALTH (prefix)"),
    "code": source("G-OAUTH2 (at most 256 bytes), G-OIDC (prefix)"),
    "lifetimes.access_token": source("G-HEALTH sample 3599; G-WEB: about an hour"),
    "lifetimes.code": source("not documented; 600 s is this project's choice", "unverified"),
    "lifetime_rules.testing": source("G-OAUTH2: 7 days, external user type (ours: shared), scope exemption"),
    "lifetime_rules.announced": source("G-HEALTH sample 604799; the link to Testing is inferred", "unverified"),
    "refresh.rotation": source("G-WEB, G-NATIVE, G-DEVICE samples: no refresh_token in the answer"),
    "refresh.inactivity_ttl": source("G-OAUTH2: six months without use, taken as 183 days"),
    "refresh.cap_per_user": source("G-OAUTH2: 100 per account and client, the oldest goes without warning"),
    "token_request.grants": source("G-WEB, G-DEVICE"),
    "token_request.basic_encoding": source("raw works: panva/oauth4webapi#165; strict raw is a switch", "unverified"),
    "response.members": source("G-WEB, G-OIDC, G-HEALTH samples"),
    "response.only_on_code": source("G-WEB, G-HEALTH samples; on refresh it was seen now and then", "unverified"),
    "response.scope_order": source("G-OIDC sample: the order is not kept; which one it has is our choice"),
    "response.indent": source("hickford/git-credential-oauth#38 (2023-09-14); samples of G-WEB", "observed"),
    "response.headers": source("apache/opendal#3901, anthropics/blobfile#2, openid/AppAuth-iOS#226", "observed"),
    "id_token": source("G-OIDC"),
    "device": source("G-DEVICE"),
    "device.scopes": source("G-DEVICE, allowed scopes; googleapis/oauth2client#88 for Gmail's"),
    "device.quota": source("G-DEVICE names the refusal; how many is not published, so none is set", "unverified"),
    "proof": source("G-NATIVE: for installed clients that send a proof; leeway of iat is our choice"),
    "refresh.dead_known_for": source(
        "AlphaTiles/AlphaTiles#107: about 12 h (43200); one report, not set", "unverified"
    ),
    "refresh.cap_per_account": source("G-OAUTH2: larger than the other, number not published, not set", "unverified"),
    "accounts.session": source("G-OAUTH2: 1 to 24 h where a Google Cloud administrator sets it; not set"),
    "tokeninfo": source("parse-community/parse-server#2921; v1 googlearchive/gplus-verifytoken-java#4", "observed"),
    "authorization.response_types": source("G-REF, as the metadata", seen=READ_AGAIN),
    "bearer_methods": source(
        "G-WEB: the query parameter access_token; jaredhanson/passport-google-oauth2 2.0.0 sends it, "
        "MomenSherif/react-oauth#128, #183",
        "observed",
        READ_AGAIN,
    ),
    "cors_hosts": source(
        "google/google-api-javascript-client#530; discovery, token: manfredsteyer/angular-oauth2-oidc#1312, #812",
        "observed",
        READ_AGAIN,
    ),
    "endpoints.older_userinfo": source(
        "hapijs/bell#103: Userinfoplus, oauth2/v2/userinfo and v1; x1ddos/simpleauth#19: verified_email; any of the "
        "three scopes: omniauth-google-oauth2's default is email and profile",
        "observed",
        READ_AGAIN,
    ),
    "endpoints.older_revocation": source(
        "googleapis/google-auth-library-nodejs before 2.0: GET and POST", "unverified", READ_AGAIN
    ),
    "client_parameters": source("seed 001_d2bfe1973e2b411e.txt"),
    "accounts.password_change": source("G-OAUTH2: refresh tokens with Gmail scopes"),
    "accounts.password_scopes": source("G-OAUTH2: Gmail scopes"),
    "accounts.revoking_access_token_revokes_grant": source("G-WEB"),
    "accounts.revocation_spans_project": source("G-WEB, G-OAUTH2"),
}

GOOGLE = Profile(
    name="google",
    title="Google (accounts.google.com)",
    issuer=ISSUER,
    endpoints=ENDPOINTS,
    scopes=(MAIL,),
    authorization=AuthorizationRules(
        required={"client_id": "", "redirect_uri": "", "response_type": "code", "scope": ""},
        prompt_values=("none", "consent", "select_account"),
        errors_as_page=(
            Cause.UNKNOWN_CLIENT, Cause.REDIRECT_URI_MISMATCH, Cause.MISSING_PARAMETER, Cause.INVALID_REQUEST,
            Cause.INVALID_SCOPE, Cause.UNSUPPORTED_RESPONSE_TYPE, Cause.APPLICATION_NOT_SHARED, Cause.ADMIN_POLICY,
            Cause.CLIENT_DELETED, Cause.EMBEDDED_BROWSER,
        ),
        sends_iss=True,
        extra_callback_parameters=("scope", "authuser", "hd", "prompt"),
        loopback_kinds=("native",),
        refused_browsers=("; wv)",),
        scope_aliases=SCOPE_ALIASES,
        known_scopes=KNOWN_SCOPES,
        project_wide_consent=True,
        response_modes=("query", "fragment", "form_post"),
        response_types=tuple(METADATA["response_types_supported"]),
        incremental=True,
        timed_access=True,
        consent_parameter=("approval_prompt", "force"),
    ),
    issuance=IssuanceRules(parameter=("access_type", "offline"), consent_shown=True, ungated_kinds=("native",)),
    access_token=TokenShape(prefix="ya29.", length=220),
    refresh_token=TokenShape(prefix="1//", length=103),
    code=TokenShape(prefix="4/0A", length=73),
    lifetimes=Lifetimes(access_token=3599),
    lifetime_rules=(
        LifetimeRule(
            when={"application.status": "testing", "application.shared": "yes"},
            absolute=7 * DAY,
            exempt_scopes=SIGN_IN_SCOPES,
            announced=True,
        ),
    ),
    token_request=TokenRequestRules(
        grants=("authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code")
    ),
    refresh=RefreshPolicy(
        rotation="never", refresh_token_on_refresh="omitted", inactivity_ttl=183 * DAY, cap_per_user=100
    ),
    response=ResponseShape(
        members=(
            "access_token", "expires_in", "refresh_token", "refresh_token_expires_in", "scope", "token_type",
            "id_token",
        ),
        only_on_code=("refresh_token_expires_in",),
        scope_order="sorted",
        indent=2,
        headers=TOKEN_HEADERS,
    ),
    errors=ERRORS,
    accounts=AccountRules(
        password_change="revoke",
        password_scopes=GMAIL_SCOPES,
        revoking_access_token_revokes_grant=True,
        revocation_spans_project=True,
    ),
    id_token=IdTokenRules(
        issued_for=SIGN_IN,
        lifetime=3600,
        claims={
            "iss": "issuer", "azp": "client_id", "aud": "client_id", "sub": "number", "hd": "domain",
            "at_hash": "at_hash", "nonce": "nonce", "iat": "iat", "exp": "exp",
        },
        scope_claims=USER_CLAIMS,
        requested_claims={"auth_time": "auth_time"},
    ),
    device=DeviceRules(
        address="https://www.google.com/device", address_member="verification_url", scopes=DEVICE_SCOPES
    ),
    proof=ProofRules(kinds=("native",), jti_of_code=True),
    metadata=METADATA,
    cors_hosts=tuple(urlsplit(url).netloc for url in (ISSUER, OAUTH2, APIS, OPENID, GMAIL_API)),
    bearer_methods=("header", "query"),
    provider_type="GOOGLE",
    client_parameters={"access_type": "offline", "prompt": "consent"},
    sources=SOURCES,
)  # fmt: skip
