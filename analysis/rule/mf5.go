package rule

// foreachRules are about foreach, switch and join bodies: MF5xx.
var foreachRules []*Rule

// foreachChecks finds what breaks foreachRules.
func (c *checker) foreachChecks() {}
