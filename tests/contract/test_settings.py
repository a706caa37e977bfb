"""What may be set is written down: in each service's README what it alone reads, on one page what all of them read."""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from chassis.settings import ServiceSettings
from events_service.settings import Settings as EventsSettings
from groups_service.settings import Settings as GroupsSettings
from notifications_service.settings import Settings as NotificationsSettings

ROOT = Path(__file__).parents[2]
SETTINGS: tuple[type[ServiceSettings], ...] = (GroupsSettings, EventsSettings, NotificationsSettings)
ROW = re.compile(r"^\| (`[A-Z_]+`(?: \(or `[A-Z_]+`\))?) \| ([^|]*?) ?\|", re.MULTILINE)


def told(page: str) -> dict[str, str]:
    """The defaults by variable, as a page's tables have them."""
    found = ROW.findall((ROOT / page).read_text())
    assert len(found) == len(dict(found)), "a variable is told twice"
    return {name: default.strip("`") for name, default in found}


def read(settings: type[ServiceSettings], fields: Iterable[str]) -> dict[str, str]:
    """What a table must have for these fields."""
    return {_name(field, settings.model_fields[field]): _default(settings.model_fields[field]) for field in fields}


def _name(field: str, info: FieldInfo) -> str:
    name = info.validation_alias if isinstance(info.validation_alias, str) else field.upper()
    secret = info.annotation in (SecretStr, SecretStr | None)
    return f"`{name}` (or `{name}_FILE`)" if secret else f"`{name}`"


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "needed"
    match info.default:
        case None | ():
            return ""
        case SecretStr():
            return info.default.get_secret_value()
        case bool():
            return str(info.default).lower()
        case float():
            return f"{info.default:g}"
        case _:
            return str(info.default)


def own(settings: type[ServiceSettings]) -> set[str]:
    """Fields that the service adds, or gives another default."""
    return {name for name in settings.model_fields if name in vars(settings)["__annotations__"]}


def test_the_page_of_settings_names_what_every_service_reads() -> None:
    everywhere_another = set.intersection(*(own(settings) for settings in SETTINGS))
    fields = [name for name in ServiceSettings.model_fields if name not in everywhere_another]
    assert told("docs/operations/settings.md") == read(ServiceSettings, fields)


@pytest.mark.parametrize("settings", SETTINGS, ids=lambda settings: settings.service)
def test_a_readme_names_what_its_service_alone_reads(settings: type[ServiceSettings]) -> None:
    assert told(f"services/{settings.service}/README.md") == read(settings, own(settings))
