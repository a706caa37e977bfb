"""The issuer's HTTP side: discovery, keys, and tokens without any password."""

import time
from collections.abc import Sequence
from urllib.parse import parse_qsl

from joserfc.jwk import ECKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from convene.issuer.keys import ALGORITHM
from convene.issuer.tokens import LIFETIME_S, LONGEST_S, SCOPES, mint
from convene.stack.plan import SERVICES

NOT_STORED = {"Cache-Control": "no-store"}


def issuer_app(issuer: str, key: ECKey, audiences: Sequence[str] = SERVICES) -> Starlette:
    """Serve the issuer named ``issuer`` (its own URL), whose tokens are meant for ``audiences``.

    Whoever can reach it can be anybody: keep it on loopback.
    """
    metadata = {
        "issuer": issuer,
        "jwks_uri": f"{issuer}/jwks",
        "token_endpoint": f"{issuer}/token",
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": [],
        "token_endpoint_auth_methods_supported": ["none", "client_secret_post"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "scopes_supported": list(SCOPES),
    }

    async def discovery(_: Request) -> Response:
        return JSONResponse(metadata)

    async def jwks(_: Request) -> Response:
        return JSONResponse({"keys": [key.as_dict(private=False)]}, headers={"Cache-Control": "max-age=300"})

    async def token(request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode(errors="replace")))
        grant, subject = form.get("grant_type", "client_credentials"), form.get("client_id")
        if grant != "client_credentials":
            return _refusal("unsupported_grant_type", "only client_credentials is served")
        if not subject:
            return _refusal("invalid_request", "client_id says who the token is for")
        lifetime = form.get("expires_in", str(LIFETIME_S))
        if not lifetime.isdigit() or not 0 < int(lifetime) <= LONGEST_S:
            return _refusal("invalid_request", f"expires_in is seconds, at most {LONGEST_S}")
        scopes = form.get("scope", " ".join(SCOPES)).split()
        minted = mint(
            key,
            issuer,
            subject,
            scopes=scopes,
            audiences=audiences,
            now=int(time.time()),
            lifetime_s=int(lifetime),
        )
        answer = {
            "access_token": minted,
            "token_type": "Bearer",
            "expires_in": int(lifetime),
            "scope": " ".join(scopes),
        }
        return JSONResponse(answer, headers=NOT_STORED)

    async def ready(_: Request) -> Response:
        return JSONResponse({"status": "ready"})

    return Starlette(
        routes=[
            Route("/.well-known/openid-configuration", discovery),
            Route("/.well-known/oauth-authorization-server", discovery),
            Route("/jwks", jwks),
            Route("/token", token, methods=["POST"]),
            Route("/health/live", ready),
            Route("/health/ready", ready),
        ]
    )


def _refusal(error: str, description: str) -> Response:
    return JSONResponse({"error": error, "error_description": description}, status_code=400, headers=NOT_STORED)
