"""Load with a ledger: every request and its answer is kept, and compared at the end with what the platform shows."""

from convene.load.audit import Audit
from convene.load.field import prepare
from convene.load.ledger import Ledger
from convene.load.run import compare, send
from convene.load.setting import Field, Setting

__all__ = ["Audit", "Field", "Ledger", "Setting", "compare", "prepare", "send"]
