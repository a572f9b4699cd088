"""Authlib's OAuth2Session on requests as a subject."""

from __future__ import annotations

from typing import Any, ClassVar

from authlib.integrations.requests_client import OAuth2Session
from requests import RequestException

from refreshproof.harness.adapters.library.subject import PATIENCE
from refreshproof.harness.subjects.third_party.own_login.authlib_subjects import AuthlibSubject, refusal


class AuthlibRequests(AuthlibSubject):
    """Authlib on requests."""

    name = "Authlib OAuth2Session (requests)"
    session_type = OAuth2Session
    refusal = refusal(RequestException)
    options: ClassVar[dict[str, Any]] = {"default_timeout": PATIENCE}
