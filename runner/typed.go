package runner

import (
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
	messages "github.com/cucumber/messages/go/v34"

	"flowtest/runner/target"
	"flowtest/steps"
)

// A typed is a value that a feature types into a field, and does not name, in
// one of the spellings in which it may be met.
type typed struct {
	key, value string

	sure  bool // its place alone says that it is secret, whatever the key is
	brief bool // so short that it is hidden where it stands alone: it stands within other words too
}

// An entry is a key and a value as a step has them.
type entry struct {
	key, value string
	written    string // as the file writes the value, where that is in another way
	sure       bool
	loose      bool // it was read leniently, or is part of a value
}

// leastLoose is how long a value has to be that was read leniently, so that it
// is hidden within other words too.
const leastLoose = 4

// typedIn returns what a step types. Of an outline's step these are the parts
// too that a row of its examples puts into a value.
func typedIn(st *step, columns []string, row *messages.TableRow) []typed {
	entries := entriesOf(st.text, st.table(), st.arg, st.def != nil)
	if len(entries) == 0 {
		return nil
	}
	var out []typed
	for i := range entries {
		out = entries[i].spell(out)
	}
	if len(out) > 0 && st.template != nil && row != nil {
		out = st.parts(out, entries, columns, row)
	}
	return out
}

// authorizeSentence stands above the table of what an authorize request carries.
const authorizeSentence = "the authorize parameters:"

// entriesOf reads what a sentence and its table type. One that has no definition
// is read leniently: what it was to be nobody knows, and its value is a secret
// all the same.
func entriesOf(text string, t *messages.PickleTable, arg *messages.PickleStepArgument, defined bool) []entry {
	switch {
	case t != nil && text == authorizeSentence:
		return parameterRows(t)
	case t != nil && steps.TypesTable(text):
		return typedRows(t)
	case strings.HasPrefix(text, `I fill in "`):
		if key, value, ok := steps.Typed(text); ok {
			e := entry{key: key, value: value}
			if strings.ContainsAny(value, `"\`) {
				e.written = text[strings.Index(text, `" with "`)+len(`" with "`) : len(text)-1]
			}
			return []entry{e}
		}
	}
	if defined {
		return nil
	}
	return lenient(text, t, arg)
}

// typedBy returns what all scenarios of a file type, each once.
func typedBy(list []*scenario) []typed {
	var out []typed
	seen := map[typed]bool{}
	for _, s := range list {
		for _, t := range s.typed {
			if !seen[t] {
				seen[t] = true
				out = append(out, t)
			}
		}
	}
	return out
}

// shareTyped tells every scenario of a file what one of them types and the title
// or the tags of the feature say: they are shown with each.
func shareTyped(f *messages.Feature, all []typed, with []*scenario) {
	said := []string{f.Name}
	for _, tag := range f.Tags {
		said = append(said, tag.Name)
	}
	for i := range all {
		says := func(text string) bool { return strings.Contains(text, all[i].value) }
		if all[i].brief || !slices.ContainsFunc(said, says) {
			continue
		}
		for _, s := range with {
			if !slices.Contains(s.typed, all[i]) {
				s.typed = append(s.typed, all[i])
			}
		}
	}
}

// What people call the columns of a table in which they type.
var (
	keyColumns   = []string{"key", "field", "name", "id", "input", "parameter", "param"}
	valueColumns = []string{"value", "text", "with", "is"}
)

// columnsIn returns where the keys and the values of a table stand, -1 where its
// first row does not say that.
func columnsIn(t *messages.PickleTable) (key, value int) {
	key, value = -1, -1
	for i, cell := range t.Rows[0].Cells {
		switch name := strings.ToLower(strings.TrimSpace(cell.Value)); {
		case key < 0 && slices.Contains(keyColumns, name):
			key = i
		case value < 0 && slices.Contains(valueColumns, name):
			value = i
		}
	}
	return key, value
}

// typedRows reads a table of keys and values. One without their names above it
// is read leniently.
func typedRows(t *messages.PickleTable) []entry {
	if len(t.Rows) == 0 {
		return nil
	}
	key, value := columnsIn(t)
	if min(key, value) < 0 {
		return lenientRows(t)
	}
	var out []entry
	for _, row := range t.Rows[1:] {
		if max(key, value) < len(row.Cells) {
			out = append(out, entry{
				key: row.Cells[key].Value, value: row.Cells[value].Value, written: writtenCell(row.Cells[value].Value),
			})
		}
	}
	return out
}

// parameterRows reads a table of what an authorize request carries. What is not
// known to be open is hidden, as in the URL of the evidence.
func parameterRows(t *messages.PickleTable) []entry {
	if len(t.Rows) == 0 {
		return nil
	}
	key, value := columnsIn(t)
	rows := t.Rows
	if min(key, value) < 0 {
		key, value = 0, 1
	} else {
		rows = rows[1:]
	}
	var out []entry
	for _, row := range rows {
		if max(key, value) >= len(row.Cells) {
			continue
		}
		name := strings.TrimSpace(row.Cells[key].Value)
		out = append(out, entry{
			key: name, value: row.Cells[value].Value, written: writtenCell(row.Cells[value].Value),
			sure: !slices.Contains(openParameters, name) && !slices.Contains(chosenParameters, name), loose: true,
		})
	}
	return slices.DeleteFunc(out, func(e entry) bool { return !e.sure })
}

// chosenParameters are those whose value an author chooses and looks for again:
// it is minted in an app, and no secret in a feature.
var chosenParameters = []string{"state", "nonce", "max_age", "claims", "resource", "audience"}

// cellEscapes writes a cell as a feature file does.
var cellEscapes = strings.NewReplacer(`\`, `\\`, "|", `\|`, "\n", `\n`)

// writtenCell returns a cell as a feature file writes it, "" where that is as it is.
func writtenCell(value string) string {
	if !strings.ContainsAny(value, "\\|\n") {
		return ""
	}
	return cellEscapes.Replace(value)
}

// spell adds the spellings of what is typed, none where that is a name.
func (e *entry) spell(to []typed) []typed {
	texts := literals(e.value)
	if len(texts) == 0 {
		return to
	}
	whole := len(texts)
	if e.written != "" {
		texts = append(texts, literals(e.written)...)
	}
	for i, text := range texts {
		part := e.loose || i > 0 && whole > 1
		t := typed{key: e.key, value: text, sure: e.sure, brief: part && len(text) < leastLoose}
		if !slices.Contains(to, t) {
			to = append(to, t)
		}
	}
	return to
}

// parts adds what a row of examples puts into the values of a step. It stands in
// the table of the examples alone, in a way of its own, and in names.
func (s *step) parts(to []typed, entries []entry, columns []string, row *messages.TableRow) []typed {
	t := pickled(s.template.DataTable)
	of := entriesOf(s.template.Text, t, s.arg, s.def != nil)
	paired := len(of) == len(entries)
	for i := range entries {
		e := &entries[i]
		if len(literals(e.value)) == 0 {
			continue
		}
		pattern := strings.Join(textsOf(s.template), "\n")
		if paired {
			pattern = of[i].value
		}
		rest := pattern
		for c, column := range columns {
			place := "<" + column + ">"
			if c >= len(row.Cells) || !strings.Contains(pattern, place) {
				continue
			}
			rest = strings.ReplaceAll(rest, place, "")
			cell := row.Cells[c].Value
			if paired || cell != "" && strings.Contains(e.value, cell) {
				part := entry{key: e.key, value: cell, written: writtenCell(cell), sure: e.sure, loose: cell != e.value}
				to = part.spell(to)
			}
		}
		if paired && rest != "" && rest != pattern {
			to = append(to, typed{key: e.key, value: pattern, sure: e.sure})
		}
	}
	return to
}

// pickled returns an outline's table as a scenario has it.
func pickled(t *messages.DataTable) *messages.PickleTable {
	if t == nil {
		return nil
	}
	out := &messages.PickleTable{}
	for _, row := range t.Rows {
		r := &messages.PickleTableRow{}
		for _, cell := range row.Cells {
			r.Cells = append(r.Cells, &messages.PickleTableCell{Value: cell.Value})
		}
		out.Rows = append(out.Rows, r)
	}
	return out
}

// typedSecrets returns what the scenario types into fields whose key says that
// they take a secret, be it misspelt.
func (s *scenario) typedSecrets() []string { return secretsIn(s.typed, (*typed).told) }

// told reports whether the text alone says that the value is a secret.
func (t *typed) told() bool { return t.sure || secretKey(t.key) }

// learnedIn returns what is typed into fields that turned out to take a secret.
func learnedIn(list []typed, keys *secretKeys) []string {
	return secretsIn(list, func(t *typed) bool { return !t.told() && keys.has(t.key) })
}

// briefIn returns the secrets that are hidden where they stand alone.
func briefIn(list []typed, keys *secretKeys) []string {
	var out []string
	for i := range list {
		if t := &list[i]; t.brief && (t.told() || keys.has(t.key)) {
			out = append(out, t.value)
		}
	}
	return out
}

func secretsIn(list []typed, is func(*typed) bool) []string {
	var out []string
	for i := range list {
		if t := &list[i]; !t.brief && is(t) {
			out = append(out, t.value)
		}
	}
	return out
}

// secretKey reports whether a key says that its field takes a secret.
func secretKey(key string) bool {
	last := key[strings.LastIndex(key, ".")+1:]
	return target.Secret(key) || likePassword(last)
}

// likePassword reports whether a word is password, be it misspelt.
func likePassword(word string) bool {
	const slips = 2
	return levenshtein.ComputeDistance(strings.ToLower(word), "password") <= slips
}
