"""Verification links."""

from secrets import token_urlsafe

from chassis.sealing import Sealer
from notifications_service.links import verified_by, verify_token


def test_a_link_names_its_member_and_round() -> None:
    links = Sealer([token_urlsafe(32)], "link")
    assert verified_by(links, verify_token(links, "auth0|ada:7", 3)) == ("auth0|ada:7", 3)
