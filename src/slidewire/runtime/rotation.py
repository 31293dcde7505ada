"""The server key changed, beside running gateways or without them.

The new key is on the disk before anything is made under it, the old one stays known: at every moment everything opens.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from slidewire.domain.audit import By
from slidewire.runtime.clock import now
from slidewire.runtime.configure import folder_of
from slidewire.runtime.offline import known_keys
from slidewire.runtime.secrets import key_file
from slidewire.settings import Settings
from slidewire.store.database import Database
from slidewire.store.rotation import Needs, needs, reseal, stale_accounts
from slidewire.store.sealed import Sealer
from slidewire.store.server_keys import key_name


class UnknownKeyError(Exception):
    """No key of this name is among the former ones of the file."""


class StillNeededError(Exception):
    """Something would be lost with the key."""

    def __init__(self, by: Needs) -> None:
        super().__init__(by.name)
        self.by = by


@dataclass(frozen=True, slots=True)
class Rotated:
    """What a rotation did."""

    key: str  #: the name of the present key
    made: bool  #: it is new: else a rotation that was cut off was ended, or the settings have the key
    accounts: int = 0  #: whose secrets were sealed anew
    secrets: int = 0
    unopened: list[str] = field(default_factory=list)  #: places of secrets that no known key opens


async def rotate(settings: Settings, database: Database, random: bytes, by: Callable[[], By]) -> Rotated:
    """Seal every secret under a new key of ``random``, or under that of the settings.

    A rotation that was cut off is ended, before a new one begins. Raises SettingsError.
    """
    keys = known_keys(settings)
    sealer = Sealer(keys, os.urandom)
    with key_file(folder_of(settings)) as file:
        _, *former = await look(settings, database, now())
        made = not settings.server_key and not any(each.secrets for each in former if each.name)
        if made:
            file.add(random)
        stale = await database.read(lambda connection: stale_accounts(connection, sealer))
        done = [await database.write(partial(reseal, account_id=each, sealer=sealer, by=by())) for each in stale]
    return Rotated(
        key=key_name(keys.present),
        made=made,
        accounts=sum(1 for each in done if each.sealed),
        secrets=sum(each.sealed for each in done),
        unopened=[place for each in done for place in each.unopened],
    )


async def look(settings: Settings, database: Database, at: int) -> list[Needs]:
    """What each known key is needed for, the present one first (store/rotation.py). Raises SettingsError."""
    keys = known_keys(settings)
    return await database.read(lambda connection: needs(connection, keys, at))


async def forget(settings: Settings, database: Database, name: str, *, needed_or_not: bool) -> None:
    """Take a former key out of the file. Raises StillNeededError, UnknownKeyError, SettingsError."""
    with key_file(folder_of(settings)) as file:
        _, *former = await look(settings, database, now())
        found = next((each for each in former if each.name == name and name), None)
        if settings.server_key or found is None:
            raise UnknownKeyError(name)
        if found.is_needed and not needed_or_not:
            raise StillNeededError(found)
        file.forget(name)
