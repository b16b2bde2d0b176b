"""The numbers of our advisory locks: one for each thing that two transactions may not do at once."""

from enum import IntEnum


class AdvisoryLock(IntEnum):
    """What a lock is of; some are of one customer or one write-back each, as their second number."""

    MIGRATION = 7_201_001
    AUDIT_CHAIN = 7_201_002
    EVENT_ORDER = 7_201_003
    START_OF_TRY = 7_201_004
    APPROVAL = 7_201_005
    WRITE_BACK_LINE = 7_201_006
    SET_UP = 7_201_007
    CASTING = 7_201_008
