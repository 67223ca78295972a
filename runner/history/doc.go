// Package history compares runs of a flow: what resuming one would do, what
// differs between two, how a step did over the last ones. It reads what
// runstate gives and knows neither processes nor the protocol.
package history
