"""Giving, proving and removing an address."""

from datetime import UTC, datetime, timedelta

from notifications_service.domain.contact import (
    MAILS_A_DAY,
    PROVABLE_FOR,
    Account,
    AddressGiven,
    AddressRemoved,
    AddressVerified,
    Fact,
    Refused,
    evolve,
    give,
    verify,
)

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


def then(account: Account, decided: Fact | Refused | None) -> Account:
    assert decided is not None
    assert not isinstance(decided, Refused)
    return evolve(account, decided)


def given(sealed: str = "x") -> Account:
    return then(Account("ada"), give(Account("ada"), sealed, NOW))


def test_an_address_is_proved_by_the_link_of_its_latest_mail() -> None:
    account = given()
    again = then(account, give(account, "x", NOW + timedelta(minutes=1)))
    assert isinstance(verify(again, 1, NOW), Refused)
    proved = then(again, verify(again, 2, NOW + timedelta(minutes=2)))
    assert proved.address is not None
    assert proved.address.verified_at == NOW + timedelta(minutes=2)
    assert verify(proved, 2, NOW) is None
    assert proved.version == 3


def test_a_proved_address_given_again_changes_nothing_and_another_one_starts_over() -> None:
    proved = then(given(), verify(given(), 1, NOW))
    assert give(proved, "x", NOW) is None
    other = then(proved, give(proved, "y", NOW))
    assert other.address is not None
    assert other.address.verified_at is None


def test_a_link_expires() -> None:
    refused = verify(given(), 1, NOW + PROVABLE_FOR + timedelta(seconds=1))
    assert isinstance(refused, Refused)
    assert refused.reason == "link-expired"
    assert isinstance(verify(given(), 1, NOW + PROVABLE_FOR), AddressVerified)


def test_mails_to_strangers_are_few_and_removing_the_address_does_not_reset_them() -> None:
    account = Account("eve")
    for number in range(MAILS_A_DAY):
        account = then(account, give(account, f"victim-{number}", NOW))
    account = then(account, give(account, None, NOW))
    assert account.address is None
    refused = give(account, "victim", NOW + timedelta(hours=23))
    assert isinstance(refused, Refused)
    assert (refused.reason, refused.again_at) == ("too-many-verifications", NOW + timedelta(hours=24))
    assert isinstance(give(account, "victim", NOW + timedelta(hours=24)), AddressGiven)


def test_who_says_what_they_saw_replaces_nothing_later() -> None:
    account = given()
    assert isinstance(give(account, "y", NOW, 1), AddressGiven)
    refused = give(account, "y", NOW, 0)
    assert isinstance(refused, Refused)
    assert refused.reason == "stale-version"
    assert isinstance(give(Account("ada"), "x", NOW, 0), AddressGiven)


def test_removing_nothing_is_nothing() -> None:
    assert give(Account("ada"), None, NOW) is None
    assert isinstance(give(given(), None, NOW), AddressRemoved)
    assert isinstance(verify(Account("ada"), 1, NOW), Refused)
