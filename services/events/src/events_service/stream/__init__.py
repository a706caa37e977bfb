"""The public RSVP stream: the topic `public.rsvps.v1` over HTTP, for whoever wants to read along."""
