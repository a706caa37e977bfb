"""Groups as documents, those of earlier releases too."""

from datetime import UTC, datetime

from groups_service.domain.group import Details, Group
from groups_service.store.group import document_of, group_of

NOW = datetime(2026, 11, 24, 18, 30, tzinfo=UTC)
DETAILS = Details("moms", "Moms", "Jersey City", "US", 40.7, -74.0, "America/New_York", digest_above=300)
GROUP = Group("g", 1, DETAILS, "olga", NOW, NOW)


def test_a_group_is_read_as_it_was_written() -> None:
    assert group_of(document_of(GROUP)) == GROUP


def test_a_group_of_before_leaves_it_to_the_platform_when_announcements_are_gathered() -> None:
    document = document_of(GROUP)
    del document["digest_above"]
    assert group_of(document).details.digest_above is None
