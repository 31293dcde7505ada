"""``slidewire content ...``: what Slidewire sees in a file and makes of it, so that a refusal can be understood."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from slidewire.cli.errors import FAILED, WRONG_USE, CommandError
from slidewire.cli.options import AsJson, ConfigFile, add_command, run, settings_of
from slidewire.cli.terminal import byte_count, say, say_json, say_table, visible

if TYPE_CHECKING:
    from slidewire.content.jobs import Fitted
    from slidewire.domain.message import Kind
    from slidewire.runtime.looking import Sight

Target = Annotated[str, typer.Argument(metavar="FILE|URL", help="A file, or an http address as a slide names it.")]
Element = Annotated[str, typer.Option(metavar="NAME", help="Behind image, audio, video, vcard, ical, pdf or passbook.")]
Limit = Annotated[int | None, typer.Option("--bytes", min=1, metavar="N", help="Bytes that the image may have.")]
Operator = Annotated[str, typer.Option(metavar="ID", help="Keep to the limits of this network.")]
Out = Annotated[str, typer.Option("--out", "-o", metavar="FILE", help="Write the result there.")]


def make_app() -> typer.Typer:
    """The family of commands."""
    app = typer.Typer(help="What Slidewire sees in a file and makes of it.", no_args_is_help=True)
    add_command(app, "inspect", inspect, "What a file is, and whether it would be taken.")
    add_command(app, "fit", fit, "Make an image fit, before and after side by side.")
    return app


def inspect(target: Target, element: Element = "", as_json: AsJson = False, config: ConfigFile = None) -> None:
    """What a file is by its bytes, and what sendMMS and saveMMS would say to it. Nothing is sent or kept.

    Ends with 1 when neither takes it. An address is fetched behind the gateway's own guard.

    Example:
      slidewire content inspect picture.jpg

    """
    from slidewire.runtime.looking import NotFetchedError, look

    kind = _kind(element) if element else None
    try:
        sight = run(look(settings_of(config), target, kind))
    except NotFetchedError as error:
        raise CommandError(f"{target}: {error}") from None
    facts = _facts(sight)
    if as_json:
        say_json(facts)
    else:
        answers = facts.pop("answers")
        known = {name.replace("_", " "): _cell(value) for name, value in facts.items() if value is not None}
        say_table(("fact", "value"), list(known.items()))
        say()
        for action, words in answers.items():
            say(f"{action}: {visible(words) or 'taken'}")
    if not sight.taken:
        raise typer.Exit(FAILED)


def fit(  # noqa: PLR0913, PLR0917  # typer: each option is an argument
    path: Annotated[str, typer.Argument(metavar="FILE", help="An image.")],
    limit: Limit = None,
    operator: Operator = "",
    out: Out = "",
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Make an image as it would leave: at most so many bytes, upright, in sRGB, without metadata.

    Without --bytes the network's limit for a whole message holds. Ends with 1 when it cannot be made to fit.

    Example:
      slidewire content fit picture.jpg --bytes 300000 --operator 31003 -o small.jpg

    """
    from slidewire.content.pool import MediaFailedError, MediaRefusedError
    from slidewire.domain.senders import SenderKind
    from slidewire.runtime import looking
    from slidewire.runtime.budgets import budgets_for

    if limit is None and not operator:
        raise CommandError("how small?", "Say --bytes N, or --operator ID.", WRONG_USE)
    settings = settings_of(config)
    budget = budgets_for(settings, operator)[SenderKind.LONG_CODE]
    most = min(each for each in (limit, budget.bytes if operator else None) if each is not None)
    try:
        before, after = run(looking.fit(settings, path, most, budget))
    except looking.NotFetchedError as error:
        raise CommandError(str(error)) from None
    except (MediaRefusedError, MediaFailedError) as error:
        raise CommandError(f"{path} cannot be made to fit {byte_count(most)}: {error}") from None
    if out:
        Path(out).write_bytes(after.data)
    _say_fitted(before, after, _Goal(most, budget.formats), as_json)


@dataclass(frozen=True, slots=True)
class _Goal:
    """What was to be kept to."""

    bytes: int
    formats: tuple[str, ...]


def _say_fitted(before: "Sight", after: "Fitted", goal: _Goal, as_json: bool) -> None:
    seen = _facts(before)
    was = {name: seen[name] for name in ("type", "bytes", "width", "height", "metadata")}
    made = {
        "type": after.mime,
        "bytes": len(after.data),
        "width": after.width,
        "height": after.height,
        "metadata": [],
    }
    more = {
        "limit": goal.bytes,
        "formats": list(goal.formats),
        "quality": after.quality or None,
        "encodes": after.encodes,
    }
    if as_json:
        say_json({"before": was, "after": made, **more})
        return
    say_table(("", "before", "after"), [(name, _cell(was[name]), _cell(made[name])) for name in was])
    how = f"quality {after.quality}, " if after.quality else ""
    how = f"{how}{after.encodes} encodes, {len(after.data) / goal.bytes:.0%} of {byte_count(goal.bytes)}"
    say(how if after.encodes else "as it came, stripped")
    say(f"image formats that are taken: {' '.join(goal.formats)}")


def _facts(sight: "Sight") -> dict[str, Any]:
    found, image, played = sight.found, sight.image, sight.played
    seen = image or (played if played is not None and played.video else None)
    return {
        "type": found.type if found is not None else "",
        "element": found.kind.value if found is not None and found.kind is not None else "",
        "header": sight.declared,
        "header_agrees": None if found is None or not sight.declared else _agrees(sight),
        "bytes": sight.size,
        "width": seen.width if seen is not None else None,
        "height": seen.height if seen is not None else None,
        "frames": image.frames if image is not None else None,
        "orientation": image.orientation if image is not None else None,
        "video_codec": played.video if played is not None else None,
        "audio_codec": played.audio if played is not None else None,
        "seconds": played.length_ms / 1000 if played is not None else None,
        "rotation": played.rotation if played is not None else None,
        "cannot_be_played": sight.unplayed or None,
        "metadata": list(sight.metadata),
        "answers": sight.answers,
    }


def _agrees(sight: "Sight") -> bool:
    from slidewire.content.formats import declared_type

    return sight.found is not None and declared_type(sight.declared) in sight.found.names


def _cell(value: object) -> str:
    if value is None or value == "" or value == []:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, list) else str(value)


def _kind(word: str) -> "Kind":
    from slidewire.domain.message import Kind

    try:
        return Kind(word.lower())
    except ValueError:
        names = ", ".join(kind.value for kind in Kind)
        raise CommandError(f"{word} is no element of a slide", f"One of: {names}.", WRONG_USE) from None
