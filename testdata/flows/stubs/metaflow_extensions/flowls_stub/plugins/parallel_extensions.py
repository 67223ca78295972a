from metaflow.plugins.parallel_decorator import ParallelDecorator


class TorchrunDecorator(ParallelDecorator):
    name = "torchrun"
    defaults = {"all_nodes_started_timeout": 600}


class DeepspeedDecorator(ParallelDecorator):
    name = "deepspeed"
    defaults = {"worker_polling_freq": 0.5}


class RayDecorator(ParallelDecorator):
    name = "metaflow_ray"
    defaults = {"main_port": None}


class MPIDecorator(ParallelDecorator):
    name = "mpi"
    defaults = {"all_nodes_started_timeout": 90}
