"""A short run of the fuzzer of the HTTP reader, which runs for an hour elsewhere."""

import importlib.util
from pathlib import Path

FUZZER = Path(__file__).parents[2] / "fuzz" / "fuzz_http_reader.py"


async def test_the_fuzzer_finds_nothing_in_its_first_inputs():
    spec = importlib.util.spec_from_file_location("fuzz_http_reader", FUZZER)
    fuzzer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(fuzzer)
    tally = await fuzzer.fuzz(seed=13, inputs=150)
    assert tally.findings == []
    assert tally.inputs == 150
    assert len(tally.ends) > 5  # it meets more than errors
