"""events.attendance.v1: who is noted as having been at an event, and who as missing or excused, who is not asked
how it was."""

from collections.abc import Sequence

from chassis.consumers import Effects, Received
from chassis.mongo import DeleteOne
from contracts.events import AttendanceChanged
from notifications_service.domain.notice import Notice
from notifications_service.store.projection import ATTENDANCE, attendance_fields, attendance_id


async def on_attendance(messages: Sequence[Received[AttendanceChanged]], effects: Effects) -> list[Notice]:
    """The last note counts; one that was taken back is none."""
    last = {attendance_id(fact.event_id, fact.member_id): one for one in messages if (fact := one.body) is not None}
    for id_, message in last.items():
        fact = message.body
        if fact is None or fact.mark is None:
            effects.write(ATTENDANCE, DeleteOne({"_id": id_}))
            continue
        fields = attendance_fields(event_id=fact.event_id, member_id=fact.member_id, mark=fact.mark, at=message.time)
        effects.set(ATTENDANCE, id_, fields)
    return []
