"""The whole platform on this machine: what runs, with which environment, and who keeps it running."""
