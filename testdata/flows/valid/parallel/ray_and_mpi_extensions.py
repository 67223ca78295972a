from metaflow import FlowSpec, metaflow_ray, mpi, step


class Clusters(FlowSpec):
    @step
    def start(self):
        self.next(self.ray_work, num_parallel=2)

    @metaflow_ray
    @step
    def ray_work(self):
        self.next(self.ray_join)

    @step
    def ray_join(self, inputs):
        self.next(self.prepare_mpi)

    @step
    def prepare_mpi(self):
        self.next(self.mpi_work, num_parallel=4)

    @mpi
    @step
    def mpi_work(self):
        self.next(self.mpi_join)

    @step
    def mpi_join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Clusters()
