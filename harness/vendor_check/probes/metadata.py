"""Whether the server's metadata (RFC 8414, OpenID Connect Discovery 1.0) says what it does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from refreshproof.harness.vendor_check.asking.asks import Play
from refreshproof.harness.vendor_check.asking.trouble import NeedlessError
from refreshproof.harness.vendor_check.probes.probe import Bench, Probe, Values

METHODS = ("client_secret_basic", "client_secret_post")


def metadata(bench: Bench) -> Play[Values]:
    """Hold what the metadata lists against what the probes before have seen; asks nothing itself."""
    told = bench.target.metadata
    if told is None:
        raise NeedlessError("no metadata was read")
    yield from ()
    return {"metadata": _kept(told), "fact.metadata_against_truth": list(_differences(told, bench))}


def _kept(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of the metadata a profile keeps: addresses, and lists of what is supported."""
    return {name: value for name, value in told.items() if isinstance(value, str | bool | list)}


def _differences(told: Mapping[str, Any], bench: Bench) -> Iterator[str]:
    found = bench.found
    listed = told.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    for method in METHODS:
        seen = found.get(f"fact.{method}")
        if seen == "taken" and method not in listed:
            yield f"{method} is taken, and not listed"
        elif seen not in (None, "taken") and method in listed:
            yield f"{method} is listed, and answered {seen} to this client"
    if str(found.get("fact.refresh_token_for_public_client", "")).startswith("comes") and "none" not in listed:
        yield "none is taken, and not listed"
    grants = told.get("grant_types_supported", ["authorization_code", "implicit"])
    if "refresh.rotation" in found and "refresh_token" not in grants:
        yield "refresh_token is taken, and not listed in grant_types_supported"
    scopes = told.get("scopes_supported")
    for scope in bench.scopes:
        if isinstance(scopes, list) and scope not in scopes:
            yield f"the scope {scope} is taken, and not listed"
    addresses = {
        "authorization_endpoint": bench.target.authorization_endpoint, "token_endpoint": bench.target.token_endpoint,
        "revocation_endpoint": bench.target.revocation_endpoint,
    }  # fmt: skip
    for name, url in addresses.items():
        if url is not None and name not in told:
            yield f"{name} is there, and not listed"


PROBES = (
    Probe(
        id="metadata", asks="Does the metadata tell the truth?", requests=0, logins=0, play=metadata,
        settles=("metadata",), for_start_token=True,
    ),
)  # fmt: skip
