"""``slidewire account ...``: customers, their keys, senders and settings. Works while the gateway runs."""

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from slidewire.cli.account_keys import list_keys, remove_password, rotate_key, set_password
from slidewire.cli.author import by_us
from slidewire.cli.given import given_key, read_words
from slidewire.cli.media_secrets import media_secret
from slidewire.cli.options import AsJson, ConfigFile, add_command, read_store, settings_of, write_store
from slidewire.cli.terminal import say, say_json, say_table, visible

if TYPE_CHECKING:
    from slidewire.provisioning.accounts import Switched

Name = Annotated[str, typer.Argument(help="What you call it.")]
Which = Annotated[str, typer.Argument(metavar="ACCOUNT", help="Its id, or its name when only one has it.")]
Key = Annotated[str | None, typer.Option(metavar="KEY", help="A key of your own; - reads it from standard input.")]
WeakKey = Annotated[bool, typer.Option("--weak-key", help="Take a --key that is short or poor.")]
Senders = Annotated[list[str], typer.Option("--sender", metavar="NUMBER", help="It may send from it; repeatable.")]
Postback = Annotated[str | None, typer.Option("--postback", metavar="URL", help="Where its events are posted.")]
AlwaysJson = Annotated[bool, typer.Option("--json", help="What it prints is JSON in any case.")]
Words = Annotated[list[str], typer.Option("--set", metavar="NAME=VALUE", help="An account setting; repeatable.")]


def make_app() -> typer.Typer:
    """The family of commands."""
    app = typer.Typer(help="Accounts: customers, their keys, senders and settings.", no_args_is_help=True)
    add_command(app, "add", add, "Make an account; prints its id and key.")
    add_command(app, "show", show, "Show its senders, keys and settings.")
    add_command(app, "list", list_accounts, "List every account.")
    add_command(app, "set", set_settings, "Change settings, add senders.")
    add_command(app, "media-secret", media_secret, "Present a secret to a host of protected media.")
    add_command(app, "rotate-key", rotate_key, "Make a new key; the old ones end.")
    add_command(app, "keys", list_keys, "List its keys, when they were used and when they end.")
    add_command(app, "set-password", set_password, "Give it a user name and a password.")
    add_command(app, "remove-password", remove_password, "Take them away.")
    add_command(app, "disable", disable, "Turn an account off.")
    add_command(app, "enable", enable, "Turn it on again.")
    return app


def add(  # noqa: PLR0913, PLR0917  # typer: each option is an argument
    name: Name,
    key: Key = None,
    weak_key: WeakKey = False,
    sender: Senders = [],  # noqa: B006  # typer copies it
    postback: Postback = None,
    set_: Words = [],  # noqa: B006  # typer copies it
    as_json: AlwaysJson = True,  # noqa: ARG001  # scripts say it everywhere
    config: ConfigFile = None,
) -> None:
    """Make an account and print its id and its key as JSON. The key is shown this once.

    Example:
      slidewire account add acme --sender 24680 --sender +12025550143 --set max_slides=5

    """
    from slidewire.provisioning.accounts import AccountWish, add_account
    from slidewire.runtime.offline import strongbox

    by, settings = by_us(), settings_of(config)
    wish = AccountWish(by.id, name, given_key(key), weak_key, sender, read_words(set_, postback))
    box = strongbox(settings)
    say_json(write_store(settings, lambda connection: add_account(connection, wish, box, by)))


def show(account: Which, as_json: AsJson = False, config: ConfigFile = None) -> None:
    """Show an account with its senders, keys and settings.

    Example:
      slidewire account show acme

    """
    from slidewire.provisioning.accounts import account_facts

    facts = read_store(settings_of(config), partial(account_facts, word=account))
    if as_json:
        say_json(facts)
        return
    say(f"{visible(facts['name'])}  {facts['id']}{'  disabled' if facts['disabled'] else ''}")
    say(f"senders: {', '.join(facts['senders']) or 'none'}")
    if (left := facts.get("prepaid_left")) is not None:
        say(f"prepaid: {left} of {facts['settings']['prepaid']} messages left")
    if since := facts.get("postbacks_failing_since"):
        off = facts.get("postbacks_off_since")
        say(f"postbacks: not received since {since}{f', turned off since {off}' if off else ''}")
    for each in facts["keys"]:
        ends = f", ends {each['ends_at']}" if each["ends_at"] else ""
        called = f" {visible(each['name'])}" if each["name"] else ""
        kind = ", for tests" if each["test"] else ""
        used = f", last used {each['last_used_at']}" if each["last_used_at"] else ""
        say(f"key {each['id']}{called}: made {each['made_at']}{used}{ends}{', weak' if each['weak'] else ''}{kind}")
    if facts["user"]:
        say(f"user name: {visible(facts['user'])}")
    own = set(facts["set"])
    rows = [(name, value, "set" if name in own else "") for name, value in facts["settings"].items()]
    say_table(("setting", "value", ""), rows)


def list_accounts(as_json: AsJson = False, config: ConfigFile = None) -> None:
    """List every account.

    Example:
      slidewire account list --json

    """
    from slidewire.provisioning import accounts

    rows = read_store(settings_of(config), accounts.list_accounts)
    if as_json:
        say_json(rows)
    elif rows:
        cells = [(r["id"], r["name"], "disabled" if r["disabled"] else "on", " ".join(r["senders"])) for r in rows]
        say_table(("id", "name", "state", "senders"), cells)
    else:
        say("no accounts yet: slidewire account add NAME")


def set_settings(  # noqa: PLR0913, PLR0917  # typer: each option is an argument
    account: Which,
    pairs: Annotated[list[str] | None, typer.Argument(metavar="[NAME=VALUE]...", help="Account settings.")] = None,
    sender: Senders = [],  # noqa: B006  # typer copies it
    postback: Postback = None,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Change an account's settings, and let it send from more numbers.

    Example:
      slidewire account set acme max_slides=5 postback_schedule=long --sender 24681

    """
    from slidewire.provisioning.accounts import AccountChange, change_account
    from slidewire.runtime.offline import strongbox

    change, settings, by = AccountChange(read_words(pairs or [], postback), sender), settings_of(config), by_us()
    box = strongbox(settings)
    facts = write_store(settings, lambda connection: change_account(connection, account, change, box, by))
    if as_json:
        say_json(facts)
    else:
        say(f"{visible(facts['name'])}: set; running gateways know within a second")
        if secret := facts.get("postback_secret"):
            say(f"postback_secret: {secret} (shown this once)")


def disable(account: Which, as_json: AsJson = False, config: ConfigFile = None) -> None:
    """Turn an account off: its calls are answered E104, its waiting messages are not sent.

    Example:
      slidewire account disable acme

    """
    _say_switched(_switch(account, config, disabled=True), as_json)


def enable(account: Which, as_json: AsJson = False, config: ConfigFile = None) -> None:
    """Turn a disabled account on again.

    Example:
      slidewire account enable acme

    """
    _say_switched(_switch(account, config, disabled=False), as_json)


def _switch(account: str, config: str | None, *, disabled: bool) -> "Switched":
    from slidewire.provisioning.accounts import switch_account

    by = by_us()
    return write_store(settings_of(config), lambda c: switch_account(c, account, by, disabled=disabled))


def _say_switched(facts: "Switched", as_json: bool) -> None:
    if as_json:
        say_json(facts)
    else:
        state = "disabled" if facts["disabled"] else "enabled"
        say(f"{visible(facts['name'])}: {state}; running gateways know within a second")
