"""The fixed sentences of a package: reports are Vietnamese, so they are in thuocdo/locale/vi/publication.po alone."""

from thuocdo.core.i18n import catalogue


def fixed_text(key: str, **facts: object) -> str:
    """
    Return a sentence with its facts filled in.

    Args:
        key: such as `package.summary.ranked`.
        facts: by the names of the places in the sentence, as people read them.

    Raises:
        KeyError: there is no such sentence, or it has a place for a fact that was not given.
    """
    return catalogue("vi", ("publication.po",))[key].format(**facts)
