"""``slidewire check``: everything that a gateway will need, tried."""

import typer

from slidewire.cli.errors import FAILED
from slidewire.cli.options import AsJson, ConfigFile, run, settings_of
from slidewire.cli.terminal import say, say_json, visible


def check(as_json: AsJson = False, config: ConfigFile = None) -> None:
    """Try the settings, the database, the content folder, ffmpeg and every route, each with its result.

    Nothing is sent. Ends with 1 when something failed; a warning is no failure.

    Example:
      slidewire check --config /etc/slidewire.toml

    """
    from slidewire.cli.probes import Grade, Result, probe

    settings = settings_of(config)

    async def collect() -> list[Result]:
        results = []
        async for result in probe(settings):
            results.append(result)
            if not as_json:
                say(f"{result.grade.value:<8} {visible(result.name)}: {visible(result.words)}")
        return results

    results = run(collect())
    if as_json:
        say_json([{"name": each.name, "result": each.grade.value, "words": each.words} for each in results])
    if any(each.grade is Grade.FAILED for each in results):
        raise typer.Exit(FAILED)
