package har

import (
	"strings"

	"flowtest/recordings"
)

// Policy returns the id of the flow policy that the start of a take names, "" where
// it names none: then the application has one of its own.
func Policy(t recordings.Take) string {
	for i := range t {
		x := &t[i]
		switch endpointOf(x.URL.Path) {
		case authorize, pushed:
			if named := strings.Fields(parameters(x).Get("acr_values")); len(named) > 0 {
				return named[0]
			}
		case policy:
			_, rest, _ := strings.Cut(x.URL.Path, "/davinci/policy/")
			id, _, _ := strings.Cut(rest, "/")
			return id
		default:
			return ""
		}
	}
	return ""
}
