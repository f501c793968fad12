"""Bugs that are planted in the product to prove that the checks of the simulation bite."""

from tests.simulation.planted.engine import ENGINE
from tests.simulation.planted.keeping import KEEPING
from tests.simulation.planted.lives import LIVES
from tests.simulation.planted.protocol import PROTOCOL
from tests.simulation.planted.relays import RELAYS
from tests.simulation.planted.stock import STOCK
from tests.simulation.planted.supplies import SUPPLIES
from tests.simulation.planted.transfers import TRANSFERS

BUGS = (*PROTOCOL, *ENGINE, *STOCK, *LIVES, *TRANSFERS, *KEEPING, *SUPPLIES, *RELAYS)
