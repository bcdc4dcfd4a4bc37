package har

import (
	"strings"

	"flowtest/steps/davinci"
)

// Policy returns the id of the flow policy that the start of a take names, "" where
// it names none: then the application has one of its own.
func Policy(t davinci.Exchanges) string {
	if len(t) == 0 {
		return ""
	}
	x := &t[0]
	at := endpointOf(x)
	if at == davinci.PolicyStart {
		_, rest, _ := strings.Cut(x.URL.Path, "/davinci/policy/")
		id, _, _ := strings.Cut(rest, "/")
		return id
	}
	if named := strings.Fields(parameters(x).Get("acr_values")); at == davinci.Authorize && len(named) > 0 {
		return named[0]
	}
	return ""
}
