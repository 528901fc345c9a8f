"""The fixed sentences of packages, reports and letters: they are Vietnamese, so they are in thuocdo/locale/vi alone."""

from thuocdo.core.i18n import catalogue

FILES = ("publication.po", "periods.po", "declared.po", "catalogue.po")


def fixed_text(key: str, **facts: object) -> str:
    """
    Return a sentence with its facts filled in.

    Args:
        key: such as `package.summary.ranked`.
        facts: by the names of the places in the sentence, as people read them.

    Raises:
        KeyError: there is no such sentence, or it has a place for a fact that was not given.
    """
    return catalogue("vi", FILES)[key].format(**facts)
