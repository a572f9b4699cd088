"""A throw-away certificate authority and one certificate for every name the server answers to.

trustme's certificates are valid from the year 2000 to 3000, so in all of virtual time; the keys are in no file but the
one of the CA's certificate says whom to trust.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from pathlib import Path

OWN_NAMES = ("localhost", "127.0.0.1", "::1")


def server_context(hosts: Iterable[str], ca_file: Path) -> ssl.SSLContext:
    """Return the server's TLS context for loopback and for hosts; the CA's certificate is written to a file (PEM)."""
    import trustme  # brings cryptography, a tenth of what a run has in memory; few servers speak TLS

    authority = trustme.CA(organization_name="Refreshproof test CA, made for one run")
    certificate = authority.issue_cert(*OWN_NAMES, *sorted(set(hosts) - set(OWN_NAMES)))
    authority.cert_pem.write_to_path(str(ca_file))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.set_alpn_protocols(["http/1.1"])
    certificate.configure_cert(context)
    return context
