"""Every command this service decides: what its decision reads, and how facts become documents and messages."""

from typing import Any

from chassis import dead_letters
from chassis import privacy as cases
from chassis.journal.decision import Decider
from groups_service.decisions import group, member, network, post, privacy, report
from groups_service.settings import Settings


def decisions() -> dict[str, Decider[Any]]:
    """By the command's name."""
    return {
        **member.decisions(),
        **group.decisions(),
        **network.decisions(),
        **post.decisions(),
        **report.decisions(),
        **privacy.decisions(),
        **cases.deciders(Settings.service),
        **dead_letters.deciders(Settings.service),
    }
