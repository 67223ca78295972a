// Package chaostest kills servers, supervisors and Metaflow at random moments
// and holds what the editor shows afterwards to what happened.
package chaostest
