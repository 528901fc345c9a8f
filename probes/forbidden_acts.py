def meaning_of_address(url: str) -> str | None:
    return None
