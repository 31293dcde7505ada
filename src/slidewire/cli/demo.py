"""``slidewire demo`` and ``slidewire playground``: Slidewire on one machine, with a carrier and a phone to look at."""

import errno
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from slidewire.cli.errors import CommandError
from slidewire.cli.options import AsJson, ConfigFile, checked, run
from slidewire.cli.terminal import our_command, say, say_json, visible

if TYPE_CHECKING:
    from slidewire.demo.playground import Playground

Folder = Annotated[Path, typer.Option("--folder", metavar="DIR", help="Where its files are kept.")]
Patience = Annotated[float, typer.Option(min=0, metavar="SECONDS", help="How long any single step may be waited for.")]


def demo(
    folder: Folder = Path("demo-output"),
    patience: Patience = 30.0,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Send a picture message from the API call to the phone's screen, then one as SMS; check every step.

    Starts a gateway and a simulated carrier on free loopback ports, draws a picture of twelve megapixels,
    sends examples/send-mms.xml, follows it to the phone and to its postbacks N101 and N102, compares what
    arrived with what was sent, and writes a picture of the phone's screen. Then sends the same slides to a
    phone without MMS, which gets an SMS with a link, and opens the page behind it. Takes a few seconds.
    Its gateway has settings of its own; of a settings file it heeds the log level.

    Example:
      slidewire demo --folder demo-output

    """
    from rich.console import Console

    from slidewire.demo.cast import DemoError
    from slidewire.demo.report import Report
    from slidewire.demo.story import STEPS, play

    level = checked(config)
    place = folder / f"{datetime.now(UTC):%Y%m%d-%H%M%S-%f}"
    place.mkdir(parents=True)
    report = Report(Console(stderr=as_json, highlight=False), STEPS)
    with (place / "gateway.log").open("w", encoding="utf-8") as log:
        _log_to(log, level)
        try:
            outcome = run(play(place, report, patience))
        except DemoError as error:
            raise CommandError(f"{report.stopped_at}: {error}", f"The gateway's log is {log.name}.") from None
    report.line(f"\nDone in {report.seconds:.1f} s.", "bold")
    report.line(f"The phone's screen: {outcome.screen}")
    report.line("\nGo on with")
    report.line(f"  {our_command()} playground   the same, staying up, for messages of your own (make serve)")
    report.line(f"  {our_command()} message show {outcome.tracking_id} --config {outcome.settings_file}")
    report.line("  docs/tutorial/first-message.md")
    if as_json:
        steps = [{"step": step.title, "seconds": round(step.seconds, 3), "facts": step.facts} for step in report.steps]
        ids = {"tracking_id": outcome.tracking_id, "fallback_tracking_id": outcome.fallback_tracking_id}
        say_json({**ids, "screen": str(outcome.screen), "steps": steps})


def playground(
    folder: Folder = Path("demo-output/playground"),
    free_ports: Annotated[
        bool, typer.Option("--free-ports", help="Take free ports instead of the usual ones.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print where it is up, and each postback, as JSON.")] = False,
    config: ConfigFile = None,
) -> None:
    """Run a gateway with a simulated carrier, a phone to look at and an account, until Ctrl-C.

    Everything listens on loopback only. examples/*.xml work against it as they stand. Postbacks are
    printed as they come. Its gateway has settings of its own; of a settings file it heeds the log level.
    What `make serve` runs.

    Example:
      slidewire playground

    """
    level = checked(config)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "gateway.log").open("a", encoding="utf-8") as log:
        _log_to(log, level)
        try:
            run(_play_on(folder, free_ports, as_json))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            raise CommandError(
                error.strerror or "address already in use",
                "Is another playground up? Else --free-ports takes free ones.",
            ) from None


async def _play_on(folder: Path, free_ports: bool, as_json: bool) -> None:
    from slidewire.cli.serve import stop_signal
    from slidewire.demo.playground import PORTS, open_playground
    from slidewire.demo.stage import Ports

    told = stop_signal()

    def tell(code: str, status: str, tracking_id: str) -> None:
        if as_json:
            say_json({"code": code, "status": status, "tracking_id": tracking_id})
            return
        say(f"{datetime.now(UTC):%H:%M:%S}  postback {visible(code)}  {visible(status)}  {visible(tracking_id)}")

    async with open_playground(folder, Ports() if free_ports else PORTS, tell) as ground:
        if as_json:
            say_json(_facts(ground))
            await told.wait()
            return
        _introduce(ground, folder)
        await told.wait()
        say("stopping (a second Ctrl-C ends at once)")


def _facts(ground: "Playground") -> dict[str, str]:
    stage = ground.stage
    return {
        "phone": f"{stage.simulator.http_url}/",
        "api": stage.api_url,
        "console": stage.console_url,
        "admin_token": stage.settings.admin_token,
        "account": ground.account,
        "sender": ground.sender,
        "key": ground.key,
        "pictures": stage.origin.url,
        "settings": str(stage.settings_file),
    }


def _introduce(ground: "Playground", folder: Path) -> None:
    stage = ground.stage
    say(f"""\
Slidewire's playground is up. Ctrl-C ends it; what it keeps is in {folder}.

  the phone   {stage.simulator.http_url}/
  the API     {stage.api_url}
  console     {stage.console_url}
  account     {ground.account}, sends from {ground.sender}
  its key     {ground.key}
  admin token {stage.settings.admin_token}
  pictures    {stage.origin.url}/lighthouse.jpg  {stage.origin.url}/postcard.png
  log         {folder / "gateway.log"}

Send a message:
  curl --data-binary @examples/send-mms.xml {stage.api_url}
or with other commands:
  {our_command()} send examples/send-mms.xml --config {stage.settings_file}
  {our_command()} message list --config {stage.settings_file}
Sign in to the console without a user name: the key shows what is the account's, the admin's token all.
A phone whose number ends in 09 takes no MMS: it gets an SMS with a link.

Postbacks, as they come:""")


def _log_to(log: Any, level: str) -> None:
    from slidewire.cli.logs import set_up_logs

    set_up_logs(level, log)
