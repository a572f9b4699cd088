"""Cookies: who has logged in with a browser, at the front desk and at the console."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie

from refreshproof.mock_servers.wire import WireRequest


def cookie_of(request: WireRequest, name: str) -> str:
    """Return the value of a cookie that a browser sent, or an empty text."""
    try:
        cookies = SimpleCookie(request.header("cookie") or "")
    except CookieError:
        return ""
    return cookies[name].value if name in cookies else ""


def set_cookie(name: str, value: str, path: str = "/") -> tuple[str, str]:
    """Return the header that gives a browser a cookie for a session; scripts on the page cannot read it."""
    return "Set-Cookie", f"{name}={value}; Path={path}; HttpOnly; SameSite=Lax"
