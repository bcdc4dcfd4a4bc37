package runner

import (
	"strings"
	"sync"

	"github.com/agnivade/levenshtein"
	messages "github.com/cucumber/messages/go/v21"

	"flowtest/runner/target"
	"flowtest/steps"
	"flowtest/steps/flow"
)

// A typed is a value that a feature types into a field, and does not name.
type typed struct {
	key, value string
	written    string // as the file writes it, where that is in another way
}

// typedIn returns what a step types.
func typedIn(st *step) []typed {
	if st.arg != nil && steps.TypesTable(st.text) {
		return typedRows(st.arg.DataTable)
	}
	key, value, ok := steps.Typed(st.text)
	if !ok || named(value) {
		return nil
	}
	out := typed{key: key, value: value}
	if strings.ContainsAny(value, `"\`) {
		out.written = st.text[strings.Index(st.text, `" with "`)+len(`" with "`) : len(st.text)-1]
	}
	return []typed{out}
}

// typedBy returns what all scenarios of a file type.
func typedBy(list []*scenario) []typed {
	var out []typed
	for _, s := range list {
		out = append(out, s.typed...)
	}
	return out
}

// typedRows reads a table of keys and values.
func typedRows(t *messages.PickleTable) []typed {
	if t == nil || len(t.Rows) == 0 {
		return nil
	}
	key, value := -1, -1
	for i, cell := range t.Rows[0].Cells {
		switch cell.Value {
		case "key":
			key = i
		case "value":
			value = i
		}
	}
	var out []typed
	for _, row := range t.Rows[1:] {
		if min(key, value) < 0 || max(key, value) >= len(row.Cells) || named(row.Cells[value].Value) {
			continue
		}
		of := typed{key: row.Cells[key].Value, value: row.Cells[value].Value}
		if strings.ContainsAny(of.value, "\\|\n") {
			of.written = cellEscapes.Replace(of.value)
		}
		out = append(out, of)
	}
	return out
}

// cellEscapes writes a cell as a feature file does.
var cellEscapes = strings.NewReplacer(`\`, `\\`, "|", `\|`, "\n", `\n`)

// named reports whether a value is the name of one, or none at all.
func named(value string) bool { return value == "" || strings.HasPrefix(value, "${") }

// typedSecrets returns what the scenario types into fields whose key says that
// they take a secret, be it misspelt.
func (s *scenario) typedSecrets() []string { return secretsIn(s.typed, secretKey) }

// learnedIn returns what is typed into fields that turned out to take a secret.
func learnedIn(list []typed, keys *secretKeys) []string {
	return secretsIn(list, func(key string) bool { return !secretKey(key) && keys.has(key) })
}

func secretsIn(list []typed, is func(key string) bool) []string {
	var out []string
	for i := range list {
		t := &list[i]
		if !is(t.key) {
			continue
		}
		out = append(out, t.value)
		if t.written != "" {
			out = append(out, t.written)
		}
	}
	return out
}

// secretKey reports whether a key says that its field takes a secret.
func secretKey(key string) bool {
	last := key[strings.LastIndex(key, ".")+1:]
	const slips = 2
	return target.Secret(key) || levenshtein.ComputeDistance(strings.ToLower(last), "password") <= slips
}

// secretKeys are the keys of fields that turned out to take a secret, whatever
// they are called.
type secretKeys struct{ known sync.Map }

func (k *secretKeys) has(key string) bool {
	_, ok := k.known.Load(key)
	return ok
}

func (k *secretKeys) learn(hops []*flow.Hop) {
	for _, h := range hops {
		if h.Screen == nil {
			continue
		}
		for i := range h.Screen.Fields {
			if f := &h.Screen.Fields[i]; f.Secret() && !k.has(f.Key) {
				k.known.Store(f.Key, true)
			}
		}
	}
}
