package known

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"flowtest/recordings/strictyaml"
	"flowtest/runner/internal/export/lint"
	"flowtest/steps/conformance"
)

// limits are the limits of a file of known failures. Entries need few brackets, but
// brackets in their texts count too.
var limits = strictyaml.Limits{Bytes: MaxFile, Brackets: 2000}

// MaxFile is the largest size of a file of known failures, in bytes.
const MaxFile = 256 << 10

// An entry is one known failure of the file, and what the run found about it.
type entry struct {
	Journey     string  // "" for a scenario without a name
	Node        string  // of an export, instead of a journey
	Mutant      string  // its id, instead of all of these
	Flow        *string // "" if the journey fails before it names one
	Requirement string
	Step        string
	Reason      string
	Owner       string
	Expires     string

	line    int
	named   bool      // it has a journey
	expires time.Time // the first moment after it has expired
	seen    bool      // a journey that it names is in the run
	reaches bool      // such a journey went far enough to show the failure
	held    bool      // a journey failed as listed
}

// dateLayout is the format of expires.
const dateLayout = time.DateOnly

// A form is the format of the entries in one kind of file.
type form struct {
	keys  []string // an entry begins with the first
	check func(e *entry) (missing, wrong []string)
}

// The forms of known-failures.yaml and of mutants.yaml.
var (
	ofFailures = form{
		[]string{"journey", "node", "flow", "requirement", "step", "reason", "owner", "expires"}, (*entry).checkFailure,
	}
	ofMutants = form{[]string{"mutant", "reason", "owner", "expires"}, (*entry).checkMutant}
)

// Read reads the text of the file of known failures with that name. An entry is valid
// until the end of the day on which it expires, in the time zone of now. The error joins
// a line "FILE:LINE:COLUMN: …" for every mistake.
func Read(file string, text []byte, now time.Time) (*List, error) {
	return ofFailures.read(file, text, now)
}

// ReadMutants is [Read] for a file of accepted mutants.
func ReadMutants(file string, text []byte, now time.Time) (*List, error) {
	return ofMutants.read(file, text, now)
}

func (f *form) read(file string, text []byte, now time.Time) (*List, error) {
	r := &strictyaml.Reader{File: file}
	k := &List{file: file, now: now}
	root := r.Parse(text, limits)
	switch {
	case root == nil: // the file is empty
	case root.Type() != ast.SequenceType:
		r.Add(strictyaml.PlaceOf(root), `the file is not a list, want entries that begin with "- %s:"`, f.keys[0])
	default:
		k.read(r, r.List("", root), f)
	}
	if list := r.Mistakes(); len(list) > 0 {
		return nil, errors.New(strings.Join(list, "\n"))
	}
	return k, nil
}

// read adds the entries of a file.
func (k *List) read(r *strictyaml.Reader, nodes []ast.Node, f *form) {
	lines := map[string]int{} // of the entries, by their subjects
	for i, node := range nodes {
		e := read(r, fmt.Sprintf("entry %d", i+1), node, f.keys)
		if e == nil {
			continue
		}
		place := strictyaml.PlaceOf(node)
		e.line = place.Line
		wrong := e.check(f, k.now)
		if len(wrong) == 0 {
			about := fmt.Sprintf("%q %q %q %q %q %q", e.Mutant, e.Journey, e.Node, e.ofFlow(), e.Requirement, e.Step)
			if first, again := lines[about]; again {
				wrong = append(wrong, fmt.Sprintf("the entry says the same as the one in line %d: remove one", first))
			}
			lines[about] = e.line
		}
		for _, what := range wrong {
			r.Add(place, "%s", what)
		}
		switch {
		case e.Mutant != "":
			k.mutants = append(k.mutants, e)
		case e.Node != "":
			k.exports = append(k.exports, e)
		default:
			k.entries = append(k.entries, e)
		}
	}
}

// read reads an entry. If a key or a value is wrong, it reports that and returns nil.
func read(r *strictyaml.Reader, name string, node ast.Node, keys []string) *entry {
	if node.Type() != ast.MappingType {
		r.Add(strictyaml.PlaceOf(node), "%s has no keys, want %s", name, strings.Join(keys, ", "))
		return nil
	}
	before := r.Len()
	list, _ := r.Entries(name, node)
	e, flow := &entry{}, ""
	fields := map[string]*string{
		"journey": &e.Journey, "node": &e.Node, "mutant": &e.Mutant, "flow": &flow,
		"requirement": &e.Requirement, "step": &e.Step,
		"reason": &e.Reason,
		"owner":  &e.Owner, "expires": &e.Expires,
	}
	for _, v := range list {
		if v.Value.Type() == ast.NullType {
			continue // treat it as a missing key
		}
		switch v.Key {
		case "flow":
			e.Flow = &flow
		case "journey":
			e.named = true
		}
		to := fields[v.Key]
		if !slices.Contains(keys, v.Key) {
			r.Unknown(name, v, keys)
			continue
		}
		switch v.Value.Type() {
		case ast.IntegerType, ast.FloatType, ast.BoolType: // a name may look like one of these
			*to = v.Value.GetToken().Value
		default:
			*to, _, _ = r.Text(v.Key+" of "+name, v.Value)
		}
	}
	if r.Len() > before {
		return nil
	}
	return e
}

// ofFlow returns the flow of the entry, "" if it has none.
func (e *entry) ofFlow() string {
	if e.Flow == nil {
		return ""
	}
	return *e.Flow
}

// check returns the mistakes in an entry.
func (e *entry) check(f *form, now time.Time) []string {
	missing, out := f.check(e)
	if e.Expires == "" {
		missing = append(missing, "expires")
	}
	if len(missing) > 0 {
		out = append([]string{"the entry lacks " + strings.Join(missing, ", ")}, out...)
	}
	if e.Expires == "" {
		return out
	}
	at, err := time.ParseInLocation(dateLayout, e.Expires, now.Location())
	if err != nil {
		out = append(out, fmt.Sprintf("expires is %q, want a date such as %s", e.Expires,
			now.AddDate(0, 1, 0).Format(dateLayout)))
	}
	e.expires = at.AddDate(0, 0, 1)
	return out
}

func blank(text string) bool { return strings.TrimSpace(text) == "" }

func (e *entry) checkMutant() (missing, wrong []string) {
	if blank(e.Mutant) {
		missing = append(missing, "mutant")
	}
	if blank(e.Reason) {
		missing = append(missing, "reason")
	}
	return missing, nil
}

func (e *entry) checkFailure() (missing, wrong []string) {
	mistake := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	if !e.named && e.Node == "" {
		missing = append(missing, "journey")
	}
	if e.Flow == nil {
		missing = append(missing, "flow")
	}
	if blank(e.Reason) {
		missing = append(missing, "reason")
	}
	if blank(e.Owner) {
		missing = append(missing, "owner")
	}
	switch {
	case e.Journey != "" && e.Node != "":
		mistake("the entry has both journey and node, want journey for a run, or node for the export of a flow")
	case e.Node != "" && lint.Lookup(e.Requirement) == nil:
		mistake("the entry has a node, so its requirement is one of exports, as in EXPORT-BUTTON-DEAD; found %q: "+
			"flowtest requirements EXPORT lists them", e.Requirement)
	case e.Node != "":
	case e.Requirement == "" && blank(e.Step):
		mistake("the entry has neither requirement nor step, want one of them")
	case e.Requirement != "" && e.Step != "":
		mistake("the entry has both requirement and step, want one of them")
	case e.Requirement != "" && !documented(e.Requirement):
		mistake("there is no requirement %q: flowtest requirements lists them", e.Requirement)
	}
	return missing, wrong
}

// documented reports whether a requirement is part of the documented protocol.
func documented(id string) bool {
	r := conformance.Lookup(id)
	return r != nil && r.SDK == 0
}
