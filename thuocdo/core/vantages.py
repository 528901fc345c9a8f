"""What a vantage point is for, told by its id alone: whoever holds a measurement, offline too, need look nowhere else."""

CONTROL_PREFIX = "control-"


def is_control(vantage_id: str) -> bool:
    """
    Tell whether a vantage point is a control: what it measures is compared with what others saw, and counts nowhere.

    It names itself as every probe does, and differs by network and address alone.
    """
    return vantage_id.startswith(CONTROL_PREFIX)
