"""What callers may write, and what not."""

import pytest
from pydantic import TypeAdapter, ValidationError

from events_service.http.text import Instant

INSTANT: TypeAdapter[Instant] = TypeAdapter(Instant)


@pytest.mark.parametrize("text", ["2026-11-26T18:30:00Z", "2026-11-26T18:30:00.5+01:00", "2026-11-26 18:30:00-05:00"])
def test_a_moment_is_rfc_3339(text: str) -> None:
    assert INSTANT.validate_python(text).isoformat()[:19] == text[:19].replace(" ", "T")


@pytest.mark.parametrize(
    "text", ["0", "1764181800", "1.5", "2026-11-26", "2026-11-26T18:30Z", "2026-11-26T18:30:00", ""]
)
def test_a_number_is_no_moment(text: str) -> None:
    with pytest.raises(ValidationError):
        INSTANT.validate_python(text)
