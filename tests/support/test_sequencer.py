"""The sequencer: turns in order, and clear words when a turn does not come."""

import pytest

from tests.support.sequencer import Sequencer, run_together


def test_sequencer_orders_blocks_of_two_threads() -> None:
    """Blocks run in the order of their numbers, whichever thread they stand in."""
    turn, seen = Sequencer(), list[int]()

    def one() -> None:
        with turn(1):
            seen.append(1)
        with turn(2):
            seen.append(2)

    def other() -> None:
        with turn(0):
            seen.append(0)
        with turn(3):
            seen.append(3)

    run_together(one, other)
    assert seen == [0, 1, 2, 3]


def test_sequencer_names_the_turn_that_never_began() -> None:
    """A turn that waits in vain says for which one."""
    turn = Sequencer(wait_s=0.01)
    with pytest.raises(AssertionError, match=r"turn 2 waited 0.01 s in vain: turn 0 never began"), turn(2):
        pass


def test_sequencer_names_the_turn_that_is_still_running() -> None:
    """A block inside an earlier one can never come, and says why."""
    turn = Sequencer(wait_s=0.01)
    with pytest.raises(AssertionError, match="turn 0 is still running"), turn(0), turn(1):
        pass


def test_sequencer_refuses_a_number_twice() -> None:
    """Two blocks of one number would leave their order open."""
    turn = Sequencer()
    with turn(0):
        pass
    with pytest.raises(AssertionError, match="turn 0 was taken twice"), turn(0):
        pass


def test_sequencer_failing_block_fails_those_that_wait() -> None:
    """Nobody waits for the turn after a block that raised, and the first error is the one that is told."""
    turn, told = Sequencer(), list[str]()

    def fail() -> None:
        with turn(0):
            raise ZeroDivisionError("the cause")

    def wait() -> None:
        try:
            with turn(1):
                pytest.fail("came although turn 0 failed")
        except AssertionError as error:
            told.append(str(error))

    with pytest.raises(ZeroDivisionError, match="the cause"):
        run_together(fail, wait)
    assert told == ["turn 0 raised ZeroDivisionError('the cause')"]


def test_run_together_tells_who_has_not_ended() -> None:
    """A side that hangs is named."""
    turn = Sequencer()

    def hang() -> None:
        with turn(1):
            pass

    with pytest.raises(AssertionError, match=r"side 1 has not ended after 0.01 s"):
        run_together(lambda: None, hang, wait_s=0.01)
    with turn(0):  # lets it end: no thread outlives its test
        pass
