"""The topics this service reads."""

from notifications_service.consumers import event, group, member, membership, rsvp

SUBSCRIPTIONS = (
    group.SUBSCRIPTION,
    member.SUBSCRIPTION,
    membership.SUBSCRIPTION,
    event.SUBSCRIPTION,
    rsvp.SUBSCRIPTION,
)

TOPICS = tuple(subscription.topic for subscription in SUBSCRIPTIONS)
