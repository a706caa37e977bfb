"""A mail catcher: takes every mail by SMTP and shows it, on this machine only."""
