"""Everything a strict server refuses, as a table: the cause, and how to provoke it."""

from base64 import urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256
from urllib.parse import urlencode

from kit.dumb_client import Play, at, basic
from refreshproof.mock_servers.profile.causes import Cause
from refreshproof.mock_servers.provider.provider import CLIENT_ID, CLIENT_SECRET, REDIRECT_URI
from refreshproof.mock_servers.provider.state.records import Application
from refreshproof.mock_servers.wire import WireRequest, WireResponse

VERIFIER = "v" * 43
CHALLENGE = urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
OTHER = Application(client_id="other-client", client_secret="other-secret-0123", redirect_uris=(REDIRECT_URI,))


def _form(**fields: str) -> str:
    return urlencode({"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, **fields})


def _challenged(game: Play) -> str:
    return game.code(code_challenge=CHALLENGE, code_challenge_method="S256")


def _used(game: Play) -> str:
    code = game.code()
    game.exchange(code)
    return code


def _rotated(game: Play) -> str:
    token: str = game.login()["refresh_token"]
    game.refresh(token)
    return token


def _token_request(game: Play, media_type: str, body: bytes) -> WireRequest:
    return WireRequest(method="POST", url=game.url("token"), headers=(("Content-Type", media_type),), body=body)


REFUSALS: dict[str, tuple[Cause, Callable[[Play], WireResponse]]] = {
    "unknown client at authorization": (Cause.UNKNOWN_CLIENT, lambda g: g.authorize(client_id="nobody")),
    "no client at authorization": (Cause.MISSING_PARAMETER, lambda g: g.authorize(client_id="")),
    "foreign redirect URI": (Cause.REDIRECT_URI_MISMATCH, lambda g: g.authorize(redirect_uri="https://evil.example/")),
    "longer redirect URI": (Cause.REDIRECT_URI_MISMATCH, lambda g: g.authorize(redirect_uri=f"{REDIRECT_URI}/x")),
    "other response type": (Cause.UNSUPPORTED_RESPONSE_TYPE, lambda g: g.authorize(response_type="token")),
    "no response type": (Cause.MISSING_PARAMETER, lambda g: g.authorize(response_type="")),
    "short challenge": (Cause.INVALID_REQUEST, lambda g: g.authorize(code_challenge="short")),
    "other challenge method": (
        Cause.INVALID_REQUEST,
        lambda g: g.authorize(code_challenge=CHALLENGE, code_challenge_method="S512"),
    ),
    "unknown prompt": (Cause.INVALID_REQUEST, lambda g: g.authorize(prompt="maybe")),
    "prompt none with another": (Cause.INVALID_REQUEST, lambda g: g.authorize(prompt="none login")),
    "prompt none without a grant": (Cause.INTERACTION_REQUIRED, lambda g: g.authorize(prompt="none")),
    "repeated parameter at authorization": (
        Cause.INVALID_REQUEST,
        lambda g: g.get(
            f"{g.url('authorization')}?{_form(redirect_uri=REDIRECT_URI, response_type='code')}&state=a&state=b"
        ),
    ),
    "unknown code": (Cause.UNKNOWN_CODE, lambda g: g.exchange("no-such-code-0123456789")),
    "used code": (Cause.USED_CODE, lambda g: g.exchange(_used(g))),
    "expired code": (Cause.EXPIRED_CODE, lambda g: g.exchange(g.code(), after=600)),
    "code of another client": (
        Cause.CODE_OF_OTHER_CLIENT,
        lambda g: g.exchange(g.code(), client_id=OTHER.client_id, client_secret="other-secret-0123"),
    ),
    "other redirect URI at exchange": (
        Cause.REDIRECT_URI_MISMATCH,
        lambda g: g.exchange(g.code(), redirect_uri="https://app.example.com/other"),
    ),
    "no redirect URI at exchange": (Cause.REDIRECT_URI_MISMATCH, lambda g: g.exchange(g.code(), redirect_uri="-")),
    "no verifier after a challenge": (Cause.MISSING_VERIFIER, lambda g: g.exchange(_challenged(g))),
    "wrong verifier": (Cause.WRONG_VERIFIER, lambda g: g.exchange(_challenged(g), code_verifier="w" * 43)),
    "verifier without a challenge": (
        Cause.UNEXPECTED_VERIFIER,
        lambda g: g.exchange(g.code(), code_verifier=VERIFIER),
    ),
    "no code": (Cause.MISSING_PARAMETER, lambda g: g.exchange("")),
    "unknown client": (Cause.UNKNOWN_CLIENT, lambda g: g.exchange(g.code(), client_id="nobody")),
    "no client": (Cause.MISSING_CLIENT, lambda g: g.exchange(g.code(), client_id="-", client_secret="-")),
    "no secret": (Cause.MISSING_SECRET, lambda g: g.exchange(g.code(), client_secret="-")),
    "wrong secret": (Cause.WRONG_SECRET, lambda g: g.exchange(g.code(), client_secret="wrong-secret-0123")),
    "undecodable Basic": (
        Cause.UNKNOWN_CLIENT,
        lambda g: g.exchange(g.code(), ("Authorization", "Basic !"), client_id="-", client_secret="-"),
    ),
    "two authentications": (Cause.TWO_AUTHENTICATIONS, lambda g: g.exchange(g.code(), basic())),
    "unknown refresh token": (Cause.UNKNOWN_REFRESH_TOKEN, lambda g: g.refresh("no-such-token-0123456789")),
    "access token as refresh token": (Cause.UNKNOWN_REFRESH_TOKEN, lambda g: g.refresh(g.login()["access_token"])),
    "refresh token of another client": (
        Cause.REFRESH_TOKEN_OF_OTHER_CLIENT,
        lambda g: g.refresh(g.login()["refresh_token"], client_id=OTHER.client_id, client_secret="other-secret-0123"),
    ),
    "no refresh token": (Cause.MISSING_REFRESH_TOKEN, lambda g: g.refresh("")),
    "wider scope on refresh": (Cause.INVALID_SCOPE, lambda g: g.refresh(g.login()["refresh_token"], scope="read root")),
    "reused refresh token": (Cause.REFRESH_TOKEN_REUSED, lambda g: g.refresh(_rotated(g))),
    "other grant type": (Cause.UNSUPPORTED_GRANT_TYPE, lambda g: g.post("token", _form(grant_type="password"))),
    "no grant type": (Cause.MISSING_GRANT_TYPE, lambda g: g.post("token", _form())),
    "repeated parameter": (
        Cause.INVALID_REQUEST,
        lambda g: g.post("token", _form(grant_type="refresh_token") + "&grant_type=refresh_token"),
    ),
    "JSON body": (
        Cause.UNSUPPORTED_BODY,
        lambda g: g.handler(_token_request(g, "application/json", b'{"grant_type": "refresh_token"}'), at(0)),
    ),
    "GET at the token endpoint": (Cause.METHOD_NOT_ALLOWED, lambda g: g.get(g.url("token"))),
    "no access token": (Cause.NO_ACCESS_TOKEN, lambda g: g.get(g.url("resource"))),
    "Basic at a resource": (Cause.NO_ACCESS_TOKEN, lambda g: g.get(g.url("resource"), basic())),
    "unknown access token": (Cause.UNKNOWN_ACCESS_TOKEN, lambda g: g.call("no-such-token-0123456789")),
    "expired access token": (
        Cause.ACCESS_TOKEN_EXPIRED,
        lambda g: g.call(g.login()["access_token"], after=3600),
    ),
    "address the vendor does not have": (Cause.UNKNOWN_RESOURCE, lambda g: g.get("https://api.example.com/nothing")),
    "no token to revoke": (Cause.MISSING_PARAMETER, lambda g: g.post("revocation", _form())),
}
