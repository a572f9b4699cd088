"""Every message of the protocol, as a model: what a program is sent, and what it may answer.

`protocol.md` beside this shows their JSON Schemas. Members that are not named here are ignored, in both directions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from refreshproof.harness.adapters.contract import is_text
from refreshproof.scenarios.steps.subject import Capability

PROTOCOL = 2
"""The edition of the protocol; a program that does not know `hello` speaks the first."""
LONGEST_TEXT = 10_000
"""Characters of a text in an answer."""


def _printable(text: str) -> str:
    if not is_text(text):
        raise ValueError("it cannot be shown on a line")
    return text


Id: TypeAlias = int | None
"""The number of the command; it may be left out where only one is under way."""
Text: TypeAlias = Annotated[str, StringConstraints(max_length=LONGEST_TEXT)]
Label: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=100), AfterValidator(_printable)]
Status: TypeAlias = Annotated[int, Field(ge=100, le=999)]
Number: TypeAlias = Annotated[float, Field(allow_inf_nan=False)]
ErrorClass: TypeAlias = Literal[
    "invalid_grant", "reauth_required", "oauth_error", "http_status", "transport", "parse", "unsupported", "config",
    "crash",
]  # fmt: skip
Claim: TypeAlias = Literal[
    "refresh", "restart", "disconnect", "parallel", "shared_store", "clock", "visible_output", "tolerates_a_minute",
    "flow_limits", "minimum_lifetime", "gives_up_after_a_week", "provider_types", "two_pairs",
]  # fmt: skip
"""What a program can claim of `CAPABILITIES`."""


class _Message(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")


class Command(_Message):
    """A line that a program is sent: `now` is the time that it is to believe, in seconds since the epoch."""

    id: int
    now: float


class Hello(Command):
    """The first command to a new process."""

    cmd: Literal["hello"] = "hello"
    protocol: int = Field(description="the edition that is spoken here")


class Start(Command):
    """Begin with this registration, on what is in the store and no more."""

    cmd: Literal["start"] = "start"
    registration: dict[str, Any] = Field(description="what to configure the client with")
    resource: str = Field(description="the address to call")
    store: str = Field(description="the folder that survives a restart; empty when a session begins")


class Clock(Command):
    """Tell the client's time."""

    cmd: Literal["clock"] = "clock"


class Authorize(Command):
    """Begin a login."""

    cmd: Literal["authorize"] = "authorize"


class Callback(Command):
    """Take the redirect that came back from the login, whatever it holds."""

    cmd: Literal["callback"] = "callback"
    url: str


class Call(Command):
    """Use the resource as the client would, refreshing first if it is time."""

    cmd: Literal["call"] = "call"
    resource: str = Field(description="the address to call, another one for each caller that is under way")


class Refresh(Command):
    """Force a refresh; sent where `refresh` is claimed."""

    cmd: Literal["refresh"] = "refresh"


class Restart(Command):
    """Forget what is not stored; sent where `restart` is claimed and the store is empty."""

    cmd: Literal["restart"] = "restart"


class Disconnect(Command):
    """Log out; sent where `disconnect` is claimed."""

    cmd: Literal["disconnect"] = "disconnect"


class Unsupported(_Message):
    """The answer to any command that the program does not have."""

    id: Id = None
    unsupported: Literal[True]


class Failure(_Message):
    """What went wrong for the caller."""

    kind: ErrorClass = Field(alias="class")
    status: Status | None = Field(default=None, description="the HTTP status, if one came")
    oauth_error: Text | None = Field(default=None, description="the error code of the answer, if it had one")
    message: Text | None = None


class Failed(_Message):
    """The answer of an operation that failed."""

    id: Id = None
    ok: Literal[False]
    error: Failure


class Answer(_Message):
    """An answer of success, with nothing else to tell."""

    id: Id = None
    ok: Literal[True]


class Greeting(Answer):
    """The answer to hello."""

    protocol: Annotated[int, Field(ge=1, le=PROTOCOL)] = Field(description="the edition that the program speaks")
    https: bool = Field(default=False, description="whether the vendors are to be at https addresses")


class About(_Message):
    """Who the client is, and what it can do beyond authorize, callback and call."""

    name: Label = "program"
    version: Label = "0"
    capabilities: list[Claim] = Field(default_factory=list)
    unsuited: Text | None = Field(
        default=None, description="why the client cannot work with the registration, where it cannot"
    )

    @model_validator(mode="before")
    @classmethod
    def _numbers_are_labels(cls, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        named = {name: value[name] for name in ("name", "version") if type(value.get(name)) in (int, float)}
        return {**value, **{name: str(number) for name, number in named.items()}}


class Started(Answer):
    """The answer to start."""

    subject: About


class Time(Answer):
    """The answer to clock."""

    now: Number = Field(description="what the client takes the time to be, in seconds since the epoch")


class Begun(Answer):
    """The answer to authorize."""

    url: Text = Field(description="where the user's browser is sent to")


class LoggedIn(Answer):
    """The answer to callback."""

    refreshable: bool | None = Field(default=None, description="whether the client believes that it can refresh")


class Called(Answer):
    """The answer to call."""

    status: Status | None = Field(default=None, description="the status that the resource answered")


SENT: Mapping[str, type[Command]] = {
    "hello": Hello,
    "start": Start,
    "clock": Clock,
    "authorize": Authorize,
    "callback": Callback,
    "call": Call,
    "refresh": Refresh,
    "restart": Restart,
    "disconnect": Disconnect,
}
"""What a program is sent, by command."""

ANSWERED: Mapping[str, type[Answer]] = {
    "hello": Greeting,
    "start": Started,
    "clock": Time,
    "authorize": Begun,
    "callback": LoggedIn,
    "call": Called,
    "refresh": Answer,
    "restart": Answer,
    "disconnect": Answer,
}
"""What it answers where it succeeds; `Failed` and `Unsupported` answer any command."""

CLAIMS: tuple[Capability, ...] = get_args(Claim)
