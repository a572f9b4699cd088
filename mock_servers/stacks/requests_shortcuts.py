"""What requests does for every request, and which comes to nothing where it is led: the environment's proxies are none
of the world's, an empty jar has no cookies, and a dictionary has items."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from requests import adapters, models, sessions, utils
from requests.structures import CaseInsensitiveDict

from refreshproof.mock_servers.stacks.hooks import Hook
from refreshproof.mock_servers.stacks.http_cookies import sets_cookies, takes_usual_cookies
from refreshproof.mock_servers.stacks.led import block


def hooks() -> tuple[Hook, ...]:
    """Return the hooks of requests, which walks through the whole environment twice for each request, and asks three
    times for cookies; whether a value has items it asks ten times, and `typing` takes long to tell."""
    return (
        Hook(owner=utils, name="should_bypass_proxies", around=_passing_by),
        *(Hook(owner=owner, name="extract_cookies_to_jar", around=_extracting) for owner in (adapters, sessions)),
        Hook(owner=models, name="get_cookie_header", around=_looking_for),
        *(Hook(owner=owner, name="to_key_val_list", around=_listing) for owner in (models, sessions)),
    )


def _passing_by(asked: Callable[..., bool]) -> Callable[..., bool]:
    def passed_by(*arguments: Any, **options: Any) -> bool:
        return block() is not None or asked(*arguments, **options)

    return passed_by


def _extracting(extract: Callable[[Any, Any, Any], None]) -> Callable[[Any, Any, Any], None]:
    def extracted(jar: Any, request: Any, response: Any) -> None:
        answered = getattr(response, "_original_response", None)
        if block() is None or not answered or not takes_usual_cookies(jar) or sets_cookies(answered.msg):
            extract(jar, request, response)

    return extracted


def _looking_for(look: Callable[[Any, Any], str | None]) -> Callable[[Any, Any], str | None]:
    def found(jar: Any, request: Any) -> str | None:
        if block() is None or not takes_usual_cookies(jar) or next(iter(jar), None) is not None:
            return look(jar, request)
        return None

    return found


def _listing(make: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def listed(value: Any) -> Any:
        return list(value.items()) if type(value) in _DICTIONARIES and block() is not None else make(value)

    return listed


_DICTIONARIES = frozenset({dict, OrderedDict, CaseInsensitiveDict})
