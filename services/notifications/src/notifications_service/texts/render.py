"""Templates of one locale each: `<locale>/<kind>.j2` sets subject, line, body, action and reason.

A locale falls back from `de-CH` to `de` to `en`. What members wrote is data to every template: it is escaped in HTML,
and never read as MJML or as a template.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

import mrml
from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time
from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

FALLBACK = "en"
SOMEBODY = "@[]"
"""Stands in an excerpt for who is mentioned and has no name that is known; each locale has its word for it."""


@dataclass(frozen=True, slots=True)
class EventFacts:
    """What a text says about an event. starts_at: an instant; timezone: the event's own IANA zone; online: it is (also)
    held online."""

    title: str
    starts_at: datetime
    timezone: str
    where: str = ""
    online: bool = False
    over: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """A post in a digest: in which group, by whom, and how it begins."""

    group: str | None = None
    about: str | None = None
    excerpt: str | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """What a notice speaks of. Names are None while their projections have not arrived; the texts say so kindly.

    excerpt: how the post begins, if the reader may see it, with names, or SOMEBODY, for mentions. timezone: the
    group's. gathered: what a digest has taken up.
    """

    event: EventFacts | None = None
    group: str | None = None
    about: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    excerpt: str | None = None
    timezone: str = "UTC"
    gathered: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail's words."""

    subject: str
    text: str
    html: str


class Texts:
    """All locales' templates, compiled once per process."""

    def __init__(self) -> None:
        root = files(__package__)
        sources = {entry.name: entry.read_text(encoding="utf-8") for entry in root.iterdir() if entry.is_file()}
        self.locales = tuple(sorted(entry.name for entry in root.iterdir() if _is_locale(entry)))
        for locale in self.locales:
            for entry in root.joinpath(locale).iterdir():
                sources[f"{locale}/{entry.name}"] = entry.read_text(encoding="utf-8")
        sources["mail.html.j2"] = mrml.to_html(sources["mail.mjml"]).content
        self._words = Environment(
            loader=DictLoader(sources),
            autoescape=False,  # noqa: S701 - plain text; what goes into HTML passes the escaping environment below
            undefined=StrictUndefined,
            trim_blocks=True,
        )
        self._words.filters["replace_name"] = lambda key, names: names.get(key, key)
        self._pages = Environment(loader=DictLoader(sources), autoescape=True, undefined=StrictUndefined)

    def locale(self, wanted: str) -> str:
        """The best locale there is for what a member asks for (BCP 47)."""
        parts = wanted.replace("_", "-").split("-")
        candidates = ("-".join(parts[:length]) for length in range(len(parts), 0, -1))
        return next((candidate for candidate in candidates if candidate in self.locales), FALLBACK)

    def line(self, kind: str, wanted: str, subject: Subject) -> str:
        """One sentence, for the inbox."""
        locale = self.locale(wanted)
        return self._said(f"{locale}/{kind}.j2", _context(locale, subject))["line"]

    def letter(self, kind: str, wanted: str, subject: Subject, url: str | None) -> Letter:
        """The mail's subject, text and HTML; `url`: where its button leads."""
        locale = self.locale(wanted)
        said = self._said(f"{locale}/{kind}.j2", _context(locale, subject))
        title = " ".join(said.pop("subject").split())
        text = self._words.get_template("mail.txt.j2").render(said, url=url)
        paragraphs = [_lines(paragraph) for paragraph in said["body"].split("\n\n") if paragraph.strip()]
        html = self._pages.get_template("mail.html.j2").render(
            said, subject=title, paragraphs=paragraphs, url=url, locale=locale
        )
        return Letter(subject=title, text=text, html=html)

    def verify_page(self, wanted: str, state: str, detail: str = "") -> str:
        """The page behind a verification link. state: `ask`, `done` or `failed`."""
        locale = self.locale(wanted)
        said = self._said(f"{locale}/verify.page.j2", {"state": state, "detail": detail})
        return self._pages.get_template("page.html.j2").render(said, locale=locale)

    def _said(self, template: str, context: Mapping[str, Any]) -> dict[str, str]:
        """What a template sets, by name, without the space around it."""
        module = self._words.get_template(template).make_module(dict(context))
        return {
            name: value.strip() for name, value in vars(module).items() if isinstance(value, str) and name[0] != "_"
        }


def _is_locale(entry: Any) -> bool:
    return entry.is_dir() and not entry.name.startswith("_")


def _lines(paragraph: str) -> Markup:
    """Escaped, with the line breaks kept."""
    return Markup("<br>").join(paragraph.strip().split("\n"))


def _context(locale: str, subject: Subject) -> dict[str, Any]:
    event = subject.event
    return {
        "group": _named(subject.group),
        "about": _named(subject.about),
        "excerpt": subject.excerpt,
        "gathered": [
            {"group": _named(said.group), "about": _named(said.about), "excerpt": said.excerpt}
            for said in subject.gathered
        ],
        "details": {
            "guests": 0,
            "position": None,
            "place": None,
            "changed": [],
            "fell": 0,
            "back": 0,
            "role": None,
            "reason": None,
            "status": None,
            **subject.details,
            "until": _until(subject, locale),
            **{name: _deadline(subject, name, locale) for name in ("freezes_at", "closes_at", "expires_at")},
        },
        "event": event
        and {
            "title": event.title,
            "when": when(event.starts_at, event.timezone, locale),
            "where": event.where,
            "online": event.online,
            "over": event.over,
        },
    }


def _named(name: str | None) -> dict[str, str] | None:
    return {"name": name} if name else None


def _deadline(subject: Subject, name: str, locale: str) -> str | None:
    """When something about a group ends, in the group's own zone."""
    at = subject.details.get(name)
    return None if at is None else when(datetime.fromisoformat(at), subject.timezone, locale)


def _until(subject: Subject, locale: str) -> str | None:
    """When an offer expires, in the event's own zone."""
    until, event = subject.details.get("until"), subject.event
    return None if until is None or event is None else when(datetime.fromisoformat(until), event.timezone, locale)


def when(instant: datetime, zone: str, locale: str) -> str:
    """A date and time as the locale writes it, in the event's own zone, which is named."""
    local = instant.astimezone(ZoneInfo(zone))
    written = _babel(locale)
    return f"{format_date(local, 'full', locale=written)}, {format_time(local, 'short', locale=written)} ({zone})"


@lru_cache
def _babel(locale: str) -> Locale:
    try:
        return Locale.parse(locale, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale.parse(FALLBACK)
