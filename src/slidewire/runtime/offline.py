"""The store for commands that run beside a gateway, or without one: opened, migrated, closed."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from slidewire.provisioning.secrets import Strongbox
from slidewire.runtime.configure import folder_of
from slidewire.runtime.secrets import link_key_of, server_keys
from slidewire.settings import Settings
from slidewire.store.accounts import key_digests
from slidewire.store.database import Database, open_database
from slidewire.store.links import LinkKey
from slidewire.store.migrate import migrate
from slidewire.store.sealed import Sealer
from slidewire.store.server_keys import ServerKeys


@asynccontextmanager
async def open_store(settings: Settings) -> AsyncIterator[Database]:
    """The database of ``settings`` in its newest form. Raises DatabaseError, SettingsError."""
    database = open_database(settings.database, wait=0.0)  # whoever typed the command tries again
    try:
        await migrate(database)
        yield database
    finally:
        await database.close()


def digest(settings: Settings, key: str) -> str:
    """What is stored of a new API key (security 10)."""
    return digests(settings, key)[0]


def digests(settings: Settings, key: str) -> list[str]:
    """What may be stored of an API key, what is stored of a new one first."""
    return key_digests(key, known_keys(settings).every)


def known_keys(settings: Settings) -> ServerKeys:
    """The server keys. Raises SettingsError."""
    return server_keys(settings, folder_of(settings))


def strongbox(settings: Settings) -> Strongbox:
    """How secrets of accounts are kept."""
    return Strongbox(partial(digests, settings), sealer(settings).seal, os.urandom)


def sealer(settings: Settings) -> Sealer:
    """What seals secrets at rest (security 17)."""
    return Sealer(known_keys(settings), os.urandom)


def link_key(settings: Settings) -> LinkKey:
    """What page links are hashed with (security 10)."""
    return link_key_of(known_keys(settings))
