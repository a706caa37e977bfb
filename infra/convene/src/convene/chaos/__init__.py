"""Faults under load: a schedule that a seed decides, played on a platform of its own, and judged by the ledger."""
