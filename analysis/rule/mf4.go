package rule

// parameterRules are about parameters, configs and class attributes: MF4xx.
var parameterRules []*Rule

// parameterChecks finds what breaks parameterRules.
func (c *checker) parameterChecks() {}
