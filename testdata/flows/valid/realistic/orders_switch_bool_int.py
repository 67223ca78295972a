"""Order handling: switches over strings, ints, bools and a parameter; common steps after them."""
from decimal import Decimal, ROUND_HALF_UP
from fractions import Fraction
import enum
import uuid

from metaflow import FlowSpec, Parameter, step


class Tier(enum.IntEnum):
    BASIC = 1
    PLUS = 2
    PRO = 3

    @classmethod
    def of(cls, spend: Decimal) -> "Tier":
        return cls.PRO if spend > 1000 else cls.PLUS if spend > 100 else cls.BASIC


def money(x) -> Decimal:
    return Decimal(x).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


class OrderFlow(FlowSpec):
    mode = Parameter("mode", default="fast")
    spend = Parameter("spend", type=str, default="250.00")

    @step
    def start(self):
        self.order_id = uuid.uuid5(uuid.NAMESPACE_URL, "order/1")
        self.total = money(self.spend)
        self.discount = Fraction(0)
        self.notes = ()
        # straight from a parameter
        self.next({"fast": self.express, "slow": self.standard}, condition="mode")

    @step
    def express(self):
        self.shipping = money("9.90")
        self.carrier = "jet"
        self.next(self.classify)

    @step
    def standard(self):
        self.shipping = money("3.90")
        self.carrier = "truck"
        self.next(self.classify)

    @step
    def classify(self):
        self.tier = int(Tier.of(self.total))
        self.notes += (f"tier {self.tier}", f"by {self.carrier}")
        self.next({1: self.no_discount, 2: self.small_discount, 3: self.big_discount}, condition="tier")

    @step
    def no_discount(self):
        self.next(self.price)

    @step
    def small_discount(self):
        self.discount = Fraction(1, 20)
        self.next(self.price)

    @step
    def big_discount(self):
        self.discount = Fraction(1, 10)
        self.coupon = "THANKS"
        self.next(self.price)

    @step
    def price(self):
        self.net = money(self.total * (1 - Decimal(self.discount.numerator) / self.discount.denominator))
        if getattr(self, "coupon", None):
            self.notes += (self.coupon,)
        self.needs_review = self.net > 200 and not self.notes[0].endswith("3")
        self.next({True: self.review, False: self.book}, condition="needs_review")

    @step
    def review(self):
        self.reviewer = "alice"
        self.next(self.book)

    @step
    def book(self):
        self.booked_by = self.reviewer if self.needs_review else "robot"
        self.next(self.end)

    @step
    def end(self):
        print(self.order_id, self.net, "+", self.shipping, self.notes, self.booked_by)


if __name__ == "__main__":
    OrderFlow()
