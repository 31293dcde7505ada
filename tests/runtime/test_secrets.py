"""The file of the server keys: made once, read again when it has changed, changed whole or not at all."""

from pathlib import Path

import msgspec
import pytest

from slidewire.runtime.secrets import key_file, server_keys
from slidewire.settings import Settings, SettingsError
from slidewire.store.server_keys import key_name


def settings(**tree: object) -> Settings:
    return msgspec.convert(tree, Settings)


def test_a_key_is_made_once_and_read_by_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "content"
    first = server_keys(settings(), folder).every
    assert server_keys(settings(), folder).every == first
    assert (len(first), len(first[0])) == (1, 64)
    assert (folder / "server.key").stat().st_mode & 0o777 == 0o600


def test_a_running_process_sees_a_rotation_at_once(tmp_path: Path) -> None:
    keys = server_keys(settings(), tmp_path)
    old = keys.present
    with key_file(tmp_path) as file:
        name = file.add(b"\x01" * 32)
    assert keys.every == (b"01" * 32, old)
    assert name == key_name(keys.present)
    with key_file(tmp_path) as file:
        file.forget(name)
        assert keys.every == (b"01" * 32, old), "the present key is not forgotten"
        file.forget(key_name(old))
    assert keys.every == (b"01" * 32,)
    assert (tmp_path / "server.key").stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["server.key", "server.key.lock"]


def test_a_file_that_goes_away_takes_no_key_from_a_running_process(tmp_path: Path) -> None:
    keys = server_keys(settings(), tmp_path)
    present = keys.present
    for harm in (lambda: (tmp_path / "server.key").write_bytes(b"\n"), (tmp_path / "server.key").unlink):
        harm()
        assert keys.present == present


def test_the_settings_have_the_first_word(tmp_path: Path) -> None:
    told = settings(server_key="k" * 16, other_server_keys=["o" * 16, "p" * 20])
    assert server_keys(told, tmp_path).every == (b"k" * 16, b"o" * 16, b"p" * 20)
    assert list(tmp_path.iterdir()) == []
    others = server_keys(settings(other_server_keys=["o" * 16]), tmp_path).every
    assert others[1:] == (b"o" * 16,)


@pytest.mark.parametrize(
    ("tree", "file", "words"),
    [
        pytest.param({"server_key": "short"}, None, "server_key: at least 16 characters", id="a short key"),
        pytest.param(
            {"other_server_keys": ["x"]}, None, "other_server_keys: at least 16 characters", id="a short other"
        ),
        pytest.param({}, b" \n", "no server key can be read from it; restore it from your backup", id="an empty file"),
    ],
)
def test_what_is_no_key_stops_the_start(
    tmp_path: Path, tree: dict[str, object], file: bytes | None, words: str
) -> None:
    if file is not None:
        (tmp_path / "server.key").write_bytes(file)
    with pytest.raises(SettingsError) as refused:
        server_keys(settings(**tree), tmp_path)
    assert words in str(refused.value)
