"""The login of an application around a library that knows one way to authenticate: it authenticates as the library
does, so that the two are one client."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar, Literal

from refreshproof.harness.adapters.library.application import ApplicationAdapter
from refreshproof.harness.adapters.library.login import ApplicationLogin
from refreshproof.scenarios.steps.subject import Surroundings


class AlikeLoginAdapter(ApplicationAdapter):
    """A library whose client authentication is the same whatever the registration says, and its PKCE if it has none."""

    client_authentication: ClassVar[Literal["client_secret_post", "client_secret_basic"]] = "client_secret_post"
    without_pkce: ClassVar[bool] = False

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__(surroundings)
        registration = replace(
            surroundings.registration,
            client_authentication=self.client_authentication,
            pkce=surroundings.registration.pkce and not self.without_pkce,
        )
        self.login = ApplicationLogin(replace(surroundings, registration=registration, carrier=self.carry))
