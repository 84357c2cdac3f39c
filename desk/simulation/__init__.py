"""What a way of handing out work does to promises: days that never were, worked through again and again.

Nothing here reads or writes a workspace. See docs/simulation.md for what is modelled, and for what came out.
"""

from __future__ import annotations

from desk.simulation.figures import Figures, Interval, Summary, summed
from desk.simulation.floor import work
from desk.simulation.policies import POLICIES
from desk.simulation.week import Shop, Task, arrivals

__all__ = ["POLICIES", "Figures", "Interval", "Shop", "Summary", "Task", "arrivals", "summed", "work"]
