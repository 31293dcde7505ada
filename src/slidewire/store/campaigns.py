"""Campaigns. Like every fact that a request is judged by, a change of them raises the version that all nodes watch."""

from dataclasses import replace
from typing import Any

import msgspec
from sqlalchemy import Connection, insert, select, update

from slidewire.domain.campaigns import Campaign, Joining
from slidewire.domain.joining import CampaignName
from slidewire.store import schema
from slidewire.store.accounts import VERSION
from slidewire.store.facts import add_to_fact

_NEXT_ID = "next_campaign_id"
_FIRST_ID = 1_001


class CampaignExistsError(Exception):
    """The account has a campaign of this ref already."""


class NoSuchCampaignError(Exception):
    """There is no open campaign of this ref."""


def add_campaign(connection: Connection, campaign: Campaign) -> Campaign:
    """Make a campaign; returns it with its id, which is its ref where it has none. Raises CampaignExistsError."""
    table = schema.campaigns
    number = add_to_fact(connection, _NEXT_ID, 1, start=_FIRST_ID) - 1  # its row is locked: one after the other
    made = replace(campaign, id=number, ref=campaign.ref or str(number))
    here = select(table.c.id).where(table.c.account_id == made.account_id, table.c.ref == made.ref)
    if connection.execute(here).scalar() is not None:
        raise CampaignExistsError(made.ref)
    connection.execute(
        insert(table).values(
            account_id=made.account_id,
            ref=made.ref,
            id=made.id,
            name=made.name,
            brand=made.brand,
            senders=msgspec.json.encode(made.senders).decode(),
            created_at=made.created_at,
            joining=msgspec.json.encode(made.joining).decode(),
        )
    )
    add_to_fact(connection, VERSION, 1)
    return made


def is_there(connection: Connection, campaign: Campaign) -> bool:
    """Whether this very campaign was made."""
    return campaign in read_campaigns(connection, campaign.account_id)


def close_campaign(connection: Connection, account_id: str, ref: str, now: int) -> None:
    """End a campaign: its messages are E721 from now on (settled 14). Raises NoSuchCampaignError."""
    table = schema.campaigns
    closed = connection.execute(
        update(table)
        .where(table.c.account_id == account_id, table.c.ref == ref, table.c.closed_at.is_(None))
        .values(closed_at=now)
    )
    if not closed.rowcount:
        raise NoSuchCampaignError(ref)
    add_to_fact(connection, VERSION, 1)


def set_joining(connection: Connection, campaign: Campaign) -> None:
    """Write how phones join a campaign by themselves."""
    table = schema.campaigns
    mine = (table.c.account_id == campaign.account_id, table.c.ref == campaign.ref)
    connection.execute(update(table).where(*mine).values(joining=msgspec.json.encode(campaign.joining).decode()))


def find_campaign(connection: Connection, account_id: str, name: CampaignName) -> Campaign | None:
    """The open campaign that a call names: by its id, where that is none's by its ref; or by its ref alone."""
    every = [each for each in read_campaigns(connection, account_id) if each.closed_at is None]
    of_id = next((each for each in every if name.id == str(each.id)), None)
    return of_id or next((each for each in every if each.ref == (name.id or name.ref)), None)


def read_campaigns(connection: Connection, account_id: str = "") -> list[Campaign]:
    """Every campaign, or one account's, in the order in which they were made."""
    table = schema.campaigns
    query = select(table).order_by(table.c.id)
    if account_id:
        query = query.where(table.c.account_id == account_id)
    return [_campaign(row) for row in connection.execute(query)]


def _campaign(row: Any) -> Campaign:
    return Campaign(
        id=row.id,
        account_id=row.account_id,
        ref=row.ref,
        name=row.name,
        brand=row.brand,
        senders=msgspec.json.decode(row.senders, type=tuple[str, ...]),
        created_at=row.created_at,
        closed_at=row.closed_at,
        joining=msgspec.json.decode(row.joining, type=Joining) if row.joining else Joining(),
    )
