"""The settings file and the environment, read here and nowhere else."""

from slidewire.settings.reading import DEFAULT_FILE, SettingsError, Watched, load, read_size, read_span
from slidewire.settings.sections import (
    BatchSettings,
    BudgetSettings,
    DeliverySettings,
    FetchSettings,
    HandsetSettings,
    HttpLookupSettings,
    LimitSettings,
    LookupSettings,
    MediaSettings,
    OperatorSettings,
    PostbackSettings,
    RouteSettings,
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
