"""``convene token``: be somebody."""

import json
import os
import time
from typing import Annotated

import typer

from convene.commands.options import AsJson, Local
from convene.issuer.keys import signing_key
from convene.issuer.tokens import LIFETIME_S, LONGEST_S, SCOPES, mint
from convene.parts.trouble import Unavailable
from convene.stack.environment import issuer_url
from convene.stack.plan import plan
from convene.stack.state import LOCAL


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def token(
        who: Annotated[str, typer.Option("--as", help="The member's id.")],
        scope: Annotated[list[str] | None, typer.Option(help="May be given several times.")] = None,
        expires_in: Annotated[int, typer.Option(min=1, max=LONGEST_S, help="Seconds.")] = LIFETIME_S,
        local: Local = LOCAL,
        as_json: AsJson = False,
    ) -> None:
        """Print an access token of the development issuer, good at all three services."""
        key_file = local / "issuer.json"
        if not key_file.exists():
            raise Unavailable(f"There is no development issuer in {local} yet; start the platform with `make run`.")
        scopes = tuple(scope) if scope else SCOPES
        planned = plan(os.environ)
        minted = mint(
            signing_key(key_file),
            issuer_url(planned),
            who,
            scopes=scopes,
            audiences=planned.audiences,
            now=int(time.time()),
            lifetime_s=expires_in,
        )
        answer = {"access_token": minted, "token_type": "Bearer", "expires_in": expires_in, "scope": " ".join(scopes)}
        print(json.dumps(answer) if as_json else minted)
