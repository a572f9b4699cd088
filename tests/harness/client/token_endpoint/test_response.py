"""Token responses: what counts as success, what no oddity may lose, and what each refusal means."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.client_engine import START
from refreshproof.harness.client import SECOND, FailureKind
from refreshproof.harness.client.token_endpoint.token_response import Answer, Failed, Issued, read, retry_after, seconds

PAIR: dict[str, Any] = {"access_token": "AT2", "refresh_token": "RT2", "expires_in": 3600, "token_type": "Bearer"}


def answer(body: Any, status: int = 200, **headers: str) -> Answer:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status=status, headers={name.replace("_", "-"): value for name, value in headers.items()}, body=raw)


@pytest.mark.parametrize(
    "oddity",
    [
        {"expires_in": "3600"}, {"expires_in": 3600.5}, {"expires_in": None}, {"expires_in": float("nan")},
        {"expires_in": "1 hour"}, {"expires_in": -1}, {"expires_in": 0}, {"expires_in": 10**12}, {"expires_in": []},
        {"token_type": None}, {"token_type": "User Access Token"}, {"token_type": 7}, {"token_type": "mac"},
        {"scope": []}, {"scope": None}, {"scope": "a,b"}, {"scope": 7}, {"scope": [1, "a"]},
        {"ok": False}, {"error": None}, {"errors": []}, {"refresh_token_expires_in": "x"},
        {f"member{number}": number for number in range(30)},
    ],
)  # fmt: skip
def test_no_odd_member_loses_the_pair(oddity: dict[str, Any]) -> None:
    reply = read(answer({**PAIR, **oddity}), START)
    assert isinstance(reply, Issued)
    assert (reply.access_token, reply.refresh_token) == ("AT2", "RT2")


GOOD = json.dumps(PAIR).encode()


@pytest.mark.parametrize(
    "body",
    [
        b"\xef\xbb\xbf" + GOOD,
        b"\r\n\r\n  " + GOOD + b"\n",
        GOOD.replace(b'"expires_in"', b'"scope": "a", "scope": "b", "expires_in"'),
        b"[" + GOOD + b"]",
        b"access_token=AT2&refresh_token=RT2&expires_in=3600&token_type=bearer",
        GOOD.replace(b"3600", b"NaN"),
        GOOD.replace(b'"Bearer"', b'"\xff\xfe"'),
    ],
)
@pytest.mark.parametrize("media_type", ["application/json", "text/html", "", "application/json; charset=latin-1"])
def test_no_odd_encoding_loses_the_pair(body: bytes, media_type: str) -> None:
    reply = read(answer(body, content_type=media_type), START)
    assert isinstance(reply, Issued)
    assert (reply.access_token, reply.refresh_token) == ("AT2", "RT2")


@pytest.mark.parametrize(
    ("value", "read_as"),
    [
        (3600, 3600), ("3600", 3600), (3600.0, 3600), ("3600.0", 3600), (" 60 ", 60), (0, 0), (10**12, 3_153_600_000),
        (3600.5, None), ("3600.5", None), (-1, None), ("-1", None), (None, None), (True, None), ("", None),
        (float("nan"), None), (float("inf"), None), ([], None), ({}, None), ("1 hour", None), ("\u0663", None),
    ],
)  # fmt: skip
def test_lifetimes_are_integers_or_their_spellings_and_nothing_else(value: object, read_as: int | None) -> None:
    assert seconds(value) == read_as


@pytest.mark.parametrize("lifetime", [0, 1, "0", -5, None, "soon"])
def test_a_lifetime_that_cannot_be_meant_is_unknown(lifetime: object) -> None:
    reply = read(answer({**PAIR, "expires_in": lifetime}), START)
    assert isinstance(reply, Issued)
    assert reply.expires_in is None


def test_two_seconds_are_the_shortest_lifetime_that_is_meant() -> None:
    reply = read(answer({**PAIR, "expires_in": 2}), START)
    assert isinstance(reply, Issued)
    assert reply.expires_in == 2


@pytest.mark.parametrize(
    ("scope", "read_as"),
    [
        ("a b", ("a", "b")), ("a,b", ("a", "b")), (" a,  b ", ("a", "b")), (["a", "b"], ("a", "b")), (["a", 1], ("a",)),
        ([], None), ([1], None), ("", None), (" ", None), (None, None), (7, None),
    ],
)  # fmt: skip
def test_scopes_are_read_as_a_text_or_a_list_and_none_of_them_is_unknown(
    scope: object, read_as: tuple[str, ...] | None
) -> None:
    reply = read(answer({**PAIR, "scope": scope}), START)
    assert isinstance(reply, Issued)
    assert reply.scope == read_as


@pytest.mark.parametrize("value", ["", " ", None, 7, {}])
def test_a_refresh_token_that_is_none_counts_as_absent(value: object) -> None:
    reply = read(answer({**PAIR, "refresh_token": value}), START)
    assert isinstance(reply, Issued)
    assert reply.refresh_token is None


@pytest.mark.parametrize("member", ["refresh_token_expires_in", "x_refresh_token_expires_in"])
def test_the_provider_s_refresh_expiry_is_read_and_zero_is_unknown(member: str) -> None:
    found = [read(answer({**PAIR, member: value}), START) for value in (604_799, 0)]
    assert [reply.refresh_expires_in for reply in found if isinstance(reply, Issued)] == [604_799, None]


@pytest.mark.parametrize(
    ("members", "refresh", "consent"),
    [
        ({"refresh_token_timeout": 604_800, "authorization_expires_in": 864_000}, 604_800, 864_000),
        ({"refresh_token_timeout": 604_800}, 604_800, None),
        ({"authorization_expires_in": 864_000}, 864_000, 864_000),
        ({"refresh_token_expires_in": 900_000, "authorization_expires_in": 864_000}, 864_000, 864_000),
        ({"refresh_token_timeout": 315_569_520, "authorization_expires_in": "315569520"}, 315_569_520, 315_569_520),
        ({"refresh_token_timeout": "soon", "authorization_expires_in": 0}, None, None),
        ({"x_refresh_token_expires_in": 8_640_000, "x_refresh_token_hard_expires_in": 864_000}, 864_000, 864_000),
    ],
)
def test_the_ends_of_refresh_token_and_consent_are_read_and_large_ones_literally(
    members: dict[str, object], refresh: int | None, consent: int | None
) -> None:
    """draft-ietf-oauth-refresh-token-expiration-03 s5, s6.1, s6.1.2."""
    reply = read(answer({**PAIR, **members}), START)
    assert isinstance(reply, Issued)
    assert (reply.refresh_expires_in, reply.authorization_expires_in) == (refresh, consent)


@pytest.mark.parametrize("status", [200, 201, 299])
def test_success_is_any_2xx_with_an_access_token(status: int) -> None:
    assert isinstance(read(answer(PAIR, status), START), Issued)


@pytest.mark.parametrize("status", [100, 199, 300, 304, 400, 500])
def test_nothing_else_is_a_success_whatever_it_brings(status: int) -> None:
    assert isinstance(read(answer(PAIR, status), START), Failed)


def test_neither_an_answer_nor_what_is_read_of_it_shows_a_token() -> None:
    one = answer(PAIR)
    shown = repr(one) + repr(read(one, START))
    assert "AT2" not in shown
    assert "RT2" not in shown


def test_a_truth_value_is_no_error_code() -> None:
    reply = read(answer({"status": False, "code": True, "message": "no"}, 400), START)
    assert isinstance(reply, Failed)
    assert reply.error == "no error code"


REFUSED, UNCERTAIN, TRANSIENT = FailureKind.REFUSED, FailureKind.UNCERTAIN, FailureKind.TRANSIENT
AMBIGUOUS, ALARM = FailureKind.AMBIGUOUS, FailureKind.ALARM

DEAD, INVALID = "Unknown or invalid refresh token.", "refresh_token is invalid"
LOCKED = "token request is already being processed"

KINDS: list[tuple[str, int, Any, FailureKind]] = [
    ("RFC 6749", 400, {"error": "invalid_grant"}, REFUSED),
    (
        "Atlassian, seed 004",
        403,
        {"error": "invalid_grant", "error_description": "Unknown or invalid refresh token."},
        REFUSED,
    ),
    ("invalid_grant with 401", 401, {"error": "invalid_grant"}, REFUSED),
    (
        "Atlassian, newer",
        403,
        {"error": "unauthorized_client", "error_description": INVALID},
        REFUSED,
    ),
    ("GitHub", 200, {"error": "bad_refresh_token"}, REFUSED),
    ("Slack", 200, {"ok": False, "error": "invalid_refresh_token"}, REFUSED),
    ("an error beside tokens", 200, {**PAIR, "error": "invalid_grant"}, REFUSED),
    ("HubSpot", 400, {"status": "BAD_REFRESH_TOKEN", "message": "..."}, REFUSED),
    ("Facebook", 400, {"error": {"message": "Error validating", "type": "OAuthException", "code": 190}}, REFUSED),
    ("Fitbit", 400, {"errors": [{"errorType": "invalid_grant", "message": "Refresh token invalid"}]}, REFUSED),
    ("Entra, inactive", 400, {"error": "invalid_grant", "error_codes": [700082], "suberror": "bad_token"}, REFUSED),
    ("Entra, MFA", 400, {"error": "interaction_required", "suberror": "basic_action"}, REFUSED),
    ("Entra, consent", 400, {"error": "consent_required"}, REFUSED),
    ("Entra, secret", 401, {"error": "invalid_client", "error_codes": [7000222]}, ALARM),
    ("RFC 6749, client", 401, {"error": "invalid_client"}, ALARM),
    ("invalid_client with 400", 400, {"error": "invalid_client"}, ALARM),
    ("bad secret", 400, {"error": "unauthorized_client", "error_description": "bad secret"}, ALARM),
    ("Atlassian, wrong secret", 401, {"error": "access_denied", "error_description": "Unauthorized"}, ALARM),
    ("Exact Online", 400, {"error": "invalid_request"}, UNCERTAIN),
    ("JSON without a code", 400, {"message": "no"}, UNCERTAIN),
    ("200 with an unknown error", 200, {"errcode": 40029}, UNCERTAIN),
    ("time-out", 408, {"error": "invalid_grant"}, TRANSIENT),
    ("too early", 425, {"error": "invalid_grant"}, TRANSIENT),
    ("rate limit", 429, {"error": "invalid_grant"}, TRANSIENT),
    ("overload", 503, {"error": "temporarily_unavailable"}, TRANSIENT),
    ("overload with tokens", 503, PAIR, TRANSIENT),
    ("temporarily_unavailable with 400", 400, {"error": "temporarily_unavailable"}, TRANSIENT),
    (
        "Salesforce",
        400,
        {"error": "invalid_grant", "error_description": LOCKED},
        TRANSIENT,
    ),
    ("200 without a token", 200, {}, TRANSIENT),
    ("200 with ok false", 200, {"ok": False}, TRANSIENT),
    ("access_token null", 200, {**PAIR, "access_token": None}, TRANSIENT),
    ("access_token empty", 200, {**PAIR, "access_token": ""}, TRANSIENT),
    ("access_token object", 200, {**PAIR, "access_token": {"token": "AT2"}}, TRANSIENT),
    ("access_token number", 200, {**PAIR, "access_token": 7}, TRANSIENT),
    ("bot filter", 403, b"<html>blocked by network security</html>", TRANSIENT),
    ("500 page", 500, b"<html>oops</html>", TRANSIENT),
    ("redirect", 307, b"", TRANSIENT),
    ("gateway lost the answer", 504, b"<html></html>", AMBIGUOUS),
    ("gateway with JSON", 502, {"error": "bad_gateway"}, AMBIGUOUS),
    ("truncated", 200, GOOD[:-5], AMBIGUOUS),
    ("empty", 200, b"", AMBIGUOUS),
    ("HTML with 200", 200, b"<html></html>", AMBIGUOUS),
    ("XML", 200, b"<?xml version='1.0'?><OAuth/>", AMBIGUOUS),
    ("unlabelled gzip", 200, b"\x1f\x8b\x08\x00", AMBIGUOUS),
    ("10^5 nested arrays", 200, b"[" * 100_000 + b"]" * 100_000, AMBIGUOUS),
]


@pytest.mark.parametrize(("status", "body", "kind"), [row[1:] for row in KINDS], ids=[row[0] for row in KINDS])
def test_what_a_failure_means(status: int, body: Any, kind: FailureKind) -> None:
    reply = read(answer(body, status), START)
    assert isinstance(reply, Failed)
    assert reply.kind is kind


CODES: dict[FailureKind, str] = {
    REFUSED: """invalid_grant interaction_required consent_required login_required account_selection_required
        bad_refresh_token invalid_refresh_token refresh_token_reused refresh_token_invalidated bad_verification_code
        invalid_code expired_token token_expired token_revoked 190""",
    ALARM: """invalid_client invalid_client_secret incorrect_client_credentials unsupported_grant_type bad_client_secret
        invalid_client_id 7000215 7000222 700016 7000218""",
    TRANSIENT: "temporarily_unavailable server_error slow_down rate_limit_exceeded too_many_requests",
    UNCERTAIN: "invalid_request invalid_scope something_else",
}


@pytest.mark.parametrize(("kind", "code"), [(kind, code) for kind, codes in CODES.items() for code in codes.split()])
def test_each_error_code_means_what_it_is_known_to_mean_however_it_is_spelt(kind: FailureKind, code: str) -> None:
    for spelt in (code, code.upper(), int(code) if code.isdigit() else f" {code} "):
        reply = read(answer({"error": spelt}, 400), START)
        assert isinstance(reply, Failed)
        assert reply.kind is kind


CODE_MEMBERS = ["error", "errorType", "error_type", "type", "code", "status", "reason", "suberror", "errcode"]


@pytest.mark.parametrize("member", CODE_MEMBERS)
def test_an_error_code_is_found_in_each_member_that_vendors_use_and_in_what_holds_it(member: str) -> None:
    said = {member: "invalid_grant"}
    for document in (said, {"error": said}, {"errors": [said, {}]}, {"errors": said}, {"meta": said}):
        reply = read(answer(document, 400), START)
        assert isinstance(reply, Failed)
        assert reply.kind is REFUSED
        assert reply.error == "invalid_grant"


@pytest.mark.parametrize(
    "header", ["x-ms-request-id", "x-request-id", "atl-traceid", "x-trace-id", "client-request-id"]
)
@pytest.mark.parametrize(("value", "kept"), [("a" * 8, True), ("A-9" * 20, True), ("a" * 7, False), ("a" * 65, False)])
def test_a_correlation_id_is_read_from_each_header_that_vendors_use(header: str, value: str, kept: bool) -> None:
    reply = read(answer({"error": "invalid_grant"}, 400, **{header: value}), START)
    assert isinstance(reply, Failed)
    assert reply.correlation_id == (value if kept else None)


@pytest.mark.parametrize("member", ["error_description", "message", "error_message", "reason"])
def test_the_words_of_a_refusal_are_read_from_each_member_that_vendors_use(member: str) -> None:
    reply = read(answer({"error": "unauthorized_client", member: "refresh token is invalid"}, 400), START)
    assert isinstance(reply, Failed)
    assert reply.kind is REFUSED
    assert "refresh token is invalid" in reply.description


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("https://login.example/path?code=x", "https://login.example"),
        ("http://login.example", "http://login.example"),
        ("https://user@login.example/", "another place"),
        ("/relative", "another place"),
        ("", "another place"),
    ],
)
@pytest.mark.parametrize("status", [300, 302, 399])
def test_a_redirect_is_told_by_scheme_and_host_only(status: int, location: str, shown: str) -> None:
    reply = read(answer(b"", status, location=location), START)
    assert isinstance(reply, Failed)
    assert (reply.kind, reply.status) == (TRANSIENT, status)
    assert reply.error == f"redirected to {shown}, redirects are not followed"


@pytest.mark.parametrize("status", [200, 299, 400, 500])
def test_what_is_no_redirect_is_no_token_response(status: int) -> None:
    reply = read(answer(b"", status, location="https://login.example"), START)
    assert isinstance(reply, Failed)
    assert reply.error == "the answer is not a token response"
    assert reply.kind is (AMBIGUOUS if status < 300 else TRANSIENT)


@pytest.mark.parametrize("body", [b"<html></html>", b'{"error": "invalid_request"}'])
def test_a_retry_after_is_kept_with_the_failure(body: bytes) -> None:
    reply = read(answer(body, 400, retry_after="120"), START)
    assert isinstance(reply, Failed)
    assert reply.retry_at == START + 120 * SECOND


@pytest.mark.parametrize(
    ("value", "wait"),
    [("120", 120), ("0", 0), ("Fri, 15 Jan 2027 08:02:00 GMT", 120), ("999999999999", 3_153_600_000)],
)
def test_retry_after_is_read_in_both_forms(value: str, wait: int) -> None:
    assert retry_after({"retry-after": value}, START) == START + wait * SECOND


@pytest.mark.parametrize("value", ["", "soon", "-1", "1.5", "Fri, 99 Foo 2027"])
def test_a_retry_after_that_cannot_be_read_is_none(value: str) -> None:
    assert retry_after({"retry-after": value}, START) is None


@given(body=st.binary(max_size=300), status=st.integers(100, 599))
def test_any_bytes_are_read_without_an_exception(body: bytes, status: int) -> None:
    assert isinstance(read(answer(body, status), START), Issued | Failed)


NAMES = """access_token refresh_token expires_in error errors error_description token_type scope message code type
error_codes correlation_id refresh_token_expires_in meta status"""
MEMBERS = st.sampled_from(NAMES.split()) | st.text(max_size=5)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(MEMBERS, children, max_size=4),
    max_leaves=12,
)


@given(document=st.dictionaries(MEMBERS, JSON, max_size=8), status=st.sampled_from([200, 201, 400, 401, 403, 429, 500]))
def test_any_document_is_a_pair_or_a_failure_and_a_pair_only_with_2xx_and_a_token(
    document: dict[str, Any], status: int
) -> None:
    reply = read(answer(document, status), START)
    if isinstance(reply, Issued):
        assert status < 300
        assert reply.access_token == document["access_token"]
    else:
        token = document.get("access_token")
        fine = isinstance(token, str) and token.strip() and not document.get("error") and not document.get("errors")
        assert not (status < 300 and fine)


@pytest.mark.parametrize("secret", ["RT1-aBCxYz654123-secret", "aBCxYz654123"])
@pytest.mark.parametrize("place", ["error_description", "message", "error"])
def test_an_echoed_secret_and_control_characters_never_reach_the_texts(place: str, secret: str) -> None:
    body = {"error": "invalid_grant", place: f"invalid_grant {secret} \r\n\x1b[31m<script> forged" + "x" * 2000}
    reply = read(answer(body, 400), START, (secret,))
    assert isinstance(reply, Failed)
    shown = reply.error + reply.description
    assert secret[:8] not in shown
    assert not set(shown) & set("\r\n\x1b<>")
    assert len(shown) < 500


def test_a_correlation_id_is_kept() -> None:
    identifier = "0f8fad5b-d9cb-469f-a165-70867728950e"
    reply = read(
        answer(
            {"error": "invalid_grant", "error_description": f"Trace ID: {identifier}"}, 400, x_request_id=identifier
        ),
        START,
    )
    assert isinstance(reply, Failed)
    assert reply.correlation_id == identifier
    assert identifier in reply.description
