"""`python -m convene.bench.naively api|relay|consumer`, told the rest by environment."""

import asyncio
import os
import sys

import uvicorn
import uvloop

from convene.bench.naively.api import api
from convene.bench.naively.consumer import take_in
from convene.bench.naively.relay import publish
from convene.bench.naively.setting import told
from convene.issuer.keys import signing_key
from convene.parts.ports import LOOPBACK


async def main(role: str) -> None:
    """One of the three processes."""
    setting = told(os.environ)
    database = setting.database()
    try:
        match role:
            case "relay":
                await publish(database, setting.kafka, setting.topic)
            case "consumer":
                await take_in(database, setting.kafka, setting.topic)
            case _:
                app = api(database, signing_key(setting.key))
                config = uvicorn.Config(app, host=LOOPBACK, port=setting.port, log_level="warning", access_log=False)
                await uvicorn.Server(config).serve()
    finally:
        database.close()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(sys.argv[1]))
