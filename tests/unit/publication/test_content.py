"""All results of a round in one value."""

from dataclasses import replace

from thuocdo.core.model import Block


def test_blocks_are_those_that_are_ranked_and_have_agencies(content):
    assert content.blocks == (Block.MINISTRY, Block.PROVINCE)
    assert len(content.members) == 16


def test_an_agency_that_the_registry_lost_goes_by_its_id(content):
    bare = replace(content, registry=replace(content.registry, agencies={}))
    assert bare.agency_name("gone") == "gone"


def test_the_median_of_days_is_of_what_was_decided(whole):
    assert (len(whole.decided), whole.median_days) == (2, 5.5)


def test_without_decisions_there_is_no_median(content):
    assert content.median_days is None


def test_files_carry_the_instant_of_the_ranking(content):
    assert content.made_at == content.ranking.computed_at
