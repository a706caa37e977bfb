"""Verification links: nobody can make one, and nothing has to be kept for them."""

from chassis.sealing import Sealer


def verify_token(tokens: Sealer, member_id: str, round_: int) -> str:
    """What a verification link holds."""
    return tokens.seal(f"{round_}:{member_id}")


def verified_by(tokens: Sealer, token: str) -> tuple[str, int]:
    """The member and the round of a verification link. Raises Unsealable."""
    round_, _, member_id = tokens.open(token).partition(":")
    return member_id, int(round_)
