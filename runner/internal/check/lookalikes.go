package check

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"flowtest/runner/internal/feature"
)

// Texts that people write by mistake instead of ${user.ATTRIBUTE} or ${env.NAME}. Those
// that begin with ${ are checked elsewhere.
var (
	lookalike = regexp.MustCompile(`\{+\s*\$?(user|env)\.([A-Za-z_]\w*)\s*\}*` +
		`|\$\((user|env)\.([A-Za-z_]\w*)\)|\$(user|env)\.([A-Za-z_]\w*)|%(user|env)\.([A-Za-z_]\w*)%`)
	rightly   = regexp.MustCompile(`\$?\$\{[^}]*\}?`)
	beginsSo  = regexp.MustCompile(`^(user|env)\.([A-Za-z_]\w*)`)
	likeAnEnv = regexp.MustCompile(`^[A-Z_][A-Z0-9_]*$`)
)

// lookalikes warns of a text that looks like the name of a value but is used as the
// value itself. The text may still be a password, so the warning shows only the name of
// an attribute that the user has.
func (r *reading) lookalikes(st *feature.Step, text string) {
	if r.own || r.noUser || !strings.Contains(text, "user.") && !strings.Contains(text, "env.") {
		return
	}
	for _, m := range lookalike.FindAllStringSubmatch(rightly.ReplaceAllString(text, " "), -1) {
		m = append(m[:1], slices.DeleteFunc(m[1:], func(s string) bool { return s == "" })...)
		name := r.known(m[1], m[2])
		if name == "" {
			continue
		}
		shown := strings.Replace(strings.ReplaceAll(m[0], " ", ""), "."+m[2], "."+name, 1)
		r.say(r.found.warning, st, !st.Writes(m[0]), fmt.Sprintf(
			"%s is used as the value itself; did you mean ${%s.%s}?", shown, m[1], name))
	}
}

// known returns the name of the user attribute that is probably meant, for the environment a
// placeholder for any name, and "" if it is neither.
func (r *reading) known(of, name string) string {
	if of == "env" {
		if likeAnEnv.MatchString(name) {
			return "NAME"
		}
		return ""
	}
	attributes := r.attributes()
	if slices.Contains(attributes, name) {
		return name
	}
	return nearestOf(name, attributes)
}

// attributes returns the attributes of the user who signs on.
func (r *reading) attributes() []string {
	u := r.suite.Target.Users[r.world.UserName()]
	return u.Names()
}

// unclosed says what to do about a ${ without a closing brace. The rest of the text may
// be a password, so it is not shown.
func (r *reading) unclosed(text string) string {
	for rest := range strings.SplitSeq(text, "${") {
		m := beginsSo.FindStringSubmatch(rest)
		if m == nil || strings.Contains(rest, "}") || r.noUser {
			continue
		}
		if name := r.known(m[1], m[2]); name != "" {
			return fmt.Sprintf("did you mean ${%s.%s}?", m[1], name)
		}
	}
	return "write $${ for a literal ${"
}
