"""The documents say of each alert what our own page says."""

import pytest

from docs.runbooks_page import runbooks_page


@pytest.mark.parametrize(("page", "language"), [("docs/runbooks.md", "en"), ("docs/runbooks.vi.md", "vi")])
def test_the_committed_page_is_what_the_runbooks_give(golden, page, language):
    golden(page, runbooks_page(language))
