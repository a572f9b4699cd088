"""The one cookie of the front desk: who has logged in with a browser."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie

from refreshproof.mock_servers.wire import WireRequest

COOKIE = "refreshproof-session"


def session_of(request: WireRequest) -> str:
    """Return the session a browser sent, or an empty text."""
    try:
        cookies = SimpleCookie(request.header("cookie") or "")
    except CookieError:
        return ""
    return cookies[COOKIE].value if COOKIE in cookies else ""


def session_cookie(session: str) -> tuple[str, str]:
    """Return the header that gives a browser a session; scripts on the page cannot read it."""
    return "Set-Cookie", f"{COOKIE}={session}; Path=/; HttpOnly; SameSite=Lax"
