"""The ledger against all that the platform shows. Every count must be 0."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain

from convene.load import callers, records, tables, turns
from convene.load.case import Case
from convene.load.ledger import Ledger
from convene.load.shown import Shown, Turns

EXAMPLES = 5

Check = Callable[[Case], Iterator[str]]
"""Says each wrong thing in a few words."""

KINDS: Mapping[str, tuple[Check, ...]] = {
    "unanswered": (callers.unanswered,),
    "broken": (callers.broken,),
    "contradicted": (callers.contradicted,),
    "lost": (callers.lost, records.lost, tables.lost),
    "doubled": (callers.doubled, records.doubled, tables.doubled),
    "inverted": (records.inverted, turns.inverted, tables.inverted),
    "oversold": (turns.oversold, tables.oversold),
    "idle": (turns.idle,),
    "stuck": (tables.stuck,),
    "wrong_in_journal": (records.wrong_in_journal,),
    "wrong_in_documents": (tables.wrong_in_documents, tables.wrong_in_books, turns.wrong_skips),
    "wrong_with_offers": (turns.wrong_with_offers,),
    "wrong_in_fairness": (turns.wrong_in_fairness,),
    "wrong_on_event": (tables.wrong_on_event,),
    "wrong_for_person": (tables.wrong_for_person,),
    "wrong_in_line": (tables.wrong_in_line,),
    "wrong_on_stream": (records.wrong_on_stream,),
    "wrong_in_inbox": (tables.wrong_in_inbox,),
    "wrong_in_mail": (tables.wrong_in_mail,),
}


@dataclass(frozen=True, slots=True)
class Audit:
    """wrong: by kind, all 0 when every promise was kept; examples: a few of each kind that is not.

    resolved: requests without an answer, by what became of them. booked: RSVPs by status, from the documents.
    turns: what became of turns in line, over all events. repeated_mails: the same mail again, which SMTP allows.
    sampled: what was not read whole.
    """

    wrong: dict[str, int]
    repeated_mails: int = 0
    examples: dict[str, list[str]] = field(default_factory=dict)
    resolved: dict[str, int] = field(default_factory=dict)
    booked: dict[str, int] = field(default_factory=dict)
    turns: dict[str, int] = field(default_factory=dict)
    sampled: dict[str, str] = field(default_factory=dict)

    @property
    def clean(self) -> bool:
        return not any(self.wrong.values())


def audit(ledger: Ledger, shown: Shown) -> Audit:
    case = Case.of(ledger, shown)
    found = {kind: list(chain.from_iterable(check(case) for check in checks)) for kind, checks in KINDS.items()}
    return Audit(
        {kind: len(wrong) for kind, wrong in found.items()},
        sum(len(ids) - len(set(ids)) for ids in shown.mails.values()),
        {kind: wrong[:EXAMPLES] for kind, wrong in found.items() if wrong},
        callers.resolved(case),
        dict(Counter(one.status for one in shown.documents.values())),
        {name: sum(getattr(one.turns, name) for one in case.recounts.values()) for name in Turns._fields},
        dict(shown.sampled),
    )
