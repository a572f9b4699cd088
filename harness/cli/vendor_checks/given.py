"""What was given on the command line, as the values that a check takes; a mistake is click's error."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import click

from refreshproof.harness.adapters.suggestion import hint
from refreshproof.harness.vendor_check.asking.carrier import Carrier, Login
from refreshproof.harness.vendor_check.asking.limits import Limits, Meter
from refreshproof.harness.vendor_check.asking.target import Client, Target, origin_of
from refreshproof.harness.vendor_check.checking import WAITS, Settings
from refreshproof.harness.vendor_check.discovery import endpoints_in, endpoints_of, metadata_of, unnamed
from refreshproof.harness.vendor_check.login.browser_sockets import LOOPBACK, BrowserLogin
from refreshproof.harness.vendor_check.login.script_process import script_login
from refreshproof.harness.vendor_check.recording.drift import (
    Drift,
    drift_from_profile,
    drift_from_recording,
    read_recording,
)
from refreshproof.harness.vendor_check.recording.recorded import Recorded
from refreshproof.mock_servers.strict_files import FileError, read_text
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.mock_servers.vendors.vendor import Vendor

Given: TypeAlias = Mapping[str, Any]
"""The options by name."""
Against: TypeAlias = Callable[[Recorded], list[Drift]]
"""Tells what differs from what a check is held against."""


def settings_given(given: Given) -> Settings:
    """Return how the check goes about it."""
    issuer = given["issuer"] or given["token_endpoint"] or given["provider"] or ""
    host = urlsplit(issuer).hostname or issuer
    name = re.sub(r"[^a-z0-9]+", "-", (given["title"] or host).lower()).strip("-") or "recorded"
    limits = Limits(requests=given["max_requests"], rate=given["rate"], burn_grants=given["burn_grants"])
    return Settings(
        name=name[:60].rstrip("-"), title=given["title"] or host, waits=tuple(sorted(given["waits"])) or WAITS,
        lives=given["lives"], rounds=given["rounds"], at_once=given["at_once"], limits=limits, probes=given["chosen"],
    )  # fmt: skip


def target_given(given: Given, carrier: Carrier, meter: Meter) -> Target:
    """Return the target; raises `TroubleError` where the metadata cannot be had, click's errors for what is wrong."""
    names = ("authorization_endpoint", "token_endpoint", "revocation_endpoint", "introspection_endpoint", "resource")
    own = {name: given[name] for name in names if given[name]}
    for name, url in (*own.items(), *([("issuer", given["issuer"])] if given["issuer"] else [])):
        if not re.match(r"https?://[^/\s]+", url):
            raise click.BadParameter(f"{url!r}; expected an http or https URL", param_hint=name)
    metadata, base = None, {}
    if given["provider"]:
        base = endpoints_of(_vendor_named(given["provider"]).profile)
    elif given["issuer"] and not {"authorization_endpoint", "token_endpoint"} <= own.keys():
        metadata = metadata_of(given["issuer"], carrier, meter)
        base = endpoints_in(metadata)
        strange = unnamed(base, [given["issuer"], *given["hosts"], *own.values()])
        if strange:
            name, url = next(iter(strange.items()))
            raise click.UsageError(
                f"the metadata has {name} at {url}; if it may be asked, add --allow-host {origin_of(url)}"
            )
    found = base | own
    for name in names[:2]:
        if name not in found:
            raise click.UsageError(
                f"no {name.replace('_', ' ')}: give ISSUER, --provider or --{name.replace('_', '-')}"
            )
    return Target(
        authorization_endpoint=found["authorization_endpoint"],
        token_endpoint=found["token_endpoint"],
        revocation_endpoint=found.get("revocation_endpoint"),
        introspection_endpoint=found.get("introspection_endpoint"),
        resource=found.get("resource") or found.get("userinfo_endpoint"),
        redirect_uri=given["redirect_uri"],
        scopes=tuple(given["scope"].split()),
        parameters=given["parameters"],
        pkce=not given["no_pkce"],
        issuer=(metadata or {}).get("issuer") or given["issuer"] or "",
        metadata=metadata,
        **_clients(given),
    )


def _clients(given: Given) -> dict[str, Any]:
    secret = given["client_secret"]
    method = given["authentication"] or ("client_secret_basic" if secret else "none")
    if method != "none" and not secret:
        raise click.UsageError(f"--authentication {method} needs --client-secret or REFRESHPROOF_CLIENT_SECRET")
    how: dict[str, Any] = {"authentication": method, "encoding": given["basic_encoding"]}
    clients = {"client": Client(client_id=given["client_id"], client_secret=secret, **how)}
    for kind in ("second", "special"):
        if given[f"{kind}_client"]:
            if not given[f"{kind}_secret"]:
                raise click.UsageError(f"--{kind}-client needs --{kind}-secret or REFRESHPROOF_{kind.upper()}_SECRET")
            clients[kind] = Client(client_id=given[f"{kind}_client"], client_secret=given[f"{kind}_secret"], **how)
    if given["public_client"]:
        clients["public"] = Client(client_id=given["public_client"], authentication="none")
    return clients


def login_given(given: Given, tell: Callable[[str], None]) -> Login | None:
    """Return how users log in, None where a start token was given."""
    if given["start_token"] is not None:
        return None
    redirect_uri, timeout = given["redirect_uri"], given["login_timeout"]
    if given["login"] != "browser":
        try:
            return script_login(given["login"], redirect_uri, timeout, fresh_users=given["fresh_users"])
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="--login") from None
    if urlsplit(redirect_uri).scheme != "http" or urlsplit(redirect_uri).hostname not in LOOPBACK:
        wanted = "--login browser needs an http redirect URI on loopback, such as http://127.0.0.1:8976/callback"
        raise click.UsageError(f"{wanted}; found {redirect_uri}")
    return BrowserLogin(redirect_uri=redirect_uri, timeout=timeout, tell=tell)


def start_given(path: Path | None) -> str | None:
    """Return the refresh token in a file."""
    if path is None:
        return None
    try:
        token = read_text(path, 65_536).strip()
    except FileError as error:
        raise click.BadParameter(str(error), param_hint="--start-token") from None
    if not token or len(token.split()) != 1:
        raise click.BadParameter(f"{path}: expected one refresh token and nothing else", param_hint="--start-token")
    return token


def _vendor_named(name: str) -> Vendor:
    if name not in VENDORS:
        meant = hint(name, VENDORS, "`refreshproof list providers` names them")
        raise click.BadParameter(f"there is no built-in vendor {name!r}; {meant}", param_hint="--provider")
    return VENDORS[name]


def against_given(given: str | None) -> Against | None:
    """Read what to compare with before anything is asked."""
    if given is None:
        return None
    if given in VENDORS:
        return lambda recorded: drift_from_profile(recorded, VENDORS[given].profile)
    path = Path(given)
    with suppress(OSError):
        earlier = read_recording(path)
        if earlier is not None:
            return lambda recorded: drift_from_recording(recorded, earlier)
    if not path.exists():
        meant = hint(given, VENDORS, "`refreshproof list providers` names them")
        raise click.BadParameter(f"no file and no built-in vendor {given!r}; {meant}", param_hint="--against")
    from refreshproof.mock_servers.profile_files.file import ProfileFileError, read_vendor  # pydantic takes time

    try:
        profile = read_vendor(path).profile
    except ProfileFileError as error:
        raise click.UsageError(str(error)) from None
    return lambda recorded: drift_from_profile(recorded, profile)
