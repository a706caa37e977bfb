"""Load with a ledger: every request and its answer is kept, and compared at the end with what the platform shows."""
