package rule

// bodyRules are about what a step does beside its transition: MF131 and on.
var bodyRules []*Rule

// bodyChecks finds what breaks bodyRules.
func (c *checker) bodyChecks() {}
