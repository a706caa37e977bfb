"""What a service reads from its environment."""

from pathlib import Path

import pytest
from faststream.kafka.security import parse_security
from issuer import Settings, settings
from pydantic import ValidationError


def test_names_are_the_environments(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "MONGO_URL": "mongodb://events:secret@db/events",
        "CONVENE_ENV": "test",
        "KAFKA_SECURITY_PROTOCOL": "sasl_plaintext",
        "KAFKA_USERNAME": "events",
        "KAFKA_PASSWORD": "hidden",
        "CORS_ORIGINS": "https://a.example, https://b.example",
        "TRUSTED_PROXIES": "",
        "TOPIC_PREFIX": "t1.",
        "JOURNAL_LANES": "2",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    found = Settings()
    assert found.env == "test"
    assert found.cors_origins == ("https://a.example", "https://b.example")
    assert found.trusted_proxies == ()
    assert found.journal_lanes == 2
    assert found.audience == "events"
    assert found.kafka().topic("events.rsvp.v1") == "t1.events.rsvp.v1"
    assert found.kafka().client_options()["sasl_plain_password"] == "hidden"
    assert "hidden" not in repr(found)
    assert "hidden" not in repr(found.kafka())
    assert "secret" not in repr(found)


def test_a_secret_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secret = tmp_path / "mongo"
    secret.write_text("mongodb://from/file\n", encoding="utf-8")
    monkeypatch.delenv("MONGO_URL", raising=False)
    monkeypatch.setenv("MONGO_URL_FILE", str(secret))
    assert Settings().mongo_url.get_secret_value() == "mongodb://from/file"


def test_a_missing_variable_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MONGO_URL", raising=False)
    with pytest.raises(ValidationError, match="mongo_url"):
        Settings()


@pytest.mark.parametrize(
    "issuer", ["http://127.0.0.1:9000", "https://localhost/issuer", "https://[::1]/x", "http://issuer.example"]
)
def test_production_refuses_a_development_issuer(issuer: str) -> None:
    with pytest.raises(ValidationError, match="OIDC_ISSUER"):
        settings(env="production", oidc_issuer=issuer)
    with pytest.raises(ValidationError, match="OIDC_JWKS_URL"):
        settings(env="production", oidc_issuer="https://issuer.example", oidc_jwks_url=issuer)


def test_production_takes_a_real_issuer_and_no_crash_place() -> None:
    assert settings(env="production", oidc_issuer="https://issuer.example").env == "production"
    with pytest.raises(ValidationError, match="CONVENE_CRASH_AT"):
        settings(env="production", oidc_issuer="https://issuer.example", crash_at="somewhere")


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
def test_credentials_reach_both_kinds_of_client(mechanism: str) -> None:
    kafka = settings(
        kafka_security_protocol="SASL_SSL",
        kafka_sasl_mechanism=mechanism,
        kafka_username="events",
        kafka_password="sesame",
    ).kafka()
    options = kafka.client_options()
    framework = parse_security(kafka.security())
    for name in ("security_protocol", "sasl_mechanism", "sasl_plain_username", "sasl_plain_password"):
        assert framework[name] == options[name]
    assert (options["security_protocol"], options["sasl_mechanism"]) == ("SASL_SSL", mechanism)
    assert options["ssl_context"].check_hostname
    assert framework["ssl_context"] is not None


def test_tls_alone_needs_no_credentials() -> None:
    kafka = settings(kafka_security_protocol="SSL").kafka()
    assert "sasl_mechanism" not in kafka.client_options()
    assert parse_security(kafka.security())["security_protocol"] == "SSL"


def test_plaintext_needs_no_credentials() -> None:
    kafka = settings(kafka_bootstrap="a:1,b:2").kafka()
    assert kafka.client_options() == {
        "bootstrap_servers": ["a:1", "b:2"],
        "security_protocol": "PLAINTEXT",
        "ssl_context": None,
    }
    assert kafka.security() is None
