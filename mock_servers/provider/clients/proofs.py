"""Ways in which single vendors let a client prove that it knows its secret, beside those of RFC 6749 s2.3.

Pure: a request and what is registered in, an application or an answer out. Tokens are read in `signed_proofs`, which
takes as long to import as a server to start.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from refreshproof.mock_servers.profile.profile import ClientAuthentication, Profile
from refreshproof.mock_servers.provider.http.sighting import Sighting
from refreshproof.mock_servers.provider.state.records import Application
from refreshproof.mock_servers.wire import Instant

Applications = Mapping[str, Application]


@dataclass(frozen=True, kw_only=True)
class Proof:
    """One way: what makes a request one of its kind, whose it is, and whether it proves what it should."""

    offered: Callable[[Sighting], bool]
    whose: Callable[[Sighting, Applications], str | None]
    holds: Callable[[Profile, Application, Sighting, Instant], bool]


def _named(sighting: Sighting, applications: Applications) -> str | None:
    return sighting.values.get("client_id")


def _owner_of(secret: str | None, applications: Applications) -> str | None:
    """Return who has a secret that stands alone; every comparison takes the same time."""
    found = [
        application.client_id
        for application in applications.values()
        if secret and secrets.compare_digest((application.client_secret or "").encode(), secret.encode())
    ]
    return found[0] if found else None


def _user_name(sighting: Sighting) -> str | None:
    """Return the user name of Basic credentials that have no password."""
    basic = sighting.credentials
    return basic.raw_client_id if basic.raw_client_secret == "" and "client_secret" not in sighting.values else None


def _digest_holds(profile: Profile, application: Application, sighting: Sighting, now: Instant) -> bool:
    """Compare the SHA-256 of the secret, a bar, and the code or refresh token, in hexadecimal digits."""
    spent = sighting.values.get("code") or sighting.values.get("refresh_token") or ""
    digest = hashlib.sha256(f"{application.client_secret}|{spent}".encode()).hexdigest()
    return secrets.compare_digest(digest, sighting.values["hash"])


def _signed_secret_holds(profile: Profile, application: Application, sighting: Sighting, now: Instant) -> bool:
    from refreshproof.mock_servers.provider.clients.signed_proofs import is_signed_secret

    return is_signed_secret(sighting.values["client_secret"], application, profile.issuer, now)


def _connect_token(sighting: Sighting) -> str | None:
    """Return the token after the scheme JWT, whose case matters."""
    scheme, _, token = (sighting.request.header("authorization") or "").partition(" ")
    return token if scheme == "JWT" else None


def _connect_subject(sighting: Sighting, applications: Applications) -> str | None:
    from refreshproof.mock_servers.provider.clients.signed_proofs import subject_of

    return subject_of(_connect_token(sighting) or "")


def _connect_holds(profile: Profile, application: Application, sighting: Sighting, now: Instant) -> bool:
    from refreshproof.mock_servers.provider.clients.signed_proofs import is_connect_token

    return is_connect_token(_connect_token(sighting) or "", application, now)


PROOFS: Mapping[ClientAuthentication, Proof] = {
    "secret_as_username": Proof(
        offered=lambda sighting: _user_name(sighting) is not None,
        whose=lambda sighting, applications: _owner_of(_user_name(sighting), applications),
        holds=lambda profile, application, sighting, now: True,
    ),
    "secret_as_bearer": Proof(
        offered=lambda sighting: sighting.bearer is not None,
        whose=lambda sighting, applications: _owner_of(sighting.bearer, applications),
        holds=lambda profile, application, sighting, now: True,
    ),
    "secret_digest": Proof(
        offered=lambda sighting: "hash" in sighting.values, whose=_named, holds=_digest_holds
    ),
    "signed_secret": Proof(
        offered=lambda sighting: "client_secret" in sighting.values, whose=_named, holds=_signed_secret_holds
    ),
    "connect_jwt": Proof(
        offered=lambda sighting: _connect_token(sighting) is not None, whose=_connect_subject, holds=_connect_holds
    ),
}  # fmt: skip
"""The ways by the name that a profile uses."""
