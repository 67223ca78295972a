package rule

// foreachRules are about foreach, switch and join bodies: MF5xx.
var foreachRules = []*Rule{foreachUnset, conditionUnset, unknownBranch, branchLacks}

// foreachChecks finds what breaks foreachRules; artifactChecks finds those
// that need the data flow.
func (c *checker) foreachChecks() {}
