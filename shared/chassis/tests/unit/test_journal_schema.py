"""What a database must be to hold a journal."""

import pytest

from chassis.journal.schema import Sharded, refuse_sharded


def test_a_sharded_cluster_is_refused_in_one_sentence() -> None:
    with pytest.raises(Sharded, match=r"router \(mongos\).*replica set"):
        refuse_sharded({"isWritablePrimary": True, "msg": "isdbgrid", "maxWireVersion": 17})


def test_a_replica_set_is_welcome() -> None:
    refuse_sharded({"isWritablePrimary": True, "setName": "rs0", "maxWireVersion": 17})
