"""The demo fails, and says where, when something does not come out as it must."""

from pathlib import Path

from tests.cli.command import slidewire


def test_what_does_not_come_in_time_is_told_with_its_step(tmp_path: Path) -> None:
    ran = slidewire(tmp_path, "demo", "--patience", "0")
    (folder,) = (tmp_path / "demo-output").iterdir()
    step = "the picture is fitted, the carrier takes the message: postback N101"
    assert (ran.code, ran.err.splitlines()) == (
        1,
        [
            f"slidewire: {step}: postback N101 did not come within 0 s",
            f"  The gateway's log is {folder.relative_to(tmp_path)}/gateway.log.",
        ],
    )
    assert not (folder / "screen.png").exists()


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    ran = slidewire(tmp_path, "demo", "--folder", "/proc/nothing")
    assert (ran.code, ran.out, ran.err.startswith("slidewire: ")) == (1, "", True)
