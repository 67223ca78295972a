import steps as s
from mf import step as st

Base = s.Common


class Main(Base):
    @st
    def middle(self):
        self.next(self.ende)


if __name__ == "__main__":
    Main()
