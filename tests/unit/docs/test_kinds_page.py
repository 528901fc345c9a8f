"""What the docs say of the code is what the code gives."""

import pytest

from docs.kinds_page import kinds_page


@pytest.mark.parametrize(("language", "page"), [("en", "docs/kinds.md"), ("vi", "docs/kinds.vi.md")])
def test_the_page_of_kinds_is_made_of_what_they_declare(language, page, golden):
    golden(page, kinds_page(language))
