"""Kafka and MongoDB as real processes on this machine, without containers and without anything installed by hand."""
