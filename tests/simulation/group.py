"""The group's coordinator: members, generations, assignments; and a member that obeys it.

As Kafka's classic protocol with static members: a rebalance waits for every member that still
beats, revokes all, and assigns anew. A member that slept through its session is out, and learns of
it with its next heartbeat: until then it goes on with what it had.
"""

import asyncio
from typing import Any

from aiokafka.errors import IllegalGenerationError, UnknownMemberIdError

from tests.simulation.world import World

SESSION_S, HEARTBEAT_S, REBALANCE_S = 6.0, 1.5, 30.0


class Member:
    """A static member as the coordinator knows it."""

    def __init__(self, number: int, incarnation: int) -> None:
        self.number, self.incarnation = number, incarnation
        self.beat_at = 0.0
        self.joined: asyncio.Future[tuple[int, set[int]]] | None = None


class Group:
    """One group; each call is what happens at an arrival."""

    def __init__(self, world: World, partitions: int, name: str = "group") -> None:
        self._world, self._partitions, self._name = world, partitions, name
        self.generation = 0
        self.members: dict[int, Member] = {}
        self.assigned: dict[int, set[int]] = {}
        self.preparing = False
        self._round = 0

    def join(self, number: int, incarnation: int) -> Any:
        """Ask to be a member; a future of (generation, partitions), or these at once."""
        known = self.members.get(number)
        if known is not None and known.incarnation != incarnation and not self.preparing:
            known.incarnation = incarnation  # a static member is back: nothing changes
            self._beat(known)
            return self._answered((self.generation, self.assigned.get(number, set())))
        if known is None or known.incarnation != incarnation:
            known = self.members[number] = Member(number, incarnation)
        self._beat(known)
        if known.joined is None or known.joined.done():
            known.joined = self._world.loop.create_future()
        joined = known.joined
        if not self.preparing:
            self.rebalance()
        self._complete()
        return joined

    def _answered(self, answer: tuple[int, set[int]]) -> Any:
        future = self._world.loop.create_future()
        future.set_result(answer)
        return future

    def rebalance(self) -> None:
        """Make all members join anew; those that do not in time are out."""
        if self.preparing:
            return
        self.preparing = True
        self._round += 1
        self._world.note(f"{self._name}: a rebalance begins")
        self._world.loop.outside(REBALANCE_S, self._give_up, self._round)
        for member in self.members.values():
            if member.joined is not None and member.joined.done():
                member.joined = None

    def _give_up(self, number: int) -> None:
        if self.preparing and self._round == number:
            for late in [one for one in self.members.values() if one.joined is None]:
                self._expel(late)
            self._complete()

    def _complete(self) -> None:
        if not self.preparing or any(one.joined is None for one in self.members.values()):
            return
        self.preparing = False
        self.generation += 1
        numbers = sorted(self.members)
        self.assigned = {number: set() for number in numbers}
        order = list(range(self._partitions))
        if self._world.net.random() < 0.5:
            self._world.net.shuffle(order)
        for index, partition in enumerate(order):
            if numbers:
                self.assigned[numbers[index % len(numbers)]].add(partition)
        told = {number: sorted(parts) for number, parts in self.assigned.items()}
        self._world.note(f"{self._name}: generation {self.generation} {told}")
        for member in self.members.values():
            assert member.joined is not None
            self._beat(member)
            if not member.joined.done():  # whoever was killed while it waited does not hear it
                member.joined.set_result((self.generation, self.assigned[member.number]))

    def _beat(self, member: Member) -> None:
        now = member.beat_at = self._world.loop.now
        self._world.loop.outside(SESSION_S, self._watch, member, now)

    def _watch(self, member: Member, since: float) -> None:
        waiting = member.joined is not None and not member.joined.done()
        if self.members.get(member.number) is member and member.beat_at == since and not waiting:
            self._expel(member)
            self.rebalance()
            self._complete()

    def _expel(self, member: Member) -> None:
        self._world.note(f"{self._name}: worker {member.number} is out")
        del self.members[member.number]
        self.assigned.pop(member.number, None)

    def heartbeat(self, number: int, incarnation: int, generation: int) -> str:
        """Whether a member still is one."""
        known = self.members.get(number)
        if known is None or known.incarnation != incarnation:
            return "unknown"
        self._beat(known)
        if generation != self.generation:
            return "unknown"
        return "rebalance" if self.preparing else ""

    def prove(self, number: int, incarnation: int, generation: int) -> None:
        """An OffsetCommit: raises unless the member is of the present generation."""
        known = self.members.get(number)
        if known is None or known.incarnation != incarnation:
            raise UnknownMemberIdError
        if generation != self.generation:
            raise IllegalGenerationError

    def leave(self, number: int) -> None:
        """A member that is taken away for good; static ones say nothing when they stop."""
        member = self.members.get(number)
        if member is not None:
            self._expel(member)
            self.rebalance()
            self._complete()
