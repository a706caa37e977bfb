"""The environment each process gets, and the files where it is kept."""

import os
import re
import shlex
from collections.abc import Mapping
from pathlib import Path

from convene.parts import zipkin
from convene.parts.ports import LOOPBACK
from convene.stack.plan import Plan, ServiceProcess

OF_THE_MACHINE = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "PYTHONPATH")

PASSED_ON = re.compile(
    r"KAFKA_(SECURITY_PROTOCOL|SASL_MECHANISM|USERNAME|PASSWORD|CA_FILE)(_FILE)?"
    r"|OIDC_(ISSUER|JWKS_URL|AUDIENCE)|HTTP_HOST|TOPIC_(PREFIX|REPLICATION)|JOURNAL_(LANES|DAYS)|CORS_ORIGINS|TRUSTED_PROXIES"
    r"|RATE_PER_(MEMBER|ADDRESS)"
    r"|RECONCILE_(EVERY|SHARE|FULL_EVERY)|OTEL_\w+|SMTP_URL(_FILE)?|DKIM_\w+|MAIL_FROM|SITE_URL|PUBLIC_URL|CONVENE_\w+|LOG_LEVEL"
)
"""What is set before ``make run`` goes to every service and wins over the defaults."""


def issuer_url(plan: Plan) -> str:
    """The development issuer's name, and address."""
    return f"http://{LOOPBACK}:{plan.ports['ISSUER_PORT']}"


def environment(
    process: ServiceProcess, plan: Plan, *, kafka: str, mongo_urls: Mapping[str, str], environ: Mapping[str, str]
) -> dict[str, str]:
    """What one process is told: its own database, and nothing of the other services'."""
    port = plan.ports[process.port]
    own = {
        "KAFKA_BOOTSTRAP": kafka,
        "MONGO_URL": mongo_urls[process.service],
        "OIDC_ISSUER": issuer_url(plan),
        "OIDC_JWKS_URL": f"{issuer_url(plan)}/jwks",
        "OIDC_AUDIENCE": process.service,
        "HTTP_HOST": LOOPBACK,
        ("HTTP_PORT" if process.has_api else "HEALTH_PORT"): str(port),
        "SMTP_URL": f"smtp://{LOOPBACK}:{plan.ports['SMTP_PORT']}",
        "PUBLIC_URL": f"http://{LOOPBACK}:{plan.ports[_api_port(process.service)]}",
    }
    if plan.traces:
        own |= {
            "OTEL_TRACES_EXPORTER": "zipkin",
            "OTEL_EXPORTER_ZIPKIN_ENDPOINT": zipkin.intake(plan.ports["ZIPKIN_PORT"]),
        }
    passed_on = {name: value for name, value in environ.items() if PASSED_ON.fullmatch(name)}
    if "OIDC_ISSUER" in passed_on and "OIDC_JWKS_URL" not in passed_on:
        del own["OIDC_JWKS_URL"]  # it is found by the given issuer's discovery document
    if "SMTP_URL_FILE" in passed_on:
        del own["SMTP_URL"]  # a variable wins over its file
    machine = {name: environ[name] for name in OF_THE_MACHINE if name in environ}
    return machine | {"PYTHONUNBUFFERED": "1"} | own | passed_on | for_alone(process.name, environ)


def for_alone(process: str, environ: Mapping[str, str]) -> dict[str, str]:
    """What is set for one process and wins over the rest: EVENTS_RELAY__LOG_LEVEL is the LOG_LEVEL of events-relay."""
    before = f"{process.upper().replace('-', '_')}__"
    return {name.removeprefix(before): value for name, value in environ.items() if name.startswith(before)}


def _api_port(service: str) -> str:
    return f"{service.upper()}_PORT"


def keep(folder: Path, name: str, variables: Mapping[str, str]) -> None:
    """Write a file for ``set -a; . FILE``, readable by the owner alone."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / name
    text = "".join(f"{key}={shlex.quote(value)}\n" for key, value in sorted(variables.items()) if key != "PATH")
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
