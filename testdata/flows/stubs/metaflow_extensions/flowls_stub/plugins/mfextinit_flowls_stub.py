# Stands for the public extensions metaflow-torchrun, metaflow-deepspeed,
# metaflow-ray and metaflow-mpi, which are not installed here. As those do, it
# adds step decorators built on ParallelDecorator (so IS_PARALLEL is inherited)
# through Metaflow's own extension mechanism.
STEP_DECORATORS_DESC = [
    ("torchrun", ".parallel_extensions.TorchrunDecorator"),
    ("deepspeed", ".parallel_extensions.DeepspeedDecorator"),
    ("metaflow_ray", ".parallel_extensions.RayDecorator"),
    ("mpi", ".parallel_extensions.MPIDecorator"),
]
