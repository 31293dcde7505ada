"""Numbers that nothing is sent to: everywhere, by one account, or by one of its senders."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypedDict

from slidewire.domain.audit import AuditAction, By
from slidewire.domain.campaigns import Block, Source
from slidewire.domain.moments import written
from slidewire.domain.retention import masked
from slidewire.provisioning.accounts import find_account
from slidewire.provisioning.refusals import missing, wrong
from slidewire.provisioning.words import read_receiver, read_senders
from slidewire.store.audit import write_audit
from slidewire.store.consent import add_blocks, read_blocks, remove_block
from slidewire.store.database import Connection

#: Between the parts of a block's place.
_BETWEEN = ","


class BlockFacts(TypedDict):
    """One block; an empty account or sender means every one."""

    number: str
    account: str
    sender: str
    source: str
    note: str
    created_at: str


class Unblocked(TypedDict):
    """The number whose block is gone."""

    unblocked: str


class Blocked(TypedDict):
    """The numbers that are blocked now."""

    blocked: list[str]


@dataclass(frozen=True, slots=True)
class Scope:
    """For whom a block is: an account by id or name, and one of its senders; empty: every one."""

    account: str = ""
    sender: str = ""


def block(connection: Connection, notes: Mapping[str, str], scope: Scope, by: By) -> Blocked:
    """Block phones, receivers as they are stored -> why. Raises RefusedError."""
    owner, number = _read(connection, scope)
    rows = [Block(r, owner, number, Source.MANAGER, why, by.at) for r, why in sorted(notes.items())]
    add_blocks(connection, rows)
    write_audit(connection, by, AuditAction.BLOCKS_ADDED, owner, numbers=len(rows), sender=number)
    return {"blocked": sorted(notes)}


def unblock(connection: Connection, number: str, scope: Scope, by: By) -> Unblocked:
    """Take the block of just this scope away. Raises RefusedError when there is none."""
    receiver = read_receiver(number)
    owner, whose = _read(connection, scope)
    if not remove_block(connection, receiver, owner, whose):
        raise missing(f"{number} has no such block", f"`slidewire blocked {number}` shows every block that it has.")
    facts = {"number": masked(receiver), "sender": whose}
    write_audit(connection, by, AuditAction.BLOCK_REMOVED, owner, **facts)
    return {"unblocked": receiver}


def list_blocks(connection: Connection, *, number: str = "", after: str = "", limit: int) -> list[BlockFacts]:
    """Blocks in the order of their numbers, one phone's or all, those behind ``after`` only.

    ``after``: a number, or the place of a block.
    """
    receiver = read_receiver(number) if number else ""
    behind = after.strip().removeprefix("+").split(_BETWEEN)[:3]
    return [
        {
            "number": it.receiver,
            "account": it.account_id,
            "sender": it.sender,
            "source": it.source.value,
            "note": it.note,
            "created_at": written(it.created_at),
        }
        for it in read_blocks(connection, receiver=receiver, after=behind, limit=limit)
    ]


def place_of(block: BlockFacts) -> str:
    """Where a list goes on behind ``block``."""
    return _BETWEEN.join((block["number"], block["account"], block["sender"]))


def _read(connection: Connection, scope: Scope) -> tuple[str, str]:
    """The account's id and the sender's digits; empty: any."""
    if scope.sender and not scope.account:
        raise wrong("--sender needs --account", "A number belongs to an account.")
    if not scope.account:
        return "", ""
    found = find_account(connection, scope.account)
    number = read_senders([scope.sender])[0] if scope.sender else ""
    if number and number not in found.senders:
        raise wrong(f"{scope.sender} is not a sender of {scope.account}", "`slidewire account show` lists them.")
    return found.id, number
