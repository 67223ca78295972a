# -*- coding: utf-8 -*-
from metaflow import FlowSpec, Parameter, step


class Übersicht(FlowSpec):
    """Grüße 👋🏽 – 日本語."""

    größe = Parameter("size", default="groß", help="naïve café ☕")

    @step
    def start(self):
        self.straße = "🦊" * 3; self.next(self.mitte)

    @step
    def mitte(self):
        """中: 😀"""
        self.next({"ß": self.ja, "ñ": self.nein, "😀": self.ja}, condition="größe")  # 🎉

    @step
    def ja(self):
        self.next(self.end)

    @step
    def nein(self):
        self.next(self.end)

    @step
    def end(self):
        print(self.straße)


if __name__ == "__main__":
    Übersicht()
