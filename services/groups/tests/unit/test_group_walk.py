"""The machine's group, led through the turns that chance takes rarely, decided and compared with the naive one."""

from groups_service.handlers import people

from .test_group_model import Life


def begun(**differently: object) -> Life:
    """Ada's group, with bo, cy and di in it."""
    life = Life()
    start = {"by": "ada", "mode": "open", "others": ["bo", "cy", "di"], "helper": None, "goes": False, "days": 0}
    life.found(**{**start, **differently})
    agreed(life)
    return life


def agreed(life: Life) -> None:
    """Both have come to the same."""
    life.people_are_where_the_model_has_them()
    life.the_group_is_where_the_model_has_it()
    life.rows_stay_and_versions_rise()


def where(life: Life) -> tuple[str, str | None]:
    agreed(life)
    return life.group.status, life.group.organizer_id


def test_banned_unbanned_and_in_again() -> None:
    life = begun()
    life.act("ada", "bo", people.BAN)
    life.join("bo", None, photo=True)
    assert life.circle.who("bo").state == "banned"
    life.leave("bo")
    life.act("ada", "bo", people.UNBAN)
    assert life.circle.who("bo").state == "removed"
    life.join("bo", None, photo=True)
    life.act("ada", "bo", people.REMOVE)
    life.join("bo", None, photo=True)
    assert life.circle.who("bo").state == "active"
    agreed(life)


def test_a_leader_who_puts_themselves_out_leads_no_more() -> None:
    life = begun(helper="bo")
    life.act("bo", "bo", people.REMOVE)
    life.act("bo", "cy", people.REMOVE)
    assert (life.circle.who("bo").state, life.circle.who("cy").state) == ("removed", "active")
    agreed(life)


def test_handed_over_there_and_back() -> None:
    life = begun()
    life.give_role("ada", "bo", "organizer")
    assert where(life) == ("active", "bo")
    assert life.circle.who("ada").role == "co_organizer"
    life.give_role("ada", "ada", "organizer")
    life.give_role("bo", "ada", "organizer")
    assert where(life) == ("active", "ada")


def test_a_co_organizer_follows_also_when_it_is_frozen() -> None:
    life = begun(helper="bo", goes=True)
    assert where(life) == ("grace", None)
    life.time_passes(15)
    life.the_worker_looks()
    assert where(life) == ("frozen", None)
    life.step_up("bo")
    assert where(life) == ("active", "bo")


def test_most_votes_win_and_who_goes_takes_them_along() -> None:
    life = begun(goes=True, days=15)
    assert where(life) == ("frozen", None)
    for who in ("bo", "cy"):
        life.step_up(who)
    life.choose("bo", "bo")
    life.choose("cy", "cy")
    life.choose("di", "bo")
    life.choose("di", "cy")
    life.join("ada", None, photo=True)
    life.choose("ada", "di")
    life.time_passes(2)
    life.leave("bo")
    life.the_worker_looks()
    assert where(life) == ("frozen", None)
    life.time_passes(1)
    assert where(life) == ("active", "cy")
    life.the_worker_looks()
    life.step_up("di")
    assert where(life) == ("active", "cy")


def test_nobody_follows_and_the_vote_that_is_off_does_not_hold_the_end_up() -> None:
    life = begun(goes=True)
    life.time_passes(12)
    life.step_up("bo")
    life.leave("bo")
    life.time_passes(15)
    assert where(life) == ("frozen", None)
    life.time_passes(3)
    assert where(life) == ("closed", None)
    life.the_worker_looks()
    life.join("ada", None, photo=True)
    life.step_up("cy")
    life.leave("cy")
    assert where(life) == ("closed", None)


def test_closed_by_its_organizer_who_goes_then() -> None:
    life = begun()
    life.close("ada")
    life.act("ada", "bo", people.BAN)
    life.give_role("ada", "cy", "organizer")
    life.edit("ada", "join_mode", "closed")
    assert where(life) == ("closed", "ada")
    life.leave("ada")
    assert where(life) == ("closed", None)
