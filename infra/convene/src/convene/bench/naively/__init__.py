"""The obvious way to build the same thing, kept to be measured against and for nothing else.

One MongoDB transaction for each RSVP (the event's counter, the RSVP, a row to publish), a signature check for each
request, a FastAPI route, a relay that polls for rows, and a consumer that writes one inbox line for each message.
"""
