"""What was made under which server key, and the secrets among it sealed anew under the present one (security 17).

Each account is one transaction, and what was sealed anew says so: whoever is cut off begins again and loses nothing.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection, func, select, update

from slidewire.domain.account import secret_place
from slidewire.domain.audit import AuditAction, By
from slidewire.store import schema
from slidewire.store.accounts import account_settings, keep_settings, raise_version
from slidewire.store.audit import write_audit
from slidewire.store.links import NAMED
from slidewire.store.media_secrets import account_access
from slidewire.store.sealed import Sealer, SealError, sealed_under
from slidewire.store.server_keys import ServerKeys, by_name, key_name

_SETTING = "postback_secret"


@dataclass(frozen=True, slots=True)
class Needs:
    """How much was made under one server key, and is lost without it."""

    name: str  #: of the key; empty: one that is not known
    secrets: int = 0  #: sealed
    api_keys: int = 0
    page_links: int = 0  #: that are still open

    @property
    def is_needed(self) -> bool:
        """Whether anything was."""
        return bool(self.secrets or self.api_keys or self.page_links)


@dataclass(frozen=True, slots=True)
class Resealed:
    """What became of one account's secrets."""

    sealed: int = 0
    unopened: tuple[str, ...] = ()  #: where a secret is that no known key opens


def needs(connection: Connection, keys: ServerKeys, now: int) -> list[Needs]:
    """What each known key is needed for, the present one first; last what is of none of them, if anything."""
    secrets = Counter(_name_of(sealed_under(sealed, keys)) for sealed in _every_sealed(connection))
    api_keys = _api_keys(connection, keys)
    links = _links(connection, keys, now)
    names = [*by_name(keys), ""]
    found = [Needs(name, secrets[name], api_keys[name], links[name]) for name in names]
    return found if found[-1].is_needed else found[:-1]


def _name_of(key: bytes | None) -> str:
    return key_name(key) if key is not None else ""


def _every_sealed(connection: Connection) -> list[str]:
    words = connection.execute(select(schema.accounts.c.settings)).scalars()
    settings = [msgspec.json.decode(each, type=dict[str, str]).get(_SETTING, "") for each in words]
    return [*filter(None, settings), *connection.execute(select(schema.media_secrets.c.sealed)).scalars()]


def _api_keys(connection: Connection, keys: ServerKeys) -> Counter[str]:
    """API keys say under which key they were hashed; those that were not used since they do so count for the oldest."""
    known = by_name(keys)
    digests = connection.execute(select(schema.keys.c.digest)).scalars()
    names = (digest.rpartition(":")[0] or key_name(keys.every[-1]) for digest in digests)
    return Counter(name if name in known else "" for name in names)


def _links(connection: Connection, keys: ServerKeys, now: int) -> Counter[str]:
    table = schema.page_links
    live = table.c.revoked_at.is_(None) & (table.c.expires_at > now)
    rows = connection.execute(select(table.c.key_id, func.count()).where(live).group_by(table.c.key_id))
    names = {name: key_name(key) for name, key in by_name(keys, NAMED).items()}
    found: Counter[str] = Counter()
    for key_id, count in rows:
        found[names.get(key_id, "")] += count
    return found


def stale_accounts(connection: Connection, sealer: Sealer) -> list[str]:
    """Accounts with a secret that the present key did not seal."""
    rows = connection.execute(select(schema.accounts.c.id, schema.accounts.c.settings))
    held = {row.id: [msgspec.json.decode(row.settings, type=dict[str, str]).get(_SETTING, "")] for row in rows}
    table = schema.media_secrets
    for row in connection.execute(select(table.c.account_id, table.c.sealed)):
        held.setdefault(row.account_id, []).append(row.sealed)
    stale = (name for name, sealed in held.items() if not all(map(sealer.is_present, filter(None, sealed))))
    return sorted(stale)


def reseal(connection: Connection, account_id: str, sealer: Sealer, by: By) -> Resealed:
    """Seal an account's secrets under the present key; those that cannot be opened stay as they are.

    Raises NoSuchAccountError.
    """
    words = account_settings(connection, account_id, lock=True)
    access = {each.place: (each.sealed, each.id) for each in account_access(connection, account_id)}
    stale = {place: sealed for place, (sealed, _) in access.items() if not sealer.is_present(sealed)}
    own = secret_place(account_id)
    if words.get(_SETTING) and not sealer.is_present(words[_SETTING]):
        stale[own] = words[_SETTING]
    fresh, unopened = _sealed_anew(stale, sealer)
    for place, sealed in fresh.items():
        if place == own:
            keep_settings(connection, account_id, words | {_SETTING: sealed})
        else:
            table = schema.media_secrets
            connection.execute(update(table).where(table.c.id == access[place][1]).values(sealed=sealed))
    if fresh:
        write_audit(connection, by, AuditAction.SECRETS_RESEALED, account_id, secrets=len(fresh))
        raise_version(connection)
    return Resealed(len(fresh), unopened)


def _sealed_anew(stale: Mapping[str, str], sealer: Sealer) -> tuple[dict[str, str], tuple[str, ...]]:
    """Place -> the secret under the present key, and the places whose secret does not open."""
    fresh, unopened = {}, []
    for place, sealed in stale.items():
        try:
            fresh[place] = sealer.seal(sealer.open(sealed, place), place)
        except SealError:
            unopened.append(place)
    return fresh, tuple(unopened)
