"""The settings file and the environment, read here and nowhere else."""

from slidewire.settings.networks import (
    BudgetSettings,
    HandsetSettings,
    HttpLookupSettings,
    LookupSettings,
    OperatorSettings,
    RouteSettings,
)
from slidewire.settings.reading import DEFAULT_FILE, SettingsError, Watched, load, read_size, read_span
from slidewire.settings.sections import (
    BatchSettings,
    DeliverySettings,
    FetchSettings,
    LimitSettings,
    MediaSettings,
    PostbackSettings,
    Settings,
)

__all__ = [
    "DEFAULT_FILE",
    "BatchSettings",
    "BudgetSettings",
    "DeliverySettings",
    "FetchSettings",
    "HandsetSettings",
    "HttpLookupSettings",
    "LimitSettings",
    "LookupSettings",
    "MediaSettings",
    "OperatorSettings",
    "PostbackSettings",
    "RouteSettings",
    "Settings",
    "SettingsError",
    "Watched",
    "load",
    "read_size",
    "read_span",
]
