"""What failures mean, when a group stands still, what a position says, and which letters are sent."""

from base64 import b64decode
from random import Random

import pytest
from consuming import FACTS, headers, rsvp
from pydantic_core import to_json

from chassis.consumers import Permanent, Transient, letter
from chassis.consumers.decode import Record, decode
from chassis.consumers.progress import Hearing, Stalled, Watch, lag
from chassis.consumers.retry import Failure, classify, pause, said
from chassis.mongo import InvalidDocument, errors
from chassis.places import Place
from chassis.position import MAX_PLACES, parse
from chassis.topics import configs, mismatches
from contracts.groups import MemberState
from contracts.registry import topics


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (Permanent("no"), Failure.PERMANENT),
        (KeyError("x"), Failure.PERMANENT),
        (TypeError("x"), Failure.PERMANENT),
        (OverflowError("63 bits"), Failure.PERMANENT),
        (InvalidDocument("x"), Failure.PERMANENT),
        (errors.DocumentTooLarge("x"), Failure.PERMANENT),
        (errors.WriteError("bad", 2), Failure.PERMANENT),
        (errors.BulkWriteError({"writeErrors": [{"code": 121}]}), Failure.PERMANENT),
        (errors.BulkWriteError({"writeErrors": [{"code": 11000}]}), Failure.TRANSIENT),
        (errors.DuplicateKeyError("x", 11000), Failure.TRANSIENT),
        (Transient("soon"), Failure.TRANSIENT),
        (TimeoutError(), Failure.TRANSIENT),
        (OSError(), Failure.TRANSIENT),
        (errors.AutoReconnect("gone"), Failure.INFRASTRUCTURE),
        (errors.ServerSelectionTimeoutError("gone"), Failure.INFRASTRUCTURE),
        (errors.NotPrimaryError("stepped down"), Failure.INFRASTRUCTURE),
        (errors.OperationFailure("conflict", 112), Failure.INFRASTRUCTURE),
        (errors.OperationFailure("no such transaction", 251), Failure.INFRASTRUCTURE),
        (errors.OperationFailure("not authorised", 13), Failure.INFRASTRUCTURE),
        (errors.WriteConcernError("slow", 64), Failure.INFRASTRUCTURE),
    ],
)
def test_a_failure_is_the_messages_the_moments_or_the_servers(error: Exception, failure: Failure) -> None:
    assert classify(error) is failure


def test_the_drivers_words_are_not_repeated() -> None:
    assert said(errors.WriteError("dup key: ada@example.org", 11000)) == "WriteError 11000"
    assert said(Permanent("no such group")) == "Permanent: no such group"


def test_pauses_grow_differ_and_end_growing() -> None:
    chance = Random(1)
    pauses = [pause(attempt, chance) for attempt in range(40)]
    assert 0.02 < pauses[0] <= 0.05
    assert all(2.5 <= one <= 5.0 for one in pauses[10:])
    assert len(set(pauses[10:])) > 20


def test_lag_is_counted_where_positions_are_known() -> None:
    assert lag({("t", 0): 5, ("t", 1): 9}, {("t", 0): 8, ("t", 1): 8, ("t", 2): 100}) == 3


def test_standing_still_with_work_ahead_is_noticed() -> None:
    watch = Watch(still=10)
    at = {("t", 0): 5}
    watch.look(0, at, 3, working_since=None, paused=False)
    watch.look(9, at, 3, working_since=None, paused=False)
    with pytest.raises(Stalled):
        watch.look(11, at, 3, working_since=None, paused=False)


@pytest.mark.parametrize("reason", ["moves", "no lag", "paused", "working", "nothing assigned"])
def test_what_is_no_standstill(reason: str) -> None:
    watch = Watch(still=10)
    for now in range(0, 100, 5):
        watch.look(
            now,
            {} if reason == "nothing assigned" else {("t", 0): now if reason == "moves" else 5},
            0 if reason == "no lag" else 3,
            working_since=now - 1 if reason == "working" else None,
            paused=reason == "paused",
        )


def test_a_batch_that_never_ends_is_noticed() -> None:
    with pytest.raises(Stalled):
        Watch(in_hand=300).look(301, {("t", 0): 5}, 3, working_since=0, paused=False)


def test_a_client_that_misses_what_others_hear_is_noticed() -> None:
    hearing = Hearing(still=10)
    hearing.missed(0, others_hear=True)
    hearing.missed(9, others_hear=True)
    with pytest.raises(Stalled):
        hearing.missed(11, others_hear=True)


@pytest.mark.parametrize("reason", ["nobody hears", "it heard in between"])
def test_what_is_no_deafness(reason: str) -> None:
    hearing = Hearing(still=10)
    for now in range(0, 100, 8):
        hearing.missed(now, others_hear=reason != "nobody hears")
        if reason == "it heard in between":
            hearing.heard()


def test_a_position_names_places() -> None:
    assert parse("groups.membership.v1:g:1@a@7, t:x@0") == [
        Place("groups.membership.v1", "g:1@a", 7),
        Place("t", "x", 0),
    ]


@pytest.mark.parametrize(
    "header", ["", "t", "t:@1", ":x@1", "t:x@", "t:x@-1", "t:x@1.0", f"t:x@{2**63}", "t:x@1,", "t:x@٣"]
)
def test_a_malformed_position_is_refused(header: str) -> None:
    with pytest.raises(ValueError):
        parse(header)


def test_a_position_has_at_most_sixteen_places() -> None:
    assert len(parse(",".join(["t:x@1"] * MAX_PLACES))) == MAX_PLACES
    with pytest.raises(ValueError):
        parse(",".join(["t:x@1"] * (MAX_PLACES + 1)))


def test_a_letter_carries_the_original_bytes_and_fits_a_command() -> None:
    value = b"\xff" + to_json(rsvp("e1", 3))
    sent = letter.command(decode(Record(FACTS, 0, 7, 0, b"k", value, tuple(headers("e1", 3)))), "toy")
    assert b64decode(sent.body["value_base64"]) == value
    assert sent.trace is None
    assert (sent.name, sent.aggregate, sent.body["reason"]) == ("dead-letter.record", "events.rsvp.v1/e1", "unreadable")
    large = Record(FACTS, 0, 8, 0, None, b"x" * 3_000_000, (("h", b"y" * 1_000_000),))
    body = letter.command(decode(large), "toy").body
    assert body["cut"]
    assert body["value_bytes"] == 3_000_000
    assert len(to_json(body)) < 256 * 1024


def test_a_letter_about_a_topic_with_personal_values_has_none() -> None:
    value = b'{"name": "Ada"'
    sent = letter.command(decode(Record(MemberState.topic, 0, 7, 0, b"ada", value, tuple(headers("ada", 3)))), "toy")
    assert sent.body["value_base64"] is None
    assert (sent.body["value_bytes"], sent.body["cut"], sent.body["subject"]) == (len(value), False, "ada")


def test_a_letter_is_the_same_command_for_every_redelivery() -> None:
    record = Record(FACTS, 0, 7, 0, b"k", b"{", tuple(headers("e1", 3)))
    assert letter.command(decode(record), "toy") == letter.command(decode(record, stored=True), "toy")


def test_a_topics_settings_are_kafkas() -> None:
    wanted = configs(topics()["public.rsvps.v1"], 3)
    assert wanted["cleanup.policy"] == "compact"
    assert wanted["min.compaction.lag.ms"] == str(7 * 86_400_000)
    assert wanted["message.timestamp.type"] == "LogAppendTime"
    assert "message.timestamp.type" not in configs(topics()["events.rsvp.v1"], 3)
    assert wanted["min.insync.replicas"] == "2"
    assert "min.insync.replicas" not in configs(topics()["public.rsvps.v1"], 1)


def test_other_partitions_than_the_registrys_are_named() -> None:
    found = mismatches(topics().values(), "p.", {"p.events.rsvp.v1": 3, "p.groups.group.v1": 4})
    assert found == ["p.events.rsvp.v1 has 3 partitions, the registry says 4"]


def test_a_letter_belongs_to_the_trace_of_what_could_not_be_read() -> None:
    trace = f"00-{'a' * 32}-{'b' * 16}-01"
    record = Record(FACTS, 0, 7, 0, b"k", b"{", tuple(headers("e1", 3, traceparent=trace)))
    assert letter.command(decode(record), "toy").trace == trace
