package runner

import (
	"regexp"
	"slices"
	"strings"
)

// reference is the name of a value as a whole. Whatever else stands between ${
// and } is none, and may be a secret that somebody took for one.
var reference = regexp.MustCompile(`\$\{(?:user|env)\.[\p{L}\p{N}._-]+\}`)

// literals returns what a value says itself, the whole first: nothing where it
// is empty or made of names alone.
func literals(value string) []string {
	if value == "" {
		return nil
	}
	if !strings.Contains(value, "${") {
		return []string{value}
	}
	var out []string
	add := func(text string) {
		if text != "" && !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	at, named := 0, false
	piece := func(text string) {
		add(text)
		add(strings.ReplaceAll(text, "$${", "${"))
		if _, inside, found := strings.Cut(text, "${"); found { // an error may quote it without the signs
			name, _, _ := strings.Cut(inside, "}")
			add(name)
		}
	}
	for _, m := range reference.FindAllStringIndex(value, -1) {
		if m[0] > at && value[m[0]-1] == '$' {
			continue // $${ is no name
		}
		piece(value[at:m[0]])
		at, named = m[1], true
	}
	piece(value[at:])
	if named && len(out) > 0 {
		out = slices.Insert(out, 0, value)
	}
	return out
}
