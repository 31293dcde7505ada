"""``slidewire account rotate-key``, ``keys``, ``set-password``, ``remove-password``: how an account says who it is."""

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from slidewire.cli.author import by_us
from slidewire.cli.errors import WRONG_USE, CommandError
from slidewire.cli.given import given_key, read_password, read_seconds
from slidewire.cli.options import AsJson, ConfigFile, read_store, settings_of, write_store
from slidewire.cli.terminal import say, say_json, say_table, visible

if TYPE_CHECKING:
    from slidewire.store.database import Connection

Which = Annotated[str, typer.Argument(metavar="ACCOUNT", help="Its id, or its name when only one has it.")]
Key = Annotated[str | None, typer.Option(metavar="KEY", help="A key of your own; - reads it from standard input.")]
WeakKey = Annotated[bool, typer.Option("--weak-key", help="Take a --key that is short or poor.")]
Overlap = Annotated[str, typer.Option(metavar="TIME", help="How long the old keys go on working; 0s: not at all.")]
ForTests = Annotated[bool, typer.Option("--test", help="What is sent with it goes to the simulator.")]
KeyName = Annotated[str, typer.Option("--name", metavar="NAME", help="What you call the key.")]
User = Annotated[str, typer.Option(metavar="NAME", help="What the client sends as USER.")]
Password = Annotated[str | None, typer.Option(metavar="-", help="- reads one of yours from standard input.")]
AlwaysJson = Annotated[bool, typer.Option("--json", help="What it prints is JSON in any case.")]


def rotate_key(  # noqa: PLR0913, PLR0917  # typer: each option is an argument
    account: Which,
    overlap: Overlap = "1d",
    name: KeyName = "",
    key: Key = None,
    weak_key: WeakKey = False,
    test: ForTests = False,
    as_json: AlwaysJson = True,  # noqa: ARG001  # scripts say it everywhere
    config: ConfigFile = None,
) -> None:
    """Make a new key and print it as JSON, this once. The old keys of its kind, for tests or not, end after the
    overlap.

    Example:
      slidewire account rotate-key acme --overlap 1d --name billing-server

    """
    from slidewire.provisioning import keys
    from slidewire.provisioning.accounts import find_account
    from slidewire.runtime.offline import strongbox

    wish = keys.KeyWish(read_seconds(overlap, "--overlap"), name, given_key(key), weak_key, test)
    settings, by = settings_of(config), by_us()
    box = strongbox(settings)
    say_json(write_store(settings, lambda c: keys.rotate_key(c, find_account(c, account), wish, box, by)))


def list_keys(account: Which, as_json: AsJson = False, config: ConfigFile = None) -> None:
    """List an account's keys, the newest first: what they are called, when they were used last, when they end.

    Example:
      slidewire account keys acme

    """
    from slidewire.provisioning.accounts import account_facts

    keys = read_store(settings_of(config), partial(account_facts, word=account))["keys"]
    if as_json:
        say_json(keys)
        return
    rows = [
        (
            key["id"],
            key["name"] or "-",
            key["made_at"],
            key["last_used_at"] or "never",
            key["ends_at"] or "never",
            ", ".join(kind for kind in ("test", "weak") if key[kind]),
        )
        for key in keys
    ]
    say_table(("key", "name", "made at", "last used", "ends", ""), rows)


def set_password(
    account: Which,
    user: User,
    password: Password = None,
    as_json: AlwaysJson = True,  # noqa: ARG001  # scripts say it everywhere
    config: ConfigFile = None,
) -> None:
    """Give an account a user name and a password for clients without a key, and print them as JSON, this once.

    They count only while its setting password_login is on. A password that it had ends.

    Example:
      slidewire account set-password acme --user acme-old
      slidewire account set acme password_login=on

    """
    from slidewire.provisioning.accounts import find_account
    from slidewire.provisioning.words import check_printable
    from slidewire.store import accounts
    from slidewire.store.passwords import hash_password

    if not user or user != user.strip() or len(user) > 100:
        raise CommandError("a user name has 1 to 100 characters, no blanks around them", code=WRONG_USE)
    check_printable(user, "the user name")
    said = read_password(password)
    stored, by = hash_password(said), by_us()

    def write(connection: "Connection") -> dict[str, Any]:
        found = find_account(connection, account)
        try:
            accounts.set_password(connection, found.id, accounts.NewLogin(user, stored), by)
        except accounts.NameTakenError:
            raise CommandError(f"another account has the user name {user}", "Choose another.", WRONG_USE) from None
        return {"id": found.id, "user": user, "password": said, "password_login": found.settings.password_login}

    say_json(write_store(settings_of(config), write))


def remove_password(account: Which, as_json: AsJson = False, config: ConfigFile = None) -> None:
    """Take an account's user name and password away.

    Example:
      slidewire account remove-password acme

    """
    from slidewire.provisioning.accounts import find_account
    from slidewire.store import accounts

    by = by_us()

    def write(connection: "Connection") -> dict[str, Any]:
        found = find_account(connection, account)
        return {"id": found.id, "name": found.name, "removed": accounts.remove_password(connection, found.id, by)}

    facts = write_store(settings_of(config), write)
    if as_json:
        say_json(facts)
    else:
        word = "it has no password any more" if facts["removed"] else "it had no password"
        say(f"{visible(facts['name'])}: {word}")
