"""What a month, a quarter or a year of everyday measuring came to, as files that an office can send."""
