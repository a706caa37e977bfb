"""A MongoDB of three members on this machine, whose primary can lose its majority and be rolled back."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pymongo import AsyncMongoClient
from pymongo.errors import AutoReconnect, OperationFailure, PyMongoError

from convene.parts.mongod import REPLICA_SET, ROOT, ensure_user, make_root, prepare_mongod
from convene.parts.ports import LOOPBACK, accepts, free_port
from convene.parts.running import Running
from convene.parts.trouble import Unavailable
from convene.parts.waiting import until

MEMBERS = 3
START_S = 90.0
ELECTION_MS = 3_000
"""A member that has not heard of a primary for so long stands for election."""

DEAF = "stopReplProducer"
"""MongoDB's own fail point for a member that fetches nothing; it is gone after a restart."""

Client = AsyncMongoClient[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class ReplicaSet:
    """members: each member's process by its port."""

    members: Mapping[int, Running]
    password: str

    def url(self, database: str, user: str = ROOT, password: str = "") -> str:
        """The connection string of a user who is kept in this database."""
        who = f"{quote(user, safe='')}:{quote(password or self.password, safe='')}"
        hosts = ",".join(f"{LOOPBACK}:{port}" for port in self.members)
        return f"mongodb://{who}@{hosts}/{database}?replicaSet={REPLICA_SET}"

    def direct(self, port: int) -> Client:
        """One member alone, as root, whatever it is; gives up after seconds."""
        url = f"mongodb://{ROOT}:{quote(self.password, safe='')}@{LOOPBACK}:{port}/admin?directConnection=true"
        return Client(url, serverSelectionTimeoutMS=2_000, socketTimeoutMS=5_000)

    async def primary(self, within: float = START_S, *, but: int | None = None) -> int:
        """The port of the member that is primary, once there is one other than `but`. Raises Unavailable."""
        found: list[int] = []

        async def is_there() -> bool:
            told = await asyncio.gather(*(self._is_primary(port) for port in self.members if port != but))
            found[:] = [port for port in told if port]
            return bool(found)

        if not await until(is_there, within):
            raise Unavailable(f"No member of the replica set became primary within {within:.0f} s.")
        return found[0]

    async def _is_primary(self, port: int) -> int:
        if not self.members[port].alive or not await accepts(LOOPBACK, port):
            return 0
        async with self.direct(port) as member:
            try:
                return port if (await member.admin.command("hello")).get("isWritablePrimary") else 0
            except PyMongoError:
                return 0

    async def step_down(self) -> int:
        """Have the primary step down and not stand again for 10 s; the port of the one that follows it."""
        old = await self.primary()
        async with self.direct(old) as member:
            with suppress(AutoReconnect):  # it closes connections while it steps down
                await member.admin.command("replSetStepDown", 10, secondaryCatchUpPeriodSecs=5)
        return await self.primary(but=old)

    async def others_deaf(self) -> int:
        """From now on all but the primary take nothing over from it: what it writes, no majority has. Its port.

        They still answer it, so that it stays primary. A killed or frozen one may just have taken over what it did not
        say any more.
        """
        primary = await self.primary()
        for port in self.members:
            if port != primary:
                async with self.direct(port) as member:
                    point = await member.admin.command({"configureFailPoint": DEAF, "mode": "alwaysOn"})
                    entered = {"waitForFailPoint": DEAF, "timesEntered": point["count"] + 1, "maxTimeMS": 4_000}
                    await member.admin.command(entered)
        return primary

    async def rolled_back(self, isolated: int) -> int:
        """Kill all, let the others elect one of them, and bring the isolated primary back: what it alone had is rolled
        back. The port of the new primary, which has the majority without it."""
        for member in self.members.values():
            member.kill()
        others = {port: member for port, member in self.members.items() if port != isolated}
        for member in others.values():
            await member.wait_end(10)
            member.spawn()
        elected = await self.primary(but=isolated)
        await self.members[isolated].wait_end(10)
        await self.members[isolated].start(START_S)
        return elected


@asynccontextmanager
async def replica_set(data_dir: Path, users: Mapping[str, str]) -> AsyncIterator[ReplicaSet]:
    """Three members with a primary; each user (name to password) may read and write the database of its name."""
    password = secrets.token_hex(16)
    members: dict[int, Running] = {}
    found = ReplicaSet(members, password)
    key = secrets.token_hex(64)
    try:
        for number in range(MEMBERS):
            port, folder = free_port(), data_dir / f"member-{number}"
            folder.mkdir(parents=True)
            (folder / "keyfile").write_text(key)
            (folder / "keyfile").chmod(0o600)
            members[port] = prepare_mongod(folder, port, root_password=password, parameters=["enableTestCommands=1"])
            members[port].spawn()
        await _found(found, users)
        yield found
    finally:
        await asyncio.gather(*(member.stop() for member in members.values()))


async def _found(replicas: ReplicaSet, users: Mapping[str, str]) -> None:
    ports = list(replicas.members)

    async def all_listen() -> bool:
        return all(await asyncio.gather(*(accepts(LOOPBACK, port) for port in ports)))

    if not await until(all_listen, START_S):
        raise Unavailable("The three mongods did not all start.")
    config = {
        "_id": REPLICA_SET,
        "members": [{"_id": number, "host": f"{LOOPBACK}:{port}"} for number, port in enumerate(ports)],
        "settings": {"electionTimeoutMillis": ELECTION_MS, "heartbeatTimeoutSecs": 2},
    }
    async with Client(f"mongodb://{LOOPBACK}:{ports[0]}/?directConnection=true") as anybody:
        await anybody.admin.command("replSetInitiate", config)

    async def root_made() -> bool:
        async with Client(f"mongodb://{LOOPBACK}:{ports[0]}/?directConnection=true") as anybody:
            primary = (await anybody.admin.command("hello")).get("primary")
        if primary is None:
            return False
        try:
            async with Client(f"mongodb://{primary}/?directConnection=true") as anybody:
                await make_root(anybody, replicas.password)
        except (AutoReconnect, OperationFailure):
            return False  # elected, but not yet taking writes, or not any more
        return True

    if not await until(root_made, START_S):
        raise Unavailable("The three mongods elected no primary that took a first user.")
    async with Client(replicas.url("admin")) as root:
        for name, secret in users.items():
            await ensure_user(root, name, secret, database=name)
