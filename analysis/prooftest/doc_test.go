// Package prooftest runs flows with Metaflow itself. Each rule's page has a bad
// example, which shows there the harm that the rule speaks of, and a good one,
// which runs to success (see rule.Proof). The flows of testdata/flows/valid
// that run have no finding that would say otherwise. It needs the project's
// Python environment (`make venv`).
package prooftest
