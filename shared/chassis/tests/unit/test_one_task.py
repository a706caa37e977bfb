"""A part that is one task ends when it is told to."""

import asyncio

from chassis.one_task import OneTask


class Deaf(OneTask):
    """Takes the first cancellation for something else, as a client's library may."""

    def __init__(self) -> None:
        super().__init__("deaf")
        self.began = asyncio.Event()

    async def _run(self) -> None:
        try:
            self.began.set()
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await asyncio.Event().wait()


async def test_one_that_missed_its_cancellation_is_cancelled_again() -> None:
    part = Deaf()
    await part.start()
    await part.began.wait()
    await asyncio.wait_for(part.stop(), 30)
    assert all(task.cancelled() for task in part.tasks)
