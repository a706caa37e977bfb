"""The words: what a notice says in a member's language, as an inbox line, a mail, or a page."""

from notifications_service.texts.render import SOMEBODY, EventFacts, Letter, Said, Subject, Texts

__all__ = ["SOMEBODY", "EventFacts", "Letter", "Said", "Subject", "Texts"]
