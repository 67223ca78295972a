package rule

import "slices"

// foreachRules are about foreach, switch and join bodies: MF5xx.
var foreachRules = slices.Concat(transitionRules)

// foreachChecks finds what breaks foreachRules.
func (c *checker) foreachChecks() {
	c.transitionChecks()
}
