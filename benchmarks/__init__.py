"""Claims about speed, exactness and memory, measured: one command each, a Markdown table as output."""
