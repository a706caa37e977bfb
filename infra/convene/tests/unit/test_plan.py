"""What is set before `make run` decides what is started, and each process hears only what is its own."""

from pathlib import Path

import pytest

from convene.parts.trouble import Unavailable
from convene.stack.environment import environment, keep
from convene.stack.plan import PORTS, PROCESSES, SERVICES, ServiceProcess, plan

URLS = {service: f"mongodb://{service}:secret@h/{service}" for service in SERVICES}


def test_without_anything_set_the_ports_are_the_contracts() -> None:
    made = plan({})
    assert made.ports == PORTS
    assert made.starts_kafka
    assert made.own_databases == SERVICES
    assert made.needed_ports() == {name: port for name, port in PORTS.items() if name != "ZIPKIN_PORT"}


def test_given_servers_are_not_started_and_need_no_port() -> None:
    given = {"KAFKA_BOOTSTRAP": "k:1", **{f"MONGO_URL_{name.upper()}": url for name, url in URLS.items()}}
    made = plan(given)
    assert not made.starts_kafka
    assert made.own_databases == ()
    assert not {"KAFKA_PORT", "KAFKA_CONTROLLER_PORT", "MONGO_PORT"} & set(made.needed_ports())


def test_one_given_database_leaves_the_others_to_us() -> None:
    made = plan({"MONGO_URL_EVENTS": "mongodb://h/events"})
    assert made.own_databases == ("groups", "notifications")
    assert "MONGO_PORT" in made.needed_ports()


def test_a_database_may_be_given_by_a_file_and_the_variable_itself_wins(tmp_path: Path) -> None:
    file = tmp_path / "url"
    file.write_text("mongodb://events:secret@h/events\n")
    made = plan({"MONGO_URL_EVENTS_FILE": str(file)})
    assert made.mongo_urls == {"events": "mongodb://events:secret@h/events"}
    made = plan({"MONGO_URL_EVENTS": "mongodb://other/events", "MONGO_URL_EVENTS_FILE": str(file)})
    assert made.mongo_urls == {"events": "mongodb://other/events"}


@pytest.mark.parametrize("text", [None, "", "\n"])
def test_a_file_that_names_no_database_is_refused(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "url"
    if text is not None:
        file.write_text(text)
    with pytest.raises(Unavailable, match="MONGO_URL_EVENTS_FILE"):
        plan({"MONGO_URL_EVENTS_FILE": str(file)})


def test_the_controller_stays_beside_its_broker() -> None:
    assert plan({"KAFKA_PORT": "29092"}).ports["KAFKA_CONTROLLER_PORT"] == 29093


@pytest.mark.parametrize("port", ["", "0", "65536", "http", "-1", "8001.5"])
def test_a_port_that_is_none_is_refused_but_an_empty_one_is_unset(port: str) -> None:
    if port == "":
        assert plan({"MAIL_PORT": port}).ports["MAIL_PORT"] == PORTS["MAIL_PORT"]
        return
    with pytest.raises(Unavailable, match="MAIL_PORT"):
        plan({"MAIL_PORT": port})


def test_a_port_used_twice_is_refused_by_name() -> None:
    with pytest.raises(Unavailable, match="EVENTS_PORT and STREAM_PORT are both 8004"):
        plan({"EVENTS_PORT": "8004"})


def test_process_names_and_ports_are_unique_and_every_service_runs() -> None:
    assert len({process.name for process in PROCESSES}) == len(PROCESSES)
    assert len({process.port for process in PROCESSES}) == len(PROCESSES)
    assert {process.service for process in PROCESSES} == set(SERVICES)


def test_replicas_have_their_number_in_their_names_and_ports_beside_or_as_told() -> None:
    made = plan({"EVENTS_API_REPLICAS": "3", "EVENTS_PORT_3": "9003"})
    replicas = [process for process in made.processes if process.roles == ("api", "worker")]
    assert [process.name for process in replicas] == ["events", "events-2", "events-3"]
    assert [made.ports[process.port] for process in replicas] == [8002, 8022, 9003]
    assert {"EVENTS_PORT_2", "EVENTS_PORT_3"} <= set(made.needed_ports())
    told = environment(replicas[1], made, kafka="k:1", mongo_urls=URLS, environ={})
    assert told["HTTP_PORT"] == "8022"
    assert told["PUBLIC_URL"] == "http://127.0.0.1:8002"


@pytest.mark.parametrize("number", ["0", "10", "two", "-1"])
def test_a_number_of_replicas_that_is_none_is_refused(number: str) -> None:
    with pytest.raises(Unavailable, match="EVENTS_API_REPLICAS"):
        plan({"EVENTS_API_REPLICAS": number})


@pytest.mark.parametrize("process", PROCESSES, ids=lambda process: process.name)
def test_a_process_hears_its_own_database_and_no_secret_of_others(process: ServiceProcess) -> None:
    environ = {"PATH": "/bin", "AWS_SECRET": "x", "MONGO_URL_GROUPS": "mongodb://g", "OTEL_TRACES_EXPORTER": "zipkin"}
    told = environment(process, plan({}), kafka="k:1", mongo_urls=URLS, environ=environ)
    assert told["MONGO_URL"] == URLS[process.service]
    assert told["OTEL_TRACES_EXPORTER"] == "zipkin"
    assert told["PATH"] == "/bin"
    assert not {"AWS_SECRET", "MONGO_URL_GROUPS"} & set(told)
    assert ("HTTP_PORT" in told) is process.has_api
    assert ("HEALTH_PORT" in told) is not process.has_api


def test_with_traces_every_process_sends_its_spans_to_zipkin_unless_told_otherwise() -> None:
    made = plan({"ZIPKIN_PORT": "29411"}, traces=True)
    assert made.needed_ports()["ZIPKIN_PORT"] == 29411
    for process in PROCESSES:
        told = environment(process, made, kafka="k:1", mongo_urls=URLS, environ={})
        assert told["OTEL_TRACES_EXPORTER"] == "zipkin"
        assert told["OTEL_EXPORTER_ZIPKIN_ENDPOINT"] == "http://127.0.0.1:29411/api/v2/spans"
    otherwise = environment(PROCESSES[0], made, kafka="k:1", mongo_urls=URLS, environ={"OTEL_TRACES_EXPORTER": "otlp"})
    assert otherwise["OTEL_TRACES_EXPORTER"] == "otlp"
    assert not [
        name for name in environment(PROCESSES[0], plan({}), kafka="k:1", mongo_urls=URLS, environ={}) if "OTEL" in name
    ]


def test_what_is_set_before_wins_and_a_given_issuer_is_asked_for_its_keys() -> None:
    environ = {"OIDC_ISSUER": "https://id.example", "TOPIC_PREFIX": "x.", "JOURNAL_DAYS": "7"}
    told = environment(PROCESSES[0], plan({}), kafka="k:1", mongo_urls=URLS, environ=environ)
    assert told["OIDC_ISSUER"] == "https://id.example"
    assert "OIDC_JWKS_URL" not in told
    assert (told["TOPIC_PREFIX"], told["JOURNAL_DAYS"]) == ("x.", "7")


def test_a_given_audience_reaches_every_service_and_tokens_of_the_development_issuer_name_it_too() -> None:
    given = {"OIDC_AUDIENCE": "api://convene"}
    made = plan(given)
    heard = [environment(process, made, kafka="k:1", mongo_urls=URLS, environ=given) for process in PROCESSES]
    assert {told["OIDC_AUDIENCE"] for told in heard} == {"api://convene"}
    assert made.audiences == (*SERVICES, "api://convene")
    assert plan({}).audiences == SERVICES


def test_a_given_mail_server_in_a_file_is_not_overruled_by_the_mail_catcher() -> None:
    given = {"SMTP_URL_FILE": "/run/secrets/smtp"}
    told = environment(PROCESSES[-1], plan({}), kafka="k:1", mongo_urls=URLS, environ=given)
    assert told["SMTP_URL_FILE"] == "/run/secrets/smtp"
    assert "SMTP_URL" not in told


def test_kept_environments_are_private_and_quoted(tmp_path: Path) -> None:
    keep(tmp_path / "env", "events", {"A": "it's", "PATH": "/bin"})
    file = tmp_path / "env" / "events"
    assert file.read_text() == "A='it'\"'\"'s'\n"
    assert file.stat().st_mode & 0o777 == 0o600


def test_what_is_set_for_one_process_reaches_no_other() -> None:
    given = {"EVENTS_RELAY__LOG_LEVEL": "DEBUG", "LOG_LEVEL": "ERROR", "EVENTS__TZ": "UTC"}
    made = plan(given)
    heard = {
        process.name: environment(process, made, kafka="k:1", mongo_urls=URLS, environ=given) for process in PROCESSES
    }
    assert {name for name, own in heard.items() if own["LOG_LEVEL"] == "DEBUG"} == {"events-relay"}
    assert {name for name, own in heard.items() if "TZ" in own} == {"events"}
