"""The store for commands that run beside a gateway, or without one: opened, migrated, closed."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from slidewire.provisioning.secrets import Strongbox
from slidewire.runtime.configure import folder_of
from slidewire.runtime.secrets import server_key
from slidewire.settings import Settings
from slidewire.store.accounts import key_digest
from slidewire.store.database import Database, open_database
from slidewire.store.links import LinkKey
from slidewire.store.migrate import migrate
from slidewire.store.sealed import Sealer


@asynccontextmanager
async def open_store(settings: Settings) -> AsyncIterator[Database]:
    """The database of ``settings`` in its newest form. Raises DatabaseError, SettingsError."""
    database = open_database(settings.database)
    try:
        await migrate(database)
        yield database
    finally:
        await database.close()


def digest(settings: Settings, key: str) -> str:
    """What is stored of an API key (security 10)."""
    return key_digest(key, server_key(settings, folder_of(settings)))


def strongbox(settings: Settings) -> Strongbox:
    """How secrets of accounts are kept."""
    return Strongbox(lambda word: digest(settings, word), sealer(settings).seal, os.urandom)


def sealer(settings: Settings) -> Sealer:
    """What seals secrets at rest (security 17)."""
    return Sealer(server_key(settings, folder_of(settings)), os.urandom)


def link_key(settings: Settings) -> LinkKey:
    """What page links are hashed with (security 10)."""
    return LinkKey.of(server_key(settings, folder_of(settings)))
