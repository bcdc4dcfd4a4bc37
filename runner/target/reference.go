package target

import (
	"fmt"
	"regexp"
	"strings"
)

// A piece is a stretch of text, or the name of the variable that stands there.
type piece struct{ text, variable string }

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// split cuts a string value at its ${NAME} references; $${ is a plain ${. The
// problem is empty, or continues a sentence that begins with the setting's name.
func split(s string) (pieces []piece, problem string) {
	var text strings.Builder
	for s != "" {
		switch {
		case strings.HasPrefix(s, "$${"):
			text.WriteString("${")
			s = s[3:]
		case strings.HasPrefix(s, "${"):
			name, rest, closed := strings.Cut(s[2:], "}")
			if !closed {
				return nil, "has a ${ without its }, want ${NAME}: write $${ for a plain ${"
			}
			if !variableName.MatchString(name) {
				// What stands there is not quoted: it may be a secret and no name at all.
				return nil, "has a ${...} without a variable's name, want letters, digits and _ as in ${NAME}: " +
					"write $${ for a plain ${"
			}
			pieces = append(pieces, piece{text: text.String()}, piece{variable: name})
			text.Reset()
			s = rest
		default:
			text.WriteByte(s[0])
			s = s[1:]
		}
	}
	return append(pieces, piece{text: text.String()}), ""
}

// A setting is one string value of the file.
type setting struct {
	path   string // as an error names it: targets.staging.clientId
	raw    string // as the file has it
	at     position
	pieces []piece
}

// literal returns the text of a setting that has no reference.
func (s setting) literal() (string, bool) {
	var text strings.Builder
	for _, p := range s.pieces {
		if p.variable != "" {
			return "", false
		}
		text.WriteString(p.text)
	}
	return text.String(), true
}

// expand puts the variables in place. A variable that is unset or empty is a
// mistake, which m takes.
func (s setting) expand(lookup func(string) (string, bool), m *mistakes) (string, bool) {
	var text strings.Builder
	ok := true
	for _, p := range s.pieces {
		text.WriteString(p.text)
		if p.variable == "" {
			continue
		}
		v, set := lookup(p.variable)
		if v == "" {
			m.add(s.at, "%s names the variable %s, which is %s, want a value: set %s",
				s.path, p.variable, unsetOrEmpty(set), p.variable)
			ok = false
		}
		text.WriteString(v)
	}
	return text.String(), ok
}

func unsetOrEmpty(set bool) string {
	if set {
		return "empty"
	}
	return "not set"
}

// In {username: ${NAME}} the braces of the reference are YAML's own, and no
// parser gets past them. So they are hidden from it behind two characters that
// Unicode keeps free for such use; being one character for one, they move no
// position. No file that is YAML without this means something else with it.
const (
	hiddenOpen  = "\uFDD0"
	hiddenClose = "\uFDD1"
)

var bracedReference = regexp.MustCompile(`\$\{([^\s{}\[\],"'#]*)\}`)

func hideBraces(source string) string {
	return bracedReference.ReplaceAllString(source, fmt.Sprintf("$$%s$1%s", hiddenOpen, hiddenClose))
}

func showBraces(text string) string {
	return strings.NewReplacer(hiddenOpen, "{", hiddenClose, "}").Replace(text)
}
