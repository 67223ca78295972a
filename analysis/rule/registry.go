package rule

import "slices"

// The rules, by code. A code never changes its meaning.
var (
	syntaxError                = &Rule{Code: "MF001", Name: "syntax-error", Severity: Error, Summary: "The file is not valid Python here."}
	notAnalysable              = &Rule{Code: "MF002", Name: "flow-not-analysable", Severity: Hint, Summary: "Part of the flow is defined elsewhere, so its graph is checked only in part."}
	reservedStepName           = &Rule{Code: "MF101", Name: "reserved-step-name", Severity: Error, Summary: "A step has a name that Metaflow needs for itself.", MetaflowCheck: "check_reserved_words"}
	noStartOrEnd               = &Rule{Code: "MF102", Name: "no-start-or-end", Severity: Error, Summary: "A flow needs exactly one start step and one end step.", MetaflowCheck: "check_basic_steps"}
	ambiguousStartOrEnd        = &Rule{Code: "MF103", Name: "ambiguous-start-or-end", Severity: Error, Summary: "One step is annotated as start or end, another has the name.", MetaflowCheck: "check_annotation_name_conflict"}
	missingTransition          = &Rule{Code: "MF104", Name: "missing-transition", Severity: Error, Summary: "A step does not end with self.next(...).", MetaflowCheck: "check_static_transitions"}
	invalidTransition          = &Rule{Code: "MF105", Name: "invalid-transition", Severity: Error, Summary: "A self.next(...) has none of the supported forms.", MetaflowCheck: "check_valid_transitions"}
	invalidStepName            = &Rule{Code: "MF106", Name: "invalid-step-name", Severity: Error, Summary: "Step names are lowercase ASCII letters, digits and underscores.", MetaflowCheck: "check_step_names"}
	unknownStep                = &Rule{Code: "MF107", Name: "unknown-step", Severity: Error, Summary: "A transition names a step that does not exist.", MetaflowCheck: "check_unknown_transitions"}
	loop                       = &Rule{Code: "MF108", Name: "loop", Severity: Error, Summary: "The transitions form a loop.", MetaflowCheck: "check_for_acyclicity"}
	unreachableStep            = &Rule{Code: "MF109", Name: "unreachable-step", Severity: Error, Summary: "No transition leads to a step.", MetaflowCheck: "check_for_orphans"}
	unjoinedSplit              = &Rule{Code: "MF110", Name: "unjoined-split", Severity: Error, Summary: "The end step is reached before a split is joined.", MetaflowCheck: "check_split_join_balance"}
	incompleteJoin             = &Rule{Code: "MF111", Name: "incomplete-join", Severity: Error, Summary: "A join does not join exactly the branches of its split.", MetaflowCheck: "check_split_join_balance"}
	joinWithoutSplit           = &Rule{Code: "MF112", Name: "join-without-split", Severity: Error, Summary: "A join has no split before it.", MetaflowCheck: "check_split_join_balance"}
	unrelatedJoin              = &Rule{Code: "MF113", Name: "unrelated-join", Severity: Error, Summary: "A join joins steps of different splits.", MetaflowCheck: "check_split_join_balance"}
	startHasIncoming           = &Rule{Code: "MF114", Name: "start-has-incoming", Severity: Error, Summary: "A transition leads to the start step.", MetaflowCheck: "check_start_end_degree"}
	endHasOutgoing             = &Rule{Code: "MF115", Name: "end-has-outgoing", Severity: Error, Summary: "The end step has a self.next(...).", MetaflowCheck: "check_start_end_degree"}
	endIsJoin                  = &Rule{Code: "MF116", Name: "end-is-join", Severity: Error, Summary: "The end step takes inputs, as a join does.", MetaflowCheck: "check_that_end_is_end"}
	tooManyArguments           = &Rule{Code: "MF117", Name: "too-many-arguments", Severity: Error, Summary: "A step takes more than self and inputs.", MetaflowCheck: "check_num_args"}
	joinAndSplit               = &Rule{Code: "MF118", Name: "join-and-split", Severity: Error, Summary: "A step is a join and a split at once.", MetaflowCheck: "check_num_args"}
	missingSelf                = &Rule{Code: "MF119", Name: "missing-self", Severity: Error, Summary: "A step has no self argument.", MetaflowCheck: "check_num_args"}
	singleCaseSwitch           = &Rule{Code: "MF120", Name: "single-case-switch", Severity: Error, Summary: "A switch has only one case.", MetaflowCheck: "check_switch_splits"}
	foreachIntoJoin            = &Rule{Code: "MF121", Name: "foreach-into-join", Severity: Error, Summary: "A foreach leads straight into a join.", MetaflowCheck: "check_empty_foreaches"}
	parallelStepMissing        = &Rule{Code: "MF122", Name: "parallel-step-missing", Severity: Error, Summary: "num_parallel leads to a step that is not @parallel.", MetaflowCheck: "check_parallel_step_after_next"}
	parallelNotJoined          = &Rule{Code: "MF123", Name: "parallel-not-joined", Severity: Error, Summary: "A parallel step is not followed by a join.", MetaflowCheck: "check_join_followed_by_parallel_step"}
	parallelWithoutNumParallel = &Rule{Code: "MF124", Name: "parallel-without-num-parallel", Severity: Error, Summary: "A parallel step is called without num_parallel.", MetaflowCheck: "check_parallel_foreach_calls_parallel_step"}
	switchIntoJoin             = &Rule{Code: "MF125", Name: "switch-into-join", Severity: Error, Summary: "A switch leads straight into a join.", MetaflowCheck: "check_ambiguous_joins"}
	splitIntoJoin              = &Rule{Code: "MF126", Name: "split-into-join", Severity: Error, Summary: "A split leads straight into a join."}
)

// UnusedIgnore is found by package ignore, which sees what all the others find.
var UnusedIgnore = &Rule{Code: "MF003", Name: "unused-ignore", Severity: Hint, Summary: "A comment that ignores findings has nothing to ignore.", Unneeded: true}

// What happened in a run.
var (
	TaskFailed    = &Rule{Code: "MF801", Name: "task-failed", Severity: Error, Summary: "A task of the last run raised an exception here.", FromRun: true}
	RunNotStarted = &Rule{Code: "MF802", Name: "run-not-started", Severity: Error, Summary: "The last run ended here before its first step.", FromRun: true}
)

// What the cluster said of the tasks of a run.
var (
	PodOutOfMemory   = &Rule{Code: "MF810", Name: "pod-out-of-memory", Severity: Error, Summary: "A task on Kubernetes used more memory than it may.", FromRun: true}
	PodImage         = &Rule{Code: "MF811", Name: "pod-image", Severity: Error, Summary: "The image of a task cannot be had.", FromRun: true}
	PodUnschedulable = &Rule{Code: "MF812", Name: "pod-unschedulable", Severity: Error, Summary: "No node of the cluster can take a task.", FromRun: true}
	PodRefused       = &Rule{Code: "MF813", Name: "pod-refused", Severity: Error, Summary: "The cluster makes no pod for a task.", FromRun: true}
	PodConfig        = &Rule{Code: "MF814", Name: "pod-config", Severity: Error, Summary: "A secret, a volume or the command keeps a task from starting.", FromRun: true}
	PodDeadline      = &Rule{Code: "MF815", Name: "pod-deadline", Severity: Error, Summary: "A task on Kubernetes ran longer than it may.", FromRun: true}
	PodLost          = &Rule{Code: "MF816", Name: "pod-lost", Severity: Warning, Summary: "The cluster took a task's node or room away.", FromRun: true}
	PodFailed        = &Rule{Code: "MF817", Name: "pod-failed", Severity: Error, Summary: "The container of a task ended with an error.", FromRun: true}
)

// graphRules are those of the file and the step graph, runRules those of a run.
var (
	graphRules = []*Rule{
		syntaxError, notAnalysable, UnusedIgnore,
		reservedStepName, noStartOrEnd, ambiguousStartOrEnd, missingTransition, invalidTransition, invalidStepName, unknownStep,
		loop, unreachableStep, unjoinedSplit, incompleteJoin, joinWithoutSplit, unrelatedJoin, startHasIncoming, endHasOutgoing,
		endIsJoin, tooManyArguments, joinAndSplit, missingSelf, singleCaseSwitch, foreachIntoJoin, parallelStepMissing,
		parallelNotJoined, parallelWithoutNumParallel, switchIntoJoin, splitIntoJoin,
	}
	runRules = []*Rule{
		TaskFailed, RunNotStarted,
		PodOutOfMemory, PodImage, PodUnschedulable, PodRefused, PodConfig, PodDeadline, PodLost, PodFailed,
	}
)

// rules are all of them, by code.
var rules = slices.Concat(graphRules, bodyRules, artifactRules, decoratorRules, currentRules, parameterRules, foreachRules,
	packageRules, workspaceRules, deployRules, runRules, clusterRules)
