"""The only reader of the settings file and of the environment; one frozen Settings, every field documented.

Unknown keys, bad values and missing secrets stop the start with the file, the key and the reason.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from slidewire.settings.sections import Settings

#: The file that is read when none is named and there is one.
DEFAULT_FILE = "slidewire.toml"
_PREFIX = "SLIDEWIRE_"
_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`", re.DOTALL)
_SECRET = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_SIZES = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30}
_SPANS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


class SettingsError(Exception):
    """A setting that cannot be used: file, key and reason in words."""


def load(path: str | None, environment: Mapping[str, str] | None = None) -> Settings:
    """Read ``path`` (or slidewire.toml where there is one) and the environment. Raises SettingsError."""
    environment = os.environ if environment is None else environment
    source, raw = _read_file(path)
    tree = _with_secrets(raw, environment, source, "")
    secrets = _secret_names(raw)
    origins: dict[str, str] = {}
    for name, text in environment.items():
        if name.startswith(_PREFIX) and name not in secrets:
            origins[_override(tree, name, text)] = name
    try:
        return msgspec.convert(tree, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise _settings_error(str(error), source, origins) from None


def _settings_error(words: str, source: str, origins: Mapping[str, str]) -> SettingsError:
    """What the reader says, as source, key and reason; a variable of the environment is its own source."""
    reason, _, place = words.partition(" - at `$")
    key = place.rstrip("`").lstrip(".")
    unknown = _UNKNOWN.fullmatch(reason)
    if unknown is not None:
        key, reason = f"{key}.{unknown[1]}".lstrip("."), "there is no such setting"
    named = next((name for path, name in origins.items() if key == path or key.startswith(f"{path}[")), "")
    return SettingsError(f"{named or source}: {key}: {reason}" if key else f"{source}: {reason}")


class Watched:
    """The settings as they are now, whenever their file has changed."""

    def __init__(self, path: str | None) -> None:
        self._path = path
        self._seen = self._stamp()

    def __call__(self) -> Settings | None:
        """The settings, or None while the file is as it was. Raises SettingsError, once for each change."""
        stamp = self._stamp()
        if stamp == self._seen:
            return None
        self._seen = stamp
        return load(self._path)

    def _stamp(self) -> tuple[int, int, int]:
        try:
            seen = Path(self._path or DEFAULT_FILE).stat()
        except OSError:
            return (0, 0, 0)
        return seen.st_mtime_ns, seen.st_size, seen.st_ino


def read_size(text: str) -> int:
    """Bytes from what people write: ``512MB``, ``1 GiB``, ``1000000``. Raises ValueError."""
    found = re.fullmatch(r"\s*([0-9]{1,18}(?:\.[0-9]+)?)\s*([A-Za-z]*)\s*", text)
    if found is None or found[2].upper() not in _SIZES:
        raise ValueError(f"{text!r} is no size; write it as 512MB")
    return int(float(found[1]) * _SIZES[found[2].upper()])


def read_span(text: str) -> float:
    """Seconds from what people write: ``10s``, ``2m``, ``3d``. Raises ValueError."""
    found = re.fullmatch(r"\s*([0-9]{1,12}(?:\.[0-9]+)?)\s*(ms|s|m|h|d)\s*", text)
    if found is None:
        raise ValueError(f"{text!r} is no time; write it as 10s, 2m, 6h or 3d")
    return float(found[1]) * _SPANS[found[2]]


def _read_file(path: str | None) -> tuple[str, dict[str, Any]]:
    if path is None and not Path(DEFAULT_FILE).is_file():
        return "settings", {}
    source = path or DEFAULT_FILE
    try:
        return source, tomllib.loads(Path(source).read_text("utf-8"))
    except FileNotFoundError:
        raise SettingsError(f"{source}: there is no such file") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{source}: {error}") from None


def _secret_names(value: Any) -> set[str]:
    """The variables that the file names as secrets: they are no settings of their own."""
    if isinstance(value, dict):
        return set().union(*(_secret_names(each) for each in value.values()))
    if isinstance(value, list):
        return set().union(*(_secret_names(each) for each in value))
    return set(_SECRET.findall(value)) if isinstance(value, str) else set()


def _with_secrets(value: Any, environment: Mapping[str, str], source: str, key: str) -> Any:
    """``value`` with every ${NAME} replaced from the environment."""
    if isinstance(value, dict):
        return {k: _with_secrets(v, environment, source, f"{key}.{k}".lstrip(".")) for k, v in value.items()}
    if isinstance(value, list):
        return [_with_secrets(v, environment, source, f"{key}[{n}]") for n, v in enumerate(value)]
    if not isinstance(value, str):
        return value

    def secret(found: re.Match[str]) -> str:
        if found[1] not in environment:
            raise SettingsError(f"{source}: {key}: the environment has no {found[1]}")
        return environment[found[1]]

    return _SECRET.sub(secret, value)


#: Variables with names of their own (interfaces.md).
_NAMES = {"SLIDEWIRE_KEY": "server_key"}
_SECTIONS = ("fetch", "limits", "media", "delivery", "postbacks", "budgets", "handsets", "lookup.http", "lookup", "s3")
_LISTS = {
    "trusted_proxies",
    "fetch.allow_private",
    "postbacks.allow_private",
    "postbacks.published",
    "postbacks.long",
    "delivery.retry",
    "lookup.http.allow_private",
    "lookup.http.backoff",
}
#: How the lists of numbers end.
_NUMBERS = ("published", "long", "retry", "backoff")
#: Lists of tables, and tables of any names: written as JSON in the environment.
_TABLES = {"routes", "operators", "lookup.http.headers"}


def _override(tree: dict[str, Any], name: str, text: str) -> str:
    """Put SLIDEWIRE_FETCH_CACHE into tree["fetch"]["cache"]; gives its key, ``fetch.cache``. Raises SettingsError."""
    key = _NAMES.get(name) or name.removeprefix(_PREFIX).lower()
    section = next((each for each in _SECTIONS if key.startswith(f"{each.replace('.', '_')}_")), "")
    field = key[len(section) + 1 :] if section else key
    inner: Any = tree
    for step in filter(None, section.split(".")):
        inner = inner.setdefault(step, {}) if isinstance(inner, dict) else None
    key = f"{section}.{field}".lstrip(".")
    if isinstance(inner, dict):  # else the file is wrong, and that is told
        inner[field] = _value(name, key, text)
    return key


def _value(name: str, key: str, text: str) -> Any:
    if key in _TABLES:
        return _tables(name, key, text)
    return _listed(name, key, text) if key in _LISTS else text


def _listed(name: str, key: str, text: str) -> list[Any]:
    """A list as people write it: ``5, 30``, or in brackets as the file has it, or as JSON."""
    if not text.lstrip().startswith("["):
        return [word.strip() for word in text.split(",") if word.strip()]
    try:
        read: list[Any] = tomllib.loads(f"list = {text}")["list"]
    except tomllib.TOMLDecodeError:
        form = "5,30 or [5, 30]" if key.endswith(_NUMBERS) else '10.0.0.0/8,::1 or ["10.0.0.0/8", "::1"]'
        raise SettingsError(f"{name}: {key}: this is no list; write it as {form}") from None
    return read


def _tables(name: str, key: str, text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        form = "a JSON object" if key.endswith("headers") else "a JSON list of objects"
        raise SettingsError(f"{name}: {key}: write it as {form} ({error})") from None
