"""The mail catcher's pages and its JSON."""

from html import escape

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from convene.mail.box import Box, Mail

STYLE = """
body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#222;background:#fff}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.4rem .6rem;border-bottom:1px solid #ccc}
a{color:#0645ad}iframe{width:100%;height:32rem;border:1px solid #ccc}
pre{white-space:pre-wrap;border:1px solid #ccc;padding:1rem}
@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}a{color:#8ab4f8}iframe{background:#fff}}
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'; base-uri 'none'"
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
}


def mail_app(box: Box) -> Starlette:
    """``/`` and ``/messages/N`` for people, ``/api/messages`` and ``/api/messages/N`` for programs.

    The list takes ``to`` (one recipient), ``after`` (a mail's id: only later ones) and ``limit``; DELETE empties it.
    """

    def wanted(request: Request) -> Mail | None:
        return box.find(request.path_params["number"])

    async def index(request: Request) -> Response:
        mails = box.newest(to=request.query_params.get("to", ""), limit=500)
        return _page("Caught mail", _list(mails, box.total))

    async def one(request: Request) -> Response:
        mail = wanted(request)
        return _missing() if mail is None else _page(mail.summary()["subject"], _letter(mail))

    async def api_list(request: Request) -> Response:
        query = request.query_params
        try:
            after, limit = int(query.get("after", "0")), int(query.get("limit", "100"))
        except ValueError:
            return JSONResponse({"error": "after and limit are numbers"}, status_code=400)
        mails = box.newest(to=query.get("to", ""), after=after, limit=limit)
        return JSONResponse({"total": box.total, "messages": [mail.whole() for mail in mails]})

    async def api_one(request: Request) -> Response:
        mail = wanted(request)
        return JSONResponse({"error": "no such mail"}, status_code=404) if mail is None else JSONResponse(mail.whole())

    async def raw(request: Request) -> Response:
        mail = wanted(request)
        return _missing() if mail is None else PlainTextResponse(mail.raw, headers=HEADERS)

    async def empty(_: Request) -> Response:
        box.empty()
        return Response(status_code=204)

    return Starlette(
        routes=[
            Route("/", index),
            Route("/messages/{number:int}", one),
            Route("/messages/{number:int}/raw", raw),
            Route("/api/messages", api_list),
            Route("/api/messages", empty, methods=["DELETE"]),
            Route("/api/messages/{number:int}", api_one),
        ]
    )


def _page(title: str, body: str) -> Response:
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
    return HTMLResponse(f'<!doctype html><html lang="en">{head}<style>{STYLE}</style>{body}</html>', headers=HEADERS)


def _list(mails: list[Mail], total: int) -> str:
    rows = "".join(_row(mail) for mail in mails)
    empty = "" if mails else "<p>No mail yet.</p>"
    table = "<table><thead><tr><th>When<th>To<th>Subject</thead><tbody>" + rows + "</tbody></table>"
    return f"<h1>Caught mail</h1><p>{total} since the start; reload to see more.</p>{empty or table}"


def _row(mail: Mail) -> str:
    summary = mail.summary()
    subject = escape(summary["subject"]) or "(no subject)"
    to = escape(", ".join(summary["to"]))
    return f'<tr><td>{mail.at:%H:%M:%S}<td>{to}<td><a href="/messages/{mail.number}">{subject}</a>'


def _letter(mail: Mail) -> str:
    whole = mail.whole()
    head = f"<p>From {escape(whole['from'])} to {escape(', '.join(whole['to']))}, {mail.at:%Y-%m-%d %H:%M:%S} UTC"
    html = (
        f'<h2>HTML</h2><iframe sandbox="" title="HTML part" srcdoc="{escape(whole["html"])}"></iframe>'
        if whole["html"]
        else ""
    )
    text = f"<h2>Text</h2><pre>{escape(whole['text'])}</pre>" if whole["text"] else ""
    links = f'<p><a href="/">All mail</a> · <a href="/messages/{mail.number}/raw">Source</a>'
    return f"{links}<h1>{escape(whole['subject'])}</h1>{head}{text}{html}"


def _missing() -> Response:
    return HTMLResponse("<!doctype html><p>No such mail.</p>", status_code=404, headers=HEADERS)
