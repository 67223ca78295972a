package rule

// packageRules are about packages that a step imports: MF6xx.
var packageRules []*Rule

// packageChecks finds what breaks packageRules.
func (c *checker) packageChecks() {}
