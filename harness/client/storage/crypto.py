"""Encryption of secrets at rest: Fernet keys from a text or a file; the first encrypts, all decrypt."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from refreshproof.harness.client.model.errors import ConfigurationError
from refreshproof.mock_servers.strict_files import FileError, read_text

KEY_VARIABLE = "REFRESHPROOF_CLIENT_KEY"
"""Environment variable with the keys, the newest first, separated by commas."""

LARGEST_FILE = 65_536
"""Bytes of a key file that are read."""


class Cipher:
    """Encrypts and decrypts texts with a ring of keys."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        if not keys:
            raise ConfigurationError(f"{KEY_VARIABLE}: no encryption key; expected Fernet keys separated by commas")
        try:
            self._ring = MultiFernet([Fernet(key) for key in keys])
        except ValueError:
            raise ConfigurationError(
                f"{KEY_VARIABLE}: a key is not a Fernet key (32 bytes in URL-safe base64); keys are separated by commas"
            ) from None

    def encrypt(self, text: str | None) -> str | None:
        """Encrypt with the newest key; None stays None."""
        return None if text is None else self._ring.encrypt(text.encode()).decode()

    def decrypt(self, text: str | None) -> str | None:
        """Decrypt with whichever key fits; raise ConfigurationError if none does."""
        if text is None:
            return None
        try:
            return self._ring.decrypt(text).decode()
        except InvalidToken:
            raise ConfigurationError(f"{KEY_VARIABLE}: no key decrypts what the database holds") from None

    def rotate(self, text: str | None) -> str | None:
        """Encrypt again with the newest key."""
        return self.encrypt(self.decrypt(text))


def new_key() -> str:
    """Return a new random key."""
    return Fernet.generate_key().decode()


def read_keys(text: str) -> tuple[str, ...]:
    """Split a text into keys: commas, blanks and line ends separate them."""
    return tuple(text.replace(",", " ").split())


def key_file(path: Path) -> tuple[str, ...]:
    """Return the keys of a file; a missing one is made with a new key, readable for its owner only."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return read_keys(_text_of(path))
    with os.fdopen(handle, "w") as file:
        file.write(new_key() + "\n")
    return read_keys(_text_of(path))


def _text_of(path: Path) -> str:
    try:
        return read_text(path, LARGEST_FILE)
    except FileError as error:
        raise ConfigurationError(str(error)) from None
