"""What callers may write, and what not."""

import json
from datetime import timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from events_service.http.promotion import PromotionBody
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


@pytest.mark.parametrize(("text", "hours"), [("PT12H", 12), ("P1D", 24), ("P1DT1H30M", 25.5)])
def test_a_duration_is_iso_8601(text: str, hours: float) -> None:
    assert PromotionBody.model_validate_json(json.dumps({"offer_ttl": text})).offer_ttl == timedelta(hours=hours)


@pytest.mark.parametrize("value", [3600, 3600.5, "3600", "12:00:00", "5 days", "-PT1H", "", None])
def test_nothing_else_is_a_duration(value: Any) -> None:
    with pytest.raises(ValidationError):
        PromotionBody.model_validate_json(json.dumps({"offer_ttl": value}))
