"""The process of the policies: the product's relays, under a supervisor that starts them again."""

import asyncio
from signal import SIGTERM

from agents.composition import relays_of
from streams.exceptions import Unreachable
from streams.relay import carry
from streams.settings import Settings
from tests.simulation.loop import Life, Process
from tests.simulation.machines import Machine
from tests.simulation.world import World

AGAIN_S = 1.0  # until the supervisor starts what has ended
PATIENCE_S = 20.0  # with what is still to be closed


class Policies(Machine):
    """Carries what the domains' events mean to each other."""

    def __init__(self, world: World, settings: Settings, number: int) -> None:
        super().__init__(world, settings, "policies", number)
        self.stops = False

    async def work(self) -> None:
        """As `python -m agents --policies` does, to its end."""
        process, self.stops = self.process, False
        try:
            await carry(relays_of(self.settings), self.settings)
        except Unreachable as error:
            self.world.note(f"{self.name} ends: {error}")
        except Exception as error:
            self.world.violate("policies crashed", repr(error))
        assert process is not None
        await self._close(process)

    async def _close(self, process: Process) -> None:
        """What asyncio does with the tasks that are left, and what comes then."""
        left = [one for one in process.tasks if one is not asyncio.current_task()]
        left = [one for one in left if not one.done() and one.cancel()]
        if left:
            await asyncio.wait(left, timeout=PATIENCE_S)
        self.kill()
        if not self.stops:
            self.world.loop.outside(AGAIN_S, self.start)

    def stop(self) -> None:
        """SIGTERM."""
        process = self.process
        if process is None or process.life is not Life.RUNNING or SIGTERM not in process.handlers:
            return
        self.world.note(f"{self.name} is stopped")
        self.stops = True
        self.world.loop.begin(process, _told(process))


async def _told(process: Process) -> None:
    process.handlers[SIGTERM]()
