// Package difftest measures the analysis against Metaflow itself: the same
// files go to Metaflow's own linter, run for real by testdata/verdict.py, and
// to analysis.New; the verdicts must be the same. It needs the project's
// Python environment (`make venv`).
package difftest
