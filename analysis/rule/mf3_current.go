package rule

// currentRules are about attributes of `current`: MF341 and on.
var currentRules []*Rule

// currentChecks finds what breaks currentRules.
func (c *checker) currentChecks() {}
