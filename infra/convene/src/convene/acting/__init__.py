"""People who use a running platform as anybody could: over HTTP, with tokens, reading the stream and their mail."""
