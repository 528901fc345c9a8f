"""What a round goes through after it was measured: states, who does what, deadlines, objections, and the log of all that."""
