"""`agi://…/seat_desk`: an agent at a seat's telephone signs in and out, takes a break, takes calls again."""

from __future__ import annotations

from agi_scripts.conversation import converse
from agi_scripts.door import Door, Knock
from agi_scripts.house import House
from agi_scripts.variables import Variable
from ivr.dialogue.seat_desk import SeatDesk
from ivr.kernel.errors import Forbidden
from routing.seats import is_seat


def door(house: House) -> Door:
    async def knock(at: Knock) -> None:
        (seat,) = await at.phone.get_variables(Variable.ENDPOINT)
        if not is_seat(seat):
            raise Forbidden("only the telephone of a seat may knock here", code="no_seat")
        await converse(SeatDesk(seat=seat, language=at.language), at.phone, house.desk)

    return knock
