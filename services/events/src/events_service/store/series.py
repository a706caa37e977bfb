"""`series`: what its dates have in common and which there are, by series id; and what decisions about it read."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

from chassis.journal.command import Command
from chassis.journal.decision import Outcome
from chassis.journal.documents import Documents, NotRead, Read, Ref
from chassis.mongo import Document
from events_service.domain.details import details_of
from events_service.domain.group import OUTSIDER, standing
from events_service.domain.plan import plan_of
from events_service.domain.series import Occurrence, Series
from events_service.handlers.series import Course
from events_service.store.projection import GROUPS, known_group, membership_of, membership_ref

SERIES = "series"


def series_document(series: Series) -> Document:
    return {
        "_id": series.id,
        "v": 1,
        "group_id": series.group_id,
        "plan": asdict(series.plan),
        "details": asdict(series.details),
        "occurrences": [asdict(one) for one in series.occurrences],
        "status": series.status,
        "created_by": series.created_by,
        "created_at": series.created_at,
        "updated_at": series.updated_at,
        "version": series.version,
    }


def series_of(document: Document) -> Series:
    return Series(
        id=document["_id"],
        group_id=document["group_id"],
        plan=plan_of(document["plan"]),
        details=details_of(document["details"]),
        created_by=document["created_by"],
        created_at=document["created_at"],
        updated_at=document["updated_at"],
        occurrences=tuple(Occurrence(**one) for one in document["occurrences"]),
        status=document["status"],
        version=document["version"],
    )


class SeriesStore:
    """Reads, loads and saves for decisions about a series; its dates are aggregates of their own."""

    def reads(self, command: Command, documents: Documents) -> Iterable[Read]:
        """The series, its group, and who acts."""
        yield Ref(SERIES, command.aggregate)
        try:
            found = documents.get(SERIES, command.aggregate)
        except NotRead:
            return
        group_id = found["group_id"] if found else command.body.get("group_id")
        if group_id:
            yield Ref(GROUPS, group_id)
            yield membership_ref(group_id, command.actor or "")

    def load(self, command: Command, documents: Documents) -> Course:
        found, actor = documents.get(SERIES, command.aggregate), command.actor or ""
        group_id = found["group_id"] if found else command.body.get("group_id")
        group = known_group(documents, group_id) if group_id else None
        membership = OUTSIDER
        if group is not None:
            ref = membership_ref(group.id, actor)
            membership = standing(group, actor, membership_of(documents.get(ref.collection, ref.id)))
        return Course(None if found is None else series_of(found), group, membership)

    def save(self, command: Command, documents: Documents, outcome: Outcome[Course], now: datetime) -> None:
        series = outcome.state.series
        if series is None:
            raise ValueError("facts about a series leave a series")
        before = documents.get(SERIES, command.aggregate) or {}
        documents.put(SERIES, {**before, **series_document(series)})
