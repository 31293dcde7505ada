"""The pool of media children: lazy, bounded, and none of its children's deaths is more than one job's loss."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
import uvloop
from tests.content import makers
from tests.fakes.raw_server import nobody_more

from slidewire.content.jobs import CORRUPT, NO_FIT, OVERSIZE, ChildLimits, FitJob, Fitted, Inspected, InspectJob, Source
from slidewire.content.pool import (
    MediaBusyError,
    MediaFailedError,
    MediaPool,
    MediaRefusedError,
    PoolSettings,
)

WILD = PoolSettings(
    children=1, job_seconds=5, command=(sys.executable, "-s", "-P", str(Path(__file__).parent / "wild_child.py"))
)
JPEG = makers.saved(makers.photo(320, 240), exif=makers.exif(6))


def told(what: str) -> InspectJob:
    return InspectJob(Source(data=what.encode()), "image/jpeg", 0)


def an_inspection(data: bytes, mime: str = "image/jpeg") -> InspectJob:
    return InspectJob(Source(data=data), mime, 50_000_000)


def a_fit(data: bytes, budget: int = 100_000) -> FitJob:
    return FitJob(Source(data=data), "image/jpeg", 50_000_000, budget, 2592, 1944)


async def eventually(condition: Callable[[], bool], seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def may_unshare() -> bool:
    return subprocess.run(["/usr/bin/env", "unshare", "-rn", "true"], capture_output=True, check=False).returncode == 0


async def test_inspects_and_fits_from_bytes_and_from_files(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(JPEG)
    async with MediaPool(PoolSettings(children=1)) as pool:
        for source in (Source(data=JPEG), Source(path=str(path))):
            assert await pool.inspect(InspectJob(source, "image/jpeg", 50_000_000)) == Inspected(
                240, 320, 1, orientation=6
            )
            fitted = await pool.fit(FitJob(source, "image/jpeg", 50_000_000, 100_000, 2592, 1944))
            assert (fitted.mime, fitted.width, fitted.height, fitted.encodes) == ("image/jpeg", 240, 320, 1)


@pytest.mark.parametrize(
    ("job", "why"),
    [
        pytest.param(an_inspection(JPEG[:-1]), CORRUPT, id="cut off"),
        pytest.param(an_inspection(makers.png(9000, 9000), "image/png"), OVERSIZE, id="a bomb"),
    ],
)
async def test_tells_an_images_own_fault(job: InspectJob, why: str) -> None:
    async with MediaPool(PoolSettings(children=1)) as pool:
        with pytest.raises(MediaRefusedError) as refused:
            await pool.inspect(job)
        assert refused.value.why == why


async def test_tells_how_small_an_image_can_be() -> None:
    async with MediaPool(PoolSettings(children=1)) as pool:
        with pytest.raises(MediaRefusedError) as refused:
            await pool.fit(a_fit(JPEG, budget=300))
        assert refused.value.why == NO_FIT
        assert 300 < refused.value.size < 3_000


async def test_no_child_runs_before_there_is_work_and_none_when_it_is_over() -> None:
    async with MediaPool(replace(WILD, idle_seconds=0.05)) as pool:
        assert pool.pids == []
        await pool.inspect(told(""))
        (pid,) = pool.pids
        await eventually(lambda: not pool.pids and not alive(pid))
        assert (await pool.inspect(told(""))).width == 1


async def test_children_are_kept_and_recycled() -> None:
    async with MediaPool(replace(WILD, jobs_per_child=2)) as pool:
        done = [await pool.inspect(told("")) for _ in range(5)]
    assert [answer.width for answer in done] == [1, 2, 1, 2, 1]
    assert len({answer.height for answer in done}) == 3


async def test_never_more_children_than_set() -> None:
    async with MediaPool(replace(WILD, children=2)) as pool:
        done = await asyncio.gather(*(pool.inspect(told("sleep 0.02")) for _ in range(8)))
    assert len({answer.height for answer in done}) == 2


@pytest.mark.parametrize("what", ["exit", "crash"])
async def test_a_childs_death_fails_its_job_alone(what: str) -> None:
    async with MediaPool(replace(WILD, children=2)) as pool:
        jobs = [told("sleep 0.05"), told(what), told("sleep 0.05"), told("")]
        done = await asyncio.gather(*(pool.inspect(job) for job in jobs), return_exceptions=True)
        assert [type(answer).__name__ for answer in done] == ["Inspected", "MediaFailedError", "Inspected", "Inspected"]
        assert (await pool.inspect(told(""))).frames == 1


async def test_a_job_whose_child_was_killed_is_tried_once_more() -> None:
    """What the machine does to a child is not the image's fault."""
    async with MediaPool(WILD) as pool:
        job = asyncio.ensure_future(pool.inspect(told("sleep 0.5")))
        await eventually(lambda: bool(pool.pids))
        os.kill(pool.pids[0], signal.SIGKILL)
        assert (await job).width == 1


async def test_a_child_that_died_while_it_had_nothing_to_do_is_replaced() -> None:
    async with MediaPool(WILD) as pool:
        first = (await pool.inspect(told(""))).height
        os.kill(first, signal.SIGKILL)
        await eventually(lambda: not alive(first))
        assert (await pool.inspect(told(""))).height != first


@pytest.mark.parametrize("what", ["spin", "sleep 60", "garbage 3", "endless 3"])
async def test_a_job_that_hangs_or_babbles_is_ended(what: str) -> None:
    async with MediaPool(replace(WILD, job_seconds=0.6)) as pool:
        started = time.monotonic()
        with pytest.raises(MediaFailedError):
            await pool.inspect(told(what))
        assert time.monotonic() - started < 5
        assert (await pool.inspect(told(""))).width == 1


async def test_processor_time_is_limited_for_each_job_by_itself() -> None:
    """The kernel's limit holds even when our own loop is stuck; it counts anew for every job."""
    async with MediaPool(replace(WILD, job_seconds=60)) as pool:
        await pool.inspect(told(""))
        limits = Path(f"/proc/{pool.pids[0]}/limits").read_text()
        (line,) = (line for line in limits.splitlines() if line.startswith("Max cpu time"))
        assert 62 <= int(line.split()[3]) <= 64
        assert "Max file size             0                    0" in limits
        assert "Max core file size        0                    0" in limits
        assert "Max processes             0                    0" in limits  # the kernel lets root fork all the same


async def test_memory_is_limited() -> None:
    async with MediaPool(replace(WILD, address_space=200_000_000)) as pool:
        assert (await pool.inspect(told("grow 50000000"))).width == 50_000_000
        with pytest.raises(MediaFailedError):
            await pool.inspect(told("grow 300000000"))


async def test_no_file_can_be_written(tmp_path: Path) -> None:
    async with MediaPool(WILD) as pool:
        with pytest.raises(MediaFailedError):
            await pool.inspect(told(f"write {tmp_path / 'x'}"))
    assert not (tmp_path / "x").exists() or (tmp_path / "x").read_bytes() == b""


async def test_no_network_can_be_reached_where_the_kernel_lets_us() -> None:
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server, MediaPool(WILD) as pool:
        port = server.sockets[0].getsockname()[1]
        (answer,) = await asyncio.gather(pool.inspect(told(f"network {port}")), return_exceptions=True)
        assert isinstance(answer, MediaFailedError) is may_unshare()
        await nobody_more(server)


async def test_what_a_library_prints_is_no_answer() -> None:
    async with MediaPool(WILD) as pool:
        assert (await pool.inspect(told("print"))).width == 1
        assert (await pool.inspect(told(""))).width == 2


async def test_a_stop_signal_to_the_whole_group_does_not_cut_off_a_job() -> None:
    async with MediaPool(WILD) as pool:
        assert (await pool.inspect(told("term"))).width == 1


async def test_children_see_none_of_our_secrets_and_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "x")
    async with MediaPool(replace(WILD, nice=7)) as pool:
        with pytest.raises(MediaRefusedError) as told_all:
            await pool.inspect(told("environment"))
        assert set(told_all.value.detail.split()) <= {"LC_ALL", "LC_CTYPE", "PYTHONPATH"}
        answer = await pool.inspect(told("nice"))
    assert answer.width == min(os.nice(0) + 7, 19)
    assert answer.height <= 6, "open files: its pipes, the private copy of stdout, the folder that is listed"


async def test_an_answer_of_another_kind_is_a_failure() -> None:
    async with MediaPool(WILD) as pool:
        with pytest.raises(MediaFailedError):
            await pool.fit(FitJob(Source(data=b""), "image/jpeg", 0, 0, 0, 0))


async def test_a_caller_that_goes_away_takes_its_child_along() -> None:
    async with MediaPool(WILD) as pool:
        job = asyncio.ensure_future(pool.inspect(told("sleep 30")))
        await eventually(lambda: bool(pool.pids))
        (pid,) = pool.pids
        job.cancel()
        with pytest.raises(asyncio.CancelledError):
            await job
        await eventually(lambda: not alive(pid))
        assert (await pool.inspect(told(""))).width == 1


async def test_a_waiting_caller_that_goes_away_leaves_no_trace() -> None:
    async with MediaPool(WILD) as pool:
        first = asyncio.ensure_future(pool.inspect(told("sleep 0.2")))
        second = asyncio.ensure_future(pool.inspect(told("exit")))
        await asyncio.sleep(0)
        second.cancel()
        assert (await first).width == 1
        assert (await pool.inspect(told(""))).width == 2


async def test_too_many_waiting_jobs_are_turned_away() -> None:
    async with MediaPool(replace(WILD, max_waiting=2)) as pool:
        two = [asyncio.ensure_future(pool.inspect(told("sleep 0.1"))) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(MediaBusyError):
            await pool.inspect(told(""))
        assert len(await asyncio.gather(*two)) == 2


async def test_closing_ends_every_child_and_every_job() -> None:
    pool = MediaPool(WILD)
    jobs = [asyncio.ensure_future(pool.inspect(told("sleep 30"))) for _ in range(3)]
    await eventually(lambda: bool(pool.pids))
    (pid,) = pool.pids
    await pool.close()
    assert not alive(pid)
    done = await asyncio.gather(*jobs, return_exceptions=True)
    assert {type(answer) for answer in done} == {MediaBusyError}


async def test_the_loop_goes_on_while_children_work() -> None:
    """The longest the loop was held up while a picture of 12 megapixels was fitted."""
    data = makers.saved(makers.photo(4000, 3000), quality=90)
    async with MediaPool(PoolSettings(children=1)) as pool:
        job = asyncio.ensure_future(pool.fit(a_fit(data, 600_000)))
        longest, before = 0.0, time.monotonic()
        while not job.done():
            await asyncio.sleep(0.001)
            longest, before = max(longest, time.monotonic() - before), time.monotonic()
        assert isinstance(await job, Fitted)
    assert longest < 0.2


def test_children_die_with_their_parent(tmp_path: Path) -> None:
    program = """if True:
        import asyncio, os, sys
        from slidewire.content.jobs import InspectJob, Source
        from slidewire.content.pool import MediaPool, PoolSettings
        async def main():
            pool = MediaPool(PoolSettings(children=1, command=tuple(sys.argv[1:])))
            job = asyncio.ensure_future(pool.inspect(InspectJob(Source(data=b"sleep 60"), "image/jpeg", 0)))
            while not pool.pids:
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.3)
            print(pool.pids[0], flush=True)
            os.kill(os.getpid(), 9)
        asyncio.run(main())
    """
    run = subprocess.run([sys.executable, "-c", program, *WILD.command], capture_output=True, check=False, timeout=30)
    pid = int(run.stdout)
    deadline = time.monotonic() + 10
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not alive(pid)


def test_a_child_whose_parent_is_another_ends_at_once() -> None:
    limits = ChildLimits(address_space=512_000_000, cpu_seconds=5, nice=0, parent=1)
    command = [*PoolSettings().command, msgspec.json.encode(limits).decode()]
    run = subprocess.run(command, stdin=subprocess.DEVNULL, check=False, timeout=30)
    assert run.returncode == 0


def test_works_on_uvloop_as_well() -> None:
    async def main() -> list[object]:
        async with MediaPool(WILD) as pool:
            jobs = (pool.inspect(told(what)) for what in ("", "exit", "sleep 0.01"))
            return list(await asyncio.gather(*jobs, return_exceptions=True))

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert [type(answer).__name__ for answer in runner.run(main())] == [
            "Inspected",
            "MediaFailedError",
            "Inspected",
        ]
