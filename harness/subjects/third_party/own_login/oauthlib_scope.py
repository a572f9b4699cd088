"""oauthlib's environment variable for servers that grant other scopes than were asked for."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext
from typing import Any
from unittest import mock

from refreshproof.harness.adapters.tiny.client import OFFLINE_SCOPE
from refreshproof.scenarios.steps.subject import Registration


def relaxed(registration: Registration) -> AbstractContextManager[Any]:
    """Accept the scopes that a vendor grants where it never names the one for refresh tokens among them.

    Otherwise oauthlib raises "Scope has changed" at every login; Microsoft's tutorials set the variable too.
    """
    if registration.provider_type not in OFFLINE_SCOPE:
        return nullcontext()
    return mock.patch.dict(os.environ, OAUTHLIB_RELAX_TOKEN_SCOPE="1")
