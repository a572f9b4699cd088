"""Authlib's OAuth2Client on httpx2 as a subject."""

from __future__ import annotations

import httpx2
from authlib.integrations.httpx_client import OAuth2Client

from refreshproof.harness.subjects.third_party.own_login.authlib_subjects import AuthlibSubject, refusal


class AuthlibHttpx(AuthlibSubject):
    """Authlib on httpx2, the successor of httpx."""

    name = "Authlib OAuth2Client (httpx2)"
    session_type = OAuth2Client
    refusal = refusal(httpx2.HTTPError)
