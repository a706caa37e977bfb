"""What a group tells others: dead letters through the journal, spans, commands with their trace, numbers."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from typing import Any

import bank
import pytest
from consuming import FACTS, QUICK, Notebook, Publisher, applied, headers
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import REGISTRY

from chassis import dead_letters, telemetry
from chassis.consumers import Consumers
from chassis.consumers.progress import Stalled, Watch
from chassis.journal import Journal
from chassis.journal.shape import JOURNAL
from chassis.mongo import Database, Document
from chassis.settings import ServiceSettings
from contracts.dead_letters import EventsDeadLetter
from testkit import eventually

Start = Callable[..., Awaitable[Consumers]]
StartJournal = Callable[..., Awaitable[Journal]]

TRACE = "0af7651916cd43dd8448eb211c80319c"
SAMPLED = f"00-{TRACE}-b7ad6b7169203331-01"


async def letters(database: Database) -> list[Document]:
    found = await database[JOURNAL].find({}, sort=[("_id", 1)])
    messages = [message for batch in found for entry in batch["entries"] for message in entry["messages"]]
    return [message for message in messages if message["topic"] == "events.dead-letters.v1"]


async def test_a_dead_letter_is_published_once_by_the_journal_however_often_it_fails(
    start: Start, publish: Publisher, database: Database, notebook: Notebook, start_journal: StartJournal
) -> None:
    await start_journal({**bank.DECIDERS, **dead_letters.deciders("events")})
    notebook.refused.add(("e2", 1))
    await start()
    await publish.raw(FACTS, "e1", b"{nope", headers("e1", 1))
    await publish.fact("e1", 2)
    await publish.fact("e2", 1)
    await eventually(lambda: _has(database, 2), within=60)
    by_subject = {message["subject"]: message for message in await letters(database)}
    assert set(by_subject) == {f"{FACTS}/e1", f"{FACTS}/e2"}
    letter = EventsDeadLetter.model_validate_json(by_subject[f"{FACTS}/e1"]["value"])
    assert letter.value_base64 == "e25vcGU="
    assert (letter.from_topic, letter.subject, letter.sequence, letter.reason) == (FACTS, "e1", 1, "unreadable")
    assert {header.name for header in letter.headers} >= {"ce_id", "ce_subject"}
    for _ in range(2):
        request = await dead_letters.request_replay(database, letter.id)
        assert await dead_letters.outcome(database, request, within=60) == {"released": 0, "remaining": 2}
    await publish.raw(FACTS, "e3", b"{nope", headers("e3", 1))
    await eventually(lambda: _has(database, 3), within=60)
    shown = await dead_letters.show(database, letter.id)
    assert shown["tries"] == 3


async def _has(database: Database, count: int) -> bool:
    return len(await letters(database)) == count


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    sampling = ServiceSettings.model_construct(otel_traces_sampler="parentbased_always_on", otel_traces_sampler_arg=1.0)
    telemetry.setup("toy", sampling, exporter=exporter)
    yield exporter
    telemetry.shutdown()


async def test_a_message_is_a_step_of_its_trace_and_its_command_hangs_under_it(
    start: Start, publish: Publisher, database: Database, spans: InMemorySpanExporter
) -> None:
    await start()
    await publish.fact("e1", 1, traceparent=SAMPLED)
    await publish.fact("e1", 2, traceparent=SAMPLED.removesuffix("01") + "00")
    await publish.fact("e1", 3)
    await applied(database, e1=[1, 2, 3])

    def finished() -> dict[str, Any]:
        named = {span.name.split()[0]: span for span in spans.get_finished_spans()}
        return {name: named[name] for name in ("process", "apply") if name in named}

    await eventually(lambda: len(finished()) == 2)
    step, batch = finished()["process"], finished()["apply"]
    assert f"{step.context.trace_id:032x}" == TRACE
    assert f"{step.parent.span_id:016x}" == "b7ad6b7169203331"
    assert step.attributes["messaging.kafka.offset"] == 0
    assert [link.context.span_id for link in batch.links] == [step.context.span_id]
    commands = await database["handoffs"].find({}, sort=[("source.sequence", 1)])
    assert commands[0]["trace"] == f"00-{TRACE}-{step.context.span_id:016x}-01"
    assert commands[1]["trace"].endswith("-00")
    assert commands[2]["trace"] is None


async def test_a_group_says_how_far_it_is(
    start: Start, publish: Publisher, database: Database, notebook: Notebook
) -> None:
    notebook.refused.add(("e2", 1))
    member = await start()
    await publish.fact("e1", 1, 2, 2)
    await publish.fact("e2", 1, 2)
    await applied(database, e1=[1, 2])

    def number(outcome: str) -> float:
        labels = {"group": member.group, "topic": FACTS, "outcome": outcome}
        return REGISTRY.get_sample_value("convene_consumer_messages_total", labels) or 0.0

    await eventually(
        lambda: (number("applied"), number("duplicate"), number("parked"), number("behind")) == (2, 1, 1, 1)
    )
    await eventually(lambda: member.progress()["held"] == 1)
    assert {"group", "assigned", "lag", "paused", "oldest_seconds"} <= set(member.progress())
    assert REGISTRY.get_sample_value("convene_consumer_held_subjects", {"group": member.group}) == 1


async def test_a_group_that_stands_still_ends_its_process(
    start: Start, publish: Publisher, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = await start()
    await publish.fact("e1", 1)
    await applied(database, e1=[1])
    consumer = member._subscriber.consumer
    assert consumer is not None
    monkeypatch.setattr(member._tidying, "_watch", Watch(still=1.0))
    consumer.pause(*consumer.assignment())
    await publish.fact("e1", 2)
    [task] = member.tasks
    await eventually(task.done, within=QUICK.still)
    assert isinstance(task.exception(), Stalled)


async def test_a_group_whose_client_is_deaf_ends_its_process(
    start: Start, publish: Publisher, database: Database
) -> None:
    member = await start(timing=replace(QUICK, still=1.0))
    await publish.fact("e1", 1)
    await applied(database, e1=[1])
    consumer = member._subscriber.consumer
    assert consumer is not None
    # what an exception that aiokafka does not expect leaves behind: nobody fetches metadata any more
    consumer._client._sync_task.cancel()
    consumer._client.force_metadata_update()
    [task] = member.tasks
    await eventually(task.done, within=60)
    assert isinstance(task.exception(), Stalled)
