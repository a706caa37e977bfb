"""Who was there: check-in with codes or by hand, notes afterwards, and the list, also for spreadsheets."""

from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime, BaseModel, Field, StringConstraints
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from chassis.http import Body, Me, Page, Paging, Problem, reply
from chassis.http.ports import TheDatabase, TheJournal, asked_by, shown
from chassis.mongo import Database, Document
from chassis.times import when
from events_service.domain.attendance import Mark, Means
from events_service.domain.code import door_code
from events_service.domain.overbooking import advise
from events_service.domain.permission import Action
from events_service.handlers import attendance
from events_service.http.looking import Looking, TheEvent, somebody
from events_service.http.rsvp import RsvpAnswer, foreign_cursor
from events_service.http.text import MemberId
from events_service.store.attendance import key_of
from events_service.views import attendance as views
from events_service.views import event as events
from events_service.views import sheet

router = APIRouter(prefix="/v1", tags=["attendance"])

Noted = Literal["yes", "attended", "no_show", "excused"]
Code = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]

_COLUMNS: Final = ("name", "member_id", "status", "guests", "walk_in", "override", "means", "noted_at", "noted_by")
_CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {}}}}


LetIn = Annotated[bool, Field(description="Also who has no place; a leader's or host's to say, of nobody at the door")]


class ByCode(Body):
    """A member's own code, which a leader or host scans, or the one shown at the door, for oneself."""

    code: Code
    let_in: LetIn = False


class ByHand(Body):
    """A leader's or host's word."""

    member_id: MemberId
    let_in: LetIn = False


class Noting(Body):
    """`yes` takes back what is noted; who came in by it is out again."""

    status: Noted
    let_in: LetIn = False


class RecordAnswer(BaseModel):
    """To how many of the group's events the member came, did not come, was excused, as far as it is noted."""

    attended: int
    no_show: int
    excused: int


class AttendanceAnswer(RsvpAnswer):
    """An RSVP whose `status` is what is noted, where anything is. means: a leader's or host's word, the member's own
    code, or the code at the door; walk_in: they had no place before."""

    means: Means | None = None
    walk_in: bool | None = None
    noted_at: AwareDatetime | None = None
    noted_by: str | None = None
    record: RecordAnswer | None = None


class Summary(BaseModel):
    """People; walk-ins are among those who attended."""

    attended: int
    no_show: int
    excused: int
    walk_ins: int


class Overbooking(BaseModel):
    """From the group's last events whose attendance was taken: those at a place, of an event at a place, and of its
    physical side; those online, of one online. absent_share: of their seats, 0 to 1; extra_seats: how many may be given
    beyond the capacity, by the careful end of what these events say."""

    events: int
    absent_share: float
    extra_seats: int | None = None


class AttendancePage(Page[AttendanceAnswer]):
    """`overbooking` is absent where the group's history is too short to say anything."""

    summary: Summary
    overbooking: Overbooking | None = None


class DoorCode(BaseModel):
    """Show `code` at the door; at `shown_until` ask for the next one. It is good for half a minute more."""

    event_id: str
    code: str = Field(description="10 letters and digits, of either case")
    shown_until: AwareDatetime


@router.post(
    "/events/{event_id}/checkins", response_model=AttendanceAnswer, responses={201: {"model": AttendanceAnswer}}
)
async def check_in(
    *,
    looking: TheEvent,
    body: ByCode | ByHand,
    request: Request,
    caller: Me,
    database: TheDatabase,
    journal: TheJournal,
) -> Response:
    """Somebody is here: by the door's code oneself; by a member's code or by hand leaders and hosts. Twice changes
    nothing. Who has no place (waits, is offered one, has asked, said no or nothing) is refused, unless a leader or host
    says `let_in`: that gives one, over the capacity too, which is shown as `override`."""
    event_id, ask = looking.event["_id"], asked_by(request, caller)
    if isinstance(body, ByCode):
        result = await attendance.check_in(journal, ask, event_id, said=body.code, let_in=body.let_in)
    else:
        if looking.may(Action.MANAGE_RSVPS):
            await somebody(database, event_id, body.member_id, ask)
        result = await attendance.check_in(journal, ask, event_id, member_id=body.member_id, let_in=body.let_in)
    return reply(result, location=f"/v1/events/{event_id}/attendance" if result.created else None)


@router.get(
    "/events/{event_id}/checkins/door",
    response_model=DoorCode,
    responses={409: {"description": "It is not published, or was cancelled"}},
)
async def door(looking: TheEvent, caller: Me, database: TheDatabase) -> Response:
    """The code to show at the door, for members to check themselves in; leaders and hosts only."""
    _leads(looking)
    status = looking.event["status"]
    if status != "published":
        reason = "event-cancelled" if status == "cancelled" else "not-published"
        raise Problem(409, reason, "Nobody checks in to this event")
    event_id, now = looking.event["_id"], await views.now_of(database)
    code, until = door_code(key_of(await views.door_key(database)), event_id, now)
    answer = shown({"event_id": event_id, "code": code, "shown_until": when(until)})
    answer.headers["cache-control"] = "no-store"
    return answer


@router.put("/events/{event_id}/attendance/{member_id}", response_model=AttendanceAnswer)
async def note(
    *,
    looking: TheEvent,
    member_id: Annotated[MemberId, Path()],
    body: Noting,
    request: Request,
    caller: Me,
    database: TheDatabase,
    journal: TheJournal,
) -> Response:
    """Note who was there and who was not, or correct it, until 30 days after the end; leaders and hosts only.
    `let_in` as at check-in."""
    event_id, ask = looking.event["_id"], asked_by(request, caller)
    if body.status == "attended" and looking.may(Action.MANAGE_RSVPS):
        await somebody(database, event_id, member_id, ask)
    wanted: Mark | None = None if body.status == "yes" else body.status
    return reply(await attendance.mark(journal, ask, event_id, member_id, wanted, let_in=body.let_in))


@router.get("/events/{event_id}/attendance", response_model=AttendancePage, responses=_CSV)
async def listed(
    *,
    looking: TheEvent,
    request: Request,
    caller: Me,
    database: TheDatabase,
    paging: Paging,
    status: Annotated[Noted | None, Query(description="Only those; `yes`: of whom nothing is noted")] = None,
) -> Response:
    """Whoever has a place or is noted, with what is noted of them, their answers, and how often they came to events of
    the group; leaders and hosts only. As CSV all at once, as JSON in pages with advice for overbooking."""
    _leads(looking)
    if _wants_csv(request.headers.get("accept", "")):
        return _table(looking, database, status)
    match paging.after:
        case None:
            after = None
        case (int() as order,):
            after = order
        case _:
            raise foreign_cursor()
    event = looking.event
    found = await views.of_event(database, event["_id"], status, after=after, limit=paging.fetch)
    beside: dict[str, Any] = {"summary": views.summary(await events.ledger(database, event["_id"]))}
    history = await views.turnouts(database, event, await views.now_of(database))
    advice = advise(history, event["capacity"])
    if advice is not None:
        beside["overbooking"] = asdict(advice)
    answer = paging.answer(
        request, found, lambda rsvp: [rsvp["order"]], lambda rsvp: views.shown(rsvp, event), beside=beside
    )
    answer.headers["vary"] = "accept"
    return answer


def _leads(looking: Looking) -> None:
    if not looking.may(Action.MANAGE_RSVPS):
        raise Problem(403, "not-allowed", "This is not allowed to you", "Only leaders and hosts see this.")


def _wants_csv(accept: str) -> bool:
    """Whether CSV is asked for before JSON."""
    worth: dict[str, float] = {}
    for part in accept.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = next((one[2:] for one in parameters if one.startswith("q=")), "1")
        try:
            worth[name] = float(quality)
        except ValueError:
            worth[name] = 0.0
    return worth.get("text/csv", 0.0) > worth.get("application/json", 0.0)


def _table(looking: Looking, database: Database, status: str | None) -> Response:
    headers = {
        "content-disposition": f'attachment; filename="attendance-{looking.event["_id"]}.csv"',
        "cache-control": "no-store",
        "vary": "accept",
    }
    rows = _rows(database, looking.event, status)
    return StreamingResponse(rows, headers=headers, media_type="text/csv; charset=utf-8; header=present")


async def _rows(database: Database, event: Document, status: str | None) -> AsyncIterator[str]:
    questions = event.get("questions", [])
    yield sheet.MARK + sheet.lines([[*_COLUMNS, *questions]])
    async for portion in views.all_of(database, event["_id"], status):
        yield sheet.lines(_row(rsvp, event, len(questions)) for rsvp in portion)


def _row(rsvp: Document, event: Document, questions: int) -> list[sheet.Cell]:
    """Answers to questions that are not asked any more are left out."""
    answer = views.shown(rsvp, event)
    name = answer.get("member", {}).get("name")
    answers = [*answer.get("answers", []), *[None] * questions][:questions]
    return [name, *(answer.get(column) for column in _COLUMNS[1:]), *answers]
