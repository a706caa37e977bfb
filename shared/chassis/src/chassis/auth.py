"""Who is calling: RFC 9068 access tokens, verified once and remembered until they expire."""

import warnings
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import Key

from chassis import clock
from chassis.jwks import Keys
from chassis.settings import ServiceSettings

# RFC 9864 renames EdDSA to Ed25519; issuers go on saying EdDSA, and we accept both
warnings.filterwarnings("ignore", message="EdDSA is deprecated", category=SecurityWarning)

ALGORITHMS = ("ES256", "RS256", "EdDSA", "Ed25519")
_KEY_TYPES = {"ES256": "EC", "RS256": "RSA", "EdDSA": "OKP", "Ed25519": "OKP"}
_TYPES = {"at+jwt", "application/at+jwt"}
_MAX_TOKEN = 8192
_REMEMBERED = 50_000
_END_OF_TIME = 253_402_300_800
"""The year 10000."""
_SKEW = 30.0
"""Seconds that an issuer's clock may be ahead of ours."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A verified caller: `sub` of the token and its scopes.

    issued_at, expires_at: `iat` and `exp` of the token, in epoch seconds; the one None where it says none.
    """

    member_id: str
    scopes: frozenset[str]
    issued_at: float | None = None
    expires_at: float = _END_OF_TIME


class InvalidToken(Exception):
    """The token is not good here. The text says why, without quoting the token."""


class Authenticator:
    """Verifies tokens of one issuer for one audience.

    Remembers up to 50,000 verified tokens; `exp` is looked at each time, and a change of the issuer's keys forgets all.
    """

    def __init__(
        self, *, issuer: str, audience: str, keys: Keys, now: Callable[[], float] = clock.epoch_seconds
    ) -> None:
        self._issuer = issuer
        self._audience = audience
        self._keys = keys
        self._now = now
        self._remembered: OrderedDict[str, Caller] = OrderedDict()
        self._generation = keys.generation

    @staticmethod
    def of(settings: ServiceSettings) -> "Authenticator":
        """ValueError when the environment names no issuer."""
        if settings.oidc_issuer is None:
            raise ValueError("OIDC_ISSUER is not set: the api needs to know whose tokens to accept")
        keys = Keys(settings.oidc_issuer, settings.oidc_jwks_url)
        return Authenticator(issuer=settings.oidc_issuer, audience=settings.audience, keys=keys)

    async def close(self) -> None:
        await self._keys.close()

    async def verify(self, token: str) -> Caller:
        """Raises InvalidToken, or KeysUnavailable when the issuer's keys were never reached."""
        known = self.remembered(token)
        if known is not None:
            return known
        if len(token) > _MAX_TOKEN:
            raise InvalidToken("the token is too long")
        key = await self._key(token)
        try:
            decoded = jwt.decode(token, key, algorithms=list(ALGORITHMS))
        except (JoseError, ValueError, TypeError) as error:
            raise InvalidToken("the signature does not fit") from error
        caller = self._claims(decoded.claims)
        self._forget_if_keys_changed()
        self._remembered[token] = caller
        if len(self._remembered) > _REMEMBERED:
            self._remembered.popitem(last=False)
        return caller

    def remembered(self, token: str) -> Caller | None:
        """The caller of a token that was verified before. Raises InvalidToken when it has expired since."""
        self._keys.refresh_when_old()
        self._forget_if_keys_changed()
        found = self._remembered.get(token)
        if found is None:
            return None
        if found.expires_at <= self._now():
            del self._remembered[token]
            raise InvalidToken("the token has expired")
        self._remembered.move_to_end(token)
        return found

    def _forget_if_keys_changed(self) -> None:
        if self._generation != self._keys.generation:
            self._generation = self._keys.generation
            self._remembered.clear()

    async def _key(self, token: str) -> Key:
        try:
            header = jws.extract_compact(token.encode("ascii")).headers()
        except (JoseError, ValueError, TypeError) as error:
            raise InvalidToken("this is not a signed token") from error
        algorithm, kid = header.get("alg"), header.get("kid")
        if algorithm not in ALGORITHMS:
            raise InvalidToken("the signature's algorithm is not accepted")
        if str(header.get("typ", "")).lower() not in _TYPES:
            raise InvalidToken("this is not an access token (typ must be at+jwt)")
        if "crit" in header:
            raise InvalidToken("the token asks for an extension that is not known")
        if kid is not None and not isinstance(kid, str):
            raise InvalidToken("the key's id is not a text")
        key = await self._keys.find(kid)
        if key is None:
            raise InvalidToken("the issuer has no such key")
        if (
            key.key_type != _KEY_TYPES[algorithm]
            or key.get("alg", algorithm) != algorithm
            or key.get("use", "sig") != "sig"
        ):
            raise InvalidToken("the key is not for this algorithm")
        return key

    def _claims(self, claims: Mapping[str, Any]) -> Caller:
        now = self._now()
        expires, not_before = _time(claims.get("exp")), _time(claims.get("nbf", 0))
        if expires <= now:
            raise InvalidToken("the token has expired")
        if not_before > now + _SKEW:
            raise InvalidToken("the token is not valid yet")
        if claims.get("iss") != self._issuer:
            raise InvalidToken("the token is from another issuer")
        audience = claims.get("aud")
        if audience != self._audience and not (isinstance(audience, list) and self._audience in audience):
            raise InvalidToken("the token is for another audience")
        scope = claims.get("scope", "")
        if not isinstance(scope, str):
            raise InvalidToken("scope is not a text")
        issued_at = None if claims.get("iat") is None else _time(claims["iat"])
        return Caller(_subject(claims.get("sub")), frozenset(scope.split()), issued_at, expires)


def _time(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < _END_OF_TIME:
        raise InvalidToken("exp, nbf or iat is not a time")
    return float(value)


def _subject(sub: Any) -> str:
    """A member's id travels in keys, headers and paths: 1 to 255 visible ASCII characters, no comma, no slash."""
    if not isinstance(sub, str) or not 0 < len(sub) <= 255 or not sub.isascii():
        raise InvalidToken("sub is missing or not 1 to 255 ASCII characters")
    if not sub.isprintable() or any(character in " ,/" for character in sub):
        raise InvalidToken("sub holds a space, a comma or a slash")
    return sub
