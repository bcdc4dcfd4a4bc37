package steps

import (
	"fmt"
	"regexp"
	"strings"

	"flowtest/steps/words"
)

// Expand puts values in the place of ${user.ATTRIBUTE} and ${env.NAME}, as our
// own sentences do between quotes and in tables. What cannot be resolved is an
// error, never an empty string. $${ is a plain ${.
func (w *World) Expand(text string) (string, error) {
	if !strings.Contains(text, "${") {
		return text, nil
	}
	var out strings.Builder
	pieces, closed := words.Pieces(text)
	for i, p := range pieces {
		if !p.Ref {
			out.WriteString(p.Text)
			continue
		}
		if !closed && i == len(pieces)-1 {
			return "", fmt.Errorf("${%s has no closing brace", quotable(p.Name))
		}
		value, err := w.resolve(p.Name)
		if err != nil {
			return "", err
		}
		out.WriteString(value)
	}
	return out.String(), nil
}

// isName is what may stand between ${ and }, or was likely to be that. Whatever
// else is there may be a part of a password.
var isName = regexp.MustCompile(`^(?:(?:user|env)\.[\p{L}\p{N}._-]+|[\p{L}._]*)$`)

// quotable returns the name as an error quotes it.
func quotable(name string) string {
	if isName.MatchString(name) {
		return name
	}
	return "…"
}

func (w *World) resolve(name string) (string, error) {
	if attribute, ok := strings.CutPrefix(name, "user."); ok {
		return w.attribute(attribute)
	}
	if variable, ok := strings.CutPrefix(name, "env."); ok {
		value, ok := w.target.Env(variable)
		if !ok || value == "" {
			shown := quotable(name)
			variable = strings.TrimPrefix(shown, "env.")
			return "", fmt.Errorf("${%s}: the environment variable %s is not set", shown, variable)
		}
		w.redactor.Add(value)
		return value, nil
	}
	return "", fmt.Errorf("${%s} is unknown, want ${user.ATTRIBUTE} or ${env.NAME}", quotable(name))
}

func (w *World) attribute(name string) (string, error) {
	if w.user == nil {
		if err := w.ChooseUser(DefaultUser); err != nil {
			return "", err
		}
	}
	value, ok := w.user.Lookup(name)
	if !ok {
		return "", fmt.Errorf("${%s}: the user %q has no such attribute, there are %s",
			quotable("user."+name), w.userName, words.List(w.user.Names(), 0))
	}
	return value, nil
}

// Hide keeps values out of every report and error from now on, as a code that a
// sentence fetched from a mailbox.
func (w *World) Hide(values ...string) { w.redactor.Add(values...) }
