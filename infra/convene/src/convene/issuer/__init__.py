"""A development issuer: tokens for whoever asks, on this machine only."""
