"""The browser and what is seen with it: pages, traffic, times, evidence."""
