"""The storage services of the seed's developer page: configurations and tokens, under its names in Python."""

from __future__ import annotations

import logging
import random
from dataclasses import dataclass, replace

from refreshproof.harness.client.model.clock import Clock
from refreshproof.harness.client.model.configuration import ClientConfiguration, field_faults, redirect_uri_suffix
from refreshproof.harness.client.model.errors import FieldErrors, NotFoundError, StorageError
from refreshproof.harness.client.model.settings import Settings, key
from refreshproof.harness.client.model.status import Event, Listener, Move, authorized, retired
from refreshproof.harness.client.model.token import ClientTokenEntity, Health
from refreshproof.harness.client.storage.storage import Storage

logger = logging.getLogger("refreshproof.client")


@dataclass(frozen=True, kw_only=True)
class ClientConfigStorageService:
    """Stores client configurations (CFG-07)."""

    storage: Storage
    settings: Settings
    clock: Clock
    rng: random.Random
    tell: Listener

    def save(self, configuration: ClientConfiguration) -> ClientConfiguration:
        """Insert a configuration without id, or replace the one with its id; return it with id and suffix.

        Raises FieldErrors with every offending field, and NotFoundError for an unknown id.
        """
        previous = self.get_by_id_or_fail(configuration.id) if configuration.id else None
        checked = configuration
        if checked.redirect_uri_suffix == "":
            checked = replace(checked, redirect_uri_suffix=self.suffix(checked.authorization_endpoint))
        errors = {**self._conflicts(checked, previous), **field_faults(checked, self.settings)}
        if errors:
            raise FieldErrors(errors)
        if not checked.id:
            checked = replace(checked, id=self.rng.randbytes(16).hex())
        self.storage.save_configuration(checked)
        self._warn(checked)
        if previous is not None and previous.refresh_url != checked.refresh_url:
            self._retire(checked.id)
        return checked

    def get_by_id_or_fail(self, config_id: str) -> ClientConfiguration:
        """Return the configuration with this id; raise NotFoundError."""
        found = self.storage.configuration(config_id)
        if found is None:
            raise NotFoundError(f"no client configuration has the id {config_id!r}")
        return found

    find_by_id_or_fail = get_by_id_or_fail

    def find_by_id(self, config_id: str) -> ClientConfiguration | None:
        """Return the configuration with this id, or None."""
        return self.storage.configuration(config_id)

    def get_by_name(self, name: str) -> ClientConfiguration | None:
        """Return the configuration with this name, or None."""
        return next((one for one in self.storage.configurations() if one.name == name), None)

    def list(self) -> list[ClientConfiguration]:
        """Return all configurations, by name."""
        return self.storage.configurations()

    def delete(self, config_id: str) -> None:
        """Delete a configuration with its tokens; raise NotFoundError."""
        if not self.storage.delete_configuration(config_id):
            raise NotFoundError(f"no client configuration has the id {config_id!r}")

    def is_name_unique(self, name: str, config_id: str = "") -> bool:
        """Tell whether no other configuration has this name."""
        found = self.get_by_name(name)
        return found is None or found.id == config_id

    def suffix(self, authorization_endpoint: str) -> str:
        """Return the redirect URI suffix of an authorization endpoint: a stored one, or the derived one (CFG-04)."""
        stored = (one for one in self.storage.configurations() if one.authorization_endpoint == authorization_endpoint)
        found = next(stored, None)
        return found.redirect_uri_suffix if found else redirect_uri_suffix(authorization_endpoint)

    def _conflicts(self, wanted: ClientConfiguration, previous: ClientConfiguration | None) -> dict[str, str]:
        """Return what other configurations forbid: one owner per name, one suffix per endpoint and the reverse."""
        errors = {}
        others = [one for one in self.storage.configurations() if one.id != wanted.id]
        if any(one.name == wanted.name for one in others):
            errors["name"] = "is taken by another configuration"
        endpoint, suffix = wanted.authorization_endpoint, wanted.redirect_uri_suffix
        foreign = [one for one in (*others, *filter(None, [previous])) if one.authorization_endpoint != endpoint]
        if any(one.redirect_uri_suffix == suffix for one in foreign):
            errors["redirectUriSuffix"] = "belongs to another authorization endpoint"
        if any(one.redirect_uri_suffix != suffix for one in others if one.authorization_endpoint == endpoint):
            errors["redirectUriSuffix"] = "differs from the one of this authorization endpoint"
        return errors

    def _retire(self, config_id: str) -> None:
        """Give up the tokens of a configuration whose refresh URL changed: they must never reach another server."""
        now = self.clock.now()
        for token in self.storage.tokens(config_id):
            stored: ClientTokenEntity | None = token
            while stored is not None:
                health = retired(stored.health, now)
                given_up = replace(stored, health=health, lease=None, generation=stored.generation + 1)
                if self.storage.replace_token(given_up):
                    self.tell(Move(token_id=token.id, status=stored.health.status, event=Event.RETIRED))
                    break
                held = self.storage.load(token.id)
                stored = held.token if held else None

    def _warn(self, configuration: ClientConfiguration) -> None:
        urls = (configuration.authorization_endpoint, configuration.refresh_url, configuration.token_endpoint)
        if any(url.lower().startswith("http:") for url in urls):
            name = key("skip_provider_https_requirement")
            logger.warning("%s is on: configuration %s uses http", name, configuration.id)


@dataclass(frozen=True, kw_only=True)
class ClientTokenStorageService:
    """Stores client tokens."""

    storage: Storage
    rng: random.Random
    tell: Listener

    def save(self, token: ClientTokenEntity, new_id: str = "") -> ClientTokenEntity:
        """Insert a token without id, or replace the stored one as a new authorization does (ST-06); return it.

        Replacing clears the status and makes an answer to a refresh of the old pair, still on its way, worthless.
        `new_id` is the id to insert under; if it was inserted before, that record is replaced.
        """
        if self.storage.configuration(token.config_id) is None:
            raise NotFoundError(f"no client configuration has the id {token.config_id!r}")
        if not token.id and not (new_id and self.storage.load(new_id)):
            chosen = new_id or self.rng.randbytes(16).hex()
            inserted = replace(token, id=chosen, health=Health(), lease=None, generation=1, version=1)
            self.storage.insert_token(inserted)
            return inserted
        token = replace(token, id=token.id or new_id)
        for _ in range(100):
            stored = self.get_by_id_or_fail(token.id)
            health = authorized(stored.health)
            fresh = replace(token, health=health, lease=None, generation=stored.generation + 1, version=stored.version)
            saved = self.storage.replace_token(fresh)
            if saved is not None:
                self.tell(Move(token_id=saved.id, status=stored.health.status, event=Event.AUTHORIZED))
                return saved
        raise StorageError(f"token {token.id!r} is changed faster than it can be replaced")

    def get_by_id_or_fail(self, token_id: str) -> ClientTokenEntity:
        """Return the token with this id; raise NotFoundError."""
        held = self.storage.load(token_id)
        if held is None:
            raise NotFoundError(f"no token has the id {token_id!r}")
        return held.token

    find_by_id_or_fail = get_by_id_or_fail

    def list(self) -> list[ClientTokenEntity]:
        """Return all tokens, by id."""
        return self.storage.tokens()

    def delete(self, token_id: str) -> None:
        """Delete a token; raise NotFoundError. A refresh still on its way does not bring it back."""
        if not self.storage.delete_token(token_id):
            raise NotFoundError(f"no token has the id {token_id!r}")
