// Package local starts, watches and stops Metaflow processes on this machine.
//
// A run belongs to the user, not to the editor: each one is owned by a small
// supervisor process in its own session, which outlives the process that
// started it. Everything about a run stands in its folder:
//
//	$XDG_STATE_HOME/flowls/runs/<id>/
//	    run.json        what was asked for and which processes run it
//	    exit.json       how it ended; absent while it runs
//	    run_id          Metaflow's run id, written by Metaflow
//	    exit.reserve    room for exit.json, so that a full disk has some
//	    output.log      stdout and stderr, whole lines in order of arrival
//	    output.1.log    what came before output.log; older output is dropped
//	    stderr.log      stderr alone: Metaflow's banner and final errors
//	    stderr.1.log    what came before stderr.log
//	    script.py       the flow's file as it was when the run started
//	    supervisor.log  what went wrong in the supervisor itself; normally empty
//
// Records are written to a temporary file, synced and renamed, so a reader
// never sees half of one. No value of the environment is ever recorded.
package local
