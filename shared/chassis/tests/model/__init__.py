"""Processes, MongoDB and Kafka in virtual time, so that the real journal and relay run deterministically by seed."""
