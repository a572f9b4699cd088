"""Whether a cookie jar has anything to do, which stacks find out by a long way for every request. Knows no stack."""

from __future__ import annotations

from collections.abc import Container
from http.cookiejar import CookieJar


def takes_usual_cookies(jar: CookieJar) -> bool:
    """Tell whether a jar takes and gives cookies as Python's does, and not in a way of the client's own."""
    kind = type(jar)
    return kind.extract_cookies is CookieJar.extract_cookies and kind.add_cookie_header is CookieJar.add_cookie_header


def sets_cookies(headers: Container[str]) -> bool:
    """Tell whether an answer with these headers, which know no case, sets a cookie."""
    return "set-cookie" in headers or "set-cookie2" in headers
