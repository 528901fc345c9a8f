"""Never harm a portal: robots.txt, distance between probes of a host, back-off."""
