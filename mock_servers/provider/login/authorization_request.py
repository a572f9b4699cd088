"""Reading an authorization request: which parameters there must be, and what each of them may say.

Pure: a function of the request, the profile and what is registered. Sources: RFC 6749 s3.1, s4.1.1; RFC 7636 s4.3.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

from refreshproof.mock_servers.profile.profile import Cause, Profile
from refreshproof.mock_servers.provider.clients.authentication import registered
from refreshproof.mock_servers.provider.http.replies import Refused
from refreshproof.mock_servers.provider.http.resource_by_scope import check_resource_of_scopes
from refreshproof.mock_servers.provider.http.scopes import read_scopes
from refreshproof.mock_servers.provider.http.targets import named_resource
from refreshproof.mock_servers.provider.state.records import Application

_VERIFIER_LENGTH = re.compile(r"[A-Za-z0-9\-._~]{43,128}")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_LOOPBACK_URI = re.compile(r"https?://(127\.0\.0\.1|\[::1\]|localhost)(:\d{1,5})?(/[!$-;=?-\[\]_a-z~]*)?")


@dataclass(frozen=True, kw_only=True)
class AuthorizationRequest:
    """A request that may be put to the user."""

    application: Application
    redirect_uri: str
    redirect_uri_given: bool
    scopes: tuple[str, ...]
    resource: str | None
    prompt: tuple[str, ...]
    state: str | None
    response_mode: str
    parameters: Mapping[str, str]
    challenge: str | None
    challenge_method: str


def read(
    profile: Profile, applications: Mapping[str, Application], pairs: tuple[tuple[str, str], ...]
) -> AuthorizationRequest:
    """Check the parameters of an authorization request; raises `Refused`."""
    values = {name: value for name, value in pairs if value != ""}
    application = _application(applications, values)
    _check_kind(profile, application)
    redirect_uri = _redirect_uri(profile, application, values)
    repeated = repeated_parameters(pairs)
    if repeated:
        raise _invalid("Parameter sent more than once", expected="each parameter once", found=repeated)
    _check_required(profile, values)
    challenge, method = _challenge(profile, application, values)
    return AuthorizationRequest(
        application=application,
        redirect_uri=redirect_uri,
        redirect_uri_given="redirect_uri" in values,
        scopes=_scopes(profile, application, values),
        resource=named_resource(profile, "authorization", values),
        prompt=_prompt(profile, values),
        state=values.get("state"),
        response_mode=_response_mode(profile, values),
        parameters=values,
        challenge=challenge,
        challenge_method=method,
    )


def repeated_parameters(pairs: tuple[tuple[str, str], ...]) -> str:
    """Return the names that are there more than once, as a list in words; RFC 6749 s3.1 and s3.2 forbid them."""
    if len({name for name, _ in pairs}) == len(pairs):
        return ""  # as nearly always
    return ", ".join(sorted(name for name, number in Counter(name for name, _ in pairs).items() if number > 1))


def _application(applications: Mapping[str, Application], values: Mapping[str, str]) -> Application:
    client_id = values.get("client_id")
    if client_id is None:
        raise _missing("client_id")
    return registered(applications, client_id)


def _check_kind(profile: Profile, application: Application) -> None:
    kinds = profile.authorization.application_kinds
    if kinds and application.kind not in kinds:
        raise Refused(Cause.APPLICATION_KIND, expected=" or ".join(kinds), found=application.kind)


def _redirect_uri(profile: Profile, application: Application, values: Mapping[str, str]) -> str:
    given = values.get("redirect_uri")
    if given is None:
        if len(application.redirect_uris) == 1 and "redirect_uri" not in profile.authorization.required:
            return application.redirect_uris[0]
        raise _mismatch(application, "none")
    refused = profile.authorization.refused_hosts
    if urlsplit(given).hostname in refused:
        raise Refused(Cause.REDIRECT_URI_MISMATCH, expected=f"no host of {' or '.join(refused)}", found=given)
    if not is_registered(profile, application, given):
        raise _mismatch(application, given)
    if profile.authorization.https_redirect_uri and urlsplit(given).scheme != "https":
        raise Refused(Cause.REDIRECT_URI_MISMATCH, expected="an https address", found=given)
    return given


def _mismatch(application: Application, found: str) -> Refused:
    expected = " or ".join(application.redirect_uris)
    return Refused(Cause.REDIRECT_URI_MISMATCH, client_id=application.client_id, expected=expected, found=found)


def _missing(parameter: str) -> Refused:
    return Refused(Cause.MISSING_PARAMETER, parameter=parameter, expected=parameter, found="none")


def _invalid(what: str, *, expected: str, found: str) -> Refused:
    detail = f"{what}: expected {expected}, found {found}"
    return Refused(Cause.INVALID_REQUEST, detail=detail, expected=expected, found=found)


def is_registered(profile: Profile, application: Application, given: str) -> bool:
    """Tell whether a redirect URI is one of an application's; one of any loopback port is where it may have any."""
    rules = profile.authorization
    free_port = rules.loopback_port_free and (not rules.loopback_kinds or application.kind in rules.loopback_kinds)
    if application.any_loopback and _on_loopback(given):
        return True
    return any(redirect_uris_match(registered, given, free_port) for registered in application.redirect_uris)


def _on_loopback(uri: str) -> bool:
    """Tell whether an address is a plain one on loopback, that no parser could read as another host's."""
    return _LOOPBACK_URI.fullmatch(uri) is not None


def redirect_uris_match(registered: str, given: str, free_port: bool) -> bool:
    """Compare byte for byte; on loopback the port may differ (RFC 8252 s7.3, RFC 9700 s2.1), and no path equals `/`."""
    if registered == given:
        return True
    one, other = urlsplit(registered), urlsplit(given)
    return (
        free_port
        and one.hostname in _LOOPBACK
        and one._replace(netloc="", path=one.path or "/") == other._replace(netloc="", path=other.path or "/")
        and (one.hostname == other.hostname)
    )


def _check_required(profile: Profile, values: Mapping[str, str]) -> None:
    for name, wanted in profile.authorization.required.items():
        if name not in values:
            raise _missing(name)
        if name == "response_type":
            _check_response_type(profile, values)
        elif wanted and wanted not in values[name].split():
            raise _invalid(name, expected=wanted, found=values[name])


def _check_response_type(profile: Profile, values: Mapping[str, str]) -> None:
    if not is_served(profile, values):
        expected = " or ".join(profile.authorization.response_types)
        raise Refused(Cause.UNSUPPORTED_RESPONSE_TYPE, expected=expected, found=values["response_type"])
    # OpenID Connect Core s3.2.2.1, s3.3.2.11: what comes by the browser must be bound to the request.
    if "id_token" in response_parts(values) and "nonce" not in values:
        raise _missing("nonce")


def _scopes(profile: Profile, application: Application, values: Mapping[str, str]) -> tuple[str, ...]:
    resource = profile.authorization.resource_parameter
    asked = profile.scopes if resource in values else read_scopes(profile, values.get("scope", ""))
    # The scope that brings a refresh token is the authorization server's own, not one of an API.
    beyond = " ".join(one for one in asked if one != profile.issuance.scope and not _may_ask(profile, application, one))
    if beyond:
        expected = profile.authorization.known_scopes if application.scopes is None else sorted(application.scopes)
        raise Refused(Cause.INVALID_SCOPE, scope=beyond, expected=" ".join(expected), found=beyond)
    check_resource_of_scopes(profile, values, asked)
    return asked


def _may_ask(profile: Profile, application: Application, scope: str) -> bool:
    """Tell whether an application may ask for a scope: one that was registered for it, else any that there is."""
    if application.scopes is not None:
        return scope in application.scopes
    known = profile.authorization.known_scopes
    return not known or scope in profile.scopes or any(fnmatchcase(scope, pattern) for pattern in known)


def response_parts(values: Mapping[str, str]) -> frozenset[str]:
    """Return what a request asks for at once: code, token, id_token; of `none` nothing is brought."""
    return frozenset(values.get("response_type", "").split())


def is_served(profile: Profile, values: Mapping[str, str]) -> bool:
    """Tell whether a response_type is one of the vendor's; the order of its parts does not matter."""
    return response_parts(values) in {frozenset(one.split()) for one in profile.authorization.response_types}


def modes_of(profile: Profile, values: Mapping[str, str]) -> tuple[str, ...]:
    """Return how an answer may come, the usual way first; a token must not be in the query (Multiple Response Type
    Encoding Practices s2.1)."""
    allowed = profile.authorization.response_modes
    if not is_served(profile, values) or not response_parts(values) & {"token", "id_token"}:
        return ("query", *(mode for mode in allowed if mode != "query"))
    return ("fragment", *(mode for mode in allowed if mode not in ("query", "fragment")))


def _response_mode(profile: Profile, values: Mapping[str, str]) -> str:
    allowed = modes_of(profile, values)
    mode = values.get("response_mode", allowed[0])
    if mode not in allowed:
        raise _invalid("response_mode", expected=" or ".join(allowed), found=mode)
    return mode


def _prompt(profile: Profile, values: Mapping[str, str]) -> tuple[str, ...]:
    prompt = tuple(values.get("prompt", profile.authorization.default_prompt).split())
    for value in prompt:
        if value not in profile.authorization.prompt_values:
            allowed = " or ".join(profile.authorization.prompt_values)
            raise _invalid("Invalid parameter value for prompt", expected=allowed, found=value)
    legacy = profile.authorization.consent_parameter
    if legacy is not None and values.get(legacy[0]) == legacy[1]:
        prompt = (*prompt, "consent")
    if "none" in prompt and len(prompt) > 1:
        raise _invalid("prompt", expected="none alone", found=" ".join(prompt))
    return prompt


def _challenge(profile: Profile, application: Application, values: Mapping[str, str]) -> tuple[str | None, str]:
    challenge, method = values.get("code_challenge"), values.get("code_challenge_method", "plain")
    rule = profile.authorization.pkce
    if rule == "ignored":
        return None, method
    sent = [name for name in ("code_challenge", "code_challenge_method") if name in values]
    if sent and rule == "refused":
        raise _invalid(f"{sent[0]} is not supported", expected="none", found=f"{method} code_challenge")
    if challenge is None:
        if rule == "required" or application.kind in profile.authorization.pkce_kinds:
            raise _missing("code_challenge")
        return None, method
    allowed = profile.authorization.challenge_methods
    if method not in allowed:
        raise _invalid("code_challenge_method", expected=" or ".join(allowed), found=method)
    if not _VERIFIER_LENGTH.fullmatch(challenge):
        raise _invalid(
            "code_challenge", expected="43 to 128 unreserved characters", found=f"{len(challenge)} characters"
        )
    return challenge, method
