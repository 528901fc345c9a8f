"""Whether a portal treats our visits better than those of others: findings for a person, never penalties."""
