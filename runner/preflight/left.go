package preflight

// useful is the least of a resource with which a task can do anything.
var useful = Amounts{CPU: 50, Memory: Units(64e6), Disk: Units(64e6)}

// Within is what a step would have to ask less of to keep to what a quota leaves,
// by the quota's keys; nil if nothing useful is left, or if the step does not ask
// for it by an argument.
func Within(want *Request, left map[string]Amount) []Less {
	lower := map[string]Amount{}
	for key, most := range left {
		name, of := quotaSubject(key)
		asked := want.Requests
		if of == "limits" {
			asked = want.Limits
		}
		least, standard := useful[name]
		if !standard {
			least = Units(1)
		}
		if name == "" || !want.sized(name) || asked[name] == 0 || most < least {
			return nil
		}
		if before, twice := lower[name]; asked[name] > most && (!twice || most < before) {
			lower[name] = most
		}
	}
	var less []Less
	for _, name := range sortedKeys(lower) {
		most := lower[name]
		if !extended(name) && name != CPU {
			most -= most % Units(1e6) // arguments are in megabytes
		}
		l := Less{Resource: name, Argument: want.Argument(name), Instead: most.metaflow(name), Text: most.Words(name)}
		if l.Instead == "" || l.Argument == "extended_resources" {
			return nil
		}
		less = append(less, l)
	}
	return less
}
