"""One trace from the message to the mail."""

from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from chassis import telemetry
from testkit import eventually

from .community import event, group, rsvp
from .conftest import Service, fresh

TRACE = "0af7651916cd43dd8448eb211c80319c"


async def test_the_mail_is_sent_in_the_trace_of_what_it_tells(service: Service) -> None:
    ada, olga, park, moms = fresh("ada"), fresh("olga"), fresh("park"), fresh("moms")
    address = await service.reachable(ada)
    await service.publish("group.created", group(moms, olga), subject=moms)
    await service.publish("event.published", event(park, moms, olga), subject=park)
    seen = InMemorySpanExporter()
    telemetry.setup("notifications", service.settings, exporter=seen)
    try:
        parent = f"00-{TRACE}-b7ad6b7169203331-01"
        body = rsvp(park, moms, ada, 1, "yes")
        await service.publish("rsvp.confirmed", body, subject=park, actor=ada, trace=parent)
        await eventually(lambda: service.mails(address))

        def told() -> bool:
            spans = seen.get_finished_spans()
            mine = [span for span in spans if span.context and f"{span.context.trace_id:032x}" == TRACE]
            return {"process events.rsvp.v1", "mail.send"} <= {span.name for span in mine}

        await eventually(told)
        assert address not in repr([(span.name, dict(span.attributes or {})) for span in seen.get_finished_spans()])
    finally:
        telemetry.shutdown()
