"""The processes of one machine: agents, judge, web, and the supervisor that keeps them."""
