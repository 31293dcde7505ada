"""``slidewire redact``: every trace of one message, or of one number, taken away, with a receipt of what was."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from slidewire.cli.account_facts import find_account
from slidewire.cli.author import by_us
from slidewire.cli.errors import WRONG_USE, CommandError
from slidewire.cli.given import read_receiver
from slidewire.cli.options import AsJson, ConfigFile, erase_in_store, settings_of
from slidewire.cli.terminal import moment, note, say, say_json

if TYPE_CHECKING:
    from slidewire.domain.audit import By
    from slidewire.store.database import Connection
    from slidewire.store.retention import Receipt


def redact(
    message: Annotated[str, typer.Argument(metavar="[TRACKINGID]", help="The message.")] = "",
    number: Annotated[str, typer.Option(metavar="NUMBER", help="Everything about this phone instead.")] = "",
    account: Annotated[str, typer.Option(metavar="ACCOUNT", help="Of this account's messages only.")] = "",
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Take away texts, media, page and number of a message that has ended, or of all messages to a phone.

    It cannot be undone. What must not be forgotten stays: that a phone is blocked, or has opted out.

    Example:
      slidewire redact --number +12025550143

    """
    if bool(message) == bool(number):
        raise CommandError("name a message, or a phone with --number", "slidewire redact --help", WRONG_USE)
    receiver, by = read_receiver(number) if number else "", by_us()

    def write(connection: "Connection") -> "Receipt":
        whose = find_account(connection, account).id if account else ""
        if receiver:
            return _redact_number(connection, receiver, whose, by)
        return _redact_message(connection, message.strip(), whose, by)

    receipt, erased = erase_in_store(settings_of(config), write)
    if as_json:
        say_json({"redacted_at": moment(by.at), **asdict(receipt)})
    else:
        _say(receipt)
    if not erased:
        note("the database's log was being read: what was taken away is still in it until it is written over")
    if receipt.waiting:
        advice = "Try again when `slidewire message show` says that they are over."
        raise CommandError(f"{len(receipt.waiting)} messages have not ended yet and were left alone", advice)


def _redact_number(connection: "Connection", receiver: str, whose: str, by: "By") -> "Receipt":
    """All messages to a phone; what else is known of it only where no account is named."""
    from slidewire.domain.audit import AuditAction
    from slidewire.domain.retention import masked
    from slidewire.store.audit import write_audit
    from slidewire.store.inbound import forget_inbound
    from slidewire.store.retention import forget_number, messages_to, redact_now

    receipt = redact_now(connection, messages_to(connection, receiver, whose), by.at)
    if not whose:
        forget_number(connection, receiver, receipt)
        receipt.rows["inbound messages"] = forget_inbound(connection, receiver)
    facts = {"number": masked(receiver), "messages": len(receipt.messages)}
    write_audit(connection, by, AuditAction.REDACTED, whose, **facts)
    return receipt


def _redact_message(connection: "Connection", tracking_id: str, whose: str, by: "By") -> "Receipt":
    from slidewire.domain.audit import AuditAction
    from slidewire.store.audit import write_audit
    from slidewire.store.messages import find_message
    from slidewire.store.retention import redact_now

    found = find_message(connection, tracking_id)
    if found is None or (whose and found.account_id != whose):
        raise CommandError(f"there is no message {tracking_id}", "`slidewire message list` shows the newest ones.")
    write_audit(connection, by, AuditAction.REDACTED, found.account_id, message=found.id)
    return redact_now(connection, [found], by.at)


def _say(receipt: "Receipt") -> None:
    say(f"{len(receipt.messages)} messages redacted")
    for tracking_id in receipt.messages:
        say(f"  {tracking_id}")
    say(f"{receipt.contents} media that nothing else uses are deleted within some hours")
    for name, count in receipt.rows.items():
        say(f"{count} {name} deleted")
    for name, count in receipt.kept.items():
        say(f"{count} {name} kept, so that nothing is sent there")
