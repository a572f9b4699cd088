"""A login by a program: it gets the authorization URL, drives the pages, and prints the address it was sent back to."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from dataclasses import dataclass

from refreshproof.harness.vendor_check.asking.trouble import TroubleError

USER = "REFRESHPROOF_USER"
"""The environment variable that names the user who should log in."""
QUERY = re.compile(r"[?#]\S+")
"""What an address can hold of codes and states."""


@dataclass(frozen=True, kw_only=True)
class ScriptLogin:
    """Runs a command with the URL as its last argument; `timeout` is in seconds."""

    command: tuple[str, ...]
    redirect_uri: str
    timeout: float
    fresh_users: bool

    def __call__(self, url: str, user: str) -> str:
        """Return the last word of the output that begins with the redirect URI; raises `TroubleError`."""
        try:
            done = subprocess.run(  # noqa: S603 - the command is the user's own
                [*self.command, url], capture_output=True, text=True, errors="replace", timeout=self.timeout,
                env=os.environ | {USER: user}, check=False, stdin=subprocess.DEVNULL,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise TroubleError(f"{self.command[0]} did not end within {self.timeout:g} s (--login-timeout)") from None
        except OSError as error:
            raise TroubleError(f"{self.command[0]} cannot be run: {error.strerror}") from None
        found = [word for word in done.stdout.split() if word.startswith(self.redirect_uri)]
        if not found:
            printed = "nothing" if not done.stdout.strip() else "something else"
            last = QUERY.sub("?…", done.stderr.strip()).splitlines()[-1:]
            said = f"; it said: {last[0][:200]}" if last else ""
            wanted = f"an address that begins with {self.redirect_uri}"
            raise TroubleError(
                f"{self.command[0]} ended with {done.returncode} and printed {printed}, not {wanted}{said}"
            )
        return found[-1]


def script_login(command: str, redirect_uri: str, timeout: float, *, fresh_users: bool) -> ScriptLogin:
    """Read a command line as a shell would; raises ValueError for one that is none."""
    words = tuple(shlex.split(command))
    if not words:
        raise ValueError("the command is empty")
    return ScriptLogin(command=words, redirect_uri=redirect_uri, timeout=timeout, fresh_users=fresh_users)
