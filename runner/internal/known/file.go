package known

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"flowtest/steps/conformance"
)

// What a file of known failures may measure. Some texts take the parser time
// that grows with the square of their length, and it goes one call deeper with
// each level of nesting. Entries need two; brackets in their words count too.
const (
	mostKnownBytes = 256 << 10
	mostKnownDepth = 2000
)

// A knownFailure is one entry of the file, with its line and its state.
type entry struct {
	Journey     string  `yaml:"journey"`
	Flow        *string `yaml:"flow"` // "" where the journey fails before it names one
	Requirement string  `yaml:"requirement"`
	Step        string  `yaml:"step"`
	Reason      string  `yaml:"reason"`
	Owner       string  `yaml:"owner"`
	Expires     string  `yaml:"expires"`

	line    int
	expires time.Time // the first moment at which it no longer holds
	seen    bool      // a journey that it names is in the run
	reaches bool      // such a journey went far enough to tell
	held    bool      // it failed as the entry says
}

// dateLayout is how an entry says when it expires.
const dateLayout = time.DateOnly

// ReadKnownFailures reads the file with that name. An entry holds through the
// day on which it expires, in the time zone of now. The error joins a line
// "FILE:LINE: …" for every mistake.
func Read(file string, text []byte, now time.Time) (*List, error) {
	nodes, line, err := knownNodes(text)
	if err != nil {
		return nil, fmt.Errorf("%s:%d: %w", file, line, err)
	}
	k := &List{file: file, now: now}
	var mistakes []error
	at := map[string]int{} // the line of each entry, by what it is about
	for _, node := range nodes {
		e, line, err := entryOf(node)
		if err != nil {
			mistakes = append(mistakes, fmt.Errorf("%s:%d: %w", file, line, err))
			continue
		}
		wrong := e.check(now)
		if len(wrong) == 0 {
			about := fmt.Sprintf("%q %q %q %q", e.Journey, *e.Flow, e.Requirement, e.Step)
			if first, again := at[about]; again {
				wrong = append(wrong, fmt.Sprintf("the entry says what that of line %d says: take one away", first))
			}
			at[about] = e.line
		}
		for _, what := range wrong {
			mistakes = append(mistakes, fmt.Errorf("%s:%d: %s", file, e.line, what))
		}
		k.entries = append(k.entries, e)
	}
	if err := errors.Join(mistakes...); err != nil {
		return nil, err
	}
	return k, nil
}

// knownKeys are those of an entry.
var knownKeys = []string{"journey", "flow", "requirement", "step", "reason", "owner", "expires"}

// entryOf reads an entry. The error belongs to the line.
func entryOf(node ast.Node) (e *entry, line int, err error) {
	m, ok := node.(*ast.MappingNode)
	if !ok {
		return nil, lineOf(node), errors.New("the entry has no keys, want journey, flow and the others")
	}
	for _, v := range m.Values {
		key := v.Key.GetToken().Value
		switch {
		case !slices.Contains(knownKeys, key):
			return nil, lineOf(v.Key), fmt.Errorf("unknown key %q, want %s", key, strings.Join(knownKeys, ", "))
		case v.Value.Type() == ast.SequenceType || v.Value.Type() == ast.MappingType:
			return nil, lineOf(v.Key), fmt.Errorf("%s is no text, want one", key)
		}
	}
	e = &entry{line: lineOf(node)}
	if err := yaml.NodeToValue(node, e, yaml.Strict()); err != nil {
		line, what := yamlMistake(err)
		return nil, line, errors.New(what)
	}
	return e, e.line, nil
}

// knownNodes returns the entries of the file. The error belongs to the line.
func knownNodes(text []byte) (list []ast.Node, line int, err error) {
	if len(text) > mostKnownBytes {
		return nil, 1, fmt.Errorf("the file has %d bytes, want at most %d", len(text), mostKnownBytes)
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if line := deep(string(text)); line > 0 {
		return nil, line, fmt.Errorf("more than %d brackets are open, want a list of entries", mostKnownDepth)
	}
	tree, err := parseKnown(text)
	if err != nil {
		line, what := yamlMistake(err)
		return nil, line, errors.New("the file is not YAML: " + what)
	}
	var docs []ast.Node
	for _, doc := range tree.Docs {
		if doc.Body != nil && doc.Body.Type() != ast.CommentType {
			docs = append(docs, doc.Body)
		}
	}
	switch {
	case len(docs) == 0:
		return nil, 0, nil
	case len(docs) > 1:
		return nil, lineOf(docs[1]), errors.New("a second document, want all entries in one list")
	}
	var f aliases
	ast.Walk(&f, docs[0])
	if f.line > 0 {
		return nil, f.line, errors.New("an anchor or alias, want every entry written out")
	}
	seq, ok := docs[0].(*ast.SequenceNode)
	if !ok {
		return nil, lineOf(docs[0]), errors.New(`no list, want entries that begin with "- journey:"`)
	}
	return seq.Values, 0, nil
}

// parseKnown turns a panic of the parser into an error: it is handed whatever
// lies on the disk.
func parseKnown(text []byte) (file *ast.File, err error) {
	defer func() {
		if recover() != nil {
			file, err = nil, errors.New("the parser gave up on it")
		}
	}()
	return parser.ParseBytes(text, 0)
}

// deep returns the line at which more brackets or dashes are open than any
// entry needs, or 0. It looks at the bare text: those inside quotes count too.
func deep(text string) int {
	depth, line := 0, 0
	for row := range strings.SplitSeq(text, "\n") {
		line++
		marks := 0
		for _, r := range strings.TrimLeft(row, " \t") {
			if !strings.ContainsRune(" \t-?:!&|>", r) {
				break
			}
			marks++
		}
		depth += strings.Count(row, "[") + strings.Count(row, "{")
		indent := len(row) - len(strings.TrimLeft(row, " "))
		if max(depth, marks, indent) > mostKnownDepth {
			return line
		}
		depth = max(0, depth-strings.Count(row, "]")-strings.Count(row, "}"))
	}
	return 0
}

// aliases finds the first anchor, alias or merge.
type aliases struct{ line int }

// Visit implements [ast.Visitor].
func (a *aliases) Visit(n ast.Node) ast.Visitor {
	switch n.(type) {
	case *ast.AnchorNode, *ast.AliasNode, *ast.MergeKeyNode:
		if a.line == 0 {
			a.line = lineOf(n)
		}
		return nil
	default:
		return a
	}
}

// lineOf returns where a node begins.
func lineOf(n ast.Node) int {
	if m, ok := n.(*ast.MappingNode); ok && len(m.Values) > 0 {
		n = m.Values[0].Key
	}
	if t := n.GetToken(); t != nil && t.Position != nil {
		return max(t.Position.Line, 1)
	}
	return 1
}

// yamlMistake returns the line and the message of an error of the YAML package.
// What stands around the mistake is not in it.
func yamlMistake(err error) (line int, what string) {
	y, ok := errors.AsType[yaml.Error](err)
	if !ok {
		return 1, err.Error()
	}
	line = 1
	if t := y.GetToken(); t != nil && t.Position != nil {
		line = max(t.Position.Line, 1)
	}
	return line, y.GetMessage()
}

// check says what is wrong with an entry.
func (e *entry) check(now time.Time) []string {
	var out []string
	mistake := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	var missing []string
	for _, f := range []struct{ name, value string }{
		{"journey", e.Journey}, {"reason", e.Reason}, {"owner", e.Owner}, {"expires", e.Expires},
	} {
		if strings.TrimSpace(f.value) == "" {
			missing = append(missing, f.name)
		}
	}
	if e.Flow == nil {
		missing = append(missing, "flow")
	}
	if len(missing) > 0 {
		mistake("the entry lacks %s", strings.Join(missing, ", "))
	}
	switch {
	case e.Requirement == "" && strings.TrimSpace(e.Step) == "":
		mistake("the entry has neither requirement nor step, want one of them")
	case e.Requirement != "" && e.Step != "":
		mistake("the entry has both requirement and step, want one of them")
	case e.Requirement != "" && conformance.Lookup(e.Requirement) == nil:
		mistake("there is no requirement %q: flowtest requirements lists them", e.Requirement)
	}
	if e.Expires == "" {
		return out
	}
	at, err := time.ParseInLocation(dateLayout, e.Expires, now.Location())
	if err != nil {
		mistake("expires is %q, want a date such as %s", e.Expires, now.AddDate(0, 1, 0).Format(dateLayout))
	}
	e.expires = at.AddDate(0, 0, 1)
	return out
}
