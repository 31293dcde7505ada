"""The settings file and the environment: what is read, and how each mistake is told with its source and its key."""

from pathlib import Path

import pytest

from slidewire.settings import (
    DeliverySettings,
    FetchSettings,
    HttpLookupSettings,
    LimitSettings,
    LookupSettings,
    OperatorSettings,
    PostbackSettings,
    RouteSettings,
    Settings,
    SettingsError,
    load,
    read_size,
    read_span,
)

ROUTE = '[[routes]]\nname = "mmsc-a"\nkind = "mm7"\nurl = "http://127.0.0.1:11982/mm7"\n'


def written(folder: Path, text: str) -> str:
    file = folder / "gateway.toml"
    file.write_text(text, "utf-8")
    return str(file)


def refusal(folder: Path, text: str = "", environment: dict[str, str] | None = None) -> str:
    """What is said of a wrong setting, the file's folder left out."""
    with pytest.raises(SettingsError) as refused:
        load(written(folder, text), environment or {})
    return str(refused.value).replace(f"{folder}/", "")


def test_without_a_file_the_defaults_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load(None, {}) == Settings()


def test_the_file_in_the_working_folder_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "slidewire.toml").write_text('log_level = "debug"')
    assert load(None, {}) == Settings(log_level="debug")


def test_a_file_that_is_named_wins_over_the_one_in_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "slidewire.toml").write_text('log_level = "debug"')
    assert load(written(tmp_path, 'log_level = "error"'), {}) == Settings(log_level="error")


def test_reads_a_whole_file(tmp_path: Path) -> None:
    text = f"""
listen = "0.0.0.0:8080"
free_space = "1GiB"
[fetch]
allow_private = ["10.1.0.0/16:8443"]
cache = "off"
[delivery]
retry = [1, 2.5]
[lookup]
default = "31003"
{ROUTE}options = {{ report_word = "x" }}
[[operators]]
id = "31003"
aliases = ["0001890"]
mms = false
"""
    assert load(written(tmp_path, text), {}) == Settings(
        listen="0.0.0.0:8080",
        free_space="1GiB",
        fetch=FetchSettings(allow_private=("10.1.0.0/16:8443",), cache="off"),
        delivery=DeliverySettings(retry=(1, 2.5)),
        lookup=LookupSettings(default="31003"),
        routes=(
            RouteSettings(name="mmsc-a", kind="mm7", url="http://127.0.0.1:11982/mm7", options={"report_word": "x"}),
        ),
        operators=(OperatorSettings(id="31003", aliases=("0001890",), mms=False),),
    )


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = written(tmp_path, 'listen = "127.0.0.1:1"\n[limits]\nimage = 1\n')
    environment = {
        "SLIDEWIRE_LISTEN": "127.0.0.1:2",
        "SLIDEWIRE_STRICT_NUMBERS": "true",
        "SLIDEWIRE_LIMITS_IMAGE": "2",
        "SLIDEWIRE_FETCH_ALLOW_PRIVATE": "127.0.0.0/8, 10.0.0.0/8:80",
        "SLIDEWIRE_POSTBACKS_PUBLISHED": "1, 2.5",
        "SLIDEWIRE_LOOKUP_DEFAULT": "31003",
        "SLIDEWIRE_ROUTES": '[{"name": "a", "kind": "mm7", "url": "http://a/"}]',
        "PATH": "/bin",
    }
    assert load(file, environment) == Settings(
        listen="127.0.0.1:2",
        strict_numbers=True,
        limits=LimitSettings(image=2),
        fetch=FetchSettings(allow_private=("127.0.0.0/8", "10.0.0.0/8:80")),
        postbacks=PostbackSettings(published=(1, 2.5)),
        lookup=LookupSettings(default="31003"),
        routes=(RouteSettings(name="a", kind="mm7", url="http://a/"),),
    )


@pytest.mark.parametrize("text", ["5, 30", "[5, 30]", "[5,30,]", " [ 5,\n30 ]"])
def test_a_list_in_the_environment_is_written_as_people_do(tmp_path: Path, text: str) -> None:
    file = written(tmp_path, "")
    assert load(file, {"SLIDEWIRE_DELIVERY_RETRY": text}).delivery.retry == (5, 30)
    quoted = {"SLIDEWIRE_FETCH_ALLOW_PRIVATE": '["127.0.0.0/8", "::1"]'}
    assert load(file, quoted).fetch.allow_private == ("127.0.0.0/8", "::1")


def test_a_section_in_a_section_can_be_set_in_the_environment(tmp_path: Path) -> None:
    file = written(tmp_path, '[lookup.http]\nurl = "https://a.example.net/{number}"\nnetwork = "a"\n')
    environment = {
        "SLIDEWIRE_LOOKUP_CACHE": "1d",
        "SLIDEWIRE_LOOKUP_HTTP_NETWORK": "b.c",
        "SLIDEWIRE_LOOKUP_HTTP_LINE_TYPE": "b.d",
        "SLIDEWIRE_LOOKUP_HTTP_BACKOFF": "1, 2.5",
        "SLIDEWIRE_LOOKUP_HTTP_ALLOW_PRIVATE": "10.0.0.0/8",
        "SLIDEWIRE_LOOKUP_HTTP_HEADERS": '{"X-Key": "k"}',
    }
    assert load(file, environment).lookup == LookupSettings(
        cache="1d",
        http=HttpLookupSettings(
            url="https://a.example.net/{number}",
            network="b.c",
            line_type="b.d",
            backoff=(1, 2.5),
            allow_private=("10.0.0.0/8",),
            headers={"X-Key": "k"},
        ),
    )


def test_an_empty_list_in_the_environment_empties_the_list(tmp_path: Path) -> None:
    file = written(tmp_path, '[fetch]\nallow_private = ["127.0.0.0/8"]\n')
    assert load(file, {"SLIDEWIRE_FETCH_ALLOW_PRIVATE": ""}).fetch.allow_private == ()


def test_the_server_key_has_a_variable_of_its_own(tmp_path: Path) -> None:
    assert load(written(tmp_path, ""), {"SLIDEWIRE_KEY": "k" * 32}).server_key == "k" * 32


def test_secrets_come_from_the_environment(tmp_path: Path) -> None:
    text = f'admin_token = "${{SLIDEWIRE_ADMIN_TOKEN}}"\n{ROUTE}password = "a-${{MMSC_A}}-b"\n'
    settings = load(written(tmp_path, text), {"SLIDEWIRE_ADMIN_TOKEN": "t0ken", "MMSC_A": "s3cret"})
    assert (settings.admin_token, settings.routes[0].password) == ("t0ken", "a-s3cret-b")


def test_a_variable_that_the_file_names_as_a_secret_is_no_setting(tmp_path: Path) -> None:
    text = f'{ROUTE}password = "${{SLIDEWIRE_MMSC_A}}"\n'
    assert load(written(tmp_path, text), {"SLIDEWIRE_MMSC_A": "s3cret"}).routes[0].password == "s3cret"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("lisen = 1", "gateway.toml: lisen: there is no such setting", id="an unknown key"),
        pytest.param(
            "[fetch]\ncach = 1", "gateway.toml: fetch.cach: there is no such setting", id="an unknown key of a section"
        ),
        pytest.param(
            f"{ROUTE}usr = 1", "gateway.toml: routes[0].usr: there is no such setting", id="an unknown key of a route"
        ),
        pytest.param("listen = 8080", "gateway.toml: listen: Expected `str`, got `int`", id="a number for a text"),
        pytest.param("fetch = 3", "gateway.toml: fetch: Expected `object`, got `int`", id="a number for a section"),
        pytest.param(
            '[limits]\nimage = "big"', "gateway.toml: limits.image: Expected `int`, got `str`", id="a word for a number"
        ),
        pytest.param("[limits]\nimage = 0", "gateway.toml: limits.image: Expected `int` >= 1", id="no bytes at all"),
        pytest.param(
            "[postbacks]\nlong = [5, -1]",
            "gateway.toml: postbacks.long[1]: Expected `float` >= 0.0",
            id="a wait that would be over already",
        ),
        pytest.param(
            "[delivery]\nretry = []",
            "gateway.toml: delivery.retry: Expected `array` of length >= 1",
            id="no wait between tries",
        ),
        pytest.param(
            'log_level = "loud"',
            "gateway.toml: log_level: Invalid enum value 'loud'",
            id="none of the words",
        ),
        pytest.param(
            '[[routes]]\nkind = "mm7"',
            "gateway.toml: routes[0]: Object missing required field `name`",
            id="a route without a name",
        ),
        pytest.param(
            f'{ROUTE}password = "${{NOT_THERE}}"',
            "gateway.toml: routes[0].password: the environment has no NOT_THERE",
            id="a missing secret",
        ),
        pytest.param("listen = ", "gateway.toml: Invalid value (at end of document)", id="no TOML"),
    ],
)
def test_a_mistake_in_the_file_is_told_with_file_key_and_reason(tmp_path: Path, text: str, words: str) -> None:
    assert refusal(tmp_path, text) == words


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        pytest.param(
            "SLIDEWIRE_LISEN", "x", "SLIDEWIRE_LISEN: lisen: there is no such setting", id="an unknown variable"
        ),
        pytest.param(
            "SLIDEWIRE_FETCH_CACH",
            "x",
            "SLIDEWIRE_FETCH_CACH: fetch.cach: there is no such setting",
            id="an unknown variable of a section",
        ),
        pytest.param(
            "SLIDEWIRE_LIMITS_IMAGE",
            "big",
            "SLIDEWIRE_LIMITS_IMAGE: limits.image: Expected `int`, got `str`",
            id="a word for a number",
        ),
        pytest.param(
            "SLIDEWIRE_DELIVERY_RETRY",
            "5, soon",
            "SLIDEWIRE_DELIVERY_RETRY: delivery.retry[1]: Expected `float`, got `str`",
            id="a word in a list of numbers",
        ),
        pytest.param(
            "SLIDEWIRE_DELIVERY_RETRY",
            "[5, 30",
            "SLIDEWIRE_DELIVERY_RETRY: delivery.retry: this is no list; write it as 5,30 or [5, 30]",
            id="a bracket that is not closed",
        ),
        pytest.param(
            "SLIDEWIRE_FETCH_ALLOW_PRIVATE",
            "[10.0.0.0/8]",
            "SLIDEWIRE_FETCH_ALLOW_PRIVATE: fetch.allow_private: this is no list; write it as 10.0.0.0/8,",
            id="words in brackets without quotes",
        ),
        pytest.param(
            "SLIDEWIRE_ROUTES",
            "mmsc-a",
            "SLIDEWIRE_ROUTES: routes: write it as a JSON list of objects",
            id="routes that are no JSON",
        ),
    ],
)
def test_a_mistake_in_the_environment_names_the_variable(tmp_path: Path, name: str, text: str, words: str) -> None:
    assert refusal(tmp_path, "", {name: text}).startswith(words)


def test_a_section_that_is_none_is_told_though_the_environment_sets_something_in_it(tmp_path: Path) -> None:
    said = refusal(tmp_path, "fetch = 3", {"SLIDEWIRE_FETCH_CACHE": "off"})
    assert said == "gateway.toml: fetch: Expected `object`, got `int`"


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.toml: there is no such file"):
        load(str(tmp_path / "nowhere.toml"), {})


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="Is a directory"):
        load(str(tmp_path), {})


@pytest.mark.parametrize(
    ("text", "size"),
    [
        pytest.param("1000000", 1_000_000, id="bytes"),
        pytest.param("512MB", 512_000_000, id="megabytes"),
        pytest.param(" 1.5 GiB ", 1_610_612_736, id="gibibytes and blanks"),
        pytest.param("64kb", 64_000, id="in small letters"),
    ],
)
def test_reads_sizes(text: str, size: int) -> None:
    assert read_size(text) == size


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        pytest.param("500ms", 0.5, id="milliseconds"),
        pytest.param("10s", 10.0, id="seconds"),
        pytest.param("2m", 120.0, id="minutes"),
        pytest.param(" 1.5 h ", 5_400.0, id="hours and blanks"),
        pytest.param("3d", 259_200.0, id="days"),
    ],
)
def test_reads_times(text: str, seconds: float) -> None:
    assert read_span(text) == seconds


@pytest.mark.parametrize("text", ["", "much", "5 elephants", "-1MB", "1e9", "9" * 400, "٣MB"])
def test_refuses_what_is_no_size(text: str) -> None:
    with pytest.raises(ValueError, match="is no size"):
        read_size(text)


@pytest.mark.parametrize("text", ["", "10", "soon", "-1s", "1w", "9" * 400 + "d", "٣s"])
def test_refuses_what_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match="is no time"):
        read_span(text)
