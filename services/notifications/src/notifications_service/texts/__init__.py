"""The words: what a notice says in a member's language, as an inbox line, a mail, or a page."""

from notifications_service.texts.render import EventFacts, Letter, Subject, Texts

__all__ = ["EventFacts", "Letter", "Subject", "Texts"]
