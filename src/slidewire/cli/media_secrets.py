"""``slidewire account media-secret``: what is presented to hosts of protected media. Secrets come by standard input or
the environment, never as arguments, and are never printed.
"""

import getpass
import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from slidewire.cli.author import by_us
from slidewire.cli.errors import WRONG_USE, CommandError
from slidewire.cli.options import AsJson, ConfigFile, read_store, settings_of, write_store
from slidewire.cli.terminal import say, say_json, say_table, visible

if TYPE_CHECKING:
    from slidewire.store.database import Connection

Account = Annotated[str, typer.Argument(metavar="ACCOUNT", help="Its id, or its name when only one has it.")]
Origin = Annotated[str, typer.Argument(metavar="[ORIGIN]", help="https://host[:port]; a host alone means https.")]
Header = Annotated[str, typer.Option(metavar="NAME", help="Present it in this header, not as a bearer token.")]
FromEnv = Annotated[str, typer.Option("--from-env", metavar="VARIABLE", help="Take it from the environment.")]
Remove = Annotated[bool, typer.Option("--remove", help="Present nothing there any more.")]


def media_secret(  # noqa: PLR0913, PLR0917  # typer: each option is an argument
    account: Account,
    origin: Origin = "",
    header: Header = "",
    from_env: FromEnv = "",
    remove: Remove = False,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Present a secret when the account's media are fetched from a host: a bearer token, or any header.

    It is read from standard input, kept encrypted, and sent to that scheme, host and port only, never on to where a
    redirect leads. Without ORIGIN: what is presented where, by name.

    Example:
      slidewire account media-secret acme https://media.acme.example.net < token.txt

    """
    if not origin:
        _list(account, as_json, config)
        return
    place = _origin(origin)
    if remove:
        names = _removed(account, place, config)
    else:
        word = _secret(from_env)
        names = _presented(account, place, (header or "Authorization", word if header else f"Bearer {word}"), config)
    if as_json:
        say_json({"origin": place, "headers": list(names)})
    else:
        told = f"presents {', '.join(names)}" if names else "presents nothing any more"
        say(f"{visible(account)} {told} to {place}; running gateways know within a second")


def _list(account: str, as_json: bool, config: str | None) -> None:
    from slidewire.provisioning.accounts import find_account
    from slidewire.store.media_secrets import account_access

    def find(connection: "Connection") -> list[dict[str, object]]:
        found = account_access(connection, find_account(connection, account).id)
        return [{"origin": each.origin, "headers": list(each.names)} for each in found]

    rows = read_store(settings_of(config), find)
    if as_json:
        say_json(rows)
    elif rows:
        say_table(("origin", "headers"), [(row["origin"], ", ".join(row["headers"])) for row in rows])  # type: ignore[arg-type]  # a list of names
    else:
        say("nothing is presented to any host")


def _presented(account: str, origin: str, pair: tuple[str, str], config: str | None) -> tuple[str, ...]:
    from slidewire.domain.access import HeaderError, read_header
    from slidewire.provisioning.accounts import find_account
    from slidewire.runtime.offline import sealer
    from slidewire.store.media_secrets import NewHeader, set_header
    from slidewire.store.sealed import SealError

    try:
        read = read_header(*pair)
    except HeaderError as error:
        raise CommandError(str(error), "slidewire account media-secret --help", WRONG_USE) from None
    settings = settings_of(config)
    seal, by = sealer(settings), by_us()

    def write(connection: "Connection") -> tuple[str, ...]:
        return set_header(connection, NewHeader(find_account(connection, account).id, origin, read), seal, by)

    try:
        return write_store(settings, write)
    except SealError as error:
        advice = "Remove it with --remove, and set it again."
        raise CommandError(f"what is presented there cannot be opened: {error}", advice) from None


def _removed(account: str, origin: str, config: str | None) -> tuple[str, ...]:
    from slidewire.provisioning.accounts import find_account
    from slidewire.store.media_secrets import remove_access

    by = by_us()

    def write(connection: "Connection") -> bool:
        return remove_access(connection, find_account(connection, account).id, origin, by)

    if not write_store(settings_of(config), write):
        raise CommandError(f"nothing is presented to {origin}", "`slidewire account media-secret ACCOUNT` shows where.")
    return ()


def _origin(text: str) -> str:
    """Scheme, host and port of what was typed. Raises CommandError."""
    from slidewire.outbound.address import BadAddress, check_url

    try:
        address = check_url(text if "://" in text else f"https://{text}")
    except BadAddress as error:
        raise CommandError(f"{text}: {error}", "As in https://media.example.net", WRONG_USE) from None
    if address.target != "/":
        raise CommandError(f"{text}: an origin has no path", "As in https://media.example.net", WRONG_USE)
    return address.origin


def _secret(variable: str) -> str:
    """The secret, from the environment, a terminal that does not show it, or standard input. Raises CommandError."""
    if variable:
        if variable not in os.environ:
            raise CommandError(f"the environment has no {variable}", "Set it, or give the secret on standard input.")
        return os.environ[variable].strip()
    return getpass.getpass("secret: ").strip() if sys.stdin.isatty() else sys.stdin.readline().strip()
