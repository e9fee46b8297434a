"""The whole stand-in behind one address: companies, keys, switches, faults, the request log."""

from __future__ import annotations

from sandbox.aircall.access import HOME, Company, KeyRing
from sandbox.aircall.clock import WorldClock
from sandbox.aircall.faults import FaultBox
from sandbox.aircall.limits import LimitSettings, RateLimiter
from sandbox.aircall.plan import Plan
from sandbox.aircall.request_log import RequestLog
from sandbox.aircall.switches import Switches
from sandbox.aircall.world import World


class Site:
    """Everything the routes may use."""

    def __init__(self, world: World, limits: LimitSettings, switches: Switches) -> None:
        self.clock: WorldClock = world.clock
        self.keys = KeyRing()
        self.companies = {HOME: Company(HOME, world, RateLimiter(limits))}
        self.switches = switches
        self.faults = FaultBox()
        self.log = RequestLog()

    @property
    def home(self) -> Company:
        """Return the company the stand-in was started for."""
        return self.companies[HOME]

    def company(self, name: str) -> Company:
        """Return a company, inventing a small one at its first mention."""
        if name not in self.companies:
            seed = self.home.world.plan.seed + len(self.companies)
            plan = Plan(calls=120, days=30, seed=seed, arrivals_per_minute=0, contacts=40)
            world = World(plan, self.clock, company=name)
            limiter = RateLimiter(self.home.limiter.settings)
            self.companies[name] = Company(name, world, limiter)
        return self.companies[name]
