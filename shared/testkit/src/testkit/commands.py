"""What a piece of work sends to MongoDB, for tests that hold its price."""

from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent


class Commands(CommandListener):
    """A listener for `chassis.mongo.connect`. sent: each command and its collection in order, as `find inbox`; what
    reads several at once (`chassis.mongo.Database.read`) with all of them, as `aggregate inbox mails`."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def started(self, event: CommandStartedEvent) -> None:
        if not event.command:  # a login, whose words are secret: a connection may be made at any time
            return
        collection = event.command[event.command_name]
        steps = event.command.get("pipeline", ())
        read = [step["$lookup"]["from"] for step in steps if "$lookup" in step]
        named = [collection] if isinstance(collection, str) else read
        self.sent.append(" ".join([event.command_name, *named]))

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Counted when it was sent."""

    def failed(self, event: CommandFailedEvent) -> None:
        """Counted when it was sent."""
