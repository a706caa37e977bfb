"""The mail catcher takes mail by real SMTP, and the issuer's tokens fit its keys."""

import json
import smtplib
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any
from urllib.request import Request, urlopen

import pytest
import pytest_asyncio
from joserfc import jwt
from joserfc.jwk import KeySet

from convene.parts.ports import LOOPBACK, free_port
from convene.parts.running import Running
from convene.stack.probe import is_ok


@dataclass(frozen=True)
class Outside:
    """The process on ports of its own: where its issuer and its mail are."""

    running: Running
    issuer: str
    mail: str
    smtp_port: int

    def send(self, to: str, subject: str, html: str) -> None:
        """By SMTP, as a service does."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = "convene@example.org", to, subject
        message.set_content("the text")
        message.add_alternative(html, subtype="html")
        with smtplib.SMTP(LOOPBACK, self.smtp_port, timeout=30) as client:
            client.send_message(message)

    def caught(self, query: str = "") -> dict[str, Any]:
        """The catcher's JSON."""
        answer: dict[str, Any] = json.loads(fetch(f"{self.mail}/api/messages{query}"))
        return answer


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def outside(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Outside]:
    """Which runs for all tests of the module."""
    folder = tmp_path_factory.mktemp("outside")
    issuer, mail, smtp = (free_port() for _ in range(3))
    ports = {"ISSUER_PORT": str(issuer), "MAIL_PORT": str(mail), "SMTP_PORT": str(smtp)}
    found = Outside(
        Running(
            "outside",
            [sys.executable, "-m", "convene.outside"],
            address=f"http://{LOOPBACK}:{issuer}",
            ready=lambda: is_ok(LOOPBACK, issuer, "/health/ready"),
            log=folder / "outside.log",
            env={**ports, "ISSUER_KEY": str(folder / "key.json"), "ISSUER_AUDIENCES": "groups,api://convene"},
        ),
        f"http://{LOOPBACK}:{issuer}",
        f"http://{LOOPBACK}:{mail}",
        smtp,
    )
    await found.running.start()
    yield found
    await found.running.stop()
    assert found.running.exit_code in {0, -15}


def fetch(url: str, data: bytes | None = None, method: str | None = None) -> bytes:
    """One HTTP request; raises on an error status."""
    with urlopen(Request(url, data=data, method=method), timeout=30) as response:  # noqa: S310 - our own loopback address
        body: bytes = response.read()
        return body


def test_a_mail_is_listed_found_and_forgotten(outside: Outside) -> None:
    before = outside.caught()["total"]
    outside.send("ada@example.org", "You are in", "<p>See you")
    outside.send("bo@example.org", "You wait", "<p>Not yet")
    (mail,) = outside.caught("?to=ada@example.org")["messages"]
    assert (mail["subject"], mail["text"].strip(), mail["html"].strip()) == ("You are in", "the text", "<p>See you")
    assert json.loads(fetch(f"{outside.mail}/api/messages/{mail['id']}")) == mail
    assert [other["subject"] for other in outside.caught(f"?after={mail['id']}")["messages"]] == ["You wait"]
    fetch(f"{outside.mail}/api/messages", method="DELETE")
    assert outside.caught() == {"total": before + 2, "messages": []}


def test_pages_show_mail_without_running_it(outside: Outside) -> None:
    outside.send("cy@example.org", "<script>alert(1)</script>", "<script>alert(2)</script><p>rich")
    number = outside.caught("?to=cy@example.org")["messages"][0]["id"]
    page = fetch(f"{outside.mail}/messages/{number}").decode()
    assert "<script>" not in page
    assert 'sandbox=""' in page
    assert "&lt;p&gt;rich" in page
    assert f'href="/messages/{number}"' in fetch(outside.mail).decode()


def test_a_token_asked_by_http_is_an_access_token_of_this_issuer(outside: Outside) -> None:
    metadata = json.loads(fetch(f"{outside.issuer}/.well-known/openid-configuration"))
    answer = json.loads(fetch(metadata["token_endpoint"], b"client_id=ada&scope=a+b&expires_in=60"))
    keys = KeySet.import_key_set(json.loads(fetch(metadata["jwks_uri"])))
    token = jwt.decode(answer["access_token"], keys, algorithms=["ES256"])
    assert token.header["typ"] == "at+jwt"
    assert (token.claims["iss"], token.claims["sub"], token.claims["scope"]) == (metadata["issuer"], "ada", "a b")
    assert token.claims["aud"] == ["groups", "api://convene"]
    assert token.claims["exp"] - token.claims["iat"] == 60


def test_the_private_key_is_not_shown(outside: Outside) -> None:
    (key,) = json.loads(fetch(f"{outside.issuer}/jwks"))["keys"]
    assert "d" not in key


async def test_the_key_outlives_the_process(outside: Outside) -> None:
    before = fetch(f"{outside.issuer}/jwks")
    await outside.running.restart()
    assert fetch(f"{outside.issuer}/jwks") == before
    assert outside.running.log.read_text() == ""
