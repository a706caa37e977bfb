"""A backup of mongod's data, and its return while Kafka has gone on."""

import shutil
from pathlib import Path

from convene.parts.running import Running


async def back_up(mongod: Running, data_dir: Path, backup: Path) -> None:
    """Copy the data of a stopped mongod, and start it again."""
    await mongod.stop()
    shutil.copytree(data_dir, backup)
    await mongod.start()


async def restore(mongod: Running, data_dir: Path, backup: Path) -> None:
    """Put the copy in the place of what there is, as somebody does who has no other; mongod is running after it."""
    await mongod.stop()
    shutil.rmtree(data_dir)
    shutil.copytree(backup, data_dir)
    await mongod.start()
