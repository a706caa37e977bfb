"""Which messages are applied, which wait, which are repeats: decided without any server."""

import random
from dataclasses import replace
from typing import Any

import pytest
from consuming import FACTS, STATE, group, headers, rsvp
from pydantic_core import to_json

from chassis.consumers.decode import Address, Decoded, Record, Refusal, decode, gapless
from chassis.consumers.order import UNSEEN, Held, Mark, Plan, Verdict, groups, halves, plan

E1 = Address(FACTS, "/convene/events", "e1")
G1 = Address(STATE, "/convene/groups", "g1")


def fact(sequence: int, *, subject: str = "e1", flaw: str | None = None, topic: str = FACTS) -> Decoded:
    value = to_json(rsvp(subject, sequence) if topic == FACTS else group(subject, sequence))
    head = headers(subject, sequence, topic)
    item = decode(Record(topic, 0, sequence, 0, subject.encode(), value, tuple(head)))
    return replace(item, received=None, refusal=Refusal("unreadable", flaw)) if flaw else item


def deletion(sequence: int, *, topic: str = STATE, key: bytes = b"g1") -> Decoded:
    return decode(Record(topic, 0, sequence, 0, key, None, tuple(headers("g1", sequence, topic))))


def verdicts(judged: Plan) -> list[str]:
    return [verdict.name for _, verdict in judged.verdicts]


def test_the_first_message_ever_seen_is_the_base() -> None:
    judged = plan([fact(7), fact(8)], {}, gapless)
    assert verdicts(judged) == ["APPLY", "APPLY"]
    assert judged.marks == {E1: Mark(8)}


def test_repeats_are_dropped_and_the_next_one_counts() -> None:
    judged = plan([fact(2), fact(3), fact(3), fact(4)], {E1: Mark(3)}, gapless)
    assert verdicts(judged) == ["DUPLICATE", "DUPLICATE", "DUPLICATE", "APPLY"]
    assert judged.marks[E1] == Mark(4)


def test_on_a_fact_topic_a_higher_one_waits_for_what_is_missing() -> None:
    judged = plan([fact(5), fact(6)], {E1: Mark(3)}, gapless)
    assert verdicts(judged) == ["BEHIND", "BEHIND"]
    assert judged.marks[E1].sequence == 3
    held = judged.marks[E1].held
    assert held is not None
    assert (held.reason, held.sequence) == ("waiting", 5)


@pytest.mark.parametrize("reason", ["waiting", "gap"])
def test_the_missing_one_is_welcome_while_others_wait_behind_it(reason: Any) -> None:
    mark = Mark(3, Held(reason, "", 0, 5))
    judged = plan([fact(4), fact(7)], {E1: mark}, gapless)
    assert verdicts(judged) == ["APPLY", "BEHIND"]
    assert judged.marks[E1] == replace(mark, sequence=4)


def test_on_a_compacted_topic_any_higher_one_counts() -> None:
    judged = plan([fact(9, subject="g1", topic=STATE)], {G1: Mark(3)}, gapless)
    assert verdicts(judged) == ["APPLY"]
    assert judged.marks[G1] == Mark(9)


def test_a_parked_subject_comes_before_any_sequence() -> None:
    mark = Mark(3, Held("rejected", "", 0, 4))
    judged = plan([fact(3), fact(4), fact(5)], {E1: mark}, gapless)
    assert verdicts(judged) == ["DUPLICATE", "BEHIND", "BEHIND"]
    assert judged.marks[E1] == mark


def test_what_cannot_be_read_parks_its_subject_and_no_other() -> None:
    judged = plan([fact(1), fact(2, flaw="json"), fact(3), fact(1, subject="e2")], {}, gapless)
    assert verdicts(judged) == ["APPLY", "CULPRIT", "BEHIND", "APPLY"]
    held = judged.marks[E1].held
    assert held is not None
    assert held.reason == "unreadable"


def test_a_first_message_that_cannot_be_read_leaves_the_base_open() -> None:
    judged = plan([fact(6, flaw="json"), fact(7)], {}, gapless)
    assert verdicts(judged) == ["CULPRIT", "BEHIND"]
    assert judged.marks[E1].sequence == UNSEEN


def test_a_flawed_repeat_is_only_a_repeat() -> None:
    assert verdicts(plan([fact(2, flaw="json")], {E1: Mark(3)}, gapless)) == ["DUPLICATE"]


def test_a_record_without_a_subject_stops_nobody() -> None:
    nobody = replace(fact(1, flaw="headers"), address=None)
    judged = plan([nobody, fact(1)], {}, gapless)
    assert verdicts(judged) == ["ALONE", "APPLY"]


def test_a_replay_looks_again_at_what_held_the_subject() -> None:
    mark = Mark(3, Held("rejected", "", 0, 4))
    judged = plan([fact(4), fact(5)], {E1: mark}, gapless, replaying=True)
    assert verdicts(judged) == ["APPLY", "APPLY"]
    assert judged.marks[E1] == Mark(5)
    again = plan([fact(4, flaw="still"), fact(5)], {E1: mark}, gapless, replaying=True)
    assert verdicts(again) == ["CULPRIT", "BEHIND"]


def test_a_deletion_waits_for_nobody_and_what_it_follows_counts_no_more() -> None:
    mark = Mark(3, Held("unreadable", "", 0, 4))
    judged = plan([fact(5, subject="g1", topic=STATE), deletion(6)], {G1: mark}, gapless)
    assert verdicts(judged) == ["DUPLICATE", "APPLY"]
    assert (judged.marks[G1], judged.freed) == (Mark(6), {G1: 6})
    once = plan([fact(4, subject="g1", flaw="json", topic=STATE), deletion(5)], {G1: Mark(3)}, gapless)
    assert verdicts(once) == ["DUPLICATE", "APPLY"]
    assert once.marks[G1] == Mark(5)


def test_a_deletion_of_a_part_of_its_subject_waits_like_all_others() -> None:
    """As of one membership: its subject is the group."""
    mark = Mark(3, Held("rejected", "", 0, 4))
    judged = plan([deletion(5, key=b"g1:ada")], {G1: mark}, gapless)
    assert verdicts(judged) == ["BEHIND"]
    assert judged.marks[G1] == mark


def test_where_nobody_waits_a_deletion_is_a_message_like_others() -> None:
    judged = plan([deletion(5)], {G1: Mark(3)}, gapless)
    assert (verdicts(judged), judged.freed) == (["APPLY"], {})


def test_whatever_the_order_of_arrival_nothing_is_applied_twice_or_out_of_turn() -> None:
    for seed in range(300):
        chance = random.Random(seed)
        arrivals = [fact(n) for n in range(2, 12) for _ in range(chance.randint(1, 3))]
        chance.shuffle(arrivals)
        mark, applied, aside = Mark(1), [], []
        for item in arrivals:
            judged = plan([item], {E1: mark}, gapless)
            mark = judged.marks[E1]
            verdict = judged.verdicts[0][1]
            if verdict is Verdict.APPLY:
                applied.append(item.sequence)
            elif verdict is Verdict.BEHIND:
                aside.append(item)
            if mark.held and aside:
                aside.sort(key=lambda one: one.sequence)
                replayed = plan(aside, {E1: mark}, gapless, replaying=True)
                mark = replayed.marks[E1]
                applied += [one.sequence for one in replayed.having(Verdict.APPLY)]
                aside = replayed.having(Verdict.BEHIND)
        assert applied == list(range(2, 12)), f"seed {seed}"
        assert not aside, f"seed {seed}"


def test_a_culprit_is_sought_among_subjects_first_then_among_messages() -> None:
    items = [fact(1), fact(1, subject="e2"), fact(2), fact(1, subject="e3")]
    assert [len(part) for part in groups(items)] == [2, 1, 1]
    first, second = halves(items)
    assert {item.address for item in first} == {E1}
    assert len(second) == 2
    assert [item.sequence for item in halves([fact(1), fact(2), fact(3)])[0]] == [1]
