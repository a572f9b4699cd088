"""What a server tells whoever started it: the values to set in a client, and how to reach the console and the
control API."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

from refreshproof.mock_servers.serving.control.values import as_date
from refreshproof.mock_servers.serving.served import access
from refreshproof.mock_servers.serving.served.front_desk import PREFIX
from refreshproof.mock_servers.serving.served.options import ServeOptions
from refreshproof.mock_servers.serving.served.retention import MOST_GOOD, MOST_OF_A_LOGIN
from refreshproof.mock_servers.serving.served.served import Served
from refreshproof.mock_servers.serving.sockets.clock import VIRTUAL_START

_SHOWN: Mapping[str, str] = {
    "authorization": "authorization endpoint",
    "device_authorization": "device endpoint",
    "token": "token endpoint",
    "revocation": "revocation endpoint",
    "discovery": "discovery",
    "resource": "a resource to call",
}


def announcement(
    options: ServeOptions, vendors: tuple[Served, ...], *, control: str, token: str, ca_file: Path | None
) -> str:
    """Return the text that is printed at the start; the tokens and secrets in it are made for the test alone."""
    paragraphs = [_provider(served, options) for served in vendors]
    if ca_file is not None:
        proxy = vendors[0].origin.replace("https", "http", 1)
        paragraphs.append(
            f"https    trust the CA in {ca_file}: REQUESTS_CA_BUNDLE, SSL_CERT_FILE, CURL_CA_BUNDLE or\n"
            f"         NODE_EXTRA_CA_CERTS={ca_file}\n"
            f"         a client with the vendors' hosts built in: HTTPS_PROXY={proxy}"
        )
    paragraphs.append(
        f"console  {control}/console#{token}\n"
        f"control  {control}/openapi.json, and in a shell:\n"
        f"export CONTROL={control} TOKEN={shlex.quote(token)}\n"
        'curl -s -H "Authorization: Bearer $TOKEN" $CONTROL/v1/providers'
    )
    if options.witness is not None:
        paragraphs.append(
            "judging  what clients send is judged at the end, or when it is asked for:\n"
            'curl -s -X POST -H "Authorization: Bearer $TOKEN" $CONTROL/v1/judgement'
        )
    if options.time == "virtual":
        begins = as_date(VIRTUAL_START if options.at is None else options.at)
        paragraphs.append(f"time     virtual: it stands still at {begins} until the control API moves it")
    if options.ledger_keep is not None:
        keep = options.ledger_keep
        paragraphs.append(
            f"memory   each provider keeps the tokens that are good (beyond {MOST_GOOD:,} access tokens the newest\n"
            f"         {MOST_OF_A_LOGIN:,} of each login), the newest {keep} of those that are over, its newest\n"
            f"         {keep} ledger entries and {options.journal} exchanges; both say what was dropped"
        )
    if options.beyond_loopback:
        paragraphs.append(
            f"WARNING  {options.host} can be reached from other machines. Whoever reaches it can log in as anyone;\n"
            "         use it with test clients only."
            + ("" if options.control_beyond_loopback else " The control API stays on loopback.")
        )
    if options.control_beyond_loopback:
        paragraphs.append(
            f"WARNING  the control API at {options.control_host} can be reached from other machines, over plain http:\n"
            "         whoever sees its token rules it"
        )
    return "\n\n".join(paragraphs) + "\n"


def _provider(served: Served, options: ServeOptions) -> str:
    profile = served.vendor.profile
    rows = [("issuer", served.provider.profile.issuer)]
    for view, label in _SHOWN.items():
        url = served.addresses.local_url(profile.url(view))
        rows += [] if url is None else [(label, url.replace("{tenant}", "common"))]
    application, here = options.applications[0], served.addresses.local_url
    rows += [
        ("client id", application.client_id),
        ("client secret", application.client_secret or "none: a public client"),
        ("redirect URIs", " or ".join((*(["any on loopback"] if application.any_loopback else []),
                                       *application.redirect_uris))),
        ("scopes", profile.authorization.scope_separator.join(profile.scopes)),
        *(("also send", f"{name}={here(value)}") for name, value in profile.client_parameters.items()),
        *(("for tokens too", f"{name}={here(value)}") for name, value in profile.token_parameters.items()),
        ("connected apps", f"{served.origin}{PREFIX}{access.NAME}, where a user withdraws access"),
        ("accounts", ", ".join(account.name for account in options.accounts) + "; any password"),
        *((f"{'from' if served.vendor.begins else '--at'} {one.effective}", one.what) for one in profile.announced),
    ]  # fmt: skip
    width = max(len(label) for label, _ in rows)
    lines = "\n".join(f"  {label:<{width}}  {value}" for label, value in rows)
    return f"{served.vendor.name}  {profile.title}  {served.origin}\n{lines}"
