"""Ports for what runs beside something else."""

from convene.parts.ports import FIRST, LAST, free_port


def test_no_port_is_handed_out_twice() -> None:
    given = [free_port() for _ in range(500)]

    assert len(set(given)) == len(given)
    assert all(FIRST <= port < LAST for port in given)
