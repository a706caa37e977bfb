"""Real Kafka and MongoDB for tests, and waiting on conditions instead of time."""

from testkit.platform import Platform
from testkit.servers import KafkaServer, MongoServer
from testkit.waiting import eventually

__all__ = ["KafkaServer", "MongoServer", "Platform", "eventually"]
