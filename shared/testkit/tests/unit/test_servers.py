"""Which server is taken, and the URLs made from it."""

import pytest

from testkit.servers import given_mongo_url, wants_containers, with_database, with_user


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, None),
        ({"MONGO_URL": ""}, None),
        ({"MONGO_URL_EVENTS": "mongodb://e/"}, "mongodb://e/"),
        ({"MONGO_URL": "mongodb://m/", "MONGO_URL_EVENTS": "mongodb://e/"}, "mongodb://m/"),
    ],
)
def test_the_environment_gives_a_mongodb(environ: dict[str, str], expected: str | None) -> None:
    assert given_mongo_url(environ) == expected


def test_containers_are_only_used_when_asked_for() -> None:
    assert not wants_containers({})
    assert not wants_containers({"TESTKIT": "embedded"})


def test_another_database_keeps_where_the_credentials_are() -> None:
    assert with_database("mongodb://a:b@h:1,i:2/events?replicaSet=r", "t") == (
        "mongodb://a:b@h:1,i:2/t?replicaSet=r&authSource=events"
    )
    assert with_database("mongodb://a:b@h/?authSource=x", "t") == "mongodb://a:b@h/t?authSource=x"
    assert with_database("mongodb://a:b@h", "t") == "mongodb://a:b@h/t?authSource=admin"
    assert with_database("mongodb://h", "t") == "mongodb://h/t"


def test_a_user_of_its_own_database() -> None:
    assert with_user("mongodb://root:p@h:1/admin?replicaSet=r&authSource=admin", "t", "q") == (
        "mongodb://t:q@h:1/t?replicaSet=r"
    )
    assert with_user("mongodb://h:1/?replicaSet=r", "t", "q") == "mongodb://t:q@h:1/t?replicaSet=r"
