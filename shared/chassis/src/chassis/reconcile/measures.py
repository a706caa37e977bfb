"""What the reconciler shows. Only the process that holds a service's reconciler has these series."""

from prometheus_client import Gauge

WRONG = Gauge("convene_reconcile_wrong", "Damage that the last pass found, by kind: must be 0", ["service", "check"])
TOTAL = Gauge("convene_reconcile_damage", "Damage that the last pass found: must be 0", ["service"])
AGE = Gauge(
    "convene_reconcile_age_seconds", "Since the last complete pass ended, or since the first began", ["service"]
)
PASSED = Gauge("convene_reconcile_pass_seconds", "How long the last complete pass took", ["service"])
