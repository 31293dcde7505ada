"""``slidewire redact``: every trace of one message, or of one number, taken away, with a receipt of what was."""

from typing import TYPE_CHECKING, Annotated

import typer

from slidewire.cli.author import by_us
from slidewire.cli.errors import WRONG_USE, CommandError
from slidewire.cli.options import AsJson, ConfigFile, erase_in_store, settings_of
from slidewire.cli.terminal import note, say, say_json

if TYPE_CHECKING:
    from slidewire.provisioning.redaction import RedactionReceipt


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
    from slidewire.provisioning import redaction

    what, by = redaction.Redaction(message, number, account), by_us()
    receipt, erased = erase_in_store(settings_of(config), lambda connection: redaction.redact(connection, what, by))
    if as_json:
        say_json(receipt)
    else:
        _say(receipt)
    if not erased:
        note("the database's log was being read: what was taken away is still in it until it is written over")
    if receipt["waiting"]:
        advice = "Try again when `slidewire message show` says that they are over."
        raise CommandError(f"{len(receipt['waiting'])} messages have not ended yet and were left alone", advice)


def _say(receipt: "RedactionReceipt") -> None:
    say(f"{len(receipt['messages'])} messages redacted")
    for tracking_id in receipt["messages"]:
        say(f"  {tracking_id}")
    say(f"{receipt['contents']} media that nothing else uses are deleted within some hours")
    for name, count in receipt["rows"].items():
        say(f"{count} {name} deleted")
    for name, count in receipt["kept"].items():
        say(f"{count} {name} kept, so that nothing is sent there")
