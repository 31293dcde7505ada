"""``slidewire message ...``: what was asked, what became of it, what was said with carriers about it."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from slidewire.cli.author import by_us
from slidewire.cli.options import AsJson, ConfigFile, add_command, read_store, settings_of, write_store
from slidewire.cli.terminal import byte_count, say, say_json, say_table, visible

if TYPE_CHECKING:
    from slidewire.domain.audit import By
    from slidewire.provisioning.held import Decided
    from slidewire.store.database import Connection

    Decision = Callable[[Connection, str, By, Callable[[], str]], Decided]

BatchId = Annotated[str, typer.Argument(metavar="BATCHID", help="As the API answered it.")]
TrackingId = Annotated[str, typer.Argument(metavar="TRACKINGID", help="As the API answered it.")]


def make_app() -> typer.Typer:
    """The family of commands."""
    app = typer.Typer(help="Messages with their slides, events and exchanges.", no_args_is_help=True)
    add_command(app, "show", show, "Show everything about one message.")
    add_command(app, "list", list_messages, "List messages, the newest first.")
    add_command(app, "release", release, "Let a held message go.")
    add_command(app, "drop", drop, "End a held message.")
    add_command(app, "batch", show_batch, "Show how far a batch is.")
    return app


def show(tracking_id: TrackingId, as_json: AsJson = False, config: ConfigFile = None) -> None:
    """Show a message with its slides, SMS segments, events, exchanges and what is still to be done for it.

    Example:
      slidewire message show 0190a1b2c3d47e8f9a0b1c2d3e4f5061

    """
    from slidewire.provisioning.messages import show_message

    facts: dict[str, Any] = {**read_store(settings_of(config), lambda c: show_message(c, tracking_id))}
    if as_json:
        say_json(facts)
        return
    say_facts(facts, facts["warnings"])
    say_slides(facts["slides"])
    _say_segments(facts["segments"])
    _say_events(facts)
    _say_exchanges(facts["exchanges"])


def list_messages(  # typer: each option is an argument
    account: Annotated[str, typer.Option(metavar="ID", help="Of this account only.")] = "",
    before: Annotated[str, typer.Option(metavar="TRACKINGID", help="Older than this one only.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many, the newest first.")] = 50,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """List messages, the newest first.

    Example:
      slidewire message list --limit 20

    """
    from slidewire.provisioning import messages

    found = read_store(
        settings_of(config), lambda c: messages.list_messages(c, account=account, before=before, limit=limit)
    )
    rows: list[dict[str, Any]] = [{**row} for row in found]
    if as_json:
        say_json(rows)
    elif rows:
        columns = ("tracking_id", "accepted_at", "status", "from", "to", "route", "subject")
        say_table([column.replace("_", " ") for column in columns], [[row[name] for name in columns] for row in rows])
    else:
        say("no messages yet" if not before else "no older messages")


def release(tracking_id: TrackingId, as_json: AsJson = False, config: ConfigFile = None) -> None:
    """Let a message go that is held because the same went to its receiver a moment before.

    Example:
      slidewire message release 0190a1b2c3d47e8f9a0b1c2d3e4f5061

    """
    from slidewire.provisioning import held

    _decide(held.release, tracking_id, as_json, config)


def drop(tracking_id: TrackingId, as_json: AsJson = False, config: ConfigFile = None) -> None:
    """End a message that is held because the same went to its receiver a moment before; its account is told (E101).

    Example:
      slidewire message drop 0190a1b2c3d47e8f9a0b1c2d3e4f5061

    """
    from slidewire.provisioning import held

    _decide(held.drop, tracking_id, as_json, config)


def _decide(decision: "Decision", tracking_id: str, as_json: bool, config: str | None) -> None:
    from slidewire.domain.ids import IdMaker
    from slidewire.runtime.clock import now

    by, new_id = by_us(), IdMaker(now)
    decided = write_store(settings_of(config), lambda connection: decision(connection, tracking_id, by, new_id))
    if as_json:
        say_json(decided)
    else:
        say(f"{decided['tracking_id']} {decided['decision']}")


def show_batch(batch_id: BatchId, as_json: AsJson = False, config: ConfigFile = None) -> None:
    """Show how far a batch is, what became of its messages, and which receivers get none.

    Example:
      slidewire message batch 0190a1b2c3d47e8f9a0b1c2d3e4f5061

    """
    from slidewire.provisioning import batches

    facts: dict[str, Any] = {**read_store(settings_of(config), lambda c: batches.show_batch(c, batch_id))}
    if as_json:
        say_json(facts)
        return
    say_facts(facts | facts["messages"])
    if facts["refusals"]:
        say()
        columns = ("receiver", "code", "words")
        say_table(columns, [[visible(each[name]) for name in columns] for each in facts["refusals"]])


def say_facts(facts: dict[str, Any], warnings: Sequence[str] = ()) -> None:
    """Every fact that is a word or a number and not empty, one a line."""
    rows = [(name.replace("_", " "), value) for name, value in facts.items() if isinstance(value, str | int) and value]
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        say(f"{name.ljust(width)}  {visible(value)}")
    for warning in warnings:
        say(f"{'warning'.ljust(width)}  {visible(warning)}")


def say_slides(slides: list[dict[str, Any]]) -> None:
    """Each slide with its text and its parts."""
    for number, slide in enumerate(slides, start=1):
        say(f"\nslide {number}, {slide['duration']} s")
        if slide["text"]:
            lines = slide["text"].split("\n")
            say("\n".join([f"  text: {visible(lines[0])}", *(f"        {visible(line)}" for line in lines[1:])]))
        for part in slide["parts"]:
            size = f", {part['width']} x {part['height']} pixels" if part["width"] else ""
            say(f"  {part['kind']}: {visible(part['type'])}, {byte_count(part['size'])}{size}, {visible(part['url'])}")


def _say_segments(segments: list[dict[str, Any]]) -> None:
    if segments:
        say()
        rows = [(f"{each['number']} of {each['total']}", each["state"], each["carrier_ref"]) for each in segments]
        say_table(("SMS segment", "state", "carrier's id"), rows)


def _say_events(facts: dict[str, Any]) -> None:
    rows = [(facts["accepted_at"], "accepted", "", "")]
    rows += [(e["at"], e["event"], e["attempt"] or "", _why(e)) for e in facts["events"]]
    rows += [(t["due_at"] or "in its turn", f"to do: {t['kind']}", t["attempt"] or "", "") for t in facts["tasks"]]
    say()
    say_table(("when", "event", "try", "why"), rows)


def _why(event: dict[str, Any]) -> str:
    return ": ".join(filter(None, (event["reason"], event["detail"])))


def _say_exchanges(exchanges: list[dict[str, Any]]) -> None:
    for each in exchanges:
        say(f"\n{each['at']}  {visible(each['peer'])}  {each['seconds']:.3f} s{'  FAILED' if each['failed'] else ''}")
        say(f"  > {visible(each['request'])}")
        say(f"  < {visible(each['response'])}")
        for line in each["body"].splitlines():
            say(f"  | {visible(line)}")
