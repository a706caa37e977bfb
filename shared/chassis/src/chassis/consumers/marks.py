"""How far each subject of each topic has come: one document per (topic, subject, source).

The field order of `_id` matters to MongoDB: a position names topic and subject but no source, and is found by range.
"""

from chassis.mongo import Document

MARKS = "marks"

_LAST = "\U0010ffff"


def mark_id(topic: str, source: str, subject: str) -> Document:
    return {"topic": topic, "subject": subject, "source": source}


def any_source(topic: str, subject: str) -> Document:
    """Filter: the marks of a subject, whoever writes the topic."""
    return {"_id": {"$gte": mark_id(topic, "", subject), "$lte": mark_id(topic, _LAST, subject)}}
