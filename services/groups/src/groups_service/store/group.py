"""Groups in the database: `groups`, by group id; and `urlnames`, by urlname: who has which.

Uniqueness rests on `urlnames._id`: a decision reads the claim, so that a clash is an ordinary refusal, and the insert
fails if another lane was faster. The urlname within `groups` is only indexed, not unique: within one batch two groups
may swap names, and no order of writes would please a unique index.
"""

from collections.abc import Iterable
from dataclasses import asdict, fields
from typing import Final

from chassis.finding import FORM, key_of, words_of
from chassis.journal.documents import Documents, Ref
from chassis.journal.numbers import Numbers
from chassis.mongo import Document
from groups_service.domain.chapter import Affiliation
from groups_service.domain.group import Details, Group
from groups_service.domain.growth import Today
from groups_service.domain.succession import due
from groups_service.domain.vacancy import Candidate, Vacancy

GROUPS = "groups"
GROUP_NUMBERS = Numbers("group")
URLNAMES = "urlnames"

_PLAIN = tuple(f.name for f in fields(Details) if f.name not in ("lat", "lon", "topics", "join_questions"))


def document_of(group: Group) -> Document:
    """`point`, and what is in `found_by`, are there to be searched by, `due_at` for what happens by itself."""
    details = group.details
    plain = {name: value for name, value in asdict(details).items() if name in _PLAIN}
    plain["topics"] = list(details.topics)
    return {
        "_id": group.id,
        "v": 1,
        "number": group.number,
        **plain,
        "join_questions": list(details.join_questions),
        "point": {"type": "Point", "coordinates": [details.lon, details.lat]},
        **found_by(plain),
        "status": group.status,
        "organizer_id": group.organizer_id,
        "vacancy": None if group.vacancy is None else asdict(group.vacancy),
        "candidatures": group.candidatures,
        "due_at": due(group),
        "member_count": group.member_count,
        "leaders": group.leaders,
        "today": None if group.today is None else asdict(group.today),
        "network_id": group.affiliation.network_id,
        "network_since": group.affiliation.since,
        "networks_asked": list(group.affiliation.asked),
        "version": group.version,
        "created_at": group.created_at,
        "updated_at": group.updated_at,
    }


FOUND_BY: Final = ("name", "city", "topics", "description")


def found_by(group: Document) -> Document:
    """What a group of these texts (FOUND_BY) is found by. A long description takes no room from the rest."""
    return {
        "topic_keys": [key_of(topic) for topic in group["topics"]],
        "words": words_of(group["name"], group["city"], *group["topics"], group["description"]),
        "finding": FORM,
    }


def group_of(document: Document) -> Group:
    lon, lat = document["point"]["coordinates"]
    details = Details(
        **{name: document[name] for name in _PLAIN if name in document},
        lat=lat,
        lon=lon,
        topics=tuple(document["topics"]),
        join_questions=tuple(document["join_questions"]),
    )
    return Group(
        id=document["_id"],
        number=document["number"],
        details=details,
        organizer_id=document["organizer_id"],
        created_at=document["created_at"],
        updated_at=document["updated_at"],
        member_count=document["member_count"],
        status=document["status"],
        vacancy=_vacancy_of(document),
        candidatures=document.get("candidatures", 0),
        leaders=document.get("leaders", 0 if document["organizer_id"] is None else 1),
        today=None if document.get("today") is None else Today(**document["today"]),
        affiliation=affiliation_of(document),
        version=document["version"],
    )


def affiliation_of(document: Document) -> Affiliation:
    asked = tuple(document.get("networks_asked", ()))
    return Affiliation(document.get("network_id"), document.get("network_since"), asked)


def candidates_of(document: Document | None) -> tuple[str, ...]:
    """Who offers to organize a group that nobody organizes, whoever leads first."""
    vacancy = None if document is None else _vacancy_of(document)
    return () if vacancy is None else tuple(one.member_id for one in vacancy.ranked)


def _vacancy_of(document: Document) -> Vacancy | None:
    found = document.get("vacancy")
    if found is None:
        return None
    return Vacancy(**{**found, "candidates": tuple(Candidate(**one) for one in found["candidates"])})


def claim_ref(urlname: str) -> Ref:
    return Ref(URLNAMES, urlname)


def taken(documents: Documents, urlnames: Iterable[str], group_id: str) -> frozenset[str]:
    """Which of the urlnames another group has."""
    claims = {name: documents.get(URLNAMES, name) for name in urlnames}
    return frozenset(name for name, claim in claims.items() if claim is not None and claim["group_id"] != group_id)


def claim(documents: Documents, group: Group, before: Document | None) -> None:
    """Give the group its urlname, and set the one it had free."""
    urlname = group.details.urlname
    if before is not None and before["urlname"] == urlname:
        return
    if before is not None:
        documents.delete(URLNAMES, before["urlname"])
    documents.put(URLNAMES, {"_id": urlname, "v": 1, "group_id": group.id})
