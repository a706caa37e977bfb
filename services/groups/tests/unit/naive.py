"""A group so naive that it is plainly right: names, dates, and a count of everything whenever it is asked for."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

PEOPLE_LEADERS = ("organizer", "co_organizer", "assistant_organizer")
TOP_LEADERS = ("organizer", "co_organizer")
DAY = timedelta(days=1)


@dataclass
class Card:
    """An invitation. whose: None = anybody's; came: who used it; torn: taken back."""

    whose: str | None
    uses: int
    made: datetime
    until: datetime
    came: list[str] = field(default_factory=list)
    torn: bool = False

    def dead(self, now: datetime) -> str | None:
        """Why nobody comes by it any more."""
        if self.torn:
            return "revoked"
        if len(self.came) == self.uses:
            return "used"
        return "expired" if now >= self.until else None


@dataclass
class Naive:
    """Each command returns the reason why it is refused, or None.

    left_at: when the organizer went, while nobody followed; offers: in their order; choices: by voter;
    voting_since: the first offer, while there is one.
    """

    organizer: str | None
    mode: str = "open"
    photo: bool = False
    private: bool = False
    questions: int = 1
    closed: bool = False
    left_at: datetime | None = None
    voting_since: datetime | None = None
    offers: list[str] = field(default_factory=list)
    choices: dict[str, str] = field(default_factory=dict)
    state: dict[str, str] = field(default_factory=dict)
    role: dict[str, str] = field(default_factory=dict)

    def tick(self, now: datetime) -> None:
        """What happens by itself."""
        if self.left_at is None:
            return
        if self.voting_since is not None and now >= self.voting_since + 3 * DAY:
            self.follow(self.winner())
        elif self.voting_since is None and now >= self.left_at + 30 * DAY:
            self.closed, self.left_at = True, None

    def status(self, now: datetime) -> str:
        if self.closed:
            return "closed"
        if self.left_at is None:
            return "active"
        return "grace" if now < self.left_at + 15 * DAY else "frozen"

    def votes(self, candidate: str) -> int:
        return sum(choice == candidate for choice in self.choices.values())

    def winner(self) -> str:
        most = max(self.votes(candidate) for candidate in self.offers)
        return next(candidate for candidate in self.offers if self.votes(candidate) == most)

    def due(self, now: datetime) -> datetime | None:
        """When something happens next."""
        if self.left_at is None:
            return None
        last = self.left_at + 30 * DAY if self.voting_since is None else self.voting_since + 3 * DAY
        return min(self.left_at + 15 * DAY, last) if self.status(now) == "grace" else last

    def follow(self, who: str) -> None:
        self.organizer, self.role[who] = who, "organizer"
        self.left_at = self.voting_since = None
        self.offers, self.choices = [], {}

    def active(self, who: str) -> bool:
        return self.state.get(who) == "active"

    def is_one_of(self, who: str, roles: tuple[str, ...]) -> bool:
        return self.active(who) and self.role.get(who, "member") in roles

    def goes(self, who: str, to: str) -> None:
        self.state[who] = to
        self.role.pop(who, None)
        self.choices.pop(who, None)
        if who in self.offers:
            self.offers.remove(who)
            self.choices = {voter: choice for voter, choice in self.choices.items() if choice != who}
        if not self.offers:
            self.voting_since = None

    def door(self, who: str, *, photo: bool) -> str | None:
        if self.closed:
            return "group-closed"
        if self.state.get(who) == "banned":
            return "banned"
        if self.mode == "closed":
            return "by-invitation"
        return "photo-required" if self.photo and not photo else None

    def join(self, who: str, answers: int | None, *, photo: bool) -> str | None:
        if self.active(who):
            return None
        if answers is not None and answers > self.questions:
            return "too-many-answers"
        if self.state.get(who) == "pending" and self.mode != "open" and not self.closed:
            return None
        refused = self.door(who, photo=photo)
        if refused is None:
            self.state[who] = "active" if self.mode == "open" else "pending"
        return refused

    def invite(self, by: str, who: str, last: Card | None, now: datetime) -> str | None:
        if not self.is_one_of(by, PEOPLE_LEADERS):
            return "not-allowed"
        if self.closed:
            return "group-closed"
        if self.state.get(who) in ("active", "banned"):
            return {"active": "is-a-member", "banned": "banned"}[self.state[who]]
        return "invited-lately" if last is not None and last.torn and now - last.made < DAY else None

    def open_to_all(self, by: str) -> str | None:
        if not self.is_one_of(by, PEOPLE_LEADERS):
            return "not-allowed"
        return "group-closed" if self.closed else None

    def accept(self, card: Card, who: str, now: datetime, *, photo: bool) -> str | None:
        if card.whose not in (None, who):
            return "invitation-not-found"
        if self.active(who):
            return None
        why = card.dead(now) if card.torn or who not in card.came else "used"
        if why is not None:
            return f"invitation-{why}"
        refused = self.door(who, photo=photo)
        if refused == "by-invitation":
            refused = "photo-required" if self.photo and not photo else None
        if refused is None:
            self.state[who] = "active"
            card.came.append(who)
        return refused

    def revoke(self, by: str, card: Card, now: datetime) -> str | None:
        if not self.is_one_of(by, PEOPLE_LEADERS):
            return "not-allowed"
        card.torn = card.torn or card.dead(now) is None
        return None

    def leave(self, who: str, now: datetime) -> str | None:
        if who not in self.state:
            return "not-a-member"
        if self.state[who] not in ("active", "pending"):
            return None
        self.goes(who, "left")
        if who == self.organizer:
            self.organizer = None
            self.left_at = None if self.closed else now
        return None

    def decide(self, by: str, who: str, to: str) -> str | None:
        if not self.is_one_of(by, PEOPLE_LEADERS):
            return "not-allowed"
        if self.active(who) and to == "active":
            return None
        if self.state.get(who) != "pending":
            return "no-request"
        if self.closed:
            return "group-closed"
        self.state[who] = to
        return None

    def put_out(self, by: str, who: str, act: str) -> str | None:
        """act: remove, ban or unban."""
        if not self.is_one_of(by, PEOPLE_LEADERS):
            return "not-allowed"
        if who not in self.state or (act == "remove" and self.state[who] == "pending"):
            return "not-a-member"
        if self.role.get(who) == "organizer":
            return "organizer-stays"
        if who in self.role and not self.is_one_of(by, TOP_LEADERS):
            return "not-allowed"
        needed = {"remove": self.state[who] == "active", "ban": self.state[who] != "banned"}
        if needed.get(act, self.state[who] == "banned"):
            if self.closed:
                return "group-closed"
            self.goes(who, "banned" if act == "ban" else "removed")
        return None

    def give_role(self, by: str, who: str, role: str) -> str | None:
        if not self.is_one_of(by, ("organizer",) if role == "organizer" else TOP_LEADERS):
            return "not-allowed"
        if not self.active(who):
            return "not-a-member"
        if self.role.get(who, "member") == role:
            return None
        if self.role.get(who) == "organizer":
            return "organizer-stays"
        if self.closed:
            return "group-closed"
        if role == "organizer":
            self.role[by], self.organizer = "co_organizer", who
        self.role[who] = role
        if role == "member":
            del self.role[who]
        return None

    def step_up(self, who: str, now: datetime) -> str | None:
        refused = self.no_vacancy(who)
        if refused is not None:
            return None if refused == "has-organizer" and who == self.organizer else refused
        if self.role.get(who) == "co_organizer":
            self.follow(who)
        elif who not in self.offers:
            self.offers.append(who)
            self.voting_since = self.voting_since or now
        return None

    def vote(self, who: str, candidate: str) -> str | None:
        refused = self.no_vacancy(who)
        if refused is None and candidate not in self.offers:
            refused = "not-a-candidate"
        if refused is None:
            self.choices[who] = candidate
        return refused

    def no_vacancy(self, who: str) -> str | None:
        if not self.active(who):
            return "not-allowed"
        if self.closed:
            return "group-closed"
        return "has-organizer" if self.left_at is None else None

    def close(self, by: str) -> str | None:
        if not self.is_one_of(by, ("organizer",)):
            return "not-allowed"
        self.closed = True
        return None

    def edit(self, by: str) -> str | None:
        if not self.is_one_of(by, TOP_LEADERS):
            return "not-allowed"
        return "group-closed" if self.closed else None
