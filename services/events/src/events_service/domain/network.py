"""What events know of networks of groups: a projection of what the groups service says."""

from chassis.frozen import frozen


@frozen
class Network:
    """A network; its chapters name it themselves. admins: the members who run it."""

    id: str
    name: str
    admins: tuple[str, ...]
