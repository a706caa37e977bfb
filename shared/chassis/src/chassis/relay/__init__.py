"""The relay: publishes what the journal holds, in its order, each message once for those who read what is committed."""

from chassis.relay.part import Relay

__all__ = ["Relay"]
