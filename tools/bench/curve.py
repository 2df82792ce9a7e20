"""How the seconds of a create grow with the number of stores. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple, Optional


class Curve(NamedTuple):
    """Seconds as ``fixed + per_store * n + per_square * n²``: starting, the stores, and writing the state each time."""

    fixed: float
    per_store: float
    per_square: float

    def seconds(self, stores: int) -> float:
        """Seconds for one stack of so many stores."""
        return self.fixed + self.per_store * stores + self.per_square * stores**2

    @property
    def cheapest_size(self) -> int:
        """The stores of a stack with which many stores in many stacks take the least time in all."""
        return round(math.sqrt(self.fixed / self.per_square))


def through(points: Sequence[tuple[int, float]]) -> Optional[Curve]:
    """The curve through the last three points; ``None`` with fewer, or where they are no such curve for the noise."""
    if len(points) < 3:
        return None
    (n1, s1), (n2, s2), (n3, s3) = points[-3:]
    first, second = (s2 - s1) / (n2 - n1), (s3 - s2) / (n3 - n2)
    per_square = (second - first) / (n3 - n1)
    per_store = first - per_square * (n1 + n2)
    fixed = s1 - per_store * n1 - per_square * n1**2
    return Curve(fixed, per_store, per_square) if fixed > 0 and per_square > 0 else None
