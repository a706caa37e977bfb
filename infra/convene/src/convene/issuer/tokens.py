"""Access tokens in the shape of RFC 9068."""

import secrets
from collections.abc import Sequence

from joserfc import jwt
from joserfc.jwk import ECKey

from convene.issuer.keys import ALGORITHM
from convene.stack.plan import SERVICES

LIFETIME_S = 12 * 3600
LONGEST_S = 30 * 24 * 3600
SCOPES = ("webhooks:write",)
"""What a token may do unless less or more is asked for."""


def mint(
    key: ECKey,
    issuer: str,
    subject: str,
    *,
    scopes: Sequence[str] = SCOPES,
    audiences: Sequence[str] = SERVICES,
    now: int,
    lifetime_s: int = LIFETIME_S,
) -> str:
    """A token for ``subject``, from ``now`` (seconds since 1970) on, for the services unless told otherwise."""
    claims = {
        "iss": issuer,
        "sub": subject,
        "aud": list(audiences),
        "client_id": "convene",
        "iat": now,
        "exp": now + lifetime_s,
        "jti": secrets.token_urlsafe(12),
        "scope": " ".join(scopes),
    }
    return jwt.encode({"alg": ALGORITHM, "typ": "at+jwt", "kid": key.kid}, claims, key)
