package rule

import "slices"

// foreachRules are about foreach, switch and join bodies: MF5xx.
var foreachRules = slices.Concat(transitionRules, []*Rule{foreachUnset, conditionUnset, unknownBranch, branchLacks})

// foreachChecks finds what breaks transitionRules, foreachInputChecks one of them;
// artifactChecks finds what needs the data flow.
func (c *checker) foreachChecks() {
	c.transitionChecks()
}
