from collections import Counter

from testbed.bad_pages.gallery import BAD_PAGES
from testbed.bad_pages.gallery import sample as sample_of_bad_pages
from testbed.sampling import half, of_every_kind

ITEMS = [f"{kind}{number}" for kind, count in (("a", 1), ("b", 5), ("c", 2)) for number in range(count)]


def chosen(seed: str) -> list[str]:
    return of_every_kind(ITEMS, kind=lambda item: item[0], number=half, seed=seed)


def test_some_of_every_kind_in_their_order() -> None:
    for seed in map(str, range(50)):
        assert Counter(item[0] for item in chosen(seed)) == {"a": 1, "b": 3, "c": 1}
        assert chosen(seed) == sorted(chosen(seed))


def test_the_same_seed_gives_the_same_part_and_every_item_has_its_turn() -> None:
    assert chosen("1") == chosen("1")
    assert {item for seed in range(100) for item in chosen(str(seed))} == set(ITEMS)


def test_bad_pages_take_turns() -> None:
    assert sample_of_bad_pages("1") == sample_of_bad_pages("1")
    seen = {page.name for seed in range(40) for page in sample_of_bad_pages(str(seed))}
    assert seen == {page.name for page in BAD_PAGES}
