"""RSVPs and the waitlist under any mix of acts, against a model so naive that it is plainly right.

`waitlist_soak.py` beside this runs the same machines for as long as it is told.
"""

from hypothesis import settings

from .waitlist_machine import LateWork, Waitlist

TestWaitlist = Waitlist.TestCase
TestWaitlist.settings = settings(max_examples=150, stateful_step_count=50, deadline=None)
TestLateWork = LateWork.TestCase
TestLateWork.settings = settings(max_examples=60, stateful_step_count=50, deadline=None)
