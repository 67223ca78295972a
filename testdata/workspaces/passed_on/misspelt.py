from steps import *


class Main(Common):
    @step
    def middel(self):
        self.next(self.end)


if __name__ == "__main__":
    Main()
