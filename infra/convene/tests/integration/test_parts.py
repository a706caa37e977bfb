"""Kafka and mongod as processes: they follow another port, hold their bounds, and end with who started them."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest
from pymongo import AsyncMongoClient

from convene.parts.mongod import server_url, start_mongod
from convene.parts.ports import LOOPBACK, free_port
from convene.parts.running import Running
from convene.parts.trouble import Unavailable
from testkit import KafkaServer, MongoServer, eventually

Client = AsyncMongoClient[dict[str, Any]]


async def test_mongod_follows_to_another_port_and_password(testkit_dir: Path) -> None:
    data = testkit_dir / "moving"
    for password in ("first", "second"):
        port = free_port()
        mongod = await start_mongod(data, port, {"events": password}, root_password="r@/t")
        try:
            async with Client(server_url(port, "events", password, "events")) as client:
                await client.events.things.insert_one({"by": password})
                found = [thing["by"] async for thing in client.events.things.find()]
        finally:
            await mongod.stop()
    assert found == ["first", "second"]


async def test_data_of_another_stack_is_refused_in_a_sentence(testkit_dir: Path) -> None:
    data = testkit_dir / "foreign"
    await (await start_mongod(data, free_port(), {}, root_password="one")).stop()
    with pytest.raises(Unavailable, match="could not be set up"):
        await start_mongod(data, free_port(), {}, root_password="two")


async def test_a_program_that_ends_while_starting_says_its_last_words(tmp_path: Path) -> None:
    async def never() -> bool:
        return False

    talker = Running(
        "talker",
        [sys.executable, "-c", "print('first'); print('no room left'); raise SystemExit(7)"],
        address="",
        ready=never,
        log=tmp_path / "talker.log",
    )
    with pytest.raises(Unavailable, match=r"talker ended with code 7 while starting: no room left"):
        await talker.start()


async def test_what_ignores_a_polite_stop_is_killed(tmp_path: Path) -> None:
    code = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); signal.pause()"

    async def up() -> bool:
        return "up" in (tmp_path / "stubborn.log").read_text()

    stubborn = Running(
        "stubborn",
        [sys.executable, "-c", code],
        address="",
        ready=up,
        log=tmp_path / "stubborn.log",
        grace=0.2,
    )
    await stubborn.start()
    await stubborn.stop()
    assert stubborn.exit_code == -9


async def test_a_program_ends_with_who_started_it(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib, time; from convene.parts.running import Running\n"
        "child = Running('child', ['cat', '/dev/zero'], address='', ready=None, log=pathlib.Path('/dev/null'))\n"
        "child.spawn(); print(child.pid, flush=True); input()"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: ASYNC220 - returns at once
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert psutil.pid_exists(child)
    parent.kill()
    parent.communicate()
    await eventually(lambda: not psutil.pid_exists(child))


def test_servers_listen_on_loopback_only(spare_kafka: KafkaServer, spare_mongo: MongoServer) -> None:
    for running in (spare_kafka.running, spare_mongo.running):
        assert running is not None
        listening = [
            c.laddr.ip for c in psutil.Process(running.pid).net_connections() if c.status == psutil.CONN_LISTEN
        ]
        assert {ip.removeprefix("::ffff:") for ip in listening} == {LOOPBACK}
