"""Split inside foreach inside split: every construct of the graph at once."""

from metaflow import FlowSpec, card, step


class Tiles(FlowSpec):
    @step
    def start(self):
        self.next(self.optical, self.radar)

    @step
    def optical(self):
        self.tiles = [(0, 0), (0, 1)]
        self.next(self.tile, foreach="tiles")

    @step
    def tile(self):
        self.origin = self.input
        self.next(self.red, self.green, self.blue)

    @step
    def red(self):
        self.channel = 1
        self.next(self.compose)

    @step
    def green(self):
        self.quality = "low"
        self.next({"low": self.denoise, "high": self.keep}, condition="quality")

    @step
    def denoise(self):
        self.channel = 2
        self.next(self.green_done)

    @step
    def keep(self):
        self.channel = 2
        self.next(self.green_done)

    @step
    def green_done(self):
        self.next(self.compose)

    @step
    def blue(self):
        self.patches = [1, 2]
        self.next(self.patch, foreach="patches")

    @step
    def patch(self):
        self.sharp = self.input * 2
        self.next(self.patches_join)

    @step
    def patches_join(self, inputs):
        self.channel = 3
        self.next(self.compose)

    @step
    def compose(self, inputs):
        self.image = sorted(i.channel for i in inputs)
        self.next(self.mosaic)

    @step
    def mosaic(self, inputs):
        self.images = [i.image for i in inputs]
        self.next(self.fuse)

    @step
    def radar(self):
        self.orbit = 7
        self.next(self.despeckle)

    @step
    def despeckle(self):
        self.next(self.fuse)

    @card
    @step
    def fuse(self, inputs):
        self.fused = (inputs.mosaic.images, inputs.despeckle.orbit)
        self.next(self.end)

    @step
    def end(self):
        print(self.fused)


if __name__ == "__main__":
    Tiles()
