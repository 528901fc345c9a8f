"""What the replay of notices takes for Prometheus is held against Prometheus' own engine, over hours of the very same samples."""

import pytest

from benchmarks.notice_promtool import difference
from benchmarks.notice_replay import Replay
from benchmarks.notice_world import World

HOURS = 7


@pytest.mark.sampled(share=0.5)
@pytest.mark.parametrize("seed", [5, 11])
def test_the_same_alerts_fire_at_the_same_time(debian, tmp_path, seed):
    replay = Replay(World(seed, 1, portals=8), 60)
    replay.keeps = True
    replay.run(HOURS * 3600)
    assert difference(replay, tmp_path, debian("promtool", "prometheus"))[:8000] == ""
    assert sum(map(bool, replay.fired)) > 20
