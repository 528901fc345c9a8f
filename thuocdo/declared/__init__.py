"""What agencies say of themselves: taken in, checked, and shown beside what was measured, never instead of it."""
