"""Faults that are put into a running platform: each one real, bounded, and taken back by whoever put it there."""
