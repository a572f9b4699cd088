"""What a vendor's authorization endpoint asks for and shows. Data only; a part of a profile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from refreshproof.mock_servers.profile.causes import Cause

ResponseMode: TypeAlias = Literal["query", "fragment", "form_post"]
Pkce: TypeAlias = Literal["enforced", "ignored", "refused", "required"]
"""What a server does with the parameters of RFC 7636: holds a client that sends a challenge to its verifier, passes
over both, refuses a request that has one of them, or refuses an authorization request without a challenge."""


@dataclass(frozen=True, kw_only=True)
class AuthorizationRules:
    """What the authorization endpoint asks for and shows.

    `required` maps a parameter to the only value it may have, or "" for any value. `consent` says when the screen is
    shown: always, when no grant covers the scopes or prompt asks for it, or only then when prompt asks. A cause in
    `errors_as_page` is shown to the user, others are redirected. `site_selection` makes the user pick one site, which
    joins the grant. `access_follows` tells whose scopes an access token opens: its own, those of its grant as it stands
    now, or what both hold. `application_kinds` are the kinds of application that may ask, all if empty. `login_page` is
    where a user who is not logged in is sent first. `incremental` lets include_granted_scopes add earlier grants,
    `accumulates` adds them unasked, `timed_access` a user limit the access in time. `pkce` is what becomes of RFC
    7636's parameters, `pkce_kinds` are kinds of application that must send a challenge whatever it says,
    `challenge_methods` the methods of a challenge that are taken.
    `home_resource` is the resource that a bare scope belongs to, where a token is for the scopes of one resource;
    `resource_parameter` names one that replaces scope. Where `resource_by_scope`, scopes alone say which resource is
    meant: a resource (RFC 8707) that is not theirs is refused, and so is a refresh for the application's own API that
    names no scope of it. `consent_parameter` is a pair that acts like prompt=consent. With `loopback_port_free` the
    port of a redirect URI on loopback does not matter, to applications of `loopback_kinds` if there are any.
    `refused_hosts` are those that no redirect URI may have, `refused_browsers` what no User-Agent may hold.
    `bare_callback_slash` adds the slash to a redirect URI without a path before anything is redirected there.
    `scopes_ignore_case` reads a scope of the profile however it is spelt. `known_scopes` are the scopes there are
    besides the profile's own, all if empty; a `*` in one stands for any text. Any other is refused to an application
    that no scopes were registered for. `response_types` are those that may be asked for, their parts in any order: what
    one brings besides a code comes in the fragment (RFC 6749 s4.2; OAuth 2.0 Multiple Response Type Encoding
    Practices).
    """

    required: Mapping[str, str] = field(default_factory=lambda: {"client_id": "", "response_type": "code"})
    default_prompt: str = ""
    consent: Literal["always", "uncovered_or_prompted", "prompted"] = "uncovered_or_prompted"
    prompt_values: tuple[str, ...] = ("none", "login", "consent", "select_account")
    errors_as_page: tuple[Cause, ...] = (Cause.UNKNOWN_CLIENT, Cause.REDIRECT_URI_MISMATCH)
    error_page: str = ""
    sends_iss: bool = False
    extra_callback_parameters: tuple[str, ...] = ()
    scope_separator: str = " "
    scope_aliases: Mapping[str, str] = field(default_factory=dict)
    pkce: Pkce = "enforced"
    challenge_methods: tuple[Literal["plain", "S256"], ...] = ("plain", "S256")
    site_selection: bool = False
    access_follows: Literal["token", "grant", "both"] = "token"
    application_kinds: tuple[str, ...] = ()
    login_page: str = ""
    loopback_port_free: bool = True
    loopback_kinds: tuple[str, ...] = ()
    refused_hosts: tuple[str, ...] = ()
    refused_browsers: tuple[str, ...] = ()
    bare_callback_slash: bool = False
    scopes_ignore_case: bool = False
    known_scopes: tuple[str, ...] = ()
    response_types: tuple[str, ...] = ("code",)
    https_redirect_uri: bool = False
    project_wide_consent: bool = False
    response_modes: tuple[ResponseMode, ...] = ("query",)
    incremental: bool = False
    accumulates: bool = False
    timed_access: bool = False
    pkce_kinds: tuple[str, ...] = ()
    home_resource: str | None = None
    resource_parameter: str | None = None
    resource_by_scope: bool = False
    consent_parameter: tuple[str, str] | None = None
