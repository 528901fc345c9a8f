"""What a vantage point is for."""

from thuocdo.core.vantages import is_control


def test_a_control_is_told_by_its_id() -> None:
    """Offline too, from a measurement alone."""
    assert is_control("control-viettel-hcm")
    assert not is_control("hn-vnpt")
    assert not is_control("hn-control-1")
