"""``slidewire simulator``: an MMSC and an SMSC for development, each of its settings an option."""

import inspect
from collections.abc import Callable
from dataclasses import Field, fields
from typing import Annotated, Any, get_type_hints

import typer

from slidewire.cli.errors import WRONG_USE, CommandError
from slidewire.cli.options import ConfigFile, LogAsJson, checked, run

_HELP = """\
An MMSC and an SMSC for development and tests: takes MM7 and SMPP, checks them as strictly as a carrier would,
keeps the messages, sends reports. Its handset page shows each message as a phone does. Its settings are these
options; of a settings file it heeds the log level.

Example:
  slidewire simulator --report-url http://127.0.0.1:8080/mm7/mmsc-a --chaos throttle=5

The last two digits of the receiver decide:
{behaviours}

and for each segment of an SMS:
{texts}

Trouble by chance, in percent (--chaos throttle=5,cut=2):
{troubles}
"""


def make_command() -> Callable[..., None]:
    """The command, with an option for every setting of the simulator: its own table is the only one."""
    from slidewire.simulator.behaviours import behaviour_table
    from slidewire.simulator.chaos import chaos_table
    from slidewire.simulator.settings import SimulatorSettings
    from slidewire.simulator.sms_behaviours import sms_behaviour_table

    def simulator(config: str | None = None, as_json: bool = False, **options: Any) -> None:
        from slidewire.cli.logs import set_up_logs

        set_up_logs(checked(config), as_json=as_json)
        try:
            settings = SimulatorSettings(**{name: _read(name, value) for name, value in options.items()})
        except ValueError as error:
            raise CommandError(str(error), "`slidewire simulator --help` lists every option.", WRONG_USE) from None
        run(_simulate(settings))

    hints = get_type_hints(SimulatorSettings)
    simulator.__doc__ = _HELP.format(behaviours=behaviour_table(), texts=sms_behaviour_table(), troubles=chaos_table())
    config = inspect.Parameter("config", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=ConfigFile)
    as_json = inspect.Parameter("as_json", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=LogAsJson)
    own = (_option(each, hints[each.name]) for each in fields(SimulatorSettings))
    signature = inspect.Signature([*own, config, as_json])
    simulator.__signature__ = signature  # type: ignore[attr-defined]  # what typer reads the options from
    return simulator


def _option(setting: Field[Any], kind: Any) -> inspect.Parameter:
    """The option of one setting, with its own words as help."""
    default = setting.default
    if isinstance(default, tuple):
        kind, default = str, ",".join(f"{number:g}" for number in default)
    annotation = Annotated[kind, typer.Option(help=setting.metadata["help"])]
    return inspect.Parameter(setting.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _read(name: str, value: Any) -> Any:
    """An option's value as its setting wants it. Raises ValueError."""
    if name != "report_backoff":
        return value
    try:
        return tuple(float(number) for number in value.split(",") if number.strip())
    except ValueError:
        raise ValueError(f"{name} is {value!r}; write it as 1,2,4") from None


async def _simulate(settings: Any) -> None:
    import structlog

    from slidewire.cli.serve import stop_signal
    from slidewire.simulator.app import Simulator

    log, told = structlog.get_logger("simulator"), stop_signal()
    async with Simulator(settings) as running:
        log.info(
            "listening",
            mm7=running.mm7_url,
            smpp_port=running.smpp_port,
            handset=running.http_url,
            reports=settings.report_url or "nowhere",
        )
        await told.wait()
    log.info("stopped")
