package catalog

// extensionSteps are step decorators of public extensions that the step graph
// must know: each has IS_PARALLEL, so it counts as @parallel. Kept by hand,
// since the extensions are not installed where the catalogue is generated; no
// arguments are listed because they belong to the extension's own version.
func extensionSteps() []Decorator {
	list := []struct{ name, extension, summary string }{
		{"deepspeed", "metaflow-deepspeed", "Runs this step as a gang of tasks for `deepspeed` with MPI set up between them; entered by `num_parallel`."},
		{"metaflow_ray", "metaflow-ray", "Runs this step as a gang of tasks that form a Ray cluster; entered by `num_parallel`."},
		{"mpi", "metaflow-mpi", "Runs this step as a gang of tasks with MPI set up between them; entered by `num_parallel`."},
		{"torchrun", "metaflow-torchrun", "Runs this step as a gang of tasks for `torchrun`; entered by `num_parallel`."},
	}
	out := make([]Decorator, len(list))
	for i, e := range list {
		out[i] = Decorator{Name: e.name, Summary: e.summary, Extension: e.extension, Parallel: true, Level: StepLevel}
	}
	return out
}
