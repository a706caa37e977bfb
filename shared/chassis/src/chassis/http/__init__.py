"""The HTTP edge that all services share."""

from chassis.auth import Caller
from chassis.http.app import Api
from chassis.http.body import Body, parse
from chassis.http.caller import MaybeMe, Me, caller_of, needs
from chassis.http.commands import command_from, if_match, if_match_given, reply
from chassis.http.incoming import Incoming
from chassis.http.known import decided, known, repeats, there
from chassis.http.lean import LeanRoute
from chassis.http.pages import Page, PageAsked, Paging
from chassis.http.probes import probe_app
from chassis.http.problems import Problem

__all__ = [
    "Api",
    "Body",
    "Caller",
    "Incoming",
    "LeanRoute",
    "MaybeMe",
    "Me",
    "Page",
    "PageAsked",
    "Paging",
    "Problem",
    "caller_of",
    "command_from",
    "decided",
    "if_match",
    "if_match_given",
    "known",
    "needs",
    "parse",
    "probe_app",
    "repeats",
    "reply",
    "there",
]
