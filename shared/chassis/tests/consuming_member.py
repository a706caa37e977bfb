"""One member of a test's group in a process of its own: bootstrap, prefix, database, group name, where to crash."""

import asyncio
import sys

from consuming import QUICK, Notebook

from chassis import crash
from chassis.consumers import Consumers
from chassis.kafka import KafkaSettings
from chassis.mongo import connect


async def main(bootstrap: str, prefix: str, url: str, name: str, where: str) -> None:
    crash.arm(where or None)
    kafka = KafkaSettings(bootstrap, prefix=prefix)
    member = Consumers("toy", connect(url), kafka, Notebook().subscriptions(), name=name, timing=QUICK)
    await member.start()
    await asyncio.gather(*member.tasks)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:6]))
