"""Released servers against what was measured of them: scopes of a refresh, refusals by cause, client authentication."""

from base64 import b64encode
from dataclasses import replace

import pytest

from kit.dumb_client import Play, basic, play
from kit.measured import OTHER, SERVERS, begin, renew, send
from refreshproof.mock_servers.provider.provider import CLIENT_ID, CLIENT_SECRET, DEFAULT_APPLICATION, REDIRECT_URI
from refreshproof.mock_servers.wire import WireResponse


def wider(game: Play) -> str:
    """A scope that goes beyond what was granted."""
    return " ".join((*game.profile.scopes, "beyond"))


# What a refresh for a narrower scope leaves the next one, and what becomes of one that wants more.
NARROWING = {
    **dict.fromkeys((
        "node-oauth2-server", "jmondi-oauth2-server", "better-auth", "django-oauth-toolkit", "django-allauth-idp",
        "django-oidc-provider",
        "authlib-new-refresh-token", "canaille", "mcp-sdk-server", "nanoidp",
    ), "lasts"),
    **dict.fromkeys((
        "oidc-provider", "node-oauth2-server-keep", "workers-oauth-provider-keep", "oauth2-mock-server",
        "oidc-provider-mock",
    ), "passes"),
    **dict.fromkeys(("glewlwyd", "lemonldap-ng"), "is ignored"),
}  # fmt: skip


@pytest.mark.parametrize("name", NARROWING)
def test_a_narrower_scope_lasts_or_passes_or_is_ignored(name: str) -> None:
    profile = replace(SERVERS[name].profile, scopes=(*SERVERS[name].profile.scopes, "more"))
    game = play(replace(SERVERS[name], profile=profile))
    first = game.login()
    all_of_them, narrow = " ".join(profile.scopes), profile.scopes[0]
    second = game.refresh(first["refresh_token"], scope=narrow, after=1).document
    held = set(game.provider.state.access_tokens[second["access_token"]].scopes)
    third = game.refresh(second.get("refresh_token", first["refresh_token"]), after=2)
    then = set(game.provider.state.access_tokens[third.document["access_token"]].scopes)
    full, less = set(profile.scopes), {narrow}
    assert (held, then) == {"lasts": (less, less), "passes": (less, full), "is ignored": (full, full)}[NARROWING[name]]
    if NARROWING[name] == "lasts":
        newest = third.document.get("refresh_token", second.get("refresh_token", first["refresh_token"]))
        assert game.refresh(newest, scope=all_of_them, after=3).document["error"] == "invalid_scope"


WIDER = {
    **dict.fromkeys(SERVERS, 400),
    **dict.fromkeys((
        "workers-oauth-provider", "workers-oauth-provider-keep", "openauth", "oauth2-mock-server", "glewlwyd",
        "glewlwyd-one-use", "lemonldap-ng",
    ), 200),
}  # fmt: skip


@pytest.mark.parametrize("name", WIDER)
def test_a_wider_scope_is_refused_or_brings_what_was_granted(name: str) -> None:
    game = begin(name)
    response = game.refresh(game.login()["refresh_token"], scope=wider(game))
    assert response.status == WIDER[name]
    if response.status == 200:
        assert set(game.profile.scopes) == game.provider.state.access_tokens[response.document["access_token"]].scopes
    else:
        assert response.document["error"] == "invalid_scope"
        assert (game.take("RT1", 1)[0] == "refresh_token_revoked") is (name == "node-oauth2-server")


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("oidc-provider", "as none"), ("django-oauth-toolkit", "as none"), ("node-oauth2-server", "invalid_scope"),
        ("better-auth", "invalid_scope"), ("jmondi-oauth2-server", "no scopes"), ("oauth2-mock-server", "no scopes"),
    ],
)  # fmt: skip
def test_an_empty_scope_is_as_none_or_refused_or_brings_a_token_without_scopes(name: str, outcome: str) -> None:
    game = begin(name)
    response = game.refresh(game.login()["refresh_token"], scope="")
    if response.status != 200:
        assert response.document["error"] == outcome
        return
    scopes = game.provider.state.access_tokens[response.document["access_token"]].scopes
    assert scopes == (frozenset(game.profile.scopes) if outcome == "as none" else frozenset())


# What a client meets that presents a refresh token nobody issued, and one that was issued to somebody else.
UNKNOWN = {
    **dict.fromkeys(SERVERS, (400, "invalid_grant")),
    "oauth2orize": (403, "invalid_grant"),
    "jmondi-oauth2-server": (400, "invalid_request"),
    "lemonldap-ng": (400, "invalid_request"),
    "glewlwyd": (400, None),
    "glewlwyd-one-use": (400, None),
}
del UNKNOWN["oauth2-mock-server"]
"""It takes tokens that it never issued."""
FOREIGN = UNKNOWN | {"lemonldap-ng": (400, "invalid_grant"), "openauth": (200, None)}


@pytest.mark.parametrize("name", UNKNOWN)
def test_an_unknown_refresh_token_is_refused_in_the_servers_way(name: str) -> None:
    assert renew(begin(name), "never-issued-0123456789") == UNKNOWN[name]


@pytest.mark.parametrize("name", FOREIGN)
def test_another_clients_refresh_token_is_refused_in_the_servers_way_or_taken(name: str) -> None:
    game = begin(name)
    token = game.login()["refresh_token"]
    assert renew(game, token, OTHER) == FOREIGN[name]
    lives = name not in ("glewlwyd-one-use", "openauth")
    assert (game.take("RT1", 1)[0] in ("RT1", "RT2", "-")) is (lives or name == "openauth")


def test_a_wrong_secret_costs_glewlwyds_one_use_token_and_is_a_400_with_nothing_in_it() -> None:
    game = begin("glewlwyd-one-use")
    token = game.login()["refresh_token"]
    wrong = replace(DEFAULT_APPLICATION, client_secret="wrong")
    assert renew(game, token, wrong) == (400, None)
    assert game.take("RT1", 1)[0] == "refresh_token_revoked"


# A request without grant_type: status, and the error or the beginning of the text.
NO_GRANT = {
    **dict.fromkeys(("oidc-provider", "node-oauth2-server", "better-auth", "mcp-sdk-server", "oauth2-mock-server"),
                    (400, "invalid_request")),
    **dict.fromkeys((
        "workers-oauth-provider", "django-oauth-toolkit", "authlib", "jmondi-oauth2-server", "oauthlib", "lemonldap-ng",
        "oidc-provider-mock",
    ), (400, "unsupported_grant_type")),
    "oauth2orize": (501, "unsupported_grant_type"),
    "canaille": (500, "internal_server_error"),
    "openauth": (400, "Invalid grant_type"),
    "nanoidp": (200, None),
}  # fmt: skip


@pytest.mark.parametrize("name", NO_GRANT)
def test_a_request_for_no_grant_is_refused_in_the_servers_way_or_brings_the_clients_own_token(name: str) -> None:
    response = send(begin(name), "token", {})
    status, told = NO_GRANT[name]
    assert response.status == status
    if told is not None and response.header("content-type") != "application/json":
        assert response.body.decode().startswith(told) or response.document["error"] == told
    assert ("access_token" in response.body.decode()) is (status == 200)


def test_openauths_refusal_is_plain_text() -> None:
    assert send(begin("openauth"), "token", {}).header("content-type") == "text/plain; charset=utf-8"


def test_no_grant_at_nanoidp_is_no_refresh() -> None:
    assert "refresh_token" not in send(begin("nanoidp"), "token", {}).document


NO_TOKEN = {
    **dict.fromkeys(
        ("oidc-provider", "node-oauth2-server", "better-auth", "workers-oauth-provider", "openauth", "nanoidp",
         "lemonldap-ng"), "invalid_request",
    ),
    **dict.fromkeys(("django-oauth-toolkit", "authlib", "canaille", "oauthlib", "mcp-sdk-server"), "invalid_grant"),
}  # fmt: skip


@pytest.mark.parametrize("name", NO_TOKEN)
def test_an_empty_refresh_token_is_a_bad_request_or_a_bad_grant(name: str) -> None:
    response = send(begin(name), "token", {"grant_type": "refresh_token", "refresh_token": ""})
    assert (response.status, response.document["error"]) == (400, NO_TOKEN[name])


@pytest.mark.parametrize(
    ("name", "status", "error"),
    [
        ("mcp-sdk-server", 400, "invalid_request"), ("oauth2-mock-server", 400, "invalid_grant"),
        ("oauth2orize", 501, "unsupported_grant_type"), ("django-oauth-toolkit", 400, "unsupported_grant_type"),
    ],
)  # fmt: skip
def test_an_unknown_grant_is_refused_in_the_servers_way(name: str, status: int, error: str) -> None:
    response = send(begin(name), "token", {"grant_type": "urn:example:none"})
    assert (response.status, response.document["error"]) == (status, error)


def _by_json(game: Play) -> WireResponse:
    """Refresh with a body of JSON."""
    token = game.login()["refresh_token"]
    body = f'{{"grant_type":"refresh_token","refresh_token":"{token}","client_id":"{CLIENT_ID}",'
    body += f'"client_secret":"{CLIENT_SECRET}"}}'
    return game.send(game.url("token"), "application/json", body)


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("better-auth", 415), ("mcp-sdk-server", 401), ("canaille", 500), ("django-oauth-toolkit", 400),
        ("jmondi-oauth2-server", 200), ("oauth2orize", 200), ("oauth2-mock-server", 200),
    ],
)  # fmt: skip
def test_a_json_body_is_refused_in_the_servers_way_or_read(name: str, status: int) -> None:
    assert _by_json(begin(name)).status == status


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("authlib", "unsupported_grant_type"), ("authlib-new-refresh-token", "unsupported_grant_type"),
        ("django-oauth-toolkit", "unsupported_grant_type"), ("django-oauth-toolkit-grace", "unsupported_grant_type"),
        ("canaille", "internal_server_error"),
    ],
)  # fmt: skip
def test_the_error_of_a_json_body_is_the_servers(name: str, error: str) -> None:
    assert _by_json(begin(name)).document["error"] == error


@pytest.mark.parametrize("name", ["glewlwyd", "glewlwyd-one-use"])
def test_glewlwyd_refuses_what_is_malformed_with_a_400_that_has_nothing_in_it(name: str) -> None:
    nobody = replace(DEFAULT_APPLICATION, client_id="nobody")
    refresh = {"grant_type": "refresh_token", "refresh_token": "never-issued"}
    for response in (
        send(begin(name), "token", {}),
        send(begin(name), "token", {"grant_type": "refresh_token"}),
        send(begin(name), "token", {"grant_type": "urn:example:none"}),
        send(begin(name), "token", refresh, nobody),
        _by_json(begin(name)),
    ):
        assert (response.status, response.body) == (400, b"")


def test_an_unknown_code_is_told_from_a_bad_grant_at_glewlwyd() -> None:
    form = {"grant_type": "authorization_code", "code": "never-issued", "redirect_uri": REDIRECT_URI}
    response = send(begin("glewlwyd"), "token", form)
    assert (response.status, response.document["error"]) == (403, "invalid_code")


@pytest.mark.parametrize(
    ("name", "status"), [("node-oauth2-server", 400), ("jmondi-oauth2-server", 400), ("glewlwyd", 401)]
)
def test_a_get_is_refused_in_the_servers_way(name: str, status: int) -> None:
    game = begin(name)
    assert game.get(game.url("token")).status == status


REPEATED = {
    **dict.fromkeys(("oidc-provider", "node-oauth2-server", "workers-oauth-provider", "jmondi-oauth2-server",
                     "oauth2-mock-server"), 400),
    **dict.fromkeys(("better-auth", "django-oauth-toolkit", "authlib", "canaille", "oauthlib", "mcp-sdk-server",
                     "nanoidp", "openauth", "lemonldap-ng", "glewlwyd"), 200),
}  # fmt: skip


@pytest.mark.parametrize("name", REPEATED)
def test_grant_type_sent_twice_is_refused_or_read_once(name: str) -> None:
    game = begin(name)
    token = game.login()["refresh_token"]
    response = send(
        game, "token", {"grant_type": "refresh_token", "refresh_token": token}, more="&grant_type=refresh_token"
    )
    assert response.status == REPEATED[name]


# Which of form-encoded and raw works in Basic for a secret with every odd character, and what a wrong one meets.
ODD = "s3c:r+t %2F&=/~"
ENCODED = {
    **dict.fromkeys(("oidc-provider", "django-oauth-toolkit", "oauthlib"), "form-encoded"),
    **dict.fromkeys(("node-oauth2-server", "glewlwyd", "nanoidp"), "raw"),
    **dict.fromkeys(("authlib", "canaille"), "percent-encoded"),
    **dict.fromkeys(("lemonldap-ng", "jmondi-oauth2-server", "oauth2orize"), "none"),
}
FORMS = {
    "form-encoded": "s3c%3Ar%2Bt+%252F%26%3D%2F%7E",
    "raw": ODD,
    "percent-encoded": "s3c%3Ar%2Bt%20%252F%26%3D%2F~",
}


@pytest.mark.parametrize("name", ENCODED)
def test_an_odd_secret_in_basic_is_read_as_the_server_reads_it(name: str) -> None:
    odd = replace(DEFAULT_APPLICATION, client_secret=ODD)
    profile = SERVERS[name].profile
    by_basic = replace(profile.token_request, authentication=("client_secret_basic",))
    game = play(replace(profile, token_request=by_basic), applications=(odd,))
    works = set()
    for form, written in FORMS.items():
        header = "Authorization", "Basic " + b64encode(f"{CLIENT_ID}:{written}".encode()).decode()
        response = game.post("token", {"grant_type": "refresh_token", "refresh_token": "never-issued"}, header)
        if game.last.cause == "unknown_refresh_token":
            works.add(form)
        else:
            assert response.status in (400, 401)
    both = {"form-encoded", "percent-encoded"}
    assert works == {"form-encoded": both, "none": set()}.get(ENCODED[name], {ENCODED[name]})


@pytest.mark.parametrize(
    ("name", "by_basic", "by_post", "challenge"),
    [
        ("oidc-provider", 401, 401, "Basic"), ("django-oauth-toolkit", 401, 401, 'Bearer error="invalid_client"'),
        ("node-oauth2-server", 401, 400, "Basic"), ("lemonldap-ng", 401, 400, "Basic"),
        ("jmondi-oauth2-server", 401, 401, None), ("oauthlib", 401, 401, 'Bearer error="invalid_client"'),
    ],
)  # fmt: skip
def test_a_wrong_secret_is_challenged_in_the_servers_way(
    name: str, by_basic: int, by_post: int, challenge: str | None
) -> None:
    game = begin(name)
    form = {"grant_type": "refresh_token", "refresh_token": "never-issued"}
    header = game.post("token", form, basic(CLIENT_ID, "wrong"))
    body = game.post("token", form | {"client_id": CLIENT_ID, "client_secret": "wrong"})
    assert (header.status, header.header("www-authenticate"), body.status) == (by_basic, challenge, by_post)
    assert {one.document["error"] for one in (header, body)} == {"invalid_client"}
    if by_post == 400:
        assert body.header("www-authenticate") is None


# Both at once: what is answered.
BOTH = {
    **dict.fromkeys(("oidc-provider", "better-auth", "workers-oauth-provider"), 400),
    **dict.fromkeys(("lemonldap-ng", "nanoidp"), 401),
    **dict.fromkeys(("django-oauth-toolkit", "authlib-new-refresh-token", "canaille", "node-oauth2-server", "glewlwyd"),
                    200),
}  # fmt: skip


@pytest.mark.parametrize("name", BOTH)
def test_two_authentications_at_once_are_refused_or_tolerated(name: str) -> None:
    profile = SERVERS[name].profile
    if name == "glewlwyd":
        profile = replace(
            profile, token_request=replace(profile.token_request, authentication=("client_secret_basic",))
        )
    game = play(profile)
    form = {"grant_type": "refresh_token", "refresh_token": game.login()["refresh_token"]}
    secret = CLIENT_SECRET
    if game.profile.token_request.basic_encoding in ("form_encoded", "percent_encoded"):
        secret = secret.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")
    response = game.post("token", form | {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}, basic(secret=secret))
    assert response.status == BOTH[name]


@pytest.mark.parametrize(
    "name", ["workers-oauth-provider", "authlib", "canaille", "glewlwyd", "nanoidp", "better-auth"]
)
def test_an_authentication_other_than_the_registered_one_is_refused(name: str) -> None:
    game = begin(name)
    (registered,) = game.profile.token_request.authentication
    form, header = {"grant_type": "refresh_token"}, basic()
    if registered == "client_secret_basic":
        game.post("token", form | {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET})
    else:
        game.post("token", form, header)
    assert game.last.cause == "missing_secret"
