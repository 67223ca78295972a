package rule

// artifactRules are about the data flow of artifacts: MF2xx.
var artifactRules []*Rule

// artifactChecks finds what breaks artifactRules.
func (c *checker) artifactChecks() {}
