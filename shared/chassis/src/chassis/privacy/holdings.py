"""What a service says it holds of a member, and how it lets go of it."""

from collections.abc import AsyncIterator, Iterable
from typing import Any, Protocol

from chassis.mongo import Database, Document

_OURS = frozenset({"v", "journal"})


class Holdings(Protocol):
    """A service's own part."""

    def gather(self, database: Database, member_id: str) -> AsyncIterator[tuple[str, list[Document]]]:
        """Everything, in portions of a few hundred: what it is called in the archive, and plain documents."""

    async def erase(self, database: Database, member_id: str) -> bool:
        """Take the next step of letting go; whether there was nothing left.

        Asked again until there is not. What the journal has written it changes by handing commands over.
        """


def plain(documents: Iterable[Document], *, without: Iterable[str] = ()) -> list[dict[str, Any]]:
    """Documents as their owner reads them: without what only the machinery needs."""
    hidden = _OURS | set(without)
    return [
        {("id" if name == "_id" else name): value for name, value in document.items() if name not in hidden}
        for document in documents
    ]
