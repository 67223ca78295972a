"The library of the team."

from .flows import BatchFlow, Fans

__all__ = ["BatchFlow", "Fans"]
