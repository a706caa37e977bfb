"""Series: create, read, edit from one of the dates on, publish, cancel. Each date is an event of its own."""

from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from chassis.http import MaybeMe, Me, Problem, decided, if_match, known, reply
from chassis.http.ports import MAYBE_STALE, TheDatabase, TheJournal, asked_as_seen, asked_by, shown
from events_service.domain.details import AttendeeList
from events_service.domain.permission import Action
from events_service.domain.plan import Plan
from events_service.handlers import series
from events_service.handlers.answer import series_answer
from events_service.http.details import EventChange, NewEvent
from events_service.http.looking import members_only, membership_in
from events_service.http.text import Dates, Days, Rule, Shared
from events_service.store.series import series_of
from events_service.views import group as groups
from events_service.views import series as views

router = APIRouter(prefix="/v1", tags=["series"])

_OF_THE_PLAN = {"rrule": "rule", "starts_at": "starts_at", "ends_at": "ends_at", "timezone": "timezone"}


class NewSeries(NewEvent):
    """What all dates have in common, with `starts_at` and `ends_at` of the first, and the rule of the dates.

    `rrule` has the parts FREQ (DAILY, WEEKLY, MONTHLY, YEARLY), INTERVAL, COUNT or UNTIL, BYDAY, BYMONTHDAY, BYSETPOS,
    and gives at most 104 dates within two years. RSVPs open and close at durations before the start.
    """

    description: Shared = ""
    rrule: Rule = Field(examples=["FREQ=MONTHLY;BYDAY=2TU;COUNT=12"])
    exdates: Days = Field(default_factory=list, description="Days of the rule that are left out")
    rdates: Dates = Field(default_factory=list, description="More dates: days, or wall times if it is another time")
    publish: bool = Field(default=False, description="Open to people at once, also the dates that come later")

    def plan(self, timezone: str) -> Plan:
        return Plan(
            self.rrule.upper(),
            self.starts_at,
            self.ends_at,
            self.timezone or timezone,
            tuple(sorted(set(self.exdates))),
            _beside(self.rdates, self.starts_at),
        )


class SeriesChange(EventChange):
    """What is absent stays as it is. `starts_at` and `ends_at` are those of the first date that the edit is about.

    Without an `rrule` only the time of day moves; with one the dates from there on are the new rule's, at the time of
    day there is where `starts_at` is absent, and `exdates` and `rdates` that are absent stay.
    """

    description: Shared | None = None
    rrule: Rule | None = None
    exdates: Days | None = None
    rdates: Dates | None = None

    def plan(self, starts_at: str) -> dict[str, Any]:
        """Fields of a `Plan`, as plain values; starts_at: the series' own."""
        given = {name: getattr(self, name) for name in _OF_THE_PLAN if getattr(self, name) is not None}
        plan: dict[str, Any] = {_OF_THE_PLAN[name]: value for name, value in given.items()}
        if self.rrule is not None:
            plan["rule"] = self.rrule.upper()
        if self.exdates is not None:
            plan["exdates"] = sorted(set(self.exdates))
        if self.rdates is not None:
            plan["rdates"] = list(_beside(self.rdates, self.starts_at or starts_at))
        return plan

    def details(self) -> dict[str, Any]:
        """Fields of `Details` beside its times, as plain values."""
        plan = {*_OF_THE_PLAN, "exdates", "rdates"}
        return {name: value for name, value in self.changes().items() if name not in plan}


def _beside(dates: list[str], starts_at: str) -> tuple[str, ...]:
    """Dates at the series' own time are days, so that they follow it."""
    return tuple(sorted({date[:10] if date[10:] in ("", starts_at[10:]) else date for date in dates}))


class Occurrence(BaseModel):
    """A date as the series plans it; what was changed for it alone is with its event."""

    event_id: str
    starts_at: str
    starts_at_utc: AwareDatetime


class SeriesAnswer(BaseModel):
    series_id: str
    group_id: str
    title: str
    rrule: str
    starts_at: str
    ends_at: str
    timezone: str
    exdates: list[str]
    rdates: list[str]
    status: Literal["draft", "published", "cancelled"]
    occurrences: list[Occurrence]
    created_by: str | None
    version: int
    created_at: AwareDatetime
    updated_at: AwareDatetime


@router.post("/groups/{group_id}/series", status_code=201, response_model=SeriesAnswer)
async def create(
    *, group_id: str, body: NewSeries, request: Request, caller: Me, database: TheDatabase, journal: TheJournal
) -> Response:
    """Make a series; the group's leaders only."""
    group = await known(lambda: groups.one(database, group_id), what="group")
    listed: AttendeeList = "everyone" if group["visibility"] == "public" else "members"
    result = await series.create(
        journal,
        asked_by(request, caller),
        partial(decided, database),
        group_id,
        plan=body.plan(group["timezone"]),
        details=body.details(timezone=group["timezone"], attendee_list=listed),
        publish=body.publish,
    )
    answer = result.answer
    return reply(result, location=f"/v1/series/{answer.get('series_id')}", etag=answer.get("version"))


@router.get("/series/{series_id}", response_model=SeriesAnswer)
async def read(series_id: str, caller: MaybeMe, database: TheDatabase) -> Response:
    """One series; drafts for leaders only, those of a private group for its members."""
    found = await views.one(database, series_id)
    if found is None:
        raise _unknown()
    group = await known(lambda: groups.one(database, found["group_id"]), what="group")
    membership = None if caller is None else await membership_in(database, group, caller.member_id)
    if found["status"] == "draft" and not (membership and membership.may(Action.EDIT_EVENTS)):
        raise _unknown()
    if group["visibility"] != "public" and not (membership and membership.may(Action.SEE_INSIDE)):
        raise members_only()
    return shown(series_answer(series_of(found)), etag=found["version"])


@router.patch("/series/{series_id}", response_model=SeriesAnswer)
async def change(
    *,
    series_id: str,
    body: SeriesChange,
    request: Request,
    caller: Me,
    database: TheDatabase,
    journal: TheJournal,
    since: Annotated[str | None, Query(alias="from", max_length=64, description="The event it begins with")] = None,
) -> Response:
    """Edit the dates from one on, or all that are to come, as the series was at the version in If-Match.

    RSVPs stay with their dates. Dates that fall off are cancelled, drafts of them deleted; who came to have a stake in
    several of the dates is told once. What was changed for one date alone stays. Leaders only.
    """
    version = if_match(request)
    found = await views.one(database, series_id)
    if found is None:
        raise _unknown()
    result = await series.change(
        journal,
        asked_by(request, caller),
        partial(decided, database),
        series_id,
        since=since,
        version=version,
        plan=body.plan(found["plan"]["starts_at"]),
        changes=body.details(),
    )
    return reply(result, etag=result.answer.get("version"))


@router.post("/series/{series_id}/publish", response_model=SeriesAnswer, responses=MAYBE_STALE)
async def publish(series_id: str, request: Request, caller: Me, database: TheDatabase, journal: TheJournal) -> Response:
    """Open all dates to people, also those that come later; leaders only."""
    ask, settled = asked_as_seen(request, caller), partial(decided, database)
    result = await series.act(journal, ask, settled, series_id, series.PUBLISH)
    return reply(result, etag=result.answer.get("version"))


@router.post("/series/{series_id}/cancel", response_model=SeriesAnswer, responses=MAYBE_STALE)
async def cancel(series_id: str, request: Request, caller: Me, database: TheDatabase, journal: TheJournal) -> Response:
    """Call off every date that has not begun, of what was published; leaders only."""
    ask, settled = asked_as_seen(request, caller), partial(decided, database)
    result = await series.act(journal, ask, settled, series_id, series.CANCEL)
    return reply(result, etag=result.answer.get("version"))


def _unknown() -> Problem:
    return Problem(404, "unknown-series", "There is no such series")
