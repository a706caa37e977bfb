"""Contact points, and the page behind the link that verifies one."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Final

from email_validator import EmailNotValidError, validate_email
from fastapi import APIRouter
from pydantic import AfterValidator, BaseModel, Field
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from chassis.http import Body, Me, if_match_given, reply
from chassis.http.ports import MAYBE_STALE, asked_by, shown
from chassis.sealing import Sealer, Unsealable
from chassis.telemetry import current_traceparent
from notifications_service.handlers import contact
from notifications_service.links import verified_by
from notifications_service.texts import Texts
from notifications_service.views.contact import contact_points

REPLACED = "link-replaced"
_PAGE_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
}


def _pages(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The other statuses that come with a page for people."""
    return {status: {"description": "The link does not work", "content": {"text/html": {}}} for status in statuses}


def _normal(address: str) -> str:
    try:
        return validate_email(address, allow_smtputf8=False, check_deliverability=False).normalized
    except EmailNotValidError:
        raise PydanticCustomError("email", "is not an e-mail address that mail can be sent to") from None


_EMAIL: Final[JsonDict] = {"format": "email", "examples": ["ada@example.org"]}


class ContactPoints(Body):
    """email: where notices go once it is verified; null removes it."""

    email: Annotated[str, Field(max_length=254, json_schema_extra=_EMAIL), AfterValidator(_normal)] | None


class ContactAnswer(BaseModel):
    """verified: whether notices go there. version: the ETag; 0, without times, until an address was given."""

    member_id: str
    email: str | None
    verified: bool
    verified_at: datetime | None
    version: int
    created_at: datetime | None
    updated_at: datetime | None


class ContactRoutes:
    """addresses, tokens: the sealers of addresses and of verification links."""

    def __init__(self, addresses: Sealer, tokens: Sealer, texts: Texts) -> None:
        self._addresses = addresses
        self._tokens = tokens
        self._texts = texts

    def router(self) -> APIRouter:
        router = APIRouter(prefix="/v1/contact-points", tags=["contact points"])
        router.get("", response_model=ContactAnswer)(self.get_contact_points)
        router.put("", response_model=ContactAnswer, responses=MAYBE_STALE)(self.put_contact_points)
        router.get("/verify/{token}", response_class=HTMLResponse, responses=_pages(404))(self.show_link)
        router.post("/verify/{token}", response_class=HTMLResponse, responses=_pages(404, 409, 410))(self.use_link)
        return router

    async def get_contact_points(self, request: Request, me: Me) -> Response:
        """The caller's own address, and whether it is verified."""
        found = await contact_points(request.app.database, me.member_id)
        sealed = found.pop("sealed")
        email = None if sealed is None else self._addresses.open(sealed, about=me.member_id)
        body = {"member_id": me.member_id, "email": email, **found}
        return shown(body, etag=body["version"])

    async def put_contact_points(self, request: Request, me: Me, points: ContactPoints) -> Response:
        """Set the address; a mail with a link goes there. Giving an unverified one again sends another mail. With
        `If-Match` it takes the place of what was read, and of nothing later."""
        seen = if_match_given(request)
        sealed = None if points.email is None else self._addresses.seal(points.email, about=me.member_id)
        result = await contact.give(request.app.journal, asked_by(request, me), me.member_id, sealed, seen)
        if result.refused is None:
            result = replace(result, answer={**result.answer, "email": points.email})
        return reply(result, etag=result.answer.get("version"))

    async def show_link(self, request: Request, token: str) -> Response:
        """A page with a button: opening a link proves nothing, mail scanners do it too."""
        try:
            verified_by(self._tokens, token)
        except Unsealable:
            return self._page(request, 404, "failed")
        return self._page(request, 200, "ask")

    async def use_link(self, request: Request, token: str) -> Response:
        """Verify the address; needs no login, the link is the proof."""
        try:
            member_id, round_ = verified_by(self._tokens, token)
        except Unsealable:
            return self._page(request, 404, "failed")
        result = await contact.verify(request.app.journal, member_id, round_, trace=current_traceparent())
        if result.refused is not None:
            return self._page(request, 409 if result.refused == REPLACED else 410, "failed", result.detail)
        return self._page(request, 200, "done")

    def _page(self, request: Request, status: int, state: str, detail: str = "") -> Response:
        wanted = request.headers.get("accept-language", "").partition(",")[0].partition(";")[0].strip()
        return HTMLResponse(self._texts.verify_page(wanted, state, detail), status, headers=_PAGE_HEADERS)
