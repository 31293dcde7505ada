"""``slidewire migrate``: the database brought to the newest form."""

from slidewire.cli.options import AsJson, ConfigFile, run, settings_of
from slidewire.cli.terminal import say, say_json


def migrate(as_json: AsJson = False, config: ConfigFile = None) -> None:
    """Bring the database to the newest form. `serve` does the same when it starts.

    Example:
      slidewire migrate --config /etc/slidewire.toml

    """
    from slidewire.runtime.offline import open_store
    from slidewire.store.migrate import newest

    async def bring() -> str:
        async with open_store(settings_of(config)):
            return newest()

    revision = run(bring())
    if as_json:
        say_json({"revision": revision})
    else:
        say(f"the database has its newest form: {revision}")
