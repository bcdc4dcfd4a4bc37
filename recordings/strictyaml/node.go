package strictyaml

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"flowtest/steps/words"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// What a value may be wanted to be, in the words of an error.
const (
	isText    = "text"
	isNumber  = "a number"
	isFlag    = "true or false"
	isNothing = "nothing"
	isList    = "a list"
	isMapping = "a mapping"
	isLink    = "an anchor, an alias or a tag"
)

// A Reader reads the nodes of one file as the kinds that are wanted, and notes
// what they are instead. Nothing that it notes by itself quotes a value.
type Reader struct {
	File  string // as mistakes name it
	found []mistake
}

// A Position is a place in the file; line and column count from 1, the column in characters. The
// zero value is not a place.
type Position struct{ Line, Column int }

type mistake struct {
	at   Position
	text string
}

// Add notes a mistake at a place of the file.
func (r *Reader) Add(at Position, format string, args ...any) {
	r.found = append(r.found, mistake{at, fmt.Sprintf(format, args...)})
}

// Len returns how many mistakes were noted.
func (r *Reader) Len() int { return len(r.found) }

// Mistakes returns what was noted, a line each, in the order of the file. What
// has no place in it comes last.
func (r *Reader) Mistakes() []string {
	slices.SortStableFunc(r.found, func(a, b mistake) int {
		return cmp.Or(last(a.at)-last(b.at), a.at.Line-b.at.Line, a.at.Column-b.at.Column)
	})
	var out []string
	for _, one := range r.found {
		line := one.text
		if one.at != (Position{}) {
			line = fmt.Sprintf("%s:%d:%d: %s", r.File, one.at.Line, one.at.Column, one.text)
		}
		out = append(out, line)
	}
	return out
}

// last is 1 for what has no place in the file.
func last(at Position) int {
	if at == (Position{}) {
		return 1
	}
	return 0
}

// An Entry is one key of a mapping and what it is given.
type Entry struct {
	Key   string
	At    Position
	Value ast.Node
}

// Entries returns the keys of a mapping in the order of the file. A key that is
// given twice, or is not text, is a mistake and is left out.
func (r *Reader) Entries(path string, n ast.Node) ([]Entry, bool) {
	return r.entries(path, n, false)
}

func (r *Reader) entries(path string, n ast.Node, empty bool) ([]Entry, bool) {
	mapping, ok := n.(*ast.MappingNode)
	if !ok {
		r.wrong(path, n, isMapping)
		return nil, false
	}
	entries := make([]Entry, 0, len(mapping.Values))
	first := map[string]Position{}
	for _, pair := range mapping.Values {
		at := placeOf(pair.Key.GetToken())
		if mapping.IsFlowStyle && pair.Value.GetToken().Type == token.ImplicitNullType {
			// The key is not quoted: in {password: a,b} it is half of the secret.
			r.Add(at, "%s has a key without a value, want both: put a text with a comma in quotes", subject(path))
			continue
		}
		key, ok := r.key(path, pair.Key, empty)
		if !ok {
			continue
		}
		if before, twice := first[key]; twice {
			r.Add(at, "%s is given twice, first at %d:%d, want it once: remove one",
				Join(path, key), before.Line, before.Column)
			continue
		}
		first[key] = at
		entries = append(entries, Entry{key, at, pair.Value})
	}
	return entries, true
}

// key reads a key, which may be empty only where that is allowed.
func (r *Reader) key(path string, n ast.Node, empty bool) (string, bool) {
	at := placeOf(n.GetToken())
	name, ok := n.(*ast.StringNode)
	switch {
	case ok && name.Value == "" && !empty:
		r.Add(at, "%s has an empty key, want a name", subject(path))
	case ok && dropsTab(name):
		r.Add(at, "%s has a key with a tab in it, want a space or quotes around the key", subject(path))
	case ok:
		return showBraces(name.Value), true
	case n.Type() == ast.MappingKeyType:
		r.Add(at, "%s has a key that begins with ?, want only the key", subject(path))
	case n.Type() == ast.MergeKeyType:
		r.Add(at, "%s has a merge key <<, want none: write the keys out", subject(path))
	default:
		r.Add(at, "%s has a key that is %s, want text%s", subject(path), kindOf(n), hint(kindOf(n), isText))
	}
	return "", false
}

// Text reads a string value.
func (r *Reader) Text(path string, n ast.Node) (text string, at Position, ok bool) {
	at = placeOf(n.GetToken())
	switch n := n.(type) {
	case *ast.StringNode:
		if dropsTab(n) {
			r.Add(at, "%s has a tab in it, want quotes around it", path)
			return "", at, false
		}
		return showBraces(n.Value), at, true
	case *ast.LiteralNode:
		return showBraces(n.Value.Value), at, true
	default:
		r.wrong(path, n, isText)
		return "", at, false
	}
}

// Scalar reads text where a number, true and false are text too: 1.50 is "1.5".
func (r *Reader) Scalar(path string, n ast.Node) (string, bool) {
	if n.Type() != ast.NullType && isPlain(n) {
		return fmt.Sprint(r.Any(path, n)), true
	}
	text, _, ok := r.Text(path, n)
	return text, ok
}

// Any reads a value of any kind: nil, text, a number, true or false, a []any or a
// map[string]any, whose keys may be empty. What is wrong in it is left out.
func (r *Reader) Any(path string, n ast.Node) any {
	switch kindOf(n) {
	case isMapping:
		entries, _ := r.entries(path, n, true)
		values := make(map[string]any, len(entries))
		for _, e := range entries {
			values[e.Key] = r.Any(Join(path, e.Key), e.Value)
		}
		return values
	case isList:
		values := []any{}
		for i, one := range r.List(path, n) {
			values = append(values, r.Any(fmt.Sprintf("%s[%d]", path, i), one))
		}
		return values
	}
	if scalar, ok := n.(ast.ScalarNode); ok && isPlain(n) {
		return scalar.GetValue()
	}
	text, _, _ := r.Text(path, n)
	return text
}

// isPlain reports whether a value is a number, true, false or nothing.
func isPlain(n ast.Node) bool {
	kind := kindOf(n)
	return kind == isNumber || kind == isFlag || kind == isNothing
}

// List returns the elements of a list.
func (r *Reader) List(path string, n ast.Node) []ast.Node {
	sequence, ok := n.(*ast.SequenceNode)
	if !ok {
		r.wrong(path, n, isList)
		return nil
	}
	return sequence.Values
}

// PlaceOf returns where a node begins.
func PlaceOf(n ast.Node) Position {
	if m, ok := n.(*ast.MappingNode); ok && len(m.Values) > 0 {
		n = m.Values[0].Key
	}
	return placeOf(n.GetToken())
}

// Flag reads true or false.
func (r *Reader) Flag(path string, n ast.Node) bool {
	flag, ok := n.(*ast.BoolNode)
	if !ok {
		r.wrong(path, n, isFlag)
		return false
	}
	return flag.Value
}

// Unknown notes a key that means nothing here.
func (r *Reader) Unknown(path string, e Entry, wanted []string) {
	r.Add(e.At, "%s has the unknown key %q, want one of %s%s",
		subject(path), e.Key, words.List(wanted, 0), words.DidYouMean(": ", e.Key, wanted))
}

func (r *Reader) wrong(path string, n ast.Node, wanted string) {
	found := kindOf(n)
	r.Add(placeOf(n.GetToken()), "%s is %s, want %s%s", subject(path), found, wanted, hint(found, wanted))
}

func hint(found, wanted string) string {
	switch {
	case found == isLink:
		return ": write the value out, in quotes where it begins with &, * or !"
	case found == isNothing:
		return ": give it a value or remove the key"
	case wanted == isText && (found == isNumber || found == isFlag):
		return ": put it in quotes"
	case wanted == isFlag && found == isText:
		return ": write one of them without quotes"
	case wanted == isList && found == isText:
		return ": put it in square brackets"
	}
	return ""
}

// kinds names the nodes that a value can be; the rest are the parser's own.
var kinds = map[ast.NodeType]string{
	ast.StringType:   isText,
	ast.LiteralType:  isText,
	ast.IntegerType:  isNumber,
	ast.FloatType:    isNumber,
	ast.InfinityType: isNumber,
	ast.NanType:      isNumber,
	ast.BoolType:     isFlag,
	ast.NullType:     isNothing,
	ast.SequenceType: isList,
	ast.MappingType:  isMapping,
	ast.AnchorType:   isLink,
	ast.AliasType:    isLink,
	ast.TagType:      isLink,
}

func kindOf(n ast.Node) string { return cmp.Or(kinds[n.Type()], "something else") }

// dropsTab reports whether the parser left out a tab: in a text without quotes
// it does, and a password is then another one.
func dropsTab(n *ast.StringNode) bool {
	return n.Token.Type == token.StringType && strings.Contains(strings.TrimSpace(n.Token.Origin), "\t")
}

// Join names a key inside path: targets.staging, users."jo.doe".
func Join(path, key string) string {
	if key == "" || strings.ContainsFunc(key, isOdd) {
		key = strconv.Quote(key)
	}
	if path == "" {
		return key
	}
	return path + "." + key
}

// isOdd reports whether a key with that character is quoted in a path.
func isOdd(r rune) bool {
	return r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
}

func subject(path string) string {
	if path == "" {
		return "the file"
	}
	return path
}
