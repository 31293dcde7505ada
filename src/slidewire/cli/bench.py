"""``slidewire bench``: the benchmarks of a source checkout, in processes of their own."""

import subprocess
import sys
from pathlib import Path

import typer

from slidewire.cli.errors import CommandError
from slidewire.cli.options import AsJson, ConfigFile, checked

#: The source checkout that this file lies in, when it is one.
ROOT = Path(__file__).parents[3]


def bench(context: typer.Context, as_json: AsJson = False, config: ConfigFile = None) -> None:
    """Run the benchmarks: one table and one JSON file. What follows the command goes to them.

    They come with the source; `python -m bench --help` there lists what they take. Their gateways have settings of
    their own: a settings file is only checked.

    Example:
      slidewire bench --seconds 8 --rounds 3

    """
    checked(config)
    if not (ROOT / "bench" / "__main__.py").is_file() or not (ROOT / "pyproject.toml").is_file():
        raise CommandError(
            "the benchmarks come with the source, not with the package",
            "Clone the repository and run `make bench` there.",
        )
    words = [*context.args, *(["--json"] if as_json else [])]
    done = subprocess.run([sys.executable, "-m", "bench", *words], cwd=ROOT, check=False)  # noqa: S603  # our own
    raise typer.Exit(done.returncode)
