"""Every command, and what the process ends with: 0 done, 1 failed, 2 asked wrongly."""

import io
import sys
from collections.abc import Callable
from typing import Annotated

import typer

from slidewire.cli import (
    accounts,
    audit,
    bench,
    blocks,
    campaigns,
    check,
    content,
    demo,
    doctor,
    handsets,
    inbound,
    links,
    messages,
    migrate,
    operators,
    postbacks,
    receipts,
    redact,
    routes,
    send,
    serve,
    server_keys,
    simulator,
    templates,
    usage,
)
from slidewire.cli.errors import ending_in_words
from slidewire.cli.options import add_command


def main() -> None:
    """Run the command that the arguments name, and end the process."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that cannot show a letter is no error
    with ending_in_words():
        make_app()(prog_name="slidewire")


def make_app() -> typer.Typer:
    """The whole command line."""
    app = typer.Typer(
        name="slidewire",
        help="Slidewire, a self-hosted MMS gateway: one API call in, a picture message on a phone, postbacks out.",
        epilog="New here? `slidewire demo` sends one message from the API call to the phone's screen.",
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
    )
    app.callback()(_version)
    for name, command, words in _commands():
        add_command(app, name, command, words)
    for name, family, words in _FAMILIES:
        app.add_typer(family(), name=name, short_help=words)
    extra = {"allow_extra_args": True, "ignore_unknown_options": True}
    add_command(app, "bench", bench.bench, "Run the benchmarks of a source checkout.", context_settings=extra)
    return app


def _commands() -> tuple[tuple[str, Callable[..., None], str], ...]:
    """Name, command and what the list of commands says of it, in the order of getting to know them."""
    return (
        ("demo", demo.demo, "One picture message from the API call to a phone, checked."),
        ("playground", demo.playground, "A gateway, a carrier and a phone to play with."),
        ("serve", serve.serve, "Run the gateway."),
        ("check", check.check, "Try the settings and every connection."),
        ("doctor", doctor.doctor, "Hold accepted messages against what became of them."),
        ("migrate", migrate.migrate, "Bring the database to the newest form."),
        ("send", send.send, "Post a request and follow its message."),
        ("simulator", simulator.make_command(), "Run an MMSC for development, with a handset page."),
        ("subscribe", campaigns.subscribe, "Let a phone join a campaign."),
        ("unsubscribe", campaigns.unsubscribe, "Take a phone out of a campaign."),
        ("block", blocks.block, "Block phones: nothing is sent to them."),
        ("unblock", blocks.unblock, "Take a block away."),
        ("blocked", blocks.blocked, "List blocked phones."),
        ("usage", usage.usage, "What accounts used in a month."),
        ("redact", redact.redact, "Take away every trace of a message or a phone."),
    )


#: Families of commands, likewise.
_FAMILIES: tuple[tuple[str, Callable[[], typer.Typer], str], ...] = (
    ("account", accounts.make_app, "Customers, their keys, senders and settings."),
    ("audit", audit.make_app, "Who changed which account, when and what."),
    ("campaign", campaigns.make_app, "What receivers join, and who has."),
    ("content", content.make_app, "What Slidewire sees in a file and makes of it."),
    ("message", messages.make_app, "Messages with slides, events and exchanges."),
    ("template", templates.make_app, "Messages that were saved to be sent later."),
    ("secrets", server_keys.make_app, "The server key, and what is sealed under it."),
    ("link", links.make_app, "Links of fallback pages."),
    ("operator", operators.make_app, "Mobile networks, and which one a number is with."),
    ("handset", handsets.make_app, "Phones behind numbers."),
    ("inbound", inbound.make_app, "What phones sent to our numbers."),
    ("route", routes.make_app, "How fast routes send, and who sends on them."),
    ("receipt", receipts.make_app, "Receipts that found no submission."),
    ("postback", postbacks.make_app, "What was posted to customers; posting it again."),
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from slidewire import __version__

        sys.stdout.write(f"slidewire {__version__}\n")
        raise typer.Exit


def _version(
    version: Annotated[  # its callback does all
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass
