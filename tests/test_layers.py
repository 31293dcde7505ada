"""The arrows of docs/architecture.md, checked: which room may import which, and which of them a library may enter."""

import ast
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "slidewire"

#: room -> which other rooms of ours it may import; a room that is not listed fails the test.
MAY_IMPORT: dict[str, set[str]] = {
    "__init__": set(),
    "__main__": {"cli"},
    "domain": set(),
    "outbound": set(),
    "client": set(),
    "store": {"domain"},
    "carriers": {"domain", "outbound"},
    "content": {"domain", "outbound"},
    "postbacks": {"domain", "outbound"},
    "intake": {"domain", "store", "content", "carriers"},
    "provisioning": {"domain", "store", "carriers"},
    "work": {"domain", "store", "content", "carriers", "postbacks", "outbound"},
    "api": {"domain", "store", "intake", "provisioning"},
    "pages": {"domain", "store", "intake", "content"},
    "console": {"domain", "store", "intake", "content", "provisioning"},
    "simulator": {"domain"},
    "settings": set(),
    "runtime": {
        "domain",
        "outbound",
        "store",
        "carriers",
        "content",
        "postbacks",
        "intake",
        "provisioning",
        "work",
        "api",
        "pages",
        "console",
        "settings",
    },
    "demo": {"domain", "outbound", "store", "simulator", "settings", "runtime"},
    "cli": {"domain", "outbound", "store", "carriers", "content", "simulator", "settings", "runtime", "demo"}
    | {"provisioning"},
}
#: Where an arrow reaches only a part of a room: (who, which room) -> the modules of it that may be imported.
NARROW: dict[tuple[str, str], set[str]] = {
    ("intake", "carriers"): {"base", "choice", "routing", "operators", "lookup"},
    ("provisioning", "carriers"): {"operators", "lookup", "handsets"},
    ("pages", "content"): {"store", "previews"},
    ("console", "content"): {"store", "rendition"},
}
#: Libraries that any room may use: they touch neither network nor disk.
FREE = {"msgspec", "structlog"}
#: library -> the rooms, or modules of a room, that may use it; one that is not listed fails the test.
FENCES: dict[str, set[str]] = {
    "PIL": {"content.images", "simulator.drawing", "simulator.screen", "demo"},
    "aiodns": {"outbound"},
    "aiohttp": {"client.asynchronous", "outbound", "simulator"},
    "alembic": {"store"},
    "asyncpg": {"store"},
    "cryptography": {"store.passwords", "store.sealed"},
    "httptools": {"api.exchange", "api.http_server", "outbound"},
    "imageio_ffmpeg": {"content.av.finding"},
    "jinja2": {"pages", "console"},
    "lxml": {"simulator"},
    "obstore": {"content.bucket", "content.presigned"},
    "phonenumbers": {"domain"},
    "pybase64": {"content", "carriers", "outbound"},
    "pycares": {"outbound"},
    "pypdf": {"content.pdf"},
    "pysqlite3": {"store"},
    "rich": {"cli", "demo"},
    "sqlalchemy": {"store"},
    "starlette": {"api", "pages", "console", "simulator", "carriers.mm7.receiver", "runtime"},
    "typer": {"cli"},
    "uvicorn": {"api", "pages", "console", "simulator", "carriers.mm7.receiver", "runtime"},
    "uvloop": {"runtime", "cli"},
    "yarl": {"outbound"},
}
#: What the domain may not use even of the standard library: it opens no file and reads no clock.
IMPURE = {
    "asyncio",
    "http",
    "os",
    "pathlib",
    "random",
    "shutil",
    "socket",
    "ssl",
    "subprocess",
    "time",
    "urllib.request",
}


def module_name(path: Path) -> str:
    """``carriers.mm7.soap`` for a file under SOURCE; a package's own file is the package."""
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


def imports(path: Path) -> Iterator[str]:
    """Full names of everything that a file imports, wherever in it: ``slidewire.domain.faults``, ``PIL.Image``."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide who imports whom"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def under(name: str, homes: set[str]) -> bool:
    """Whether ``name`` is one of ``homes`` or inside one."""
    return any(name == home or name.startswith(f"{home}.") for home in homes)


def rooms() -> set[str]:
    """The rooms that exist."""
    return {module_name(path).split(".")[0] for path in SOURCE.rglob("*.py")}


def test_every_room_is_on_the_plan() -> None:
    assert rooms() - MAY_IMPORT.keys() == set()


def test_imports_follow_the_arrows() -> None:
    wrong = []
    for path in SOURCE.rglob("*.py"):
        here = module_name(path)
        home = here.split(".")[0]
        for name in imports(path):
            ours, _, there = name.partition(".")
            if ours != "slidewire" or there in {"", "__version__"}:
                continue
            room, _, inside = there.partition(".")
            narrow = NARROW.get((home, room))
            allowed = room == home or (
                room in MAY_IMPORT.get(home, set()) and (narrow is None or under(inside, narrow))
            )
            if not allowed:
                wrong.append(f"{here} imports {name}")
    assert not wrong, "\n".join(sorted(wrong))


def test_libraries_stay_inside_their_fences() -> None:
    wrong = []
    for path in SOURCE.rglob("*.py"):
        here = module_name(path)
        for name in imports(path):
            library = name.split(".")[0]
            if library == "slidewire" or library in sys.stdlib_module_names or library in FREE:
                continue
            if not under(here, FENCES.get(library, set())):
                wrong.append(f"{here} imports {library}")
    assert not wrong, "\n".join(sorted(wrong))


def test_the_domain_touches_nothing_outside_itself() -> None:
    touching = {
        f"{module_name(path)} imports {name}"
        for path in (SOURCE / "domain").rglob("*.py")
        for name in imports(path)
        if under(name, IMPURE)
    }
    assert touching == set()


def contracts() -> dict[str, set[str]]:
    """What pyproject.toml tells import-linter: protected module -> its allowed importers."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    return {
        contract["protected_modules"][0].removeprefix("slidewire."): {
            importer.removeprefix("slidewire.") for importer in contract["allowed_importers"]
        }
        for contract in settings["contracts"]
        if contract["type"] == "protected"
    }


def test_import_linter_is_told_the_same_arrows() -> None:
    here = rooms()
    told = contracts()
    arrows = {
        room: {other for other in here if room in MAY_IMPORT.get(other, set())}
        for room in here - {"__init__", "__main__"}
    }
    assert {room: told.get(room) for room in arrows} == arrows


def test_import_linter_is_told_the_same_fences() -> None:
    files = list(SOURCE.rglob("*.py"))
    here = {module_name(path) for path in files}
    used = {name.split(".")[0] for path in files for name in imports(path)}  # it refuses a library that nobody uses
    told = contracts()
    fences = {library: homes & here for library, homes in FENCES.items() if library in used}
    assert {library: told.get(library) for library in fences} == fences
