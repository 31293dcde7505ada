"""``slidewire secrets ...``: the server key changed, and what still needs a former one. Keys are named, never shown."""

import os
from typing import TYPE_CHECKING, Annotated, Any

import typer

from slidewire.cli.author import by_us
from slidewire.cli.errors import FAILED, CommandError
from slidewire.cli.options import AsJson, ConfigFile, add_command, run, settings_of
from slidewire.cli.terminal import say, say_json, say_table

if TYPE_CHECKING:
    from slidewire.runtime.rotation import Rotated
    from slidewire.settings import Settings
    from slidewire.store.rotation import Needs

#: Bytes of a key of our making.
_KEY = 32
_COLUMNS = ("key", "", "secrets", "API keys", "page links")


def make_app() -> typer.Typer:
    """The family of commands."""
    app = typer.Typer(help="The server key, and what is sealed under it.", no_args_is_help=True)
    add_command(app, "show", show, "What each server key is needed for.")
    add_command(app, "rotate", rotate, "Seal every secret under a new server key.")
    add_command(app, "forget", forget, "Take out a former server key that nothing needs any more.")
    return app


def show(as_json: AsJson = False, config: ConfigFile = None) -> None:
    """Show every known server key by name, and what was made under it: sealed secrets, API keys, open page links.

    Example:
      slidewire secrets show

    """
    rows = run(_looked(settings_of(config)))
    if as_json:
        say_json([_facts(each, present=n == 0) for n, each in enumerate(rows)])
        return
    words = ["present"] + ["former"] * (len(rows) - 1)
    cells = [
        (each.name or "unknown", word if each.name else "lost", each.secrets, each.api_keys, each.page_links)
        for each, word in zip(rows, words, strict=True)
    ]
    say_table(_COLUMNS, cells)


def rotate(as_json: AsJson = False, config: ConfigFile = None) -> None:
    """Make a new server key and seal every secret anew under it, while the gateway runs.

    The former key stays known until `slidewire secrets forget`. Where server_key is in the settings, secrets are sealed
    under that one. A rotation that was cut off is ended by the next. Ends with 1 when a secret could not be opened.

    Example:
      slidewire secrets rotate

    """
    done = run(_rotated(settings_of(config)))
    if as_json:
        say_json(
            {
                "key": done.key,
                "made": done.made,
                "accounts": done.accounts,
                "secrets": done.secrets,
                "unopened": done.unopened,
            }
        )
    else:
        word = "a new server key" if done.made else "the server key"
        say(f"{word} {done.key}: {done.secrets} secrets of {done.accounts} accounts sealed anew")
        for place in done.unopened:
            say(f"cannot be opened, set it anew: {place}")
        say("API keys follow as they are used: `slidewire secrets show`")
    if done.unopened:
        raise typer.Exit(FAILED)


def forget(
    key: Annotated[str, typer.Argument(metavar="KEY", help="Its name, as `slidewire secrets show` has it.")],
    force: Annotated[bool, typer.Option("--force", help="Though something is lost with it.")] = False,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Take a former server key out of the file of keys. What was made under it and not since is lost.

    Example:
      slidewire secrets forget 1f0c9a7e

    """
    from slidewire.runtime.rotation import StillNeededError, UnknownKeyError

    settings = settings_of(config)
    try:
        run(_forgotten(settings, key, force=force))
    except UnknownKeyError:
        advice = "`slidewire secrets show` names them; keys of the settings are taken out there."
        raise CommandError(f"no former key in the file is called {key}", advice) from None
    except StillNeededError as error:
        needs = error.by
        lost = f"{needs.secrets} secrets, {needs.api_keys} API keys and {needs.page_links} open page links"
        raise CommandError(f"{key} is still needed: {lost}", "Wait until they are used, or say --force.") from None
    if as_json:
        say_json({"key": key})
    else:
        say(f"{key} is forgotten")


def _facts(needs: "Needs", *, present: bool) -> dict[str, Any]:
    return {
        "key": needs.name,
        "present": present,
        "secrets": needs.secrets,
        "api_keys": needs.api_keys,
        "page_links": needs.page_links,
    }


async def _looked(settings: "Settings") -> "list[Needs]":
    from slidewire.runtime.clock import now
    from slidewire.runtime.offline import open_store
    from slidewire.runtime.rotation import look

    async with open_store(settings) as database:
        return await look(settings, database, now())


async def _rotated(settings: "Settings") -> "Rotated":
    from slidewire.runtime import rotation
    from slidewire.runtime.offline import open_store

    async with open_store(settings) as database:
        return await rotation.rotate(settings, database, os.urandom(_KEY), by_us)


async def _forgotten(settings: "Settings", key: str, *, force: bool) -> None:
    from slidewire.runtime import rotation
    from slidewire.runtime.offline import open_store

    async with open_store(settings) as database:
        await rotation.forget(settings, database, key, needed_or_not=force)
