"""Pages that try to get something sent by whoever opens them, and the server that counts what arrives."""
