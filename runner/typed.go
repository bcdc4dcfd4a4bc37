package runner

import (
	"strings"

	"github.com/agnivade/levenshtein"

	"flowtest/runner/target"
	"flowtest/steps"
)

// typedSecrets returns what the scenario types into fields whose key says that
// they take a secret, be it misspelt.
func (s *scenario) typedSecrets() []string {
	var out []string
	for i := range s.steps {
		key, value, ok := steps.Typed(s.steps[i].text)
		if !ok || strings.HasPrefix(value, "${") {
			continue
		}
		last := key[strings.LastIndex(key, ".")+1:]
		const slips = 2
		if target.Secret(key) || levenshtein.ComputeDistance(strings.ToLower(last), "password") <= slips {
			out = append(out, value)
			if text := s.steps[i].text; strings.Contains(value, `"`) || strings.Contains(value, `\\`) {
				out = append(out, text[strings.Index(text, `" with "`)+len(`" with "`):len(text)-1])
			}
		}
	}
	return out
}
