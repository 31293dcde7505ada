"""Which process does what."""

import pytest

from slidewire.runtime.supervisor import roles_of


@pytest.mark.parametrize(
    ("role", "processes", "roles"),
    [
        pytest.param("all", 1, ("all",), id="one does everything"),
        pytest.param("all", 2, ("api", "worker"), id="one takes requests, the other does the rest"),
        pytest.param("all", 3, ("api", "worker", "worker"), id="what is left over sends"),
        pytest.param("all", 4, ("api", "api", "worker", "worker"), id="half and half"),
        pytest.param("api", 2, ("api", "api"), id="only doors"),
        pytest.param("worker", 3, ("worker", "worker", "worker"), id="only workers"),
    ],
)
def test_roles_of_processes(role: str, processes: int, roles: tuple[str, ...]) -> None:
    assert roles_of(role, processes) == roles
