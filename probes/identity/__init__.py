"""Whether what stands at a portal's address is still that portal: what its page is made of, and what is known of it."""
