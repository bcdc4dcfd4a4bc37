package target

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"strings"

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

// A reader reads nodes as the kinds that are wanted, and notes what they are
// instead. Nothing that it notes quotes a value.
type reader struct{ m *mistakes }

// An entry is one key of a mapping and what it is given.
type entry struct {
	key   string
	at    position
	value ast.Node
}

// entries returns the keys of a mapping in the order of the file. A key that is
// given twice, or is not text, is a mistake and is left out.
func (r reader) entries(path string, n ast.Node) ([]entry, bool) {
	mapping, ok := n.(*ast.MappingNode)
	if !ok {
		r.wrong(path, n, isMapping)
		return nil, false
	}
	first := map[string]position{}
	var entries []entry
	for _, pair := range mapping.Values {
		at := placeOf(pair.Key.GetToken())
		if mapping.IsFlowStyle && pair.Value.Type() == ast.NullType {
			// The key is not quoted: in {password: a,b} it is half of the secret.
			r.m.add(at, "%s has a key without a value, want both: put a text with a comma in quotes", subject(path))
			continue
		}
		key, ok := r.key(path, pair.Key)
		if !ok {
			continue
		}
		if before, twice := first[key]; twice {
			r.m.add(at, "%s is given twice, first at %d:%d, want it once: remove one",
				join(path, key), before.line, before.column)
			continue
		}
		first[key] = at
		entries = append(entries, entry{key, at, pair.Value})
	}
	return entries, true
}

func (r reader) key(path string, n ast.Node) (string, bool) {
	at := placeOf(n.GetToken())
	name, ok := n.(*ast.StringNode)
	switch {
	case ok && name.Value == "":
		r.m.add(at, "%s has an empty key, want a name", subject(path))
	case ok && dropsTab(name):
		r.m.add(at, "%s has a key with a tab in it, want a space or quotes around the key", subject(path))
	case ok:
		return showBraces(name.Value), true
	case n.Type() == ast.MappingKeyType:
		r.m.add(at, "%s has a key that begins with ?, want the key alone", subject(path))
	case n.Type() == ast.MergeKeyType:
		r.m.add(at, "%s has a merge key <<, want none: write the keys out", subject(path))
	default:
		r.m.add(at, "%s has a key that is %s, want text%s", subject(path), kindOf(n), hint(kindOf(n), isText))
	}
	return "", false
}

// text reads a string value and cuts it at its references.
func (r reader) text(path string, n ast.Node) (setting, bool) {
	s := setting{path: path}
	switch n := n.(type) {
	case *ast.StringNode:
		if dropsTab(n) {
			r.m.add(placeOf(n.GetToken()), "%s has a tab in it, want quotes around it", path)
			return s, false
		}
		s.raw = showBraces(n.Value)
	case *ast.LiteralNode:
		s.raw = showBraces(n.Value.Value)
	default:
		r.wrong(path, n, isText)
		return s, false
	}
	s.at = placeOf(n.GetToken())
	pieces, problem := split(s.raw)
	if problem != "" {
		r.m.add(s.at, "%s %s", path, problem)
		return s, false
	}
	s.pieces = pieces
	return s, true
}

// texts reads a mapping of any keys to string values.
func (r reader) texts(path string, n ast.Node) map[string]setting {
	entries, _ := r.entries(path, n)
	values := map[string]setting{}
	for _, e := range entries {
		if s, ok := r.text(join(path, e.key), e.value); ok {
			values[e.key] = s
		}
	}
	return values
}

// list reads a list of at least one string value.
func (r reader) list(path string, n ast.Node) []setting {
	sequence, ok := n.(*ast.SequenceNode)
	if !ok {
		r.wrong(path, n, isList)
		return nil
	}
	if len(sequence.Values) == 0 {
		r.m.add(placeOf(n.GetToken()), "%s is empty, want at least one entry: write one or remove the key", path)
	}
	var values []setting
	for i, one := range sequence.Values {
		if s, ok := r.text(fmt.Sprintf("%s[%d]", path, i), one); ok {
			values = append(values, s)
		}
	}
	return values
}

// flag reads true or false.
func (r reader) flag(path string, n ast.Node) bool {
	flag, ok := n.(*ast.BoolNode)
	if !ok {
		r.wrong(path, n, isFlag)
		return false
	}
	return flag.Value
}

// unknown notes a key that means nothing here.
func (r reader) unknown(path string, e entry, wanted []string) {
	r.m.add(e.at, "%s has the unknown key %q, want one of %s%s",
		subject(path), e.key, strings.Join(wanted, ", "), orMeant(e.key, wanted))
}

func (r reader) wrong(path string, n ast.Node, wanted string) {
	found := kindOf(n)
	r.m.add(placeOf(n.GetToken()), "%s is %s, want %s%s", subject(path), found, wanted, hint(found, wanted))
}

func hint(found, wanted string) string {
	switch {
	case found == isLink:
		return ": write the value out, in quotes where it begins with &, * or !"
	case found == isNothing:
		return ": give it a value or remove the key"
	case wanted == isText && (found == isNumber || found == isFlag):
		return ": put it in quotes"
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

var plainKey = regexp.MustCompile(`^[\w-]+$`)

// join names a key inside path: targets.staging, users."jo.doe".
func join(path, key string) string {
	if !plainKey.MatchString(key) {
		key = strconv.Quote(key)
	}
	if path == "" {
		return key
	}
	return path + "." + key
}

func subject(path string) string {
	if path == "" {
		return "the file"
	}
	return path
}
