"""Libraries in other languages that are subjects by name: a row per program, and a row per language that says how its
programs are made ready and started.

To add a library, write its program in the folder of its language and name it in `PROGRAMS`. Pure: what is run, and
when, is not decided here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).parent
"""Where the programs stand, in a folder a language."""


@dataclass(frozen=True, kw_only=True)
class Language:
    """How the programs of a language are made ready, in the language's folder, and started from anywhere.

    In the words of the commands `{folder}`, `{file}`, `{package}` and `{built}` stand for that folder, the program's
    file, its package, and a file that the first command may make for the second, which finds `environment`. `tool` is
    the command of the toolchain, `toolchain` what a user calls it, and `bring` what installs a package.
    """

    tool: str
    ready: tuple[str, ...]
    start: tuple[str, ...]
    toolchain: str
    bring: str
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Program:
    """A program that wraps a library: its file with what follows it, and the package that it needs in its language."""

    language: str
    file: str
    package: str
    summary: str
    arguments: tuple[str, ...] = ()


LANGUAGES: Mapping[str, Language] = {
    "node": Language(
        tool="node",
        ready=("node", "libraries/ready.mjs", "{package}"),
        start=("node", "{folder}/{file}"),
        toolchain="Node.js 20 or newer (Debian: nodejs, npm)",
        bring="npm ci --omit=dev --prefix {folder}",
    ),
    "go": Language(
        tool="go",
        # Without debugging information, for which the linker wants the type of a variable that is the library's own.
        ready=("go", "build", "-ldflags=-w", "-o", "{built}", "./{file}"),
        environment={"GO111MODULE": "off", "GOPATH": "/usr/share/gocode"},  # where Debian's packages put sources
        start=("{built}",),
        toolchain="Go 1.18 or newer (Debian: golang-go)",
        bring="apt-get install {package}",
    ),
    "ruby": Language(
        tool="ruby",
        ready=("ruby", "-c", "-r", "oauth2", "{file}"),
        start=("ruby", "{folder}/{file}"),
        toolchain="Ruby (Debian: ruby)",
        bring="apt-get install {package}",
    ),
    "perl": Language(
        tool="perl",
        ready=("perl", "-c", "{file}"),
        start=("perl", "{folder}/{file}"),
        toolchain="Perl (Debian: perl)",
        bring="apt-get install {package}",
    ),
}  # fmt: skip
"""The languages, by the folder that holds their programs."""


def _node(package: str, summary: str, module: str) -> Program:
    return Program(language="node", file="libraries/program.mjs", arguments=(module,), package=package, summary=summary)


PROGRAMS: Mapping[str, Program] = {
    "node-openid-client": _node(
        "openid-client", "openid-client for Node, with an application that decides when to refresh", "openid-client"
    ),
    "node-oauth4webapi": _node(
        "oauth4webapi", "oauth4webapi for Node, with an application that decides when to refresh", "oauth4webapi"
    ),
    "node-simple-oauth2": _node("simple-oauth2", "simple-oauth2's AuthorizationCode for Node", "simple-oauth2"),
    "node-google-auth-library": _node(
        "google-auth-library", "google-auth-library's OAuth2Client for Node", "google-auth-library"
    ),
    "node-badgateway-oauth2-client": _node(
        "@badgateway/oauth2-client", "@badgateway/oauth2-client's OAuth2Fetch for Node", "badgateway-oauth2-client"
    ),
    "node-msal": _node(
        "@azure/msal-node", "MSAL's ConfidentialClientApplication for Node, at Microsoft's authorities", "msal-node"
    ),
    "node-modelcontextprotocol-sdk": _node(
        "@modelcontextprotocol/sdk", "the client side of the MCP SDK for Node, withOAuth", "modelcontextprotocol-sdk"
    ),
    "node-3lo-snippet": _node(
        "", "the sample of Atlassian's page on 3LO apps, with the await that it lacks", "atlassian-3lo-snippet"
    ),
    "node-3lo-snippet-awaited": _node("", "the same sample with the answer awaited", "atlassian-3lo-snippet-awaited"),
    "go-x-oauth2": Program(
        language="go",
        file="x_oauth2",
        package="golang-golang-x-oauth2-dev",
        summary="golang.org/x/oauth2 for Go, one TokenSource for all callers",
    ),
    "ruby-oauth2": Program(
        language="ruby", file="oauth2.rb", package="ruby-oauth2", summary="ruby-oauth2's AccessToken"
    ),
    "perl-lwp-authen-oauth2": Program(
        language="perl",
        file="lwp_authen_oauth2.pl",
        package="liblwp-authen-oauth2-perl",
        summary="LWP::Authen::OAuth2 for Perl, with five minutes for early_refresh_time",
    ),
}
"""Every program with a name, by that name."""
