"""What every service stands on. Knows no word of the domain."""

import os

# Motor runs the driver in threads, by default five per core, and every open change stream holds one of them while it
# waits: on a small machine the streams alone would leave hardly any for work. Motor reads this once, at its import.
os.environ.setdefault("MOTOR_MAX_WORKERS", "64")
