package rule

// decoratorRules are about decorators of steps and flows: MF301 and on.
var decoratorRules []*Rule

// decoratorChecks finds what breaks decoratorRules.
func (c *checker) decoratorChecks() {}
