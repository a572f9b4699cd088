"""The subjects that can be tested, by name: to add one, give it a name in `SUBJECTS`, or name your own as
`module:factory` or `file.py:factory`, or as `exec:command` if it is a program of its own."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from refreshproof.harness.adapters.suggestion import hint
from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.harness.client import MemoryStorage
from refreshproof.harness.subjects.engine import EngineSubject, on_sqlite
from refreshproof.harness.subjects.guarded import guarded
from refreshproof.harness.subjects.installing import installing
from refreshproof.harness.subjects.miniatures import MINIATURES
from refreshproof.harness.subjects.own import UnknownSubjectError, is_file, own_factory
from refreshproof.harness.subjects.programs.catalogue import PROGRAMS
from refreshproof.scenarios.steps.subject import Subject, SubjectFactory, Surroundings

EXEC = "exec:"


@dataclass(frozen=True, kw_only=True)
class SubjectEntry:
    """A subject that can be chosen by name."""

    factory: SubjectFactory
    summary: str


def _engine(surroundings: Surroundings) -> Subject:
    return EngineSubject(surroundings, storage=MemoryStorage)


def _engine_on_sqlite(surroundings: Surroundings) -> Subject:
    return EngineSubject(surroundings, storage=on_sqlite)


@dataclass(frozen=True)
class _Library:
    """The factory of a subject whose library is imported when the subject is chosen: no client's work, and
    seconds of it where a library is large."""

    module: str
    subject: str

    def load(self) -> Any:
        """Import the subject; raises UnknownSubjectError that says what brings it."""
        try:
            return importlib.import_module(f"refreshproof.harness.subjects.third_party.{self.module}")
        except ImportError as error:
            raise UnknownSubjectError(f"{error}; {installing('subjects')} brings it") from error

    def __call__(self, surroundings: Surroundings) -> Subject:
        made: Subject = getattr(self.load(), self.subject)(surroundings)
        return made


def _program(name: str) -> SubjectFactory:
    """Return the factory of a subject whose program is made ready when it is first needed."""

    def make(surroundings: Surroundings) -> Subject:
        from refreshproof.harness.subjects.exec.subject import ExecSubject
        from refreshproof.harness.subjects.programs.ready_process import NotReadyError, command_of

        try:
            return ExecSubject(surroundings, command=command_of(name))
        except NotReadyError as error:
            raise UnknownSubjectError(str(error)) from None

    return make


SUBJECTS: Mapping[str, SubjectEntry] = {
    "engine": SubjectEntry(factory=_engine, summary="the reference client engine, its tokens in memory"),
    "engine-sqlite": SubjectEntry(factory=_engine_on_sqlite, summary="the reference client engine on SQLite"),
    "tiny": SubjectEntry(factory=TinyClient, summary="a small correct client, the ground of the miniatures"),
    "authlib-requests": SubjectEntry(
        factory=_Library("own_login.authlib_requests", "AuthlibRequests"), summary="Authlib's OAuth2Session on requests"
    ),
    "authlib-httpx": SubjectEntry(
        factory=_Library("own_login.authlib_httpx2", "AuthlibHttpx"), summary="Authlib's OAuth2Client on httpx2"
    ),
    "authlib-httpx-async": SubjectEntry(
        factory=_Library("own_login.authlib_httpx2_async", "AuthlibHttpxAsync"),
        summary="Authlib's AsyncOAuth2Client on httpx2, one client for all callers",
    ),
    "requests-oauthlib": SubjectEntry(
        factory=_Library("own_login.requests_oauthlib_subject", "RequestsOauthlib"),
        summary="requests-oauthlib's OAuth2Session with automatic refresh",
    ),
    "requests-oauth2client": SubjectEntry(
        factory=_Library("own_login.requests_oauth2client_subject", "RequestsOauth2client"),
        summary="requests_oauth2client's OAuth2AccessTokenAuth",
    ),
    "google-auth": SubjectEntry(
        factory=_Library("own_login.google_auth_requests", "GoogleAuth"),
        summary="google-auth's AuthorizedSession, with the login of google-auth-oauthlib",
    ),
    "msal": SubjectEntry(
        factory=_Library("own_login.msal_requests", "Msal"),
        summary="MSAL's ConfidentialClientApplication, at Microsoft's authorities",
    ),
    "httpx-oauth": SubjectEntry(
        factory=_Library("application_login.httpx_oauth_subject", "HttpxOauth"), summary="httpx-oauth's OAuth2 client"
    ),
    "httpx-auth": SubjectEntry(
        factory=_Library("application_login.httpx_auth_subject", "HttpxAuth"),
        summary="httpx-auth's OAuth2AuthorizationCode, with the login of an application",
    ),
    "aiohttp-oauth2-client": SubjectEntry(
        factory=_Library("application_login.aiohttp_oauth2_client_subject", "AiohttpOauth2Client"),
        summary="aiohttp-oauth2-client's AuthorizationCodeGrant, one grant for all callers",
    ),
    "oauth2-client": SubjectEntry(
        factory=_Library("application_login.oauth2_client_requests", "Oauth2Client"),
        summary="oauth2-client's CredentialManager",
    ),
    "social-auth-core": SubjectEntry(
        factory=_Library("application_login.social_auth_core_requests", "SocialAuth"),
        summary="social-auth-core's get_access_token, without a web framework",
    ),
    "prawcore": SubjectEntry(
        factory=_Library("application_login.prawcore_subject", "Prawcore"),
        summary="prawcore's Authorizer, away from Reddit",
    ),
    "slack-sdk": SubjectEntry(
        factory=_Library("application_login.slack_sdk_tls", "SlackSdk"), summary="slack_sdk's TokenRotator, at Slack"
    ),
    "requests-auth": SubjectEntry(
        factory=_Library("application_login.requests_auth_subject", "RequestsAuth"),
        summary="requests-auth's OAuth2AuthorizationCode, with the login of an application",
    ),
    "requests-oauthlib-one-session": SubjectEntry(
        factory=_Library("own_login.requests_oauthlib_one_session", "RequestsOauthlibOneSession"),
        summary="requests-oauthlib's OAuth2Session, one for as long as the process lives",
    ),
    "flask-dance": SubjectEntry(
        factory=_Library("own_login.flask_dance_requests", "FlaskDance"),
        summary="Flask-Dance's OAuth2ConsumerBlueprint in an application of Flask",
    ),
    "mcp": SubjectEntry(
        factory=_Library("own_login.mcp_httpx2_async", "Mcp"),
        summary="mcp's OAuthClientProvider on httpx2, one provider for all callers",
    ),
    "databricks-sdk": SubjectEntry(
        factory=_Library("own_login.databricks_requests", "Databricks"),
        summary="databricks-sdk's SessionCredentials, away from Databricks",
    ),
    "how-to-refresh-token": SubjectEntry(
        factory=_Library("own_login.how_to_local_clock", "HowTo"),
        summary="the sample of a how-to for Atlassian, on requests-oauthlib",
    ),
    **{name: SubjectEntry(factory=_program(name), summary=program.summary) for name, program in PROGRAMS.items()},
    **{
        f"miniature:{name}": SubjectEntry(factory=miniature.client, summary=miniature.flaw)
        for name, miniature in MINIATURES.items()
    },
}
"""Every subject that comes with the harness."""


def subject_factory(name: str) -> SubjectFactory:
    """Return the factory of a subject by its name, or of one's own as in `own.py`, or `exec:command`; what it
    makes is guarded. Raises UnknownSubjectError."""
    return guarded(_factory(name))


def _factory(name: str) -> SubjectFactory:
    if name in SUBJECTS:
        factory = SUBJECTS[name].factory
        if isinstance(factory, _Library):
            factory.load()
        return factory
    if name.startswith(EXEC):
        from refreshproof.harness.subjects.exec.answers import ProgramError  # here: no other client needs programs
        from refreshproof.harness.subjects.exec.program import argv
        from refreshproof.harness.subjects.exec.subject import ExecSubject

        command = name.removeprefix(EXEC)
        try:
            argv(command)
        except ProgramError as error:
            raise UnknownSubjectError(error.what) from None
        return partial(ExecSubject, command=command)
    if is_file(name):
        return own_factory(name)
    if not name.partition(":")[2] or name.startswith("miniature:"):
        told = hint(name, SUBJECTS, "`refreshproof list subjects` names them.")
        raise UnknownSubjectError(
            f"there is no subject {name!r}; {told} Your own client is named MODULE:FACTORY, FILE.py or exec:COMMAND."
        )
    return own_factory(name)
