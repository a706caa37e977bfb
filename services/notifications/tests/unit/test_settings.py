"""The environment of this service."""

from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from notifications_service.settings import Settings

KEY = "A" * 43
NEEDED: dict[str, Any] = {"mongo_url": SecretStr("mongodb://x/y"), "contact_key": SecretStr(KEY)}


def test_the_mail_servers_url_says_how_to_reach_it() -> None:
    server = Settings(**NEEDED, smtp_url=SecretStr("smtp+starttls://me:p%40ss@mail.test")).smtp()
    assert (server.host, server.port, server.tls) == ("mail.test", 587, "starttls")
    assert (server.username, server.password) == ("me", "p@ss")
    assert "p@ss" not in repr(server)
    assert Settings(**NEEDED, smtp_url=SecretStr("smtps://mail.test")).smtp().port == 465


@pytest.mark.parametrize(
    "wrong",
    [
        {"smtp_url": SecretStr("http://mail.test")},
        {"contact_key": SecretStr("short")},
        {"contact_key": SecretStr("")},
        {"mail_from": "nobody"},
        {"env": "production"},
    ],
)
def test_what_cannot_work_is_refused_at_the_start(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(**{**NEEDED, **wrong})
    assert KEY not in str(refused.value)
